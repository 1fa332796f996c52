use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::context::{Context, Guard};
use super::notify::{Flag, Notified, Notify};
use super::ownership::Ownership;
use super::progress::ProgressThrottle;
use super::sorted_map::SortedMap;
use super::{Clock, HintKind, LockMode, Realm, StoreError, World};
use crate::model::{
    Command, Error, FailureReason, InstanceUpdate, Millis, RegistrationState, Stage, UniqueId,
    update_instance,
};

/// A background fetch as one realm knows it.
pub struct LocalFetch<W: World> {
    pub context: Rc<Context<W>>,
    pub uid: UniqueId,
    /// What its [instance](https://wicg.github.io/background-fetch/#background-fetch-instance) shows; `None` where this
    /// realm has none.
    shown: RefCell<Option<RegistrationState>>,
    /// The database was lost, and the fetch not seen in it since.
    database_was_lost: Cell<bool>,
    /// There is news that could not be read.
    is_behind: Cell<bool>,
    /// Who waits for news: of one record, or of anything.
    news: RefCell<SortedMap<Option<u32>, Notify>>,
    /// A command to its owner.
    pub commanded: Notify,
    pub ownership: RefCell<Option<Rc<Ownership>>>,
    pub throttle: RefCell<ProgressThrottle>,
    hold: RefCell<Weak<Hold<Guard<W>>>>,
    /// Its event is being handled in this worker.
    pub is_delivering: Flag,
}

/// A background fetch and the state that its instance in this realm shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedFetch {
    pub uid: UniqueId,
    pub state: RegistrationState,
}

/// A shared lock that keeps the bytes of a fetch in the database. A Blob that was read from a row does not keep them:
/// WebKit (2.50) deletes its file with the row (<https://github.com/w3c/IndexedDB/issues/454>). Empty where a page
/// that is suspended had to give it up.
pub struct Hold<G>(RefCell<Option<G>>);

impl<G> Hold<G> {
    pub fn is_released(&self) -> bool {
        self.0.borrow().is_none()
    }
}

pub fn reading_lock(uid: &UniqueId) -> String {
    ["background-fetch-reading:", uid.as_str()].concat()
}

impl<W: World> LocalFetch<W> {
    pub fn new(context: Rc<Context<W>>, uid: UniqueId) -> Self {
        Self {
            context,
            uid,
            shown: RefCell::default(),
            database_was_lost: Cell::default(),
            is_behind: Cell::default(),
            news: RefCell::default(),
            commanded: Notify::default(),
            ownership: RefCell::default(),
            throttle: RefCell::default(),
            hold: RefCell::default(),
            is_delivering: Flag::default(),
        }
    }

    /// Resolves at the next news of this fetch. Call it before reading what the news are of.
    pub fn next_news(&self) -> Notified {
        self.news_of(None)
    }

    /// The same for news of one record: a fetch may have ten thousand records, and a reader for each.
    pub fn next_news_of(&self, index: u32) -> Notified {
        self.news_of(Some(index))
    }

    fn news_of(&self, topic: Option<u32>) -> Notified {
        self.news.borrow_mut().change(topic, |notify| notify.notified())
    }

    /// There is news of these records, or of all where it is `None`.
    pub fn wake(&self, records: Option<&[u32]>) {
        match records {
            Some(indices) => {
                let news = self.news.borrow();
                let topics = indices.iter().copied().map(Some).chain([None]);
                topics.filter_map(|topic| news.get(&topic)).for_each(Notify::notify);
            }
            None => self.news.take().values().for_each(Notify::notify),
        }
    }

    /// Wakes who waits for news, here and in the other realms.
    pub fn tell_progress(&self, records: Option<Vec<u32>>) {
        self.wake(records.as_deref());
        self.context.tell_progress(&self.uid, records);
    }

    /// Whether this realm has an instance of the fetch.
    pub fn has_instance(&self) -> bool {
        self.shown.borrow().is_some()
    }

    pub fn shown_state(&self) -> Option<RegistrationState> {
        self.shown.borrow().clone()
    }

    /// This realm's instance, kept up to date from now on. `None` where the fetch is gone.
    pub async fn observe(self: &Rc<Self>) -> Result<Option<ObservedFetch>, StoreError> {
        if !self.has_instance() {
            let news = self.next_news();
            let Some((fetch, progress)) = self.context.store().fetch(&self.uid).await? else {
                return Ok(None);
            };
            self.begin_to_show(fetch.state(&progress));
            if news.has_come() {
                // What was read may be older than that.
                self.refresh().await;
            }
        }
        let state = self.shown_state();
        Ok(state.map(|state| ObservedFetch { uid: self.uid.clone(), state }))
    }

    /// The realm gets an instance that shows this, unless it has one.
    pub fn begin_to_show(&self, state: RegistrationState) {
        self.shown.borrow_mut().get_or_insert(state);
    }

    /// Shows what the database has of it, if this realm has an instance.
    pub async fn refresh(self: &Rc<Self>) {
        if !self.has_instance() {
            return;
        }
        match self.context.store().fetch(&self.uid).await {
            Ok(Some((fetch, progress))) => {
                self.database_was_lost.set(false);
                self.show(&fetch.state(&progress));
                if fetch.stage == Stage::Delivered {
                    self.end_records();
                }
            }
            Ok(None) => self.end_records(),
            Err(error) if error.may_pass() => self.refresh_later(),
            Err(_) => {}
        }
    }

    /// No other news may come.
    fn refresh_later(self: &Rc<Self>) {
        const PAUSE: Millis = Millis::from_seconds(5);
        if self.is_behind.replace(true) {
            return;
        }
        let fetch = Rc::clone(self);
        self.context.spawn(async move {
            fetch.context.clock().sleep(PAUSE).await;
            fetch.is_behind.set(false);
            fetch.refresh().await;
        });
    }

    /// [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instances),
    /// for the one of this realm.
    pub fn show(&self, state: &RegistrationState) {
        let update = {
            let mut shown = self.shown.borrow_mut();
            let Some(shown) = &mut *shown else { return };
            let Some(update) = update_instance(shown, state) else { return };
            shown.clone_from(&update.state);
            update
        };
        self.context.realm().update_instance(&self.uid, &update);
    }

    /// Shows the state in an instance that an engine which is gone has left behind.
    pub fn show_again(&self, state: RegistrationState, fires_progress: bool) {
        self.context.realm().update_instance(&self.uid, &InstanceUpdate { state, fires_progress });
    }

    /// The records of the fetch are gone. Its instance is forgotten: nothing can ask for it again. A fetch that is gone
    /// with the database is shown as aborted. The result of any other that was not seen to end is not known.
    pub fn end_records(&self) {
        let Some(mut state) = self.shown_state() else { return };
        if self.database_was_lost.get() && !state.settled {
            state.settled = true;
            state.is_paused = false;
            state.failure_reason = Some(FailureReason::Aborted);
        }
        self.show(&RegistrationState { records_available: false, ..state });
        self.shown.take();
    }

    /// The database was deleted, or the browser has closed it.
    pub fn handle_lost_database(&self) {
        self.database_was_lost.set(self.has_instance());
        self.commanded.notify();
    }

    /// Whether this command is the one that did it.
    pub async fn command(self: &Rc<Self>, command: Command) -> Result<bool, Error> {
        let now = self.context.clock().now();
        let changed = self.context.store().update(&self.uid, |fetch, progress| {
            // Who paused it for long knows why nothing came.
            progress.doubted_at = None;
            fetch.handle_command(command, now)
        });
        // Told also where nothing has changed: a page that was left before it could tell finds its own change done.
        let Some(changed) = changed.await? else { return Ok(false) };
        self.tell_command();
        // A pause is shown also where nobody owns the fetch.
        self.refresh().await;
        self.tell_progress(Some(Vec::new()));
        Ok(changed)
    }

    /// Deletes the fetch. Ends its owner, the instances and whoever waits for a response, in every realm.
    pub async fn purge(&self) -> Result<(), StoreError> {
        self.context.store().purge(&self.uid).await?;
        self.end_records();
        self.tell_command();
        self.tell_progress(None);
        Ok(())
    }

    fn tell_command(&self) {
        self.commanded.notify();
        self.context.tell(HintKind::Commanded, &self.uid);
    }

    /// Keeps the bytes as long as it lives: one for all readers of the fetch in this realm.
    pub async fn hold(&self) -> Rc<Hold<Guard<W>>> {
        if let Some(hold) = self.held() {
            return hold;
        }
        let guard = self.context.lock_unless_suspended(&reading_lock(&self.uid), LockMode::Shared).await;
        // Another call may have been quicker.
        self.held().unwrap_or_else(|| {
            let hold = Rc::new(Hold(RefCell::new(guard)));
            self.hold.replace(Rc::downgrade(&hold));
            hold
        })
    }

    pub fn held(&self) -> Option<Rc<Hold<Guard<W>>>> {
        self.hold.borrow().upgrade().filter(|hold| !hold.is_released())
    }

    /// The page goes away: it tells nothing more, and holds no lock.
    pub fn suspend(&self) {
        self.throttle.take();
        if let Some(hold) = self.held() {
            hold.0.take();
        }
    }
}
