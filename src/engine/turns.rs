use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot::{Receiver, channel};
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Either, Shared, abortable, join_all, select};

use super::{Clock, Engine, HintKind, LockMode, Locks, Realm, StoreError, World};
use crate::broken_rules::Rule;
use crate::model::{BackgroundFetch, Millis, Stage, UniqueId};

/// A fetch that this realm runs, or waits to run.
pub struct Turn {
    handle: AbortHandle,
    state: Rc<TurnState>,
    ended: Shared<Receiver<()>>,
}

#[derive(Default)]
pub struct TurnState {
    /// The lock is held.
    is_running: Cell<bool>,
    /// Another realm is to go on, as soon as this one can stop.
    yields: Cell<bool>,
    /// Something was stored since the database failed last.
    has_stored: Cell<bool>,
    /// When the runner, which is another realm, was heard of.
    heard_at: Cell<Millis>,
}

type Guard<W> = <<W as World>::Locks as Locks>::Guard;

fn fetch_lock(uid: &UniqueId) -> String {
    format!("background-fetch:{uid}")
}

impl<W: World> Engine<W> {
    /// Queues up to run every fetch that is not through. Whoever runs one holds its lock, so that this does nothing
    /// until that one is closed or dies. Workers make room.
    pub async fn adopt(&self) {
        if Rule::Adopt.is_broken() {
            return;
        }
        let mut failures = 0;
        loop {
            let error = match self.store().all().await {
                Ok(fetches) => {
                    fetches.into_iter().for_each(|fetch| self.claim(fetch.uid));
                    break;
                }
                Err(error) => error,
            };
            failures += 1;
            if !self.may_try_again(&error, failures).await {
                return;
            }
        }
        // If it fails, the next page does it.
        let _ = self.store().sweep(self.clock().now()).await;
    }

    /// Runs what nobody else does until it is through, or until a page takes it: what a worker does when the last page
    /// is gone, for as long as its browser lets it.
    pub async fn stand_in(&self) {
        // The page may take its time to go.
        const PATIENCE: Millis = Millis::from_seconds(10);
        let fetches = match self.store().all().await {
            Ok(fetches) => fetches,
            Err(error) => return self.report_store_error(&error),
        };
        let is_to_run = |fetch: &BackgroundFetch| !fetch.is_paused && self.realm().is_worker_of(&fetch.scope);
        let own = fetches.into_iter().filter(is_to_run);
        let turns = own.map(|fetch| async move {
            loop {
                let turn = self.begin_turn(&fetch.uid, Some(PATIENCE));
                let state = self.turn_state(&fetch.uid);
                if let Some(turn) = turn {
                    turn.await;
                } else if let Some(ended) = self.turn_ended(&fetch.uid) {
                    let _ = ended.await;
                }
                // The page that it has made room for may be gone by now.
                if state.is_none_or(|state| !state.yields.get()) {
                    break;
                }
            }
            // The event, too, is handled in the time that the caller gives.
            let delivery = self.0.deliveries.borrow().get(&fetch.uid).cloned();
            if let Some(delivery) = delivery {
                delivery.await;
            }
        });
        join_all(turns).await;
    }

    /// Waits for the lock of a fetch, and lets a worker that has it make room: not before this realm is in the lock's queue, for the
    /// worker queues up once more.
    pub(super) fn claim(&self, uid: UniqueId) {
        self.join_queue(uid.clone());
        let engine = self.clone();
        self.realm().spawn(async move { engine.tell(HintKind::Claimed, &uid) });
    }

    /// Waits for the lock of a fetch and runs it then.
    pub(super) fn join_queue(&self, uid: UniqueId) {
        if let Some(turn) = self.begin_turn(&uid, None) {
            self.realm().spawn(turn);
        }
    }

    /// `None` where there is one already. With `patience`, it is given up where another realm runs the fetch.
    fn begin_turn(
        &self,
        uid: &UniqueId,
        patience: Option<Millis>,
    ) -> Option<impl Future<Output = ()> + 'static> {
        if self.0.suspension.is_suspended() || self.0.turns.borrow().contains_key(uid) {
            return None;
        }
        let (engine, uid, state) = (self.clone(), uid.clone(), Rc::<TurnState>::default());
        let (end, ended) = channel();
        let (turn, handle) = abortable({
            let (engine, uid, state) = (engine.clone(), uid.clone(), Rc::clone(&state));
            async move { engine.take_turn(&uid, &state, patience).await }
        });
        self.0.turns.borrow_mut().insert(uid.clone(), Turn { handle, state, ended: ended.shared() });
        Some(async move {
            if turn.await.is_ok() {
                engine.0.turns.borrow_mut().remove(&uid);
                engine.0.commanded.notify(&uid);
            }
            drop(end);
        })
    }

    fn turn_ended(&self, uid: &UniqueId) -> Option<Shared<Receiver<()>>> {
        self.0.turns.borrow().get(uid).map(|turn| turn.ended.clone())
    }

    fn turn_state(&self, uid: &UniqueId) -> Option<Rc<TurnState>> {
        self.0.turns.borrow().get(uid).map(|turn| Rc::clone(&turn.state))
    }

    /// Ends all turns at once; whether this realm ran a fetch.
    pub(super) fn give_up_turns(&self) -> bool {
        if Rule::ReleaseLocks.is_broken() {
            return false;
        }
        let turns = std::mem::take(&mut *self.0.turns.borrow_mut());
        turns.values().for_each(|turn| turn.handle.abort());
        turns.values().any(|turn| turn.state.is_running.get())
    }

    /// Runs a fetch from wherever it is to its end, as soon as nobody else does.
    async fn take_turn(&self, uid: &UniqueId, state: &TurnState, patience: Option<Millis>) {
        let mut lock = match patience {
            Some(patience) => {
                let name = fetch_lock(uid);
                let lock = std::pin::pin!(self.locks().acquire(&name, LockMode::Exclusive));
                match select(lock, std::pin::pin!(self.clock().sleep(patience))).await {
                    Either::Left((lock, _)) => lock,
                    Either::Right(_) => return,
                }
            }
            None => self.await_turn(uid, state).await,
        };
        let mut failures = 0;
        loop {
            state.is_running.set(true);
            match self.advance(uid).await {
                Ok(true) if !state.yields.get() => failures = 0,
                // Shown later, it might be older than what the next runner has told of.
                Ok(_) => return self.end_publication(uid),
                // Somebody else has become the runner, so the lock is not ours any more: back into its queue. Two that
                // went on would refuse one another's bytes for ever.
                Err(StoreError::Fenced) => {
                    state.is_running.set(false);
                    self.0.publications.borrow_mut().remove(uid);
                    drop(lock);
                    lock = self.await_turn(uid, state).await;
                }
                Err(error) => {
                    failures = if state.has_stored.take() { 1 } else { failures + 1 };
                    if !self.may_try_again(&error, failures).await {
                        return;
                    }
                }
            }
        }
    }

    pub(super) fn note_stored(&self, uid: &UniqueId) {
        if let Some(state) = self.turn_state(uid) {
            state.has_stored.set(true);
        }
    }

    /// The lock ends with its realm, but not with one that is frozen, which does not answer either: it is robbed.
    /// Whatever it still stores when it is back is refused.
    async fn await_turn(&self, uid: &UniqueId, state: &TurnState) -> Guard<W> {
        let name = fetch_lock(uid);
        let mut lock = std::pin::pin!(self.locks().acquire(&name, LockMode::Exclusive));
        state.heard_at.set(self.clock().monotonic());
        loop {
            let interval = self.roll_call_interval();
            match select(lock.as_mut(), std::pin::pin!(self.clock().sleep(interval))).await {
                Either::Left((lock, _)) => return lock,
                Either::Right(_)
                    if self.clock().monotonic().saturating_sub(state.heard_at.get()) < interval => {}
                Either::Right(_) => {
                    match select(lock.as_mut(), std::pin::pin!(self.call(uid, state))).await {
                        Either::Left((lock, _)) => return lock,
                        Either::Right((true, _)) => {}
                        Either::Right(_) if Rule::ReplaceFrozenRunners.is_broken() => {}
                        Either::Right((false, _)) if self.is_to_be_spared(uid, state).await => {}
                        Either::Right((false, _)) => break,
                    }
                }
            }
        }
        let lock = self.locks().steal(&name).await;
        self.tell(HintKind::Present, uid);
        lock
    }

    /// Often enough to replace a frozen runner soon, and not so often that a thousand fetches make a noise.
    fn roll_call_interval(&self) -> Millis {
        Millis::from_seconds(10) + Millis(100 * self.0.turns.borrow().len() as u64)
    }

    /// Whether the runner of a fetch answers.
    async fn call(&self, uid: &UniqueId, state: &TurnState) -> bool {
        // Of several that call in vain, the first to steal answers the others.
        let patience = Millis(2000 + u64::from(self.clock().random()) % 1000);
        let called_at = self.clock().monotonic();
        self.tell(HintKind::RollCall, uid);
        self.clock().sleep(patience).await;
        // A realm that was itself frozen in the meantime has heard nothing, and knows nothing.
        let was_frozen =
            self.clock().monotonic().saturating_sub(called_at) > patience + Millis::from_seconds(2);
        state.heard_at.get() >= called_at || was_frozen
    }

    /// A page may only be busy, and hear of the answer to its upload when it is not any more. With its lock the upload would
    /// be lost, as nobody else may send it.
    async fn is_to_be_spared(&self, uid: &UniqueId, state: &TurnState) -> bool {
        let silent_for = self.clock().monotonic().saturating_sub(state.heard_at.get());
        silent_for < self.settings().answer_time
            && matches!(
                self.store().fetch(uid).await,
                Ok(Some((fetch, _))) if fetch.has_uploads && fetch.stage == Stage::Running
            )
    }

    pub(super) fn answer_roll_call(&self, uid: &UniqueId) {
        if self.turn_state(uid).is_some_and(|state| state.is_running.get()) {
            self.tell(HintKind::Present, uid);
        }
    }

    /// Another realm runs this fetch.
    pub(super) fn hear_of_runner(&self, uid: &UniqueId) {
        if let Some(state) = self.turn_state(uid) {
            state.heard_at.set(self.clock().monotonic());
        }
    }

    /// A page wants to run a fetch: a worker, which may end any moment, lets it.
    pub(super) fn make_room(&self, uid: &UniqueId) {
        let state = self.turn_state(uid).filter(|_| !self.realm().adopts());
        if let Some(state) = state {
            state.yields.set(true);
            self.0.commanded.notify(uid);
        }
    }

    /// Whether this realm is to stop running a fetch as soon as it can.
    pub(super) fn yields(&self, uid: &UniqueId) -> bool {
        self.turn_state(uid).is_some_and(|state| state.yields.get())
    }

    /// Waits a while after so many failures of the database in a row, if it can help.
    async fn may_try_again(&self, error: &StoreError, failures: u32) -> bool {
        const LONGEST: Millis = Millis::from_seconds(60);
        self.report_store_error(error);
        if *error == StoreError::Newer {
            return false;
        }
        let pause = Millis(1000 << failures.saturating_sub(1).min(6));
        self.clock().sleep(pause.min(LONGEST)).await;
        true
    }

    pub(super) fn report_store_error(&self, error: &StoreError) {
        self.realm().report(&format!("The database failed: {error}"));
    }
}
