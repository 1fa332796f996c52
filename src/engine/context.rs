use std::cell::Cell;
use std::rc::Rc;

use super::connections::Connections;
use super::notify::{First, Flag, race};
use super::{Bus, Clock, Hint, HintKind, LockMode, Locks, Realm, Store, StoreError, World};
use crate::model::{Millis, Settings, UniqueId};

/// What all fetches of one realm share.
pub struct Context<W: World> {
    world: W,
    pub settings: Settings,
    pub connections: Rc<Connections>,
    /// The page is going away, or in the back/forward cache. It holds no lock then.
    pub is_suspended: Flag,
    /// Fetches that this realm owns, or wants to.
    pub ownerships: Cell<u32>,
}

pub type Guard<W> = <<W as World>::Locks as Locks>::Guard;

impl<W: World> Context<W> {
    pub fn new(world: W, settings: Settings) -> Self {
        Self {
            world,
            settings,
            connections: Rc::default(),
            is_suspended: Flag::default(),
            ownerships: Cell::default(),
        }
    }

    pub fn world(&self) -> &W {
        &self.world
    }

    pub fn store(&self) -> &Store<W::Database> {
        self.world.store()
    }

    pub fn network(&self) -> &W::Network {
        self.world.network()
    }

    pub fn clock(&self) -> &W::Clock {
        self.world.clock()
    }

    pub fn realm(&self) -> &W::Realm {
        self.world.realm()
    }

    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.realm().spawn(Box::pin(task));
    }

    /// Tells the other realms, and not this one.
    pub fn tell(&self, kind: HintKind, uid: &UniqueId) {
        self.world.bus().post(&Hint { kind, uid: uid.clone(), records: None });
    }

    /// The same, of news of these records, or of all where it is `None`.
    pub fn tell_progress(&self, uid: &UniqueId, records: Option<Vec<u32>>) {
        self.world.bus().post(&Hint { kind: HintKind::Progressed, uid: uid.clone(), records });
    }

    /// `None` where it takes longer than that.
    pub async fn within<T>(&self, time: Millis, work: impl Future<Output = T>) -> Option<T> {
        match race(work, self.clock().sleep(time)).await {
            First::Left(done) => Some(done),
            First::Right(()) => None,
        }
    }

    pub async fn lock(&self, name: &str, mode: LockMode) -> Guard<W> {
        self.world.locks().acquire(name, mode).await
    }

    /// `None` where the page is suspended before the lock is granted.
    pub async fn lock_unless_suspended(&self, name: &str, mode: LockMode) -> Option<Guard<W>> {
        let suspended = self.is_suspended.changed();
        if self.is_suspended.is_set() {
            return None;
        }
        match race(suspended, self.lock(name, mode)).await {
            First::Left(()) => None,
            First::Right(guard) => Some(guard),
        }
    }

    pub async fn steal(&self, name: &str) -> Guard<W> {
        self.world.locks().steal(name).await
    }

    /// Reports a failure of the database, and waits: the longer, the more failures there were in a row. False where
    /// another try cannot help.
    pub async fn report_and_wait_to_retry(&self, error: &StoreError, failures: u32) -> bool {
        const LONGEST: Millis = Millis::from_seconds(60);
        self.report_store_error(error);
        if *error == StoreError::Newer {
            return false;
        }
        let pause = Millis(1000 << failures.saturating_sub(1).min(6));
        self.clock().sleep(pause.min(LONGEST)).await;
        true
    }

    pub fn report_store_error(&self, error: &StoreError) {
        self.realm().report(&["The database failed: ", error.message()].concat());
    }
}
