//! The event that tells the service worker of the result.

use std::cell::Cell;
use std::rc::Rc;

use super::local_fetch::{LocalFetch, reading_lock};
use super::notify::{First, race};
use super::{Clock, LockMode, Realm, StoreError, WorkerState, World};
use crate::model::{BackgroundFetch, Millis, RegistrationState, Stage};

/// How often in a row a registration has to be missing before its fetch is deleted. Browsers take their time to load
/// registrations, and the deletion is final.
const ABSENCES: u32 = 3;

/// How long the row of a delivered fetch stays, so that other realms can read the result. The worker that delivered it
/// deletes it first. The owner waits longer, and deletes what the worker left: it died, or somebody was reading.
const WORKER_READING_TIME: Millis = Millis::from_seconds(1);
pub const OWNER_READING_TIME: Millis = Millis::from_seconds(2);

/// Gets the event of a settled fetch to its worker, at least once: the fetch stays in the database until the event's
/// promises have settled.
pub async fn deliver<W: World>(fetch: &Rc<LocalFetch<W>>) -> Result<(), StoreError> {
    let context = &fetch.context;
    let mut absences = 0;
    for reminders in 0_u32.. {
        let news = fetch.next_news();
        let Some((row, _)) = context.store().fetch(&fetch.uid).await? else { return Ok(()) };
        if row.stage != Stage::Settled {
            return Ok(());
        }
        // A worker that never answers may be one without the polyfill: its app sees the page's questions.
        let unanswered = if row.deliveries == 0 { reminders.min(5) } else { 0 };
        let reminder = context.clock().sleep(Millis(context.settings.reminder_interval.0 << unanswered));
        let state = Cell::new(WorkerState::Waiting);
        let heard = async {
            state.set(context.realm().worker_state(&row.scope).await);
            // Each new message gives the worker more time, and starts it again if it died.
            if state.get() == WorkerState::Active {
                context.realm().wake_worker(&row.scope, &fetch.uid).await;
            }
            news.await;
        };
        // Ends also where the browser does not answer.
        race(heard, reminder).await;
        absences = if state.get() == WorkerState::Unregistered { absences + 1 } else { 0 };
        if absences == ABSENCES {
            return fetch.purge().await;
        }
    }
    Ok(())
}

impl<W: World> LocalFetch<W> {
    /// Dispatches the event in this worker, where that is not under way.
    pub fn begin_delivery(self: &Rc<Self>) {
        if self.is_delivering.is_set() {
            return;
        }
        self.is_delivering.set(true);
        let fetch = Rc::clone(self);
        self.context.spawn(async move {
            if let Err(error) = fetch.dispatch_once().await {
                let message = ["An event could not be delivered: ", error.message()].concat();
                fetch.context.realm().report(&message);
            }
            fetch.is_delivering.set(false);
        });
    }

    async fn dispatch_once(self: &Rc<Self>) -> Result<(), StoreError> {
        let context = &self.context;
        let name = ["background-fetch-delivery:", self.uid.as_str()].concat();
        // Another version of the worker may be at it.
        let _guard = context.lock(&name, LockMode::Exclusive).await;
        let begin = context.store().update(&self.uid, |row, progress| {
            // Anyone of the origin can send the message, at any time and to any worker.
            let is_due =
                context.realm().is_worker_of(&row.scope) && row.begin_dispatch(context.clock().now());
            is_due.then(|| (row.clone(), *progress))
        });
        let Some(Some((row, progress))) = begin.await? else { return Ok(()) };
        let state = row.state(&progress);
        self.begin_to_show(state.clone());
        self.show(&state);
        if row.is_undeliverable(context.settings.stale_time) {
            self.report_handler(&row, "never came to its end, and is not called again.");
        } else {
            self.handle(&row, &state).await?;
        }
        self.finish().await
    }

    /// Returns when the handlers' promises have settled, or have had their time.
    async fn handle(&self, row: &BackgroundFetch, state: &RegistrationState) -> Result<(), StoreError> {
        let context = &self.context;
        let kind = row.event();
        let handled = context.realm().dispatch(kind, &self.uid, state);
        match race(handled, context.clock().sleep(context.settings.handler_time)).await {
            // An event that nobody can have heard of is dispatched again.
            First::Left(handled) => handled.map_err(StoreError::Failed),
            First::Right(()) => {
                self.report_handler(row, "takes too long.");
                Ok(())
            }
        }
    }

    fn report_handler(&self, row: &BackgroundFetch, what: &str) {
        let event = row.event().event_type();
        self.context.realm().report(&["The handler of ", event, " for \"", &row.id, "\" ", what].concat());
    }

    /// The records end. What is stored is deleted, unless somebody reads it. Then a page deletes it later: nothing
    /// keeps this worker alive for that.
    async fn finish(&self) -> Result<(), StoreError> {
        const LONGEST_WAIT: Millis = Millis(100);
        let context = &self.context;
        let is_marked = match context.store().update(&self.uid, |row, _| row.stage = Stage::Delivered).await {
            // A full disk has no room for that. It is deleted at once.
            Err(StoreError::QuotaExceeded) => false,
            marked => {
                marked?;
                self.tell_end();
                context.clock().sleep(WORKER_READING_TIME).await;
                true
            }
        };
        let name = reading_lock(&self.uid);
        if let Some(_free) = context.within(LONGEST_WAIT, context.lock(&name, LockMode::Exclusive)).await {
            context.store().purge(&self.uid).await?;
            if !is_marked {
                self.tell_end();
            }
        }
        Ok(())
    }

    fn tell_end(&self) {
        self.end_records();
        self.tell_progress(None);
    }
}
