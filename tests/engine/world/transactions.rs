use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use background_fetch_polyfill::engine::{
    Found, Keys, Limit, Mode, Read, StoreError, StoredRow, Table, Transaction,
};
use background_fetch_polyfill::model::{Millis, UniqueId};
use futures_channel::oneshot;

use super::database::{Write, uid_of};
use super::{BrokenPort, Content, Origin, RealmId};

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
    /// How many there were.
    pub fn begun(&self) -> u64 {
        self.count.get()
    }

    pub fn has_any_of(&self, realm: RealmId) -> bool {
        self.queue.borrow().iter().any(|place| place.realm == realm)
    }

    /// What is under way fails, but for what the disk is at, which may be stored all the same. No other can be begun
    /// before the connection is given up.
    pub fn end_connection(&self, realm: RealmId, mut is_lost: impl FnMut() -> bool) {
        self.dead.borrow_mut().insert(realm);
        for commit in self.committing.borrow().values().filter(|commit| commit.realm == realm) {
            commit.is_lost.set(is_lost());
            commit.is_cut.set(true);
        }
        self.wake_all_of(realm);
    }

    /// Another is opened when it is needed. With `aborts`, what is under way is undone, as far as it is not at the
    /// disk.
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
pub struct SimulatedTransaction {
    origin: Rc<Origin>,
    realm: RealmId,
    number: u64,
    is_handed_over: bool,
    tables: Vec<Table>,
    mode: Mode,
    /// Whose rows it has read.
    uid: RefCell<Option<UniqueId>>,
    writes: RefCell<Vec<Write>>,
}

impl SimulatedTransaction {
    pub async fn begin(
        origin: &Rc<Origin>,
        realm: RealmId,
        tables: &[Table],
        mode: Mode,
    ) -> Result<Self, StoreError> {
        assert!(mode == Mode::Read || tables.contains(&Table::Progress), "two may be written side by side");
        let transactions = &origin.transactions;
        let number = transactions.next_number();
        transactions.queue.borrow_mut().push_back(Place { number, realm, waker: None });
        let transaction = Self {
            origin: Rc::clone(origin),
            realm,
            number,
            is_handed_over: false,
            tables: tables.into(),
            mode,
            uid: RefCell::default(),
            writes: RefCell::default(),
        };
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

    fn check_table(&self, table: Table, mode: Mode) {
        assert!(self.tables.contains(&table), "{table:?} is none of its tables");
        assert!(
            mode == Mode::Read || self.mode == Mode::Write,
            "a transaction that reads writes to {table:?}"
        );
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

impl Transaction<Content> for SimulatedTransaction {
    async fn read(&self, reads: &[Read<'_>]) -> Result<Vec<Vec<Found<Content>>>, StoreError> {
        let tables = self.origin.tables.borrow();
        for read in reads {
            self.check_table(read.table, Mode::Read);
            if let Some(uid) = uid_of(&read.keys) {
                self.uid.replace(Some(uid.clone()));
            }
        }
        Ok(reads.iter().map(|read| misread(read, tables.read(read))).collect())
    }

    fn put(&self, key: &Keys<'_>, row: &StoredRow<Content>) -> Result<(), StoreError> {
        self.check_table(row.table(), Mode::Write);
        let mut row = row.clone();
        if let StoredRow::Progress(progress) = &mut row
            && BrokenPort::OwnersHaveNoNumber.is_broken()
        {
            progress.runner = 0;
        }
        self.writes.borrow_mut().push(Write::put(key, row));
        Ok(())
    }

    fn delete(&self, table: Table, keys: &Keys<'_>) -> Result<(), StoreError> {
        self.check_table(table, Mode::Write);
        let is_ignored = match keys {
            Keys::Of(_) => BrokenPort::FetchesAreNotDeleted.is_broken(),
            _ => table == Table::Chunks && BrokenPort::ChunksAreNotDropped.is_broken(),
        };
        if !is_ignored {
            self.writes.borrow_mut().push(Write::delete(table, keys));
        }
        Ok(())
    }

    /// Writes everything or nothing.
    async fn complete(mut self) -> Result<(), StoreError> {
        self.check()?;
        self.is_handed_over = true;
        let silences = self.origin.transactions.silences.get();
        if silences > 0 {
            self.origin.transactions.silences.set(silences - 1);
            // It keeps its place until its connection is given up.
            return self.until_undone().await;
        }
        let (origin, number) = (Rc::clone(&self.origin), self.number);
        let writes = self.writes.take();
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
                disk.tables.borrow_mut().apply(writes)
            };
            transactions.leave(number);
            let is_told = !is_cut.get();
            let result =
                result.and_then(|()| is_told.then_some(()).ok_or(StoreError::Failed("it was lost".into())));
            // Nobody may be there any more to be told.
            let _ = sender.send(result);
        });
        if BrokenPort::CommitsAreAnsweredEarly.is_broken() {
            return Ok(());
        }
        match committed.await {
            Ok(result) => result,
            Err(_) => std::future::pending().await,
        }
    }
}

/// What a broken database finds.
fn misread(read: &Read<'_>, mut all_found: Vec<Found<Content>>) -> Vec<Found<Content>> {
    if matches!(read.keys, Keys::All) && BrokenPort::FetchesAreNotFound.is_broken() {
        all_found.clear();
    }
    for found in &mut all_found {
        match &mut found.row {
            Some(StoredRow::Record(record)) if BrokenPort::VersionsAreAllTheSame.is_broken() => {
                record.version = 0
            }
            Some(StoredRow::Chunk(bytes)) if read.limit == Limit::Last => {
                bytes.is_torn &= !BrokenPort::DamageIsNotSeen.is_broken();
            }
            _ => {}
        }
    }
    all_found
}

impl Drop for SimulatedTransaction {
    fn drop(&mut self) {
        if self.is_handed_over {
            return;
        }
        self.origin.transactions.leave(self.number);
        // What changes a record, and has read whose turn it is, is given up for one reason only.
        let is_of_record = self.mode == Mode::Write && !self.tables.contains(&Table::Fetches);
        if let Some(uid) = self.uid.take().filter(|_| is_of_record) {
            self.origin.tables.borrow_mut().history.entry(uid).or_default().fenced += 1;
        }
    }
}
