use std::cell::Cell;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

use super::body_reader::reading_lock;
use super::{Clock, Engine, LockMode, Locks, Realm, StoreError, WorkerState, World};
use crate::broken_rules::Rule;
use crate::model::{BackgroundFetch, Millis, RegistrationState, Stage, UniqueId};

/// How often in a row a registration has to be missing before its fetch is given up: what is deleted then is deleted for
/// ever, and browsers take their time to load registrations.
const ABSENCES: u32 = 3;

/// An event on its way through this worker's handlers; resolves when it is handled.
pub type Delivery = Shared<LocalBoxFuture<'static, ()>>;

impl<W: World> Engine<W> {
    /// Gets the event of a settled fetch to its worker: at least once, for the fetch stays in the database until the
    /// event's promises have settled.
    pub(super) async fn deliver(&self, fetch: &BackgroundFetch) -> Result<(), StoreError> {
        let mut absences = 0;
        for reminders in 0_u32.. {
            if reminders > 0 && Rule::RemindWorkers.is_broken() {
                std::future::pending::<()>().await;
            }
            let progressed = self.0.progressed.wait(&fetch.uid);
            let Some((fetch, _)) = self.store().fetch(&fetch.uid).await? else { return Ok(()) };
            if fetch.stage != Stage::Settled {
                return Ok(());
            }
            // A worker that never answers may be one without the polyfill: its app sees the page's questions.
            let unanswered = if fetch.deliveries == 0 { reminders.min(5) } else { 0 };
            let reminder = self.clock().sleep(Millis(self.settings().reminder_interval.0 << unanswered));
            let state = Cell::new(WorkerState::Waiting);
            let heard = async {
                state.set(self.wake_worker(&fetch).await);
                let _ = progressed.await;
            };
            // Ends also where the browser does not answer.
            select(std::pin::pin!(heard), std::pin::pin!(reminder)).await;
            absences = if state.get() == WorkerState::Unregistered { absences + 1 } else { 0 };
            if absences == ABSENCES {
                return self.purge(&fetch.uid).await;
            }
        }
        Ok(())
    }

    /// Each new message gives the worker more time, and starts it again if it died.
    async fn wake_worker(&self, fetch: &BackgroundFetch) -> WorkerState {
        let state = self.realm().worker_state(&fetch.scope).await;
        if state == WorkerState::Active {
            self.realm().wake_worker(&fetch.scope, &fetch.uid).await;
        }
        state
    }

    /// Dispatches the event in this worker. Calls for a fetch whose event is being handled wait for the same end.
    pub async fn deliver_here(&self, uid: UniqueId) {
        self.begin_delivery(uid).await;
    }

    pub(super) fn begin_delivery(&self, uid: UniqueId) -> Delivery {
        let running = self.0.deliveries.borrow().get(&uid).cloned();
        running.unwrap_or_else(|| {
            let (engine, name) = (self.clone(), uid.clone());
            let delivery = async move {
                if let Err(error) = engine.dispatch_once(&name).await {
                    engine.realm().report(&format!("An event could not be delivered: {error}"));
                }
                engine.0.deliveries.borrow_mut().remove(&name);
            };
            let delivery = delivery.boxed_local().shared();
            self.0.deliveries.borrow_mut().insert(uid, delivery.clone());
            delivery
        })
    }

    async fn dispatch_once(&self, uid: &UniqueId) -> Result<(), StoreError> {
        // Another version of the worker may be at it.
        let _guard =
            self.locks().acquire(&format!("background-fetch-delivery:{uid}"), LockMode::Exclusive).await;
        let begin = self.store().update(uid, |fetch, progress| {
            // Anyone of the origin can send the message, at any time and to any worker.
            let is_due = self.realm().is_worker_of(&fetch.scope) && fetch.begin_dispatch(self.clock().now());
            is_due.then(|| (fetch.clone(), *progress))
        });
        let Some(Some((fetch, progress))) = begin.await? else { return Ok(()) };
        self.observe(uid).await?;
        let state = fetch.state(&progress);
        self.show(uid, &state);
        if fetch.is_undeliverable(self.settings().stale_time) {
            self.realm().report(&format!(
                "The handler of {} for \"{}\" never came to its end, and is not called again.",
                fetch.event().event_type(),
                fetch.id
            ));
            return self.finish(uid).await;
        }
        self.handle(&fetch, &state).await?;
        self.finish(uid).await
    }

    /// Returns when the handlers' promises have settled, or have had their time.
    async fn handle(&self, fetch: &BackgroundFetch, state: &RegistrationState) -> Result<(), StoreError> {
        if Rule::HandleBeforeDeleting.is_broken() {
            self.store().purge(&fetch.uid).await?;
        }
        let kind = fetch.event();
        let handled = std::pin::pin!(self.realm().dispatch(kind, &fetch.uid, state));
        let time = std::pin::pin!(self.clock().sleep(self.settings().handler_time));
        match select(handled, time).await {
            // An event that nobody can have heard of is dispatched again.
            Either::Left((handled, _)) => handled.map_err(StoreError::Failed),
            Either::Right(_) => {
                let (event, id) = (kind.event_type(), &fetch.id);
                self.realm().report(&format!("The handler of {event} for \"{id}\" takes too long."));
                Ok(())
            }
        }
    }

    /// The records end, and with them what is stored, unless somebody is reading it. A page deletes it then, as soon as
    /// nobody does: this worker has no reason to live on for that.
    async fn finish(&self, uid: &UniqueId) -> Result<(), StoreError> {
        const PATIENCE: Millis = Millis(100);
        if Rule::HoldWhatIsRead.is_broken() {
            self.store().purge(uid).await?;
        }
        let name = reading_lock(uid);
        let free = std::pin::pin!(self.locks().acquire(&name, LockMode::Exclusive));
        let patience = std::pin::pin!(self.clock().sleep(PATIENCE));
        match select(free, patience).await {
            Either::Left((_free, _)) if !Rule::Purge.is_broken() => self.store().purge(uid).await?,
            _ => {
                self.store().update(uid, |fetch, _| fetch.stage = Stage::Delivered).await?;
            }
        }
        self.end_records(uid);
        self.tell_progress(uid, None);
        Ok(())
    }
}
