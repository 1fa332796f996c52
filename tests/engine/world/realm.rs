use std::future::Future;
use std::rc::Rc;

use background_fetch_polyfill::engine::{Realm, WorkerState};
use background_fetch_polyfill::model::{
    ByteCount, EventKind, InstanceUpdate, Millis, RegistrationState, UniqueId,
};
use futures_util::FutureExt;

use super::{BrokenPort, Port, RealmId};

/// An update of an instance, as a page sees it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub realm: RealmId,
    pub uid: UniqueId,
    pub state: RegistrationState,
    pub fires_progress: bool,
    pub at: Millis,
    /// Times that a record had begun anew until then.
    restarts: u32,
}

impl Realm for Port {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.origin.spawn(self.realm, task);
    }

    fn update_instance(&self, uid: &UniqueId, update: &InstanceUpdate) {
        let tables = self.origin.tables.borrow();
        tables.check_shown(uid, &update.state);
        let restarts = tables.history.get(uid).map_or(0, |history| history.restarts);
        let shown = Shown {
            realm: self.realm,
            uid: uid.clone(),
            state: update.state.clone(),
            fires_progress: update.fires_progress,
            at: self.origin.executor.now(),
            restarts,
        };
        let mut all = self.origin.shown.borrow_mut();
        if let Some(last) = all.iter().rev().find(|last| last.realm == shown.realm && last.uid == shown.uid) {
            // A page that does not know that it lost its lock shows what it had waiting.
            let may_be_outdated = self.origin.locks.is_any_stolen.get();
            check_next(last, &shown, may_be_outdated);
        }
        all.push(shown);
    }

    fn takes_over(&self) -> bool {
        !self.origin.is_worker(self.realm)
    }

    async fn worker_state(&self, scope: &str) -> WorkerState {
        self.origin.executor.sleep(Millis(self.origin.executor.below(3))).await;
        self.origin.worker_state(scope)
    }

    fn is_worker_of(&self, scope: &str) -> bool {
        self.origin.is_worker_of(self.realm, scope)
    }

    async fn wake_worker(&self, scope: &str, uid: &UniqueId) {
        self.origin.executor.sleep(Millis(1 + self.origin.executor.below(5))).await;
        if !self.origin.asked.borrow_mut().insert(uid.clone()) && BrokenPort::WorkersAreAskedOnce.is_broken()
        {
            return;
        }
        let worker = self.origin.start_worker(scope);
        let Some(engine) = self.origin.engine(worker) else { return };
        let uid = uid.clone();
        self.origin.spawn(worker, async move { engine.deliver_here(uid).await });
    }

    async fn dispatch(
        &self,
        kind: EventKind,
        uid: &UniqueId,
        state: &RegistrationState,
    ) -> Result<(), String> {
        if BrokenPort::HandlersAreNotAwaited.is_broken() {
            let (origin, realm, uid, state) =
                (Rc::clone(&self.origin), self.realm, uid.clone(), state.clone());
            self.origin
                .spawn(realm, async move { origin.dispatch(realm, kind, &uid, &state).boxed_local().await });
            return Ok(());
        }
        self.origin.dispatch(self.realm, kind, uid, state).boxed_local().await;
        Ok(())
    }

    async fn is_permitted(&self) -> bool {
        true
    }

    async fn available_storage(&self) -> Option<ByteCount> {
        let tables = self.origin.tables.borrow();
        tables.quota.map(|quota| ByteCount(quota.saturating_sub(tables.stored_bytes())))
    }

    fn report(&self, message: &str) {
        self.origin.reports.borrow_mut().push(message.into());
    }
}

fn check_next(last: &Shown, next: &Shown, may_be_outdated: bool) {
    assert!(last.state.records_available, "an instance is updated after its end");
    assert!(
        next.state.downloaded >= last.state.downloaded || next.restarts > last.restarts || may_be_outdated,
        "progress goes down from {:?} to {:?} without a restart",
        last.state.downloaded,
        next.state.downloaded
    );
    let only_ends = RegistrationState { records_available: false, ..last.state.clone() };
    assert!(!last.state.settled || next.state == only_ends, "an instance changes after its result");
    let RegistrationState { is_paused, is_waiting, .. } = next.state;
    let only_stops = RegistrationState { is_paused, is_waiting, ..last.state.clone() };
    let is_silent = last.state.settled || next.state == only_ends || next.state == only_stops;
    assert_eq!(next.fires_progress, !is_silent);
}
