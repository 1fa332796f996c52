use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use background_fetch_polyfill::engine::StoreError;
use background_fetch_polyfill::model::Millis;
use futures_channel::oneshot;

use super::database::Tables;
use super::{Origin, RealmId};

/// One transaction at a time, in the order in which they were begun, as IndexedDB has it for those that write to the
/// same stores.
#[derive(Default)]
pub struct Transactions {
    queue: RefCell<VecDeque<Place>>,
    count: Cell<u64>,
    /// Commits on their way to the disk, which no longer need their realm.
    committing: RefCell<BTreeMap<u64, Committing>>,
    /// So many of the next commits fail.
    pub failures: Cell<u32>,
    /// So many of the next commits never answer, unless they are given up.
    pub silences: Cell<u32>,
    pub longest_commit: Cell<u64>,
    /// Realms whose connection has ended, of which the browser has not told.
    dead: RefCell<BTreeSet<RealmId>>,
    /// Connections that each realm has given up.
    given_up: RefCell<BTreeMap<RealmId, u32>>,
}

/// No realm of the simulated.
const ELSEWHERE: RealmId = RealmId(usize::MAX);

struct Place {
    number: u64,
    realm: RealmId,
    waker: Option<Waker>,
}

struct Committing {
    realm: RealmId,
    is_lost: Rc<Cell<bool>>,
    /// It is told that it has failed, whether it has or not.
    is_cut: Rc<Cell<bool>>,
}

impl Transactions {
    pub fn has_any_of(&self, realm: RealmId) -> bool {
        self.queue.borrow().iter().any(|place| place.realm == realm)
    }

    /// What is under way fails, but for what the disk is at, which may be stored all the same. No other can be begun before
    /// the connection is given up.
    pub fn end_connection(&self, realm: RealmId, mut is_lost: impl FnMut() -> bool) {
        self.dead.borrow_mut().insert(realm);
        for commit in self.committing.borrow().values().filter(|commit| commit.realm == realm) {
            commit.is_lost.set(is_lost());
            commit.is_cut.set(true);
        }
        self.wake_all_of(realm);
    }

    /// Another is opened when it is needed. With `aborts`, what is under way is undone, as far as it is not at the disk.
    pub fn give_up_connection(&self, realm: RealmId, number: u32, aborts: bool) {
        if number != self.connection_number(realm) {
            return;
        }
        self.given_up.borrow_mut().insert(realm, number + 1);
        self.dead.borrow_mut().remove(&realm);
        if aborts {
            self.undo(realm);
        }
    }

    pub fn connection_number(&self, realm: RealmId) -> u32 {
        self.given_up.borrow().get(&realm).copied().unwrap_or_default()
    }

    /// Undoes what a realm has begun and not handed over to the disk.
    pub fn undo(&self, realm: RealmId) {
        self.wake_all_of(realm);
        let committing = self.committing.borrow();
        let mut queue = self.queue.borrow_mut();
        queue.retain(|place| place.realm != realm || committing.contains_key(&place.number));
        wake_first(&mut queue);
    }

    fn wake_all_of(&self, realm: RealmId) {
        let mut queue = self.queue.borrow_mut();
        let wakers =
            queue.iter_mut().filter(|place| place.realm == realm).filter_map(|place| place.waker.take());
        wakers.for_each(Waker::wake);
    }

    /// Somebody else, with another library, has a transaction that takes so long.
    pub fn hold_up(origin: &Rc<Origin>, time: Millis) {
        let number = origin.transactions.next_number();
        let place = Place { number, realm: ELSEWHERE, waker: None };
        origin.transactions.queue.borrow_mut().push_back(place);
        let ending = Rc::clone(origin);
        origin.executor.call_after(time, move || ending.transactions.leave(number));
    }

    fn next_number(&self) -> u64 {
        let number = self.count.get();
        self.count.set(number + 1);
        number
    }

    fn leave(&self, number: u64) {
        let mut queue = self.queue.borrow_mut();
        queue.retain(|place| place.number != number);
        wake_first(&mut queue);
    }

    /// A dead realm's transactions are rolled back. What it has handed over to the disk may have made it or not.
    pub fn forget_realm(&self, realm: RealmId, mut is_lost: impl FnMut() -> bool) {
        let committing = self.committing.borrow();
        for commit in committing.values().filter(|commit| commit.realm == realm) {
            commit.is_lost.set(is_lost());
        }
        drop(committing);
        self.undo(realm);
    }
}

fn wake_first(queue: &mut VecDeque<Place>) {
    if let Some(waker) = queue.front_mut().and_then(|first| first.waker.take()) {
        waker.wake();
    }
}

/// A transaction whose turn it is. Dropping it rolls it back.
pub struct Transaction {
    origin: Rc<Origin>,
    realm: RealmId,
    number: u64,
    is_handed_over: bool,
}

impl Transaction {
    pub async fn begin(origin: &Rc<Origin>, realm: RealmId) -> Result<Self, StoreError> {
        let transactions = &origin.transactions;
        let number = transactions.next_number();
        transactions.queue.borrow_mut().push_back(Place { number, realm, waker: None });
        let transaction = Self { origin: Rc::clone(origin), realm, number, is_handed_over: false };
        let is_dead = || origin.transactions.dead.borrow().contains(&realm);
        poll_fn(|context| {
            let mut queue = origin.transactions.queue.borrow_mut();
            match queue.front() {
                Some(first) if first.number == number || is_dead() => return Poll::Ready(()),
                _ => {}
            }
            match queue.iter_mut().find(|place| place.number == number) {
                Some(place) => {
                    place.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                // Undone with its connection.
                None => Poll::Ready(()),
            }
        })
        .await;
        origin.executor.sleep(Millis(origin.executor.below(3))).await;
        transaction.check()?;
        Ok(transaction)
    }

    /// Fails where the connection is dead, or was given up.
    fn check(&self) -> Result<(), StoreError> {
        let transactions = &self.origin.transactions;
        let is_first = transactions.queue.borrow().front().is_some_and(|first| first.number == self.number);
        let is_dead = transactions.dead.borrow().contains(&self.realm);
        if is_first && !is_dead { Ok(()) } else { Err(StoreError::Failed("the connection was lost".into())) }
    }

    pub fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> T {
        read(&self.origin.tables.borrow())
    }

    /// Writes everything or nothing.
    pub async fn commit<T: 'static>(
        mut self,
        write: impl FnOnce(&mut Tables) -> Result<T, StoreError> + 'static,
    ) -> Result<T, StoreError> {
        self.check()?;
        self.is_handed_over = true;
        let silences = self.origin.transactions.silences.get();
        if silences > 0 {
            self.origin.transactions.silences.set(silences - 1);
            // It keeps its place until its connection is given up.
            return self.until_undone().await;
        }
        let (origin, number) = (Rc::clone(&self.origin), self.number);
        let (is_lost, is_cut) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let committing =
            Committing { realm: self.realm, is_lost: Rc::clone(&is_lost), is_cut: Rc::clone(&is_cut) };
        origin.transactions.committing.borrow_mut().insert(number, committing);
        let (sender, committed) = oneshot::channel();
        let time = Millis(1 + origin.executor.below(origin.transactions.longest_commit.get()));
        let disk = Rc::clone(&origin);
        origin.executor.call_after(time, move || {
            let transactions = &disk.transactions;
            transactions.committing.borrow_mut().remove(&number);
            let fails = transactions.failures.get();
            let result = if is_lost.get() {
                Err(StoreError::Failed("its realm died".into()))
            } else if fails > 0 {
                transactions.failures.set(fails - 1);
                Err(StoreError::Failed("the disk failed".into()))
            } else {
                write(&mut disk.tables.borrow_mut())
            };
            transactions.leave(number);
            let is_told = !is_cut.get();
            let result = result
                .and_then(|result| is_told.then_some(result).ok_or(StoreError::Failed("it was lost".into())));
            // Nobody may be there any more to be told.
            let _ = sender.send(result);
        });
        match committed.await {
            Ok(result) => result,
            Err(_) => std::future::pending().await,
        }
    }

    /// Its place is kept until its realm is killed, or gives it up.
    async fn until_undone<T>(&self) -> Result<T, StoreError> {
        poll_fn(|context| {
            let mut queue = self.origin.transactions.queue.borrow_mut();
            match queue.iter_mut().find(|place| place.number == self.number) {
                Some(place) => {
                    place.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            }
        })
        .await;
        Err(StoreError::Failed("it was undone".into()))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_handed_over {
            self.origin.transactions.leave(self.number);
        }
    }
}
