use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::future::Future;
use std::rc::Rc;

use futures_util::Stream;
use serde::Serialize;

use crate::model::row::read_by_name;
use crate::model::{
    Attempt, BackgroundFetch, BodyEnd, ByteCount, Error, EventKind, FromRow, InstanceUpdate, Millis,
    NetworkFailure, Probe, Progress, Record, RegistrationState, ResponseHead, Row, Stage, StoredRequest,
    UniqueId,
};

/// All that the engine needs of its surroundings. Everything runs on one thread.
pub trait World: 'static {
    type Bytes: ByteHandle;
    type Network: Network<Self::Bytes>;
    type Store: Store<Self::Bytes>;
    type Locks: Locks;
    type Bus: Bus;
    type Clock: Clock;
    type Realm: Realm;

    fn network(&self) -> &Self::Network;
    fn store(&self) -> &Self::Store;
    fn locks(&self) -> &Self::Locks;
    fn bus(&self) -> &Self::Bus;
    fn clock(&self) -> &Self::Clock;
    fn realm(&self) -> &Self::Realm;
}

/// A handle to bytes that lie elsewhere. The engine sees lengths only, but for verifying what was promised of them.
#[allow(async_fn_in_trait)]
pub trait ByteHandle: Clone + 'static {
    fn length(&self) -> ByteCount;

    /// A copy of the bytes from `start` up to `end`.
    async fn copy(&self, start: ByteCount, end: ByteCount) -> Result<Vec<u8>, StoreError>;

    /// What is behind the first `count` bytes.
    fn skip(&self, count: ByteCount) -> Self;
}

#[allow(async_fn_in_trait)]
pub trait Network<B> {
    type Body: ResponseBody<B>;

    /// Sends a request past every service worker. Dropping the future ends it. `uploaded` is kept up to date as far as
    /// the browser tells how much of the body has left.
    async fn send(
        &self,
        request: &StoredRequest,
        body: Option<&B>,
        attempt: &Attempt,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<(ResponseHead, Self::Body), NetworkFailure>;

    async fn probe(&self, request: &StoredRequest) -> Probe;

    /// Returns when it is worth trying again after there was no network.
    async fn online(&self);

    /// Returns when something suggests that what failed a moment ago may work now: the network is back, or the page is
    /// shown again.
    async fn encouraged(&self);
}

/// The body of a response as it arrives. Dropping it ends the transfer.
pub trait ResponseBody<B>: Stream<Item = Result<B, NetworkFailure>> + Unpin + 'static {
    /// What its end says, once it is there.
    fn end(&self) -> BodyEnd;
}

/// Why the store did not do it. Nothing of the transaction is stored then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The id is taken.
    Duplicate,
    QuotaExceeded,
    /// Another runner has taken over, or the fetch is settled or gone.
    Fenced,
    /// A newer version of this package has made the database what this one cannot read.
    Newer,
    /// It has had its time. What was asked for may be stored all the same, where the disk was at it already.
    Unanswered,
    /// Anything else, in the database's words.
    Failed(String),
}

impl StoreError {
    /// Whether the same may be done a moment later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unanswered | Self::Failed(_))
    }
}

impl Display for StoreError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Duplicate => "the id is taken",
            Self::QuotaExceeded => "there is no room left",
            Self::Fenced => "another runner has taken over",
            Self::Newer => "it belongs to a newer version of this package; reload the page",
            Self::Unanswered => "it does not answer",
            Self::Failed(reason) => reason,
        })
    }
}

/// As the rejection of a promise of the API.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate => Self::DuplicateId,
            StoreError::QuotaExceeded => Self::QuotaExceeded,
            StoreError::Newer => Self::NewerDatabase,
            StoreError::Unanswered => Self::StorageUnanswered,
            StoreError::Fenced | StoreError::Failed(_) => Self::StorageFailed,
        }
    }
}

/// Received bytes of one record, in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChunk<B> {
    pub offset: ByteCount,
    pub pieces: Vec<B>,
}

/// What one transaction changes of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange<B> {
    pub index: u32,
    pub record: Record,
    /// Bytes of the request's body that reached the server since.
    pub uploaded: ByteCount,
    /// Drop the chunks that are there first.
    pub drops_chunks: bool,
    pub chunk: Option<StoredChunk<B>>,
    /// Time of the change.
    pub at: Millis,
}

impl<B> RecordChange<B> {
    /// The progress that counts this change, too, where it counts `stored` bytes of the record: so many as are there, for
    /// a change that is made a second time may have been stored at the first.
    pub fn counted_in(&self, progress: Progress, stored: ByteCount) -> Progress {
        let counting = progress.counting(stored, &self.record, self.uploaded);
        Progress { stored_at: self.at, doubted_at: None, last_record: Some(self.index), ..counting }
    }
}

/// A request as it was given, and what there is of its response.
#[derive(Clone, Debug)]
pub struct RequestedRecord<B> {
    pub index: u32,
    pub request: StoredRequest,
    pub body: Option<B>,
    pub response: Option<ResponseHead>,
}

/// A record as one transaction read it.
#[derive(Clone, Debug)]
pub struct StoredResponse<B> {
    pub stage: Stage,
    pub record: Record,
    /// In their order.
    pub chunks: Vec<B>,
}

/// What a run of a fetch begins with.
pub struct StoredRun {
    pub fetch: BackgroundFetch,
    pub progress: Progress,
    /// The records that have a row, by index.
    pub records: Vec<(u32, Record)>,
}

/// The database. Each function is one transaction.
#[allow(async_fn_in_trait)]
pub trait Store<B> {
    async fn register(
        &self,
        fetch: &BackgroundFetch,
        requests: &[(StoredRequest, Option<B>)],
    ) -> Result<(), StoreError>;

    /// The uid under which an id is active.
    async fn find(&self, scope: &str, id: &str) -> Result<Option<UniqueId>, StoreError>;

    /// The fetches whose ids are taken, in order of creation.
    async fn active(&self, scope: &str) -> Result<Vec<BackgroundFetch>, StoreError>;

    /// All that are not through: running, or settled and not delivered.
    async fn all(&self) -> Result<Vec<BackgroundFetch>, StoreError>;

    async fn fetch(&self, uid: &UniqueId) -> Result<Option<(BackgroundFetch, Progress)>, StoreError>;

    /// Reads, changes and writes in one transaction; `None` where there is no such fetch. A transaction that the browser
    /// gives up before it has written may be made again.
    async fn update<T: 'static>(
        &self,
        uid: &UniqueId,
        change: impl Fn(&mut BackgroundFetch, &mut Progress) -> T,
    ) -> Result<Option<T>, StoreError>;

    /// Makes the caller the runner: what any earlier one commits from now on is refused.
    async fn begin_run(&self, uid: &UniqueId) -> Result<Option<StoredRun>, StoreError>;

    /// Stores the change of a record together with the progress that counts it, if `runner` is still the runner; gives
    /// that progress. It goes by the stored one, since a transaction that was begun earlier may have failed.
    async fn commit(
        &self,
        uid: &UniqueId,
        runner: u32,
        change: RecordChange<B>,
    ) -> Result<Progress, StoreError>;

    /// Of the chunks of a record that begin before `end`: where the last one begins, and its bytes.
    async fn last_chunk(
        &self,
        uid: &UniqueId,
        index: u32,
        end: ByteCount,
    ) -> Result<Option<(ByteCount, B)>, StoreError>;

    /// Gives up what is stored of a record from `length` on, where a chunk begins, if `runner` is still the runner.
    async fn truncate(
        &self,
        uid: &UniqueId,
        runner: u32,
        index: u32,
        length: ByteCount,
    ) -> Result<(), StoreError>;

    async fn request(
        &self,
        uid: &UniqueId,
        index: u32,
    ) -> Result<Option<(StoredRequest, Option<B>)>, StoreError>;

    /// The requests of a fetch in their order, with what there is of their responses; `None` where the fetch is gone. With
    /// `addresses`, from the first on and before the second, at least those with such a one.
    async fn requested_records(
        &self,
        uid: &UniqueId,
        addresses: Option<&(String, String)>,
    ) -> Result<Option<(Stage, Vec<RequestedRecord<B>>)>, StoreError>;

    /// One record and, of its chunks that may be read, at most so many from `from` on, where one of them begins, up to the
    /// first gap. `None` where the fetch is gone.
    async fn stored_response(
        &self,
        uid: &UniqueId,
        index: u32,
        from: ByteCount,
        at_most: u32,
    ) -> Result<Option<StoredResponse<B>>, StoreError>;

    /// Deletes what belongs to no fetch, and tells the console of it.
    async fn sweep(&self) -> Result<(), StoreError>;

    /// Deletes everything of a fetch.
    async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    Exclusive,
    Shared,
}

/// Locks of the whole origin. They end with the context that holds them.
#[allow(async_fn_in_trait)]
pub trait Locks {
    /// Dropping it releases the lock.
    type Guard: 'static;

    /// Waits in the lock's queue. Dropping the future leaves the queue.
    async fn acquire(&self, name: &str, mode: LockMode) -> Self::Guard;

    /// Takes an exclusive lock from whoever holds it, before all that wait for it.
    async fn steal(&self, name: &str) -> Self::Guard;

    /// Whether the browser refuses them, as it does where a frame may not store anything.
    async fn are_refused(&self) -> bool {
        false
    }
}

/// Tells the other contexts of the origin that there is something new to read in the database. A hint proves nothing,
/// so forged ones do no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hint {
    pub kind: HintKind,
    pub uid: UniqueId,
    /// Indices of the records that there is news of; `None` for the fetch as a whole.
    pub records: Option<Vec<u32>>,
}

/// Anyone of the origin can post one.
impl FromRow for Hint {
    fn from_row(row: &impl Row) -> Option<Self> {
        let uid = UniqueId::from_message(row.read("uid")?)?;
        Some(Self { kind: row.read("kind")?, uid, records: some_indices(&row.property("records")?) })
    }
}

/// `None`, which means all records, for what is no list of some.
fn some_indices(records: &impl Row) -> Option<Vec<u32>> {
    /// So many are not told one by one.
    const MOST: usize = 100_000;
    let indices = records.items()?.enumerate();
    indices.map(|(position, index)| u32::from_row(&index).filter(|_| position < MOST)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HintKind {
    /// A new fetch: every page wants to own it, should its owner go.
    Registered,
    /// Progress, a result, or the end of the records.
    Progressed,
    /// The fetch was told to do something else.
    Commanded,
    /// A page wants to own the fetch: a worker that owns it lets it.
    Requested,
    /// The owner's heartbeat.
    Owned,
}

read_by_name!(HintKind {
    "registered" => Registered,
    "progressed" => Progressed,
    "commanded" => Commanded,
    "requested" => Requested,
    "owned" => Owned,
});

pub trait Bus {
    /// Reaches the other contexts, not this one.
    fn post(&self, hint: &Hint);
}

#[allow(async_fn_in_trait)]
pub trait Clock {
    /// Calendar time, which users and time servers set forward and back: for what is stored.
    fn now(&self) -> Millis;
    /// Of a clock of this realm that only goes forward: for the lengths of time.
    fn monotonic(&self) -> Millis;
    async fn sleep(&self, time: Millis);
    fn random(&self) -> u32;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// There is no service worker registration with this scope any more.
    Unregistered,
    /// Its worker is not active yet.
    Waiting,
    Active,
}

/// The JavaScript around the engine: a page or a service worker.
#[allow(async_fn_in_trait)]
pub trait Realm {
    fn spawn(&self, task: impl Future<Output = ()> + 'static);

    /// Shows a new state in the realm's instance.
    fn update_instance(&self, uid: &UniqueId, update: &InstanceUpdate);

    /// Whether this realm goes on with fetches that others began. A worker does not: nothing keeps it alive for them.
    fn takes_over(&self) -> bool;

    /// A fetch of this scope is run here.
    fn runs(&self, _scope: &str) {}

    async fn worker_state(&self, scope: &str) -> WorkerState;

    /// Whether events for this scope are dispatched right here.
    fn is_worker_of(&self, scope: &str) -> bool;

    /// Asks the active worker of the scope to deliver the event of this fetch.
    async fn wake_worker(&self, scope: &str, uid: &UniqueId);

    /// Dispatches the event in this very worker; returns when all its promises have settled. Fails, with a reason for
    /// the console, where no listener can have heard of it.
    async fn dispatch(
        &self,
        event: EventKind,
        uid: &UniqueId,
        state: &RegistrationState,
    ) -> Result<(), String>;

    /// Whether the permission "background-fetch" is granted.
    async fn is_permitted(&self) -> bool;

    /// Bytes that the origin may still store; `None` where the browser does not tell.
    async fn available_storage(&self) -> Option<ByteCount>;

    fn report(&self, message: &str);
}
