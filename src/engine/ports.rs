use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use futures_core::Stream;
use serde::Serialize;

use super::{Connection, Store};
use crate::model::row::by_name;
use crate::model::{
    Attempt, BackgroundFetch, BodyEnd, ByteCount, Error, EventKind, FromRow, InstanceUpdate, Millis,
    NetworkFailure, Probe, Progress, Record, RegistrationState, ResponseHead, Row, StoredRequest, UniqueId,
};

/// All that the engine needs of its surroundings. Everything runs on one thread.
pub trait World: 'static {
    type Bytes: ByteHandle;
    type Network: Network<Self::Bytes>;
    type Database: Database<Bytes = Self::Bytes>;
    type Locks: Locks;
    type Bus: Bus;
    type Clock: Clock;
    type Realm: Realm;

    fn network(&self) -> &Self::Network;
    fn store(&self) -> &Store<Self::Database>;
    fn locks(&self) -> &Self::Locks;
    fn bus(&self) -> &Self::Bus;
    fn clock(&self) -> &Self::Clock;
    fn realm(&self) -> &Self::Realm;
}

/// A chunk of fewer bytes lies in its row. A larger one may be a file of its own, which a crash of the browser may leave
/// out.
pub const SMALLEST_FILE: ByteCount = ByteCount(64 << 10);

/// A handle to bytes that lie outside the module. The engine passes handles on, and copies bytes into the module's
/// memory for three checks only: of an overlap, of damage, and of integrity.
#[allow(async_fn_in_trait)]
pub trait ByteHandle: Clone + 'static {
    fn length(&self) -> ByteCount;

    /// A copy of the bytes from `start` up to `end`.
    async fn copy(&self, start: ByteCount, end: ByteCount) -> Result<Vec<u8>, StoreError>;

    /// Those from `start` up to `end`.
    fn slice(&self, start: ByteCount, end: ByteCount) -> Self;
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
    async fn retry_signal(&self);
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
    /// The database did not answer in time. It may store what it was asked for all the same.
    Unanswered,
    /// Anything else, in the database's words.
    Failed(String),
}

impl StoreError {
    /// Whether the same may be done a moment later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unanswered | Self::Failed(_))
    }

    pub fn message(&self) -> &str {
        match self {
            Self::Duplicate => "the id is taken",
            Self::QuotaExceeded => "there is no room left",
            Self::Fenced => "another runner has taken over",
            Self::Newer => "it belongs to a newer version of this package; reload the page",
            Self::Unanswered => "it does not answer",
            Self::Failed(reason) => reason,
        }
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

/// The object stores of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Fetches,
    Progress,
    Requests,
    Records,
    Chunks,
    Probes,
    /// Fetches of which the app keeps the chunks.
    Kept,
}

/// A row of the database.
#[derive(Clone, Debug)]
pub enum StoredRow<B> {
    Fetch(BackgroundFetch),
    Progress(Progress),
    Request(StoredRequest, Option<B>),
    Record(Record),
    Chunk(B),
    /// When the database was last swept.
    SweptAt(Millis),
    Kept,
}

impl<B> StoredRow<B> {
    pub fn table(&self) -> Table {
        match self {
            Self::Fetch(_) => Table::Fetches,
            Self::Progress(_) => Table::Progress,
            Self::Request(..) => Table::Requests,
            Self::Record(_) => Table::Records,
            Self::Chunk(_) => Table::Chunks,
            Self::SweptAt(_) => Table::Probes,
            Self::Kept => Table::Kept,
        }
    }
}

/// Which rows of a table.
#[derive(Clone, Debug)]
pub enum Keys<'a> {
    All,
    /// Those of a fetch: one of `Fetches`, of `Progress` and of `Kept`, any number of the other tables.
    Of(&'a UniqueId),
    /// Those of a record: one of `Requests` and of `Records`, any number of `Chunks`.
    Record(&'a UniqueId, u32),
    /// Those of a record and of the ones behind it: one of `Requests` and of `Records` for each.
    RecordsFrom(&'a UniqueId, u32),
    /// The chunk that begins at this offset.
    Chunk(&'a UniqueId, u32, ByteCount),
    /// The chunks that begin at this offset or behind it.
    ChunksFrom(&'a UniqueId, u32, ByteCount),
    /// The chunks that begin before this offset.
    ChunksBefore(&'a UniqueId, u32, ByteCount),
    /// The fetch whose id is taken in this scope.
    Active(&'a str, &'a str),
    /// The requests of a fetch whose URLs are not less than the first string, and less than the second. Only their keys
    /// are read.
    Urls(&'a UniqueId, &'a str, &'a str),
    /// The first row behind all rows of this fetch. Only its key is read; keys of another form are passed over.
    Behind(Option<UniqueId>),
    /// The one of `Probes`.
    SweptAt,
}

/// How many of the rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    All,
    First(u32),
    Last,
}

/// What a transaction is asked for.
#[derive(Clone, Debug)]
pub struct Read<'a> {
    pub table: Table,
    pub keys: Keys<'a>,
    pub limit: Limit,
}

/// A row that was found.
#[derive(Clone, Debug)]
pub struct Found<B> {
    /// Where the rows of all fetches were asked for.
    pub uid: Option<UniqueId>,
    /// In tables whose keys have one, where the key was not asked for.
    pub index: u32,
    pub offset: ByteCount,
    /// `None` where it cannot be read, or was not asked for.
    pub row: Option<StoredRow<B>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
}

/// The database: tables of rows. A unique index covers scope and id of the fetches whose id is taken. It refuses a
/// second one with [`StoreError::Duplicate`].
#[allow(async_fn_in_trait)]
pub trait Database: Connection {
    type Bytes: ByteHandle;
    type Transaction: Transaction<Self::Bytes>;

    /// A transaction over these tables. Those that write to a table come one after another.
    async fn begin(&self, tables: &[Table], mode: Mode) -> Result<Self::Transaction, StoreError>;

    /// One value out of the pieces of a chunk, as it is to be stored. The pieces are used up.
    async fn join(&self, uid: &UniqueId, pieces: &[Self::Bytes]) -> Result<Self::Bytes, StoreError>;

    /// The same bytes in another form, for a transaction that has failed with these. `None` where there is none.
    async fn in_other_form(&self, bytes: &Self::Bytes) -> Result<Option<Self::Bytes>, StoreError>;

    /// The bytes of this fetch could be stored in the other form only.
    fn prefer_other_form(&self, uid: &UniqueId);

    /// Stands for a chunk that cannot be read.
    fn unreadable(&self) -> Self::Bytes;

    /// Tells the console of a row that cannot be read, or belongs to no fetch.
    fn report_dropped(&self, table: Table, key: &str);
}

/// Dropping it undoes what was written.
#[allow(async_fn_in_trait)]
pub trait Transaction<B> {
    /// What is found, in the order of the keys, for each of the reads. They are made together.
    async fn read(&self, reads: &[Read<'_>]) -> Result<Vec<Vec<Found<B>>>, StoreError>;

    /// Stores a row under one key, or in the place of the one that is there.
    fn put(&self, key: &Keys<'_>, row: &StoredRow<B>) -> Result<(), StoreError>;

    fn delete(&self, table: Table, keys: &Keys<'_>) -> Result<(), StoreError>;

    /// Returns when everything is stored. On an error, nothing is.
    async fn complete(self) -> Result<(), StoreError>;
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

    /// An exclusive lock that nobody holds; `None` where somebody does, or the browser refuses locks.
    async fn acquire_if_free(&self, name: &str) -> Option<Self::Guard>;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// A new fetch: every page wants to own it, should its owner go.
    Created,
    /// Progress or a result. Also sent when the fetch has ended: it was delivered or deleted, and its records are gone.
    Progressed,
    /// The fetch was told to do something else.
    Commanded,
    /// A page wants to own the fetch: a worker that owns it lets it.
    Requested,
    /// The owner's heartbeat.
    Owned,
    /// The same of an owner that hands over to any page.
    OwnedByWorker,
}

by_name!(HintKind {
    "registered" => Created,
    "progressed" => Progressed,
    "commanded" => Commanded,
    "requested" => Requested,
    "owned" => Owned,
    "ownedbyworker" => OwnedByWorker,
});

pub trait Bus {
    /// Reaches the other contexts, not this one.
    fn post(&self, hint: &Hint);
}

#[allow(async_fn_in_trait)]
pub trait Clock {
    /// The wall clock, which users and time servers set forward and back. For what is stored.
    fn now(&self) -> Millis;
    /// A clock of this realm that only goes forward. For lengths of time.
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
