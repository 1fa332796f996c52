use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
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
    pub longest_commit: Cell<u64>,
}

struct Place {
    number: u64,
    realm: RealmId,
    waker: Option<Waker>,
}

struct Committing {
    realm: RealmId,
    is_lost: Rc<Cell<bool>>,
}

impl Transactions {
    pub fn has_any_of(&self, realm: RealmId) -> bool {
        self.queue.borrow().iter().any(|place| place.realm == realm)
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
        let mut queue = self.queue.borrow_mut();
        queue.retain(|place| place.realm != realm || committing.contains_key(&place.number));
        wake_first(&mut queue);
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
    pub async fn begin(origin: &Rc<Origin>, realm: RealmId) -> Self {
        let transactions = &origin.transactions;
        let number = transactions.count.get();
        transactions.count.set(number + 1);
        transactions.queue.borrow_mut().push_back(Place { number, realm, waker: None });
        let transaction = Self { origin: Rc::clone(origin), realm, number, is_handed_over: false };
        poll_fn(|context| {
            let mut queue = origin.transactions.queue.borrow_mut();
            match queue.front() {
                Some(first) if first.number == number => return Poll::Ready(()),
                _ => {}
            }
            if let Some(place) = queue.iter_mut().find(|place| place.number == number) {
                place.waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        origin.executor.sleep(Millis(origin.executor.below(3))).await;
        transaction
    }

    pub fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> T {
        read(&self.origin.tables.borrow())
    }

    /// Writes everything or nothing.
    pub async fn commit<T: 'static>(
        mut self,
        write: impl FnOnce(&mut Tables) -> Result<T, StoreError> + 'static,
    ) -> Result<T, StoreError> {
        self.is_handed_over = true;
        let (origin, number) = (Rc::clone(&self.origin), self.number);
        let is_lost = Rc::new(Cell::new(false));
        let committing = Committing { realm: self.realm, is_lost: Rc::clone(&is_lost) };
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
            // Nobody may be there any more to be told.
            let _ = sender.send(result);
        });
        match committed.await {
            Ok(result) => result,
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_handed_over {
            self.origin.transactions.leave(self.number);
        }
    }
}
