use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::fetch::reject;
use super::records::unexposable;
use super::sorted_map::UidMap;
use super::{ByteHandle, Engine, LockMode, Locks, StoreError, World};
use crate::broken_rules::Rule;
use crate::model::{ByteCount, Error, Stage, UniqueId};

/// Reads the body of one response, in any realm, while it may still be coming in: what is stored, and then what is
/// stored next. From its first read on, the bytes stay in the database: a response that nobody reads keeps nothing.
pub struct BodyReader<W: World> {
    engine: Engine<W>,
    uid: UniqueId,
    index: u32,
    /// Of the record: the bytes of another version are those of another body.
    version: u32,
    offset: Cell<ByteCount>,
    has_begun: Cell<bool>,
    hold: RefCell<Option<SharedHold<W>>>,
}

/// A shared lock that keeps the bytes of a fetch where they are. A Blob that was read from a row does not: WebKit (2.50)
/// deletes its file with the row. Empty where the page had to give it up, on its way into the back/forward cache.
pub struct Hold<G>(RefCell<Option<G>>);

type SharedHold<W> = Rc<Hold<<<W as World>::Locks as Locks>::Guard>>;

/// The holds of one realm.
pub type Holds<G> = UidMap<Weak<Hold<G>>>;

impl<G> Hold<G> {
    pub fn release(&self) {
        self.0.borrow_mut().take();
    }

    fn is_released(&self) -> bool {
        self.0.borrow().is_none()
    }
}

pub fn reading_lock(uid: &UniqueId) -> String {
    format!("background-fetch-reading:{uid}")
}

impl<W: World> Engine<W> {
    /// One for all readers of a fetch in this realm.
    pub(super) async fn hold(&self, uid: &UniqueId) -> SharedHold<W> {
        if let Some(hold) = self.held(uid) {
            return hold;
        }
        let guard = self.lock_unless_suspended(&reading_lock(uid), LockMode::Shared).await;
        // Another call may have been quicker.
        self.held(uid).unwrap_or_else(|| {
            let hold = Rc::new(Hold(RefCell::new(guard)));
            self.0.holds.borrow_mut().insert(uid.clone(), Rc::downgrade(&hold));
            hold
        })
    }

    pub(super) fn held(&self, uid: &UniqueId) -> Option<SharedHold<W>> {
        let mut holds = self.0.holds.borrow_mut();
        let hold = holds.get(uid)?.upgrade().filter(|hold| !hold.is_released());
        if hold.is_none() {
            holds.remove(uid);
        }
        hold
    }

    pub(super) fn read_body(&self, uid: &UniqueId, index: u32, version: u32) -> BodyReader<W> {
        BodyReader {
            engine: self.clone(),
            uid: uid.clone(),
            index,
            version,
            offset: Cell::default(),
            has_begun: Cell::default(),
            hold: RefCell::default(),
        }
    }
}

impl<W: World> BodyReader<W> {
    /// The next bytes, as soon as there are some; `None` at the end. Ask for one at a time.
    pub async fn next(&self) -> Result<Option<W::Bytes>, Error> {
        const MOST_UNANSWERED: u32 = 20;
        let (engine, uid) = (&self.engine, &self.uid);
        let mut unanswered = 0;
        loop {
            self.ensure_hold().await?;
            let news = engine.0.progressed.wait_for_record(uid, self.index);
            let stored = engine.store().stored_response(uid, self.index, self.offset.get(), 1).await;
            if matches!(stored, Err(StoreError::Unanswered)) && unanswered < MOST_UNANSWERED {
                // Another realm may have much to write. What fails in a handler is lost with it.
                unanswered += 1;
                continue;
            }
            let stored = stored.map_err(reject)?;
            if !self.has_begun.get() && stored.as_ref().is_none_or(|stored| stored.stage == Stage::Delivered)
            {
                return Err(Error::RecordsUnavailable);
            }
            self.has_begun.set(true);
            let stored = stored.ok_or(Error::RecordAborted)?;
            if let Some(error) = stored.record.result.and_then(unexposable) {
                return Err(error);
            }
            if stored.record.version != self.version && !Rule::TellVersionsApart.is_broken() {
                return Err(Error::RecordRestarted);
            }
            let is_complete = stored.record.result.is_some();
            if !is_complete && stored.stage != Stage::Running {
                // The fetch ended before this record did.
                return Err(Error::RecordAborted);
            }
            if let Some(bytes) = stored.chunks.into_iter().next() {
                self.offset.set(self.offset.get() + bytes.length());
                return Ok(Some(bytes));
            }
            if is_complete {
                let is_whole = self.offset.get() == stored.record.length;
                return if is_whole { Ok(None) } else { Err(Error::StorageFailed) };
            }
            let _ = news.await;
        }
    }

    async fn ensure_hold(&self) -> Result<(), Error> {
        if self.hold.borrow().as_ref().is_some_and(|hold| !hold.is_released()) {
            return Ok(());
        }
        let (engine, uid) = (&self.engine, &self.uid);
        if !self.has_begun.get() && engine.held(uid).is_none() {
            // Who waits for the lock of a fetch that is through waits for its last reader.
            let found = engine.store().fetch(uid).await.map_err(reject)?;
            found.filter(|(fetch, _)| fetch.stage != Stage::Delivered).ok_or(Error::RecordsUnavailable)?;
        }
        let hold = engine.hold(uid).await;
        self.hold.replace(Some(hold));
        Ok(())
    }
}
