use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::context::Context;
use super::local_fetch::{LocalFetch, ObservedFetch};
use super::notify::{Task, first_some};
use super::read::ReadyResponse;
use super::sorted_map::UidMap;
use super::{
    ByteHandle, Clock, Hint, HintKind, Locks, Realm, RequestedRecord, Store, StoreError, WorkerState, World,
};
use crate::model::{
    BackgroundFetch, ByteCount, CacheQueryOptions, Command, Error, FromRow, Millis, Options, RawRequest,
    RegistrationState, Row, Settings, StoredRequest, UniqueId, check_requests,
};

/// The engine of one realm: what pages and workers ask for. Each realm of an origin runs its own, over the same
/// database.
pub struct Engine<W: World>(Rc<State<W>>);

struct State<W: World> {
    context: Rc<Context<W>>,
    fetches: RefCell<UidMap<Rc<LocalFetch<W>>>>,
    last_created: Cell<Millis>,
}

impl<W: World> Clone for Engine<W> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// A call of [fetch()](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch).
pub struct FetchCall {
    pub scope: String,
    /// Of the registration, at the call: the engine may have been started long after it.
    pub has_active_worker: bool,
    pub id: String,
    pub requests: Vec<IncomingRequest>,
    /// False where the requests end because the next one could not be built.
    pub is_whole: bool,
    pub options: Options,
}

/// A request as the facade took it over from the caller.
pub struct IncomingRequest {
    pub request: StoredRequest,
    /// The string that the caller gave, if it gave a string.
    pub text: Option<String>,
}

/// What an instance has shown, of that which an event tells of.
#[derive(Clone, Debug)]
pub struct Shown {
    pub uid: UniqueId,
    pub downloaded: ByteCount,
    pub uploaded: ByteCount,
    pub result: String,
}

impl FromRow for Shown {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            uid: row.read("uid")?,
            downloaded: row.read("downloaded")?,
            uploaded: row.read("uploaded")?,
            result: row.read("result")?,
        })
    }
}

impl Shown {
    fn is_behind(&self, state: &RegistrationState) -> bool {
        (self.downloaded, self.uploaded, self.result.as_str()) != state.told()
    }
}

impl<W: World> Engine<W> {
    pub fn new(world: W, settings: Settings) -> Self {
        Self(Rc::new(State {
            context: Rc::new(Context::new(world, settings)),
            fetches: RefCell::default(),
            last_created: Cell::default(),
        }))
    }

    pub fn world(&self) -> &W {
        self.0.context.world()
    }

    fn context(&self) -> &Context<W> {
        &self.0.context
    }

    fn store(&self) -> &Store<W::Database> {
        self.context().store()
    }

    /// What this realm knows of a fetch. What it does not need any more is forgotten.
    fn local(&self, uid: &UniqueId) -> Rc<LocalFetch<W>> {
        let mut fetches = self.0.fetches.borrow_mut();
        if let Some(fetch) = fetches.get(uid) {
            return Rc::clone(fetch);
        }
        fetches.retain(|fetch| fetch.has_instance() || Rc::strong_count(fetch) > 1);
        let fetch = Rc::new(LocalFetch::new(Rc::clone(&self.0.context), uid.clone()));
        fetches.insert(uid.clone(), Rc::clone(&fetch));
        fetch
    }

    /// The same, where it knows anything.
    fn known(&self, uid: &UniqueId) -> Option<Rc<LocalFetch<W>>> {
        self.0.fetches.borrow().get(uid).cloned()
    }

    fn all_known(&self) -> Vec<Rc<LocalFetch<W>>> {
        self.0.fetches.borrow().values().cloned().collect()
    }

    /// [fetch()](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch), in the order of its steps.
    /// `read_body` reads the body of the request with this index.
    pub async fn fetch(
        &self,
        call: FetchCall,
        read_body: impl AsyncFn(usize) -> Result<Option<W::Bytes>, Error>,
    ) -> Result<ObservedFetch, Error> {
        let FetchCall { scope, has_active_worker, id, requests, is_whole, options } = call;
        let (store, realm) = (self.store(), self.context().realm());
        if is_whole && requests.is_empty() {
            return Err(Error::NoRequests);
        }
        check_requests(
            requests.iter().map(|raw| RawRequest { request: &raw.request, text: raw.text.as_deref() }),
        )?;
        if !is_whole {
            return Err(Error::UnbuildableRequest);
        }
        if id.is_empty() {
            return Err(Error::EmptyId);
        }
        if !self.is_active(&scope, has_active_worker).await {
            return Err(Error::NoActiveWorker);
        }
        if !realm.is_permitted().await {
            return Err(Error::PermissionDenied);
        }
        if store.find(&scope, &id).await?.is_some() {
            return Err(Error::DuplicateId);
        }
        let available = realm.available_storage().await;
        if available.is_some_and(|available| options.download_total > available) {
            return Err(Error::QuotaExceeded);
        }
        if self.world().locks().are_refused().await {
            return Err(Error::StorageFailed);
        }
        let mut stored = Vec::with_capacity(requests.len());
        for (index, IncomingRequest { mut request, .. }) in requests.into_iter().enumerate() {
            let body = read_body(index).await?;
            request.body_length = body.as_ref().map_or(ByteCount::ZERO, ByteHandle::length);
            stored.push((request, body));
        }
        let (uid, created) = self.new_uid();
        let mut row = BackgroundFetch::new(uid, scope, id, options, created);
        row.request_count = u32::try_from(stored.len()).unwrap_or(u32::MAX);
        row.has_uploads = stored.iter().any(|(request, _)| !request.is_get());
        row.upload_total = stored.iter().map(|(request, _)| request.body_length).sum();
        self.insert_fetch(&row, &stored).await?;
        let fetch = self.local(&row.uid);
        let state = row.state(&Default::default());
        fetch.begin_to_show(state.clone());
        // This realm first, then the others wait behind it.
        fetch.request_ownership(None);
        self.context().tell(HintKind::Created, &row.uid);
        Ok(ObservedFetch { uid: row.uid, state })
    }

    /// Two realms that come with the same id at the same time are told apart by the database.
    async fn insert_fetch(
        &self,
        row: &BackgroundFetch,
        requests: &[(StoredRequest, Option<W::Bytes>)],
    ) -> Result<(), Error> {
        let inserted = self.store().insert_fetch(row, requests).await;
        if inserted == Err(StoreError::Unanswered) {
            // It may be stored all the same, a moment from now.
            let (engine, uid) = (self.clone(), row.uid.clone());
            self.context().spawn(async move {
                let _ = engine.store().purge(&uid).await;
            });
        }
        Ok(inserted?)
    }

    /// A new uid. The time in it never repeats within a realm, so that the order of creation is that of the uids.
    fn new_uid(&self) -> (UniqueId, Millis) {
        let clock = self.context().clock();
        let created = clock.now().max(self.0.last_created.get() + Millis(1));
        self.0.last_created.set(created);
        (UniqueId::new(created, clock.random()), created)
    }

    /// [get()](https://wicg.github.io/background-fetch/#background-fetch-manager-get). Like Chromium, it finds nothing
    /// without an active worker, and refuses the empty id.
    pub async fn get(
        &self,
        scope: &str,
        has_active_worker: bool,
        id: &str,
    ) -> Result<Option<ObservedFetch>, Error> {
        if !self.is_active(scope, has_active_worker).await {
            return Ok(None);
        }
        if id.is_empty() {
            return Err(Error::EmptyId);
        }
        match self.store().find(scope, id).await? {
            Some(uid) => Ok(self.observe(&uid).await?),
            None => Ok(None),
        }
    }

    /// [getIds()](https://wicg.github.io/background-fetch/#background-fetch-manager-get-ids).
    pub async fn ids(&self, scope: &str, has_active_worker: bool) -> Result<Vec<String>, Error> {
        if !self.is_active(scope, has_active_worker).await {
            return Ok(Vec::new());
        }
        let active = self.store().active(scope).await?;
        Ok(active.into_iter().map(|fetch| fetch.id).collect())
    }

    /// Whether a call may use a registration: it had an active worker at the call, and has not been unregistered since.
    async fn is_active(&self, scope: &str, has_active_worker: bool) -> bool {
        has_active_worker && self.context().realm().worker_state(scope).await == WorkerState::Active
    }

    /// This realm's [instance](https://wicg.github.io/background-fetch/#background-fetch-instance) of a fetch, kept up
    /// to date from now on. `None` where the fetch is gone.
    pub async fn observe(&self, uid: &UniqueId) -> Result<Option<ObservedFetch>, StoreError> {
        self.local(uid).observe().await
    }

    /// Whether this command is the one that did it: it was not done before, and comes in time.
    pub async fn command(&self, uid: &UniqueId, command: Command) -> Result<bool, Error> {
        self.local(uid).command(command).await
    }

    /// [matchAll()](https://wicg.github.io/background-fetch/#background-fetch-registration-matchall).
    pub async fn match_all(
        &self,
        uid: &UniqueId,
        query: Option<&StoredRequest>,
        options: CacheQueryOptions,
    ) -> Result<Vec<RequestedRecord<W::Bytes>>, Error> {
        self.local(uid).match_all(query, options).await
    }

    /// [responseReady](https://wicg.github.io/background-fetch/#dom-backgroundfetchrecord-responseready).
    pub async fn response(&self, uid: &UniqueId, index: u32) -> Result<ReadyResponse<W>, Error> {
        self.local(uid).response(index).await
    }

    /// Forgets the fetches of a registration that is no more, without events.
    pub async fn purge_scope(&self, scope: &str) -> Result<(), Error> {
        for fetch in self.store().all().await?.iter().filter(|fetch| fetch.scope == scope) {
            self.local(&fetch.uid).purge().await?;
        }
        Ok(())
    }

    /// What a page does: it wants to own every stored fetch. A delivered one is deleted by its owner, once nobody reads
    /// it. A page that owns a fetch keeps it until it is closed or dies. A worker hands it over.
    pub async fn take_over(&self) {
        let mut failures = 0;
        loop {
            let error = match self.store().all().await {
                Ok(fetches) => {
                    fetches.into_iter().for_each(|fetch| self.request_ownership(&fetch.uid));
                    break;
                }
                Err(error) => error,
            };
            failures += 1;
            if !self.context().report_and_wait_to_retry(&error, failures).await {
                return;
            }
        }
        // If it fails, the next page does it.
        let _ = self.store().sweep(self.context().clock().now()).await;
    }

    fn request_ownership(&self, uid: &UniqueId) {
        self.local(uid).request_ownership(None);
        // A worker that owns it hands it over, and waits for the lock once more. So it hears of this when the lock is
        // requested.
        let (context, uid) = (Rc::clone(&self.0.context), uid.clone());
        self.context().spawn(async move { context.tell(HintKind::Requested, &uid) });
    }

    /// What a worker does: it runs the fetches that no page runs, for as long as its browser lets it. Each ends when it
    /// is through, or when a page wants to own it.
    pub async fn run_without_pages(&self) {
        let fetches = match self.store().all().await {
            Ok(fetches) => fetches,
            Err(error) => return self.context().report_store_error(&error),
        };
        let realm = self.context().realm();
        let is_to_run = |fetch: &&BackgroundFetch| !fetch.is_paused && realm.is_worker_of(&fetch.scope);
        let runs = fetches.iter().filter(is_to_run).map(|row| -> Task<'_, Option<()>> {
            let fetch = self.local(&row.uid);
            Box::pin(async move {
                /// The page may take its time to go.
                const LONGEST_WAIT: Millis = Millis::from_seconds(10);
                const REQUEST_TIME: Millis = Millis::from_seconds(1);
                while let Some(ownership) = fetch.request_ownership(Some(LONGEST_WAIT)) {
                    ownership.until_ended().await;
                    if !ownership.hands_over() {
                        break;
                    }
                    // The page that it was handed over to may be gone by now. Or its request for the lock is still on
                    // its way: Chromium (156) asks its storage first whether a page may use locks.
                    fetch.context.clock().sleep(REQUEST_TIME).await;
                }
                // The event, too, is handled in the time that the caller gives.
                fetch.is_delivering.until(false).await;
                None
            })
        });
        first_some(runs.collect()).await;
    }

    /// Dispatches the event in this worker, if it is due. Returns when it is handled.
    pub async fn deliver_here(&self, uid: UniqueId) {
        let fetch = self.local(&uid);
        fetch.begin_delivery();
        fetch.is_delivering.until(false).await;
    }

    /// The page is going away, for ever or into the back/forward cache. Gives up every lock and connection. Whether
    /// this realm owned a fetch.
    pub fn suspend(&self) -> bool {
        self.context().is_suspended.set(true);
        let mut owned = false;
        for fetch in self.all_known() {
            fetch.suspend();
            owned |= fetch.give_up_ownership();
        }
        owned
    }

    /// The page is back from the back/forward cache, and knows it at once: it may go again before the future is polled.
    pub fn resume(&self) -> impl Future<Output = ()> + 'static {
        self.context().is_suspended.set(false);
        let engine = self.clone();
        async move {
            // What was said meanwhile was not heard here.
            for fetch in engine.all_known() {
                fetch.wake(None);
                fetch.refresh().await;
            }
            engine.take_over().await;
        }
    }

    pub async fn handle_hint(&self, hint: Hint) {
        if hint.kind == HintKind::Created {
            // A page lives longer than the worker that may have begun it.
            if self.context().realm().takes_over() {
                self.request_ownership(&hint.uid);
            }
            return;
        }
        let Some(fetch) = self.known(&hint.uid) else { return };
        match hint.kind {
            HintKind::Created => {}
            HintKind::Progressed => {
                fetch.handle_heartbeat();
                fetch.refresh().await;
                fetch.wake(hint.records.as_deref());
            }
            HintKind::Commanded => fetch.commanded.notify(),
            HintKind::Requested => fetch.handle_request(),
            HintKind::Owned => fetch.handle_heartbeat(),
            HintKind::OwnedByWorker => {
                fetch.handle_heartbeat();
                fetch.request_again();
            }
        }
    }

    /// The database was deleted, or the browser has closed it. Looks whether the fetches that are shown or run here are
    /// still there.
    pub async fn handle_lost_database(&self) {
        let known = self.all_known();
        known.iter().for_each(|fetch| fetch.handle_lost_database());
        for fetch in &known {
            fetch.refresh().await;
            fetch.wake(None);
        }
    }

    /// Takes the place of an engine of this realm that crashed and had these instances. Gives the fetches that are
    /// gone.
    pub async fn replace(&self, instances: Vec<Shown>) -> Vec<UniqueId> {
        if self.context().realm().takes_over() {
            let engine = self.clone();
            self.context().spawn(async move { engine.take_over().await });
        }
        let mut gone = Vec::new();
        for shown in instances {
            let fetch = self.local(&shown.uid);
            match fetch.observe().await {
                Ok(Some(ObservedFetch { state, .. })) => {
                    let fires_progress = shown.is_behind(&state);
                    fetch.show_again(state, fires_progress);
                }
                Ok(None) => gone.push(shown.uid),
                Err(error) => self.context().report_store_error(&error),
            }
        }
        gone
    }
}
