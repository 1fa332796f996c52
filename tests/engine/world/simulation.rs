use std::rc::Rc;

use background_fetch_polyfill::model::{Millis, Settings, UniqueId};

use super::{
    Content, Fault, History, Origin, Page, Resource, SCOPE, ServedFile, Shown, Told, reads_all, url,
};

/// One run of the simulated world.
pub struct Simulation {
    pub origin: Rc<Origin>,
}

impl Simulation {
    pub fn new(seed: u64) -> Self {
        let origin = Origin::new(seed);
        origin.handler.replace(Some(reads_all(Millis(200))));
        Self { origin }
    }

    pub fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        let simulation = Self::new(1);
        change(&mut simulation.origin.settings.borrow_mut());
        simulation
    }

    pub fn serve(&self, name: &str, file: ServedFile) {
        self.origin.servers.serve(&url(name), file);
    }

    /// The next requests for a file go wrong in these ways.
    pub fn break_requests(&self, name: &str, faults: impl IntoIterator<Item = Fault>) {
        self.resource(name, |resource| resource.faults.extend(faults.into_iter().map(Some)));
    }

    pub fn resource<T>(&self, name: &str, read: impl FnOnce(&mut Resource) -> T) -> T {
        let mut resources = self.origin.servers.resources.borrow_mut();
        read(resources.get_mut(&url(name)).expect("it is served"))
    }

    pub fn sent(&self, name: &str) -> u64 {
        self.resource(name, |resource| resource.sent)
    }

    /// Nothing came twice, but for pieces at which a response was given up as others brought what follows.
    pub fn check_came_once(&self, name: &str) {
        const MOST_PIECES: u64 = 4;
        self.resource(name, |resource| {
            let (sent, length) = (resource.sent, resource.file.length);
            assert!(
                (length..=length + MOST_PIECES * resource.file.piece).contains(&sent),
                "{sent} of {length}"
            );
        });
    }

    pub fn upload(&self, length: u64) -> Content {
        Content::whole(self.origin.servers.new_version(length), length)
    }

    /// A page that has just loaded.
    pub fn open_page(&self) -> Page {
        let page = self.open_realm();
        let engine = page.engine.clone();
        self.origin.spawn(page.realm, async move { engine.take_over().await });
        page
    }

    /// A page whose engine has done nothing yet.
    pub fn open_realm(&self) -> Page {
        let (realm, engine) = self.origin.open(None);
        Page { origin: Rc::clone(&self.origin), realm, engine }
    }

    pub fn worker(&self) -> Page {
        self.worker_of(SCOPE)
    }

    pub fn worker_of(&self, scope: &str) -> Page {
        let realm = self.origin.start_worker(scope);
        let engine = self.origin.engine(realm).expect("it was started");
        Page { origin: Rc::clone(&self.origin), realm, engine }
    }

    pub fn worker_runs(&self) -> bool {
        self.origin.worker(SCOPE).is_some()
    }

    /// Another version of the worker, beside the one that runs.
    pub fn another_worker(&self) -> Page {
        let (realm, engine) = self.origin.open(Some(SCOPE));
        Page { origin: Rc::clone(&self.origin), realm, engine }
    }

    pub fn now(&self) -> Millis {
        self.origin.executor.now()
    }

    /// False where nothing can happen any more.
    pub fn step(&self) -> bool {
        self.origin.executor.step(Millis(u64::MAX))
    }

    /// False where it is over before.
    pub fn take_steps(&self, count: u64) -> bool {
        (0..count).all(|_| self.step())
    }

    /// Until nothing can happen any more.
    pub fn run(&self) {
        while self.step() {}
    }

    pub fn run_for(&self, time: Millis) {
        let end = self.now() + time;
        while self.origin.executor.step(end) {}
        self.origin.executor.advance_to(end);
    }

    pub fn run_until(&self, mut is_there: impl FnMut(&Self) -> bool) {
        while !is_there(self) {
            assert!(self.step(), "it never comes to it");
        }
    }

    pub fn told(&self) -> Vec<Told> {
        self.origin.told.borrow().clone()
    }

    pub fn shown(&self) -> Vec<Shown> {
        self.origin.shown.borrow().clone()
    }

    /// By the app, or by a user who clears what sites have stored.
    pub fn delete_database(&self) {
        self.origin.tables.borrow_mut().fetches.clear();
        self.lose_connections();
    }

    /// The browser closes all connections, and tells.
    pub fn lose_connections(&self) {
        for realm in self.origin.living_realms() {
            let transactions = &self.origin.transactions;
            transactions.give_up_connection(realm, transactions.connection_number(realm), true);
            if let Some(engine) = self.origin.engine(realm) {
                self.origin.spawn(realm, async move { engine.handle_lost_database().await });
            }
        }
    }

    /// Committed bytes of a fetch.
    pub fn stored(&self, uid: &UniqueId) -> u64 {
        let tables = self.origin.tables.borrow();
        tables.fetches.get(uid).map_or(0, |rows| rows.progress.downloaded.0)
    }

    pub fn history(&self, uid: &UniqueId) -> History {
        self.origin.tables.borrow().history.get(uid).cloned().unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.origin.tables.borrow().fetches.is_empty()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // Realms and the world hold one another.
        for realm in self.origin.living_realms() {
            self.origin.kill(realm);
        }
        self.origin.handler.take();
    }
}
