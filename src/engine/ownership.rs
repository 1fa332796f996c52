//! Who runs a fetch: the realm that holds its lock.

use std::cell::Cell;
use std::rc::Rc;

use super::context::Guard;
use super::deliver::{OWNER_READING_TIME, deliver};
use super::local_fetch::{LocalFetch, reading_lock};
use super::notify::{First, Flag, Notify, race};
use super::run::Run;
use super::{Clock, HintKind, LockMode, Realm, StoreError, World};
use crate::model::{Millis, Stage};

/// How often an owner tells that it is there.
const HEARTBEAT: Millis = Millis::from_seconds(10);
/// An owner counts as frozen if nothing is heard of it for this many intervals. The realm that waits counts its own
/// intervals: if it was frozen itself, it does not take that for silence.
const MISSED_HEARTBEATS: u32 = 3;

/// That this realm owns a fetch, or waits for its lock.
#[derive(Default)]
pub struct Ownership {
    is_owner: Cell<bool>,
    /// Another realm is to own it, as soon as this one can stop.
    hands_over: Cell<bool>,
    /// Something was stored since the database failed last.
    has_stored: Cell<bool>,
    /// Intervals since the owner, which is another realm, was heard of.
    missed_heartbeats: Cell<u32>,
    owner_is_frozen: Notify,
    ended: Flag,
}

impl Ownership {
    pub fn hands_over(&self) -> bool {
        self.hands_over.get()
    }

    pub fn handle_stored(&self) {
        self.has_stored.set(true);
    }

    pub async fn until_ended(&self) {
        self.ended.until(true).await;
    }
}

impl<W: World> LocalFetch<W> {
    /// Waits for the lock of the fetch, and then runs the fetch to its end. Gives up where another realm holds the lock
    /// for longer than `longest_wait`.
    pub fn request_ownership(self: &Rc<Self>, longest_wait: Option<Millis>) -> Option<Rc<Ownership>> {
        if self.context.is_suspended.is_set() {
            return None;
        }
        if let Some(ownership) = &*self.ownership.borrow() {
            return Some(Rc::clone(ownership));
        }
        let (fetch, ownership) = (Rc::clone(self), Rc::<Ownership>::default());
        let suspended = self.context.is_suspended.changed();
        self.context.ownerships.set(self.context.ownerships.get() + 1);
        self.ownership.replace(Some(Rc::clone(&ownership)));
        let requested = Rc::clone(&ownership);
        self.context.spawn(async move {
            let work = race(fetch.own(&ownership, longest_wait), fetch.beat(&ownership));
            race(suspended, work).await;
            fetch.context.ownerships.set(fetch.context.ownerships.get().saturating_sub(1));
            let current = &mut *fetch.ownership.borrow_mut();
            current.take_if(|current| Rc::ptr_eq(current, &ownership));
            ownership.ended.set(true);
        });
        Some(requested)
    }

    /// The page is suspended; whether this realm owned the fetch.
    pub fn give_up_ownership(&self) -> bool {
        self.ownership.take().is_some_and(|ownership| ownership.is_owner.get())
    }

    /// Another realm owns this fetch.
    pub fn handle_heartbeat(&self) {
        if let Some(ownership) = &*self.ownership.borrow() {
            ownership.missed_heartbeats.set(0);
        }
    }

    /// A page wants to own the fetch. A worker, which may end any moment, hands it over.
    pub fn handle_request(&self) {
        let ownership = self.ownership.borrow();
        if let Some(ownership) = ownership.as_ref().filter(|_| !self.context.realm().takes_over()) {
            ownership.hands_over.set(true);
            self.commanded.notify();
        }
    }

    /// The worker that owns the fetch has not heard that this page wants to.
    pub fn request_again(&self) {
        if self.context.realm().takes_over() && self.ownership.borrow().is_some() {
            self.context.tell(HintKind::Requested, &self.uid);
        }
    }

    async fn own(self: &Rc<Self>, ownership: &Rc<Ownership>, longest_wait: Option<Millis>) {
        let lock = self.lock(ownership);
        let lock = match longest_wait {
            Some(longest_wait) => self.context.within(longest_wait, lock).await,
            None => Some(lock.await),
        };
        let Some(mut lock) = lock else { return };
        let mut failures = 0;
        loop {
            ownership.is_owner.set(true);
            match self.advance(ownership).await {
                Ok(true) if !ownership.hands_over() => failures = 0,
                // Shown later, it might be older than what the next owner has told of.
                Ok(_) => return self.end_progress(),
                // Another realm has become the owner, so this one's lock was stolen. If both went on, each would refuse
                // the other's bytes for ever.
                Err(StoreError::Fenced) => {
                    ownership.is_owner.set(false);
                    self.throttle.take();
                    drop(lock);
                    lock = self.lock(ownership).await;
                }
                Err(error) => {
                    failures = if ownership.has_stored.take() { 1 } else { failures + 1 };
                    if !self.context.report_and_wait_to_retry(&error, failures).await {
                        return;
                    }
                }
            }
        }
    }

    /// A lock ends with its realm. A frozen realm keeps its lock (<https://github.com/w3c/web-locks/issues/4>), so the
    /// lock is stolen. What that realm tries to store later is refused.
    async fn lock(&self, ownership: &Ownership) -> Guard<W> {
        let name = ["background-fetch:", self.uid.as_str()].concat();
        let is_frozen = ownership.owner_is_frozen.notified();
        ownership.missed_heartbeats.set(0);
        match race(self.context.lock(&name, LockMode::Exclusive), is_frozen).await {
            First::Left(lock) => lock,
            First::Right(()) => {
                let lock = self.context.steal(&name).await;
                self.context.tell(HintKind::Owned, &self.uid);
                lock
            }
        }
    }

    /// The heartbeat of the owner, and the watch of those that wait.
    async fn beat(&self, ownership: &Ownership) {
        loop {
            // Of several realms that miss an owner, the first to steal its lock tells the others. The spread grows with
            // the number of fetches, so that a thousand do not send their heartbeats at once.
            let spread = 1000 + 100 * self.context.ownerships.get();
            let clock = self.context.clock();
            clock.sleep(HEARTBEAT + Millis(u64::from(clock.random() % spread))).await;
            if ownership.is_owner.get() {
                let is_page = self.context.realm().takes_over();
                let kind = if is_page { HintKind::Owned } else { HintKind::OwnedByWorker };
                self.context.tell(kind, &self.uid);
                continue;
            }
            let missed = ownership.missed_heartbeats.get() + 1;
            ownership.missed_heartbeats.set(missed);
            if missed >= MISSED_HEARTBEATS && !self.may_have_upload_in_flight(missed).await {
                ownership.owner_is_frozen.notify();
            }
        }
    }

    /// Whether the owner may be a page that is only busy, and will hear of the answer to its upload later. If its lock
    /// were stolen, the upload would be lost, as nobody may send it again.
    async fn may_have_upload_in_flight(&self, missed: u32) -> bool {
        let silent_for = Millis(HEARTBEAT.0 * u64::from(missed));
        silent_for < self.context.settings.answer_time
            && matches!(
                self.context.store().fetch(&self.uid).await,
                Ok(Some((fetch, _))) if fetch.has_uploads && fetch.stage == Stage::Running
            )
    }

    /// One stage of the fetch; false where this realm has nothing more to do with it.
    async fn advance(self: &Rc<Self>, ownership: &Rc<Ownership>) -> Result<bool, StoreError> {
        let context = &self.context;
        let Some((fetch, progress)) = context.store().fetch(&self.uid).await? else {
            self.end_records();
            return Ok(false);
        };
        match fetch.stage {
            Stage::Running => Run::perform(self, ownership).await,
            Stage::Settled => {
                // Also where the owner that settled it died before it could tell.
                self.publish(fetch.state(&progress), None);
                if context.realm().is_worker_of(&fetch.scope) {
                    // Not under the lock: a page that gets it now reminds the worker, which gives it time for this.
                    self.begin_delivery();
                    return Ok(false);
                }
                deliver(self).await?;
                // The worker may have died before it could tell that the records are gone.
                self.refresh().await;
                Ok(true)
            }
            Stage::Delivered => {
                context.clock().sleep(OWNER_READING_TIME).await;
                let _free = context.lock(&reading_lock(&self.uid), LockMode::Exclusive).await;
                if context.store().fetch(&self.uid).await?.is_some() {
                    context.store().purge(&self.uid).await?;
                }
                Ok(false)
            }
        }
    }
}
