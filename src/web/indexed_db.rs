use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::Blob;

use super::Bytes;
use super::blob_support::stores_blobs;
use super::connection::DatabaseConnection;
use super::database::name_of;
use super::errors::report;
use super::pieces::{join_pieces, to_array_buffer};
use super::transaction::IdbTransaction;
use crate::engine::{
    ByteHandle, Connection, Database, Interruption, Mode, SMALLEST_FILE, StoreError, Table, Task, Work, call,
};
use crate::model::{ByteCount, UniqueId};

/// The port to the database.
#[derive(Default)]
pub struct IndexedDb {
    connection: DatabaseConnection,
    /// They are known to be stored as Blobs: a probe was, or one of them.
    stores_blobs: Cell<bool>,
    /// Fetches whose bytes are stored as ArrayBuffers, as Blobs were refused.
    without_blobs: RefCell<Vec<UniqueId>>,
}

impl IndexedDb {
    /// See [`DatabaseConnection::watch`].
    pub fn watch(&self, handle_loss: impl Fn() + 'static) {
        self.connection.watch(handle_loss);
    }

    /// The page goes into the back/forward cache, or is frozen.
    pub fn suspend(&self) {
        self.connection.running.suspend();
    }

    pub fn resume(&self) {
        self.connection.running.resume();
    }

    /// Whether bytes are stored as Blobs here.
    pub async fn stores_blobs(&self) -> Result<bool, StoreError> {
        if !self.stores_blobs.get() {
            call(&self.connection, &mut Probe(self)).await?;
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
        let Self(IndexedDb { connection, stores_blobs: found, .. }) = self;
        Box::pin(async {
            stores_blobs(&connection.running, &connection.database().await?).await.map(|is| found.set(is))
        })
    }
}

impl Connection for IndexedDb {
    async fn usable(&self) {
        self.connection.usable().await;
    }

    async fn interrupted(&self) -> Interruption {
        self.connection.interrupted().await
    }

    fn unwritten(&self) -> &Cell<ByteCount> {
        self.connection.unwritten()
    }

    fn number(&self) -> u32 {
        self.connection.number()
    }

    fn give_up(&self, number: u32, aborts: bool) {
        self.connection.give_up(number, aborts);
    }
}

impl Database for IndexedDb {
    type Bytes = Bytes;
    type Transaction = IdbTransaction;

    async fn begin(&self, tables: &[Table], mode: Mode) -> Result<IdbTransaction, StoreError> {
        let database = self.connection.database().await?;
        IdbTransaction::begin(&self.connection.running, &database, tables, mode)
    }

    async fn join(&self, uid: &UniqueId, pieces: &[Bytes]) -> Result<Bytes, StoreError> {
        let length: ByteCount = pieces.iter().map(ByteHandle::length).sum();
        let as_blob = self.stores_blobs_of(uid).await? && length >= SMALLEST_FILE;
        if let [piece] = pieces
            && piece.value().is_instance_of::<Blob>()
        {
            // It came as a whole.
            let in_other_form = if as_blob { None } else { self.in_other_form(piece).await? };
            return Ok(in_other_form.unwrap_or_else(|| piece.clone()));
        }
        let joined = join_pieces(pieces.iter().map(Bytes::value), as_blob)?;
        Ok(Bytes::from_value(joined).unwrap_or_else(Bytes::unreadable))
    }

    async fn in_other_form(&self, bytes: &Bytes) -> Result<Option<Bytes>, StoreError> {
        if !bytes.value().is_instance_of::<Blob>() {
            return Ok(None);
        }
        to_array_buffer(bytes.value()).await.map(Bytes::from_value)
    }

    fn prefer_other_form(&self, uid: &UniqueId) {
        self.stores_blobs.set(false);
        self.without_blobs.borrow_mut().push(uid.clone());
    }

    fn unreadable(&self) -> Bytes {
        Bytes::unreadable()
    }

    fn report_dropped(&self, table: Table, key: &str) {
        report(&["a row of '", name_of(table), "' is none of ours, and is dropped: ", key]);
    }
}
