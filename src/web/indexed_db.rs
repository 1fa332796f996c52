use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Bytes;
use super::clock::BrowserClock;
use super::database;
use super::errors::store_error;
use super::lifetime::Held;
use super::transaction::IdbTransaction;
use crate::engine::{
    ByteHandle, Clock, Connection, Database, First, Flag, Interruption, Mode, SMALLEST_FILE, StoreError,
    Table, Task, Work, call, race, unanswered,
};
use crate::model::{ByteCount, UniqueId};

/// The port to the database.
pub struct IndexedDb {
    database: database::Database,
    _held: Held,
    /// The page is in the back/forward cache, or on its way there.
    is_suspended: Flag,
    /// Connections that were given up.
    given_up: Cell<u32>,
    /// What transactions under way have been given to write.
    unwritten: Cell<ByteCount>,
    /// They are known to be stored as Blobs: a probe was, or one of them.
    stores_blobs: Cell<bool>,
    /// Fetches whose bytes are stored as ArrayBuffers, as Blobs were refused.
    without_blobs: RefCell<Vec<UniqueId>>,
}

impl Default for IndexedDb {
    fn default() -> Self {
        let database = database::Database::new();
        Self {
            _held: Held::new(&database),
            database,
            is_suspended: Flag::default(),
            given_up: Cell::default(),
            unwritten: Cell::default(),
            stores_blobs: Cell::default(),
            without_blobs: RefCell::default(),
        }
    }
}

impl IndexedDb {
    /// `handle_loss` is called when the database is deleted, or the browser has closed it.
    pub fn watch(&self, handle_loss: impl Fn() + 'static) {
        let handle_loss = Closure::<dyn Fn()>::new(handle_loss).into_js_value();
        self.database.set_onloss(handle_loss.unchecked_ref());
    }

    /// The page goes into the back/forward cache, or is frozen.
    pub fn suspend(&self) {
        self.database.suspend();
        self.is_suspended.set(true);
    }

    pub fn resume(&self) {
        self.database.resume();
        self.is_suspended.set(false);
    }

    /// Whether bytes are stored as Blobs here.
    pub async fn stores_blobs(&self) -> Result<bool, StoreError> {
        if !self.stores_blobs.get() {
            call(self, &mut Probe(self)).await?;
        }
        Ok(self.stores_blobs.get())
    }

    /// Whether those of a fetch are. What is found out of one is not believed of the next: a disk is busy, or full, for
    /// a while.
    async fn stores_blobs_of(&self, uid: &UniqueId) -> Result<bool, StoreError> {
        if self.without_blobs.borrow().contains(uid) {
            return Ok(false);
        }
        let stores_blobs = self.stores_blobs().await?;
        if !stores_blobs {
            self.without_blobs.borrow_mut().push(uid.clone());
        }
        Ok(stores_blobs)
    }
}

/// Finds out whether Blobs can be stored.
struct Probe<'a>(&'a IndexedDb);

impl Work for Probe<'_> {
    fn begin(&mut self) -> Task<'_, Result<(), StoreError>> {
        let Self(indexed_db) = self;
        Box::pin(async {
            let stores_blobs = JsFuture::from(indexed_db.database.stores_blobs()).await;
            indexed_db.stores_blobs.set(stores_blobs.map_err(|error| store_error(&error))?.is_truthy());
            Ok(())
        })
    }
}

impl Connection for IndexedDb {
    async fn usable(&self) {
        self.is_suspended.until(false).await;
    }

    async fn interrupted(&self) -> Interruption {
        let unanswered = unanswered(async |time| BrowserClock.sleep(time).await, &self.unwritten);
        match race(self.is_suspended.until(true), unanswered).await {
            First::Left(()) => Interruption::Suspended,
            First::Right(()) => Interruption::Unanswered,
        }
    }

    fn unwritten(&self) -> &Cell<ByteCount> {
        &self.unwritten
    }

    fn number(&self) -> u32 {
        self.given_up.get()
    }

    fn give_up(&self, number: u32, aborts: bool) {
        if number == self.given_up.get() {
            self.given_up.set(number.wrapping_add(1));
            self.database.give_up(aborts);
        }
    }
}

impl Database for IndexedDb {
    type Bytes = Bytes;
    type Transaction = IdbTransaction;

    async fn begin(&self, tables: &[Table], mode: Mode) -> Result<IdbTransaction, StoreError> {
        if !self.database.is_open() {
            JsFuture::from(self.database.open()).await.map_err(|error| store_error(&error))?;
        }
        let tables: Vec<u8> = tables.iter().map(|table| *table as u8).collect();
        let is_undone_by_drop = mode == Mode::Write;
        let begun = self.database.begin(&tables, is_undone_by_drop);
        begun
            .map(|transaction| IdbTransaction { transaction, is_undone_by_drop })
            .map_err(|error| store_error(&error))
    }

    async fn join(&self, uid: &UniqueId, pieces: &[Bytes]) -> Result<Bytes, StoreError> {
        let length: ByteCount = pieces.iter().map(ByteHandle::length).sum();
        let as_blob = self.stores_blobs_of(uid).await? && length >= SMALLEST_FILE;
        match pieces {
            // It came as a whole.
            [piece] if piece.is_blob() => {
                let other = if as_blob { None } else { self.in_other_form(piece).await? };
                Ok(other.unwrap_or_else(|| piece.clone()))
            }
            _ => Bytes::join(pieces, as_blob),
        }
    }

    async fn in_other_form(&self, bytes: &Bytes) -> Result<Option<Bytes>, StoreError> {
        if !bytes.is_blob() {
            return Ok(None);
        }
        bytes.to_array_buffer().await.map(Bytes::from_value)
    }

    fn prefer_other_form(&self, uid: &UniqueId) {
        self.stores_blobs.set(false);
        self.without_blobs.borrow_mut().push(uid.clone());
    }

    fn unreadable(&self) -> Bytes {
        Bytes::unreadable()
    }

    fn report_dropped(&self, table: Table, key: &str) {
        self.database.report_dropped(table as u8, key);
    }
}
