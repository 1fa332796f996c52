use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::rc::Rc;

use background_fetch_polyfill::engine::{Engine, Store, WorkerState, World};
use background_fetch_polyfill::model::{
    ByteCount, Error, EventKind, Millis, RegistrationState, Settings, UniqueId,
};
use futures_util::FutureExt;

use super::handler::{Handler, Told};
use super::locks::LockQueues;
use super::network::Servers;
use super::store::SimulatedDatabase;
use super::transactions::Transactions;
use super::{Content, Executor, RealmId, Shown, Tables};

/// All that the pages and workers of an origin share.
pub struct Origin {
    pub executor: Executor,
    pub tables: RefCell<Tables>,
    pub transactions: Transactions,
    pub locks: LockQueues,
    pub servers: Servers,
    pub last_hint: Cell<Millis>,
    pub settings: RefCell<Settings>,
    realms: RefCell<Vec<LivingRealm>>,
    realm_count: Cell<usize>,
    registrations: RefCell<BTreeMap<String, WorkerState>>,
    /// By how many ms the wall clock is ahead of the time that has passed.
    pub clock_is_off_by: Cell<i64>,
    pub handler: RefCell<Option<Handler>>,
    /// Events in the order in which they were dispatched.
    pub told: RefCell<Vec<Told>>,
    pub shown: RefCell<Vec<Shown>>,
    pub reports: RefCell<Vec<String>>,
    /// Fetches whose event a worker was asked to dispatch.
    pub asked: RefCell<BTreeSet<UniqueId>>,
    /// Pages in the back/forward cache.
    pub suspended: RefCell<BTreeSet<RealmId>>,
    /// Bodies that ended with an error while they were read.
    pub broken_bodies: RefCell<Vec<(RealmId, UniqueId, Error)>>,
}

struct LivingRealm {
    id: RealmId,
    /// Of which it is the worker.
    scope: Option<String>,
    engine: Engine<Port>,
}

/// What one realm sees of the world.
pub struct Port {
    pub origin: Rc<Origin>,
    pub realm: RealmId,
    store: Store<SimulatedDatabase>,
}

impl Port {
    pub fn new(origin: &Rc<Origin>, realm: RealmId) -> Self {
        let store = Store::new(SimulatedDatabase::new(Rc::clone(origin), realm));
        Self { origin: Rc::clone(origin), realm, store }
    }
}

impl World for Port {
    type Bytes = Content;
    type Network = Self;
    type Database = SimulatedDatabase;
    type Locks = Self;
    type Bus = Self;
    type Clock = Self;
    type Realm = Self;

    fn network(&self) -> &Self {
        self
    }

    fn store(&self) -> &Store<SimulatedDatabase> {
        &self.store
    }

    fn locks(&self) -> &Self {
        self
    }

    fn bus(&self) -> &Self {
        self
    }

    fn clock(&self) -> &Self {
        self
    }

    fn realm(&self) -> &Self {
        self
    }
}

impl Origin {
    pub fn new(seed: u64) -> Rc<Self> {
        let origin = Self {
            executor: Executor::new(seed),
            tables: RefCell::default(),
            transactions: Transactions::default(),
            locks: LockQueues::default(),
            servers: Servers::default(),
            last_hint: Cell::default(),
            // The files of a world are short.
            settings: RefCell::new(Settings { split_bytes: ByteCount(1 << 19), ..Settings::default() }),
            realms: RefCell::default(),
            realm_count: Cell::default(),
            registrations: RefCell::default(),
            clock_is_off_by: Cell::default(),
            handler: RefCell::default(),
            told: RefCell::default(),
            shown: RefCell::default(),
            reports: RefCell::default(),
            asked: RefCell::default(),
            suspended: RefCell::default(),
            broken_bodies: RefCell::default(),
        };
        origin.transactions.longest_commit.set(8);
        Rc::new(origin)
    }

    pub fn open(self: &Rc<Self>, scope: Option<&str>) -> (RealmId, Engine<Port>) {
        let id = RealmId(self.realm_count.get());
        self.realm_count.set(id.0 + 1);
        let port = Port::new(self, id);
        let engine = Engine::new(port, self.settings.borrow().clone());
        let scope = scope.map(String::from);
        self.realms.borrow_mut().push(LivingRealm { id, scope, engine: engine.clone() });
        (id, engine)
    }

    /// As a crash does it. What it has handed over to the disk or the network is on its way.
    pub fn kill(&self, realm: RealmId) {
        let killed = {
            let mut realms = self.realms.borrow_mut();
            let position = realms.iter().position(|other| other.id == realm);
            position.map(|position| realms.remove(position))
        };
        self.executor.kill(realm);
        // Tasks that hold one another are never dropped, but nothing of a dead realm is left in the world.
        self.locks.forget_realm(realm);
        self.transactions.forget_realm(realm, || self.executor.below(2) == 0);
        self.servers.forget_realm(realm);
        drop(killed);
    }

    pub fn living_realms(&self) -> impl Iterator<Item = RealmId> + use<> {
        let realms: Vec<RealmId> = self.realms.borrow().iter().map(|realm| realm.id).collect();
        realms.into_iter()
    }

    pub fn is_alive(&self, realm: RealmId) -> bool {
        self.realms.borrow().iter().any(|other| other.id == realm)
    }

    pub fn engine(&self, realm: RealmId) -> Option<Engine<Port>> {
        self.realms.borrow().iter().find(|other| other.id == realm).map(|realm| realm.engine.clone())
    }

    pub fn is_worker(&self, realm: RealmId) -> bool {
        self.realms.borrow().iter().any(|other| other.id == realm && other.scope.is_some())
    }

    pub fn is_worker_of(&self, realm: RealmId, scope: &str) -> bool {
        self.realms.borrow().iter().any(|other| other.id == realm && other.scope.as_deref() == Some(scope))
    }

    /// The active one, if it runs.
    pub fn worker(&self, scope: &str) -> Option<RealmId> {
        let realms = self.realms.borrow();
        realms.iter().find(|realm| realm.scope.as_deref() == Some(scope)).map(|realm| realm.id)
    }

    pub fn start_worker(self: &Rc<Self>, scope: &str) -> RealmId {
        self.worker(scope).unwrap_or_else(|| self.open(Some(scope)).0)
    }

    pub fn worker_state(&self, scope: &str) -> WorkerState {
        self.registrations.borrow().get(scope).copied().unwrap_or(WorkerState::Active)
    }

    pub fn set_worker_state(&self, scope: &str, state: WorkerState) {
        self.registrations.borrow_mut().insert(scope.into(), state);
    }

    /// A dead realm runs nothing.
    pub fn spawn(&self, realm: RealmId, task: impl Future<Output = ()> + 'static) {
        if self.is_alive(realm) {
            self.executor.spawn(realm, task.boxed_local());
        }
    }

    pub async fn dispatch(
        self: &Rc<Self>,
        realm: RealmId,
        kind: EventKind,
        uid: &UniqueId,
        state: &RegistrationState,
    ) {
        let number = self.told.borrow().len();
        self.told.borrow_mut().push(Told::new(kind, uid, state, self.executor.now()));
        let Some(engine) = self.engine(realm) else { return };
        let handler = self.handler.borrow().clone();
        if let Some(handler) = handler {
            handler(Rc::clone(self), engine, number).await;
        }
        if let Some(told) = self.told.borrow_mut().get_mut(number) {
            told.is_handled = true;
        }
    }
}
