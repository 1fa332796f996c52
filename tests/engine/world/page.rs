use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use background_fetch_polyfill::engine::{ByteHandle, Engine, FetchCall, IncomingRequest, ObservedFetch};
use background_fetch_polyfill::model::{ByteCount, Command, Error, Millis, Options, StoredRequest, UniqueId};

use super::handler::{Read, read};
use super::{Content, Origin, Port, RealmId, SCOPE};

/// A page or a worker, as a test drives it.
#[derive(Clone)]
pub struct Page {
    pub origin: Rc<Origin>,
    pub realm: RealmId,
    pub engine: Engine<Port>,
}

/// A promise in a realm.
pub struct Promise<T>(Rc<RefCell<Option<T>>>);

impl<T> Promise<T> {
    pub fn take(&self) -> Option<T> {
        self.0.borrow_mut().take()
    }

    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.0.borrow().clone()
    }

    pub fn is_settled(&self) -> bool {
        self.0.borrow().is_some()
    }
}

impl Page {
    /// Begins something in this realm.
    pub fn begin<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Promise<T> {
        let promise = Promise(Rc::default());
        let slot = Rc::clone(&promise.0);
        self.origin.spawn(self.realm, async move {
            let value = future.await;
            slot.borrow_mut().replace(value);
        });
        promise
    }

    /// Runs the world until this is done.
    pub fn run<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> T {
        self.wait_for(&self.begin(future))
    }

    fn wait_for<T>(&self, promise: &Promise<T>) -> T {
        loop {
            if let Some(value) = promise.take() {
                return value;
            }
            assert!(self.origin.executor.step(Millis(u64::MAX)), "a promise never settles");
        }
    }

    /// BackgroundFetchManager.fetch(), as the facade does it.
    pub fn begin_fetch(
        &self,
        id: &str,
        requests: Vec<(StoredRequest, Option<Content>)>,
        options: Options,
    ) -> Promise<Result<ObservedFetch, Error>> {
        let (engine, id) = (self.engine.clone(), String::from(id));
        self.begin(async move { fetch(&engine, &id, requests, options).await })
    }

    pub fn begin_fetch_of(&self, id: &str, names: &[&str]) -> Promise<Result<ObservedFetch, Error>> {
        self.begin_fetch(id, names.iter().map(|name| (get(name), None)).collect(), Options::default())
    }

    pub fn fetch_with(
        &self,
        id: &str,
        requests: Vec<(StoredRequest, Option<Content>)>,
        options: Options,
    ) -> Result<UniqueId, Error> {
        self.wait_for(&self.begin_fetch(id, requests, options)).map(|observed| observed.uid)
    }

    pub fn fetch(&self, id: &str, names: &[&str]) -> Result<UniqueId, Error> {
        self.wait_for(&self.begin_fetch_of(id, names)).map(|observed| observed.uid)
    }

    pub fn observe(&self, uid: &UniqueId) -> Option<ObservedFetch> {
        let (engine, uid) = (self.engine.clone(), uid.clone());
        self.run(async move { engine.observe(&uid).await }).unwrap()
    }

    pub fn abort(&self, uid: &UniqueId) -> bool {
        let (engine, uid) = (self.engine.clone(), uid.clone());
        self.run(async move { engine.command(&uid, Command::Abort).await }).unwrap()
    }

    pub fn ids(&self) -> Vec<String> {
        let engine = self.engine.clone();
        self.run(async move { engine.ids(SCOPE, true).await }).unwrap()
    }

    /// Reads a response to its end.
    pub fn begin_response(&self, uid: &UniqueId, index: u32) -> Promise<Result<Read, Error>> {
        self.begin_slow_response(uid, index, Millis(0))
    }

    /// The same, with so much time for each piece of a body that is still coming in.
    pub fn begin_slow_response(
        &self,
        uid: &UniqueId,
        index: u32,
        takes: Millis,
    ) -> Promise<Result<Read, Error>> {
        let (origin, engine, uid) = (Rc::clone(&self.origin), self.engine.clone(), uid.clone());
        let realm = self.realm;
        self.begin(async move {
            // As a registration object does, from which alone one comes to a record.
            let _ = engine.observe(&uid).await;
            let response = engine.response(&uid, index).await?;
            let read = read(&origin, response, takes).await;
            if let Err(error) = read {
                origin.broken_bodies.borrow_mut().push((realm, uid, error));
            }
            read
        })
    }

    pub fn pause(&self, uid: &UniqueId) -> bool {
        let (engine, uid) = (self.engine.clone(), uid.clone());
        self.run(async move { engine.command(&uid, Command::Pause).await }).unwrap()
    }

    pub fn resume_fetch(&self, uid: &UniqueId) -> bool {
        let (engine, uid) = (self.engine.clone(), uid.clone());
        self.run(async move { engine.command(&uid, Command::Resume).await }).unwrap()
    }

    pub fn kill(&self) {
        self.origin.kill(self.realm);
    }

    /// As a user does it: the page can still say something to its worker.
    pub fn close(&self) {
        self.hand_over();
        self.kill();
    }

    fn hand_over(&self) {
        // A frozen one does not hear of its end.
        if self.origin.executor.is_frozen(self.realm) || !self.engine.suspend() {
            return;
        }
        let origin = Rc::clone(&self.origin);
        self.origin.executor.call_after(Millis(1 + self.origin.executor.below(20)), move || {
            let worker = origin.start_worker(SCOPE);
            if let Some(engine) = origin.engine(worker) {
                origin.spawn(worker, async move { engine.run_without_pages().await });
            }
        });
    }

    /// The system stops it where it is, and tells nobody. Browsers do not do that to one that others wait for at the
    /// database.
    pub fn freeze(&self) {
        let executor = &self.origin.executor;
        while self.origin.transactions.has_any_of(self.realm) {
            assert!(executor.step(Millis(u64::MAX)), "a transaction never ends");
        }
        executor.freeze(self.realm);
    }

    pub fn thaw(&self) {
        self.origin.executor.thaw(self.realm);
    }

    /// Into the back/forward cache. A page with a transaction on its way is not frozen before that is over.
    pub fn suspend(&self) {
        self.hand_over();
        let executor = &self.origin.executor;
        // What it has begun is undone, and done when it is back.
        self.origin.transactions.undo(self.realm);
        while executor.has_ready_tasks() || self.origin.transactions.has_any_of(self.realm) {
            assert!(executor.step(Millis(u64::MAX)), "a transaction never ends");
        }
        // What it holds would keep it out of the cache, and others from going on.
        let connections = self.origin.servers.connections.borrow();
        assert!(!self.origin.locks.has_any_of(self.realm), "a page in the cache holds a lock");
        assert!(connections.values().all(|realm| *realm != self.realm), "it holds a connection");
        self.origin.suspended.borrow_mut().insert(self.realm);
        executor.freeze(self.realm);
    }

    pub fn resume(&self) {
        self.origin.suspended.borrow_mut().remove(&self.realm);
        self.origin.executor.thaw(self.realm);
        self.origin.spawn(self.realm, self.engine.resume());
    }
}

pub async fn fetch(
    engine: &Engine<Port>,
    id: &str,
    requests: Vec<(StoredRequest, Option<Content>)>,
    options: Options,
) -> Result<ObservedFetch, Error> {
    let (requests, bodies): (Vec<_>, Vec<_>) =
        requests.into_iter().map(|(request, body)| (IncomingRequest { request, text: None }, body)).unzip();
    let call = FetchCall {
        scope: SCOPE.into(),
        has_active_worker: true,
        id: id.into(),
        requests,
        is_whole: true,
        options,
    };
    engine.fetch(call, async |index| Ok(bodies[index])).await
}

pub fn url(name: &str) -> String {
    format!("https://a.example/{name}")
}

pub fn get(name: &str) -> StoredRequest {
    StoredRequest { url: url(name), method: "GET".into(), ..StoredRequest::default() }
}

pub fn post(name: &str, body: Content) -> (StoredRequest, Option<Content>) {
    let body_length: ByteCount = body.length();
    let request =
        StoredRequest { url: url(name), method: "POST".into(), body_length, ..StoredRequest::default() };
    (request, Some(body))
}
