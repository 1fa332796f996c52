use futures_util::future::{Either, select};

use super::{Clock, Engine, LockMode, Locks, Realm, StoreError, World};
use crate::model::{
    ByteCount, FailureReason, FromRow, InstanceUpdate, Millis, RegistrationState, Row, Stage, UniqueId,
    update_instance,
};

/// A runner and its observers do not wait for one another longer than this: some of them may be frozen.
const LONGEST_WAIT: Millis = Millis::from_seconds(1);

/// What a realm's instance of a background fetch shows.
pub struct Instance<G> {
    shown: RegistrationState,
    /// Held until the result is shown, see [`Engine::await_observers`].
    guard: Option<G>,
    /// There is news that could not be read.
    is_behind: bool,
    /// The database was lost, and the fetch not seen in it since.
    is_in_doubt: bool,
}

/// The newest state of a fetch that this realm runs, and when it was last shown.
pub struct Publication {
    state: RegistrationState,
    /// The records that changed since it was shown; `None` where it may be any of them.
    records: Option<Vec<u32>>,
    shown_at: Option<Millis>,
    is_due: bool,
}

/// A background fetch and the state that its instance in this realm shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedFetch {
    pub uid: UniqueId,
    pub state: RegistrationState,
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
    /// The realm's [instance](https://wicg.github.io/background-fetch/#background-fetch-instance) of a fetch, kept up to
    /// date from now on. `None` where the fetch is gone.
    pub async fn observe(&self, uid: &UniqueId) -> Result<Option<ObservedFetch>, StoreError> {
        if let Some(state) = self.shown_state(uid) {
            return Ok(Some(ObservedFetch { uid: uid.clone(), state }));
        }
        let suspension = &self.0.suspension;
        let (stored, guard) = loop {
            let was_suspended = suspension.is_suspended();
            // The lock comes first: what is read under it cannot be settled behind our back.
            let guard = self.observers_guard(uid).await;
            if self.locks().are_refused() {
                return Err(StoreError::Failed("the browser refuses locks".into()));
            }
            let reading = std::pin::pin!(self.store().fetch(uid));
            match select(suspension.begins(), reading).await {
                // The page goes, without the lock. It may be back by the time it has read.
                Either::Left((_, reading)) => {
                    drop(guard);
                    reading.await?;
                }
                Either::Right(_) if was_suspended && !suspension.is_suspended() => {}
                Either::Right((stored, _)) => break (stored?, guard),
            }
        };
        let Some((fetch, progress)) = stored else { return Ok(None) };
        let state = fetch.state(&progress);
        let guard = guard.filter(|_| !state.settled);
        // Another call may have been quicker.
        let state = self.shown_state(uid).unwrap_or_else(|| {
            let instance = Instance { shown: state.clone(), guard, is_behind: false, is_in_doubt: false };
            self.0.instances.borrow_mut().insert(uid.clone(), instance);
            state
        });
        Ok(Some(ObservedFetch { uid: uid.clone(), state }))
    }

    /// Takes the place of an engine of this realm that broke off and had these instances. Gives the fetches that are gone.
    pub async fn succeed(&self, instances: Vec<Shown>) -> Vec<UniqueId> {
        if self.realm().adopts() {
            let engine = self.clone();
            self.realm().spawn(async move { engine.adopt().await });
        }
        let mut gone = Vec::new();
        for shown in instances {
            match self.observe(&shown.uid).await {
                Ok(Some(ObservedFetch { uid, state })) => {
                    let fires_progress = shown.is_behind(&state);
                    self.realm().update_instance(&uid, &InstanceUpdate { state, fires_progress });
                }
                Ok(None) => gone.push(shown.uid),
                Err(error) => self.report_store_error(&error),
            }
        }
        gone
    }

    /// `None` where the page is suspended, or a runner was frozen just when it waited for its observers.
    async fn observers_guard(&self, uid: &UniqueId) -> Option<<W::Locks as Locks>::Guard> {
        let name = instance_lock(uid);
        let guard = std::pin::pin!(self.lock_unless_suspended(&name, LockMode::Shared));
        match select(guard, std::pin::pin!(self.clock().sleep(LONGEST_WAIT))).await {
            Either::Left((guard, _)) => guard,
            Either::Right(_) => None,
        }
    }

    fn shown_state(&self, uid: &UniqueId) -> Option<RegistrationState> {
        self.0.instances.borrow().get(uid).map(|instance| instance.shown.clone())
    }

    pub(super) async fn refresh_instance(&self, uid: &UniqueId) {
        if self.shown_state(uid).is_none() {
            return;
        }
        match self.store().fetch(uid).await {
            Ok(Some((fetch, progress))) => {
                if let Some(instance) = self.0.instances.borrow_mut().get_mut(uid) {
                    instance.is_in_doubt = false;
                }
                self.show(uid, &fetch.state(&progress));
                if fetch.stage == Stage::Delivered {
                    self.end_records(uid);
                }
            }
            Ok(None) => self.end_records(uid),
            Err(error) if error.may_pass() => self.refresh_later(uid),
            Err(_) => {}
        }
    }

    /// No other news may come.
    fn refresh_later(&self, uid: &UniqueId) {
        const PAUSE: Millis = Millis::from_seconds(5);
        let is_known = self.change_behind(uid, true);
        if is_known == Some(false) {
            let (engine, uid) = (self.clone(), uid.clone());
            self.realm().spawn(async move {
                engine.clock().sleep(PAUSE).await;
                engine.change_behind(&uid, false);
                engine.refresh_instance(&uid).await;
            });
        }
    }

    fn change_behind(&self, uid: &UniqueId, is_behind: bool) -> Option<bool> {
        let mut instances = self.0.instances.borrow_mut();
        instances.get_mut(uid).map(|instance| std::mem::replace(&mut instance.is_behind, is_behind))
    }

    /// The records of a fetch are gone. Its instance is forgotten: nothing can ask for it again. One that is gone with the
    /// database is aborted; of any other that was not seen to end, the result is not known.
    pub(super) fn end_records(&self, uid: &UniqueId) {
        let Some(mut state) = self.shown_state(uid) else { return };
        let is_deleted = self.0.instances.borrow().get(uid).is_some_and(|instance| instance.is_in_doubt);
        if is_deleted && !state.settled {
            state.settled = true;
            state.is_paused = false;
            state.failure_reason = Some(FailureReason::Aborted);
        }
        self.show(uid, &RegistrationState { records_available: false, ..state });
        self.0.instances.borrow_mut().remove(uid);
    }

    /// The database was deleted, or the browser has closed it: for what is shown and run here, it is looked whether it is
    /// still there.
    pub async fn handle_lost_database(&self) {
        self.0.instances.borrow_mut().values_mut().for_each(|instance| instance.is_in_doubt = true);
        self.0.commanded.notify_all();
        let observed: Vec<UniqueId> = self.0.instances.borrow().keys().cloned().collect();
        for uid in observed {
            self.refresh_instance(&uid).await;
        }
        self.0.progressed.notify_all();
    }

    pub(super) fn show(&self, uid: &UniqueId, state: &RegistrationState) {
        let Some(update) = self.change_instance(uid, state) else { return };
        self.realm().update_instance(uid, &update);
        if update.state.settled
            && let Some(instance) = self.0.instances.borrow_mut().get_mut(uid)
        {
            instance.guard = None;
        }
    }

    fn change_instance(&self, uid: &UniqueId, state: &RegistrationState) -> Option<InstanceUpdate> {
        let mut instances = self.0.instances.borrow_mut();
        let instance = instances.get_mut(uid)?;
        let update = update_instance(&instance.shown, state)?;
        instance.shown = update.state.clone();
        Some(update)
    }

    /// Shows the state of a fetch that this realm runs, here and in the other realms: at once if it was not shown for
    /// the progress interval or has its result, otherwise when the interval is over. `record`: the one that changed.
    pub(super) fn publish(&self, uid: &UniqueId, state: RegistrationState, record: Option<u32>) {
        let now = self.clock().monotonic();
        let interval = self.settings().progress_interval;
        let is_urgent = state.settled;
        let (wait, is_due) = {
            let mut publications = self.0.publications.borrow_mut();
            let before = publications.remove(uid);
            let (records, shown_at, is_due) = before.map_or((Some(Vec::new()), None, false), |before| {
                (before.records, before.shown_at, before.is_due)
            });
            let records = records.zip(record).map(|(mut records, index)| {
                if !records.contains(&index) {
                    records.push(index);
                }
                records
            });
            publications.insert(uid.clone(), Publication { state, records, shown_at, is_due: true });
            let wait =
                shown_at.map_or_else(Millis::default, |shown_at| (shown_at + interval).saturating_sub(now));
            (wait, is_due)
        };
        if is_urgent || wait == Millis::default() {
            self.show_published(uid);
        } else if !is_due {
            let (engine, uid) = (self.clone(), uid.clone());
            self.realm().spawn(async move {
                engine.clock().sleep(wait).await;
                engine.show_published(&uid);
            });
        }
    }

    /// Shows what is due now: this realm does not run the fetch any more.
    pub(super) fn end_publication(&self, uid: &UniqueId) {
        self.show_published(uid);
        self.0.publications.borrow_mut().remove(uid);
    }

    fn show_published(&self, uid: &UniqueId) {
        let now = self.clock().monotonic();
        let (state, records) = {
            let mut publications = self.0.publications.borrow_mut();
            let Some(publication) = publications.get_mut(uid).filter(|publication| publication.is_due) else {
                return;
            };
            publication.is_due = false;
            publication.shown_at = Some(now);
            (publication.state.clone(), publication.records.replace(Vec::new()))
        };
        self.show(uid, &state);
        self.tell_progress(uid, records);
        if state.settled {
            self.0.publications.borrow_mut().remove(uid);
        }
    }

    /// Returns when every realm that has an instance shows the result. Each holds a shared lock until then, and a dead
    /// one holds none; a frozen one is not waited for.
    pub(super) async fn await_observers(&self, uid: &UniqueId) {
        let name = instance_lock(uid);
        let observers = std::pin::pin!(self.locks().acquire(&name, LockMode::Exclusive));
        select(observers, std::pin::pin!(self.clock().sleep(LONGEST_WAIT))).await;
    }

    pub(super) fn stop_observing(&self) {
        for instance in self.0.instances.borrow_mut().values_mut() {
            instance.guard = None;
        }
    }

    pub(super) async fn observe_again(&self) {
        let observed: Vec<UniqueId> = self.0.instances.borrow().keys().cloned().collect();
        for uid in observed {
            let guard = self.observers_guard(&uid).await;
            if let Some(instance) = self.0.instances.borrow_mut().get_mut(&uid) {
                instance.guard = guard;
            }
            self.refresh_instance(&uid).await;
        }
    }
}

fn instance_lock(uid: &UniqueId) -> String {
    format!("background-fetch-instance:{uid}")
}
