use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::Bytes;
use super::database;
use super::errors::store_error;
use super::stored_rows::{KeyParts, found_in, value_of};
use crate::engine::{Found, Keys, Limit, Read, StoreError, StoredRow, Table, Transaction};

/// One that writes and is dropped before it is completed is undone: left alone, it would store the half that was asked
/// for up to then.
pub struct IdbTransaction {
    pub transaction: database::Transaction,
    pub is_undone_by_drop: bool,
}

impl Drop for IdbTransaction {
    fn drop(&mut self) {
        if self.is_undone_by_drop {
            self.transaction.abort();
        }
    }
}

impl IdbTransaction {
    fn ask(&self, read: &Read<'_>) {
        let limit = match read.limit {
            Limit::All => 0,
            Limit::First(count) => count.min(i32::MAX as u32) as i32,
            Limit::Last => -1,
        };
        let (table, KeyParts { kind, uid, index, offset }) = (read.table as u8, KeyParts::of(&read.keys));
        let (first, second) = match read.keys {
            Keys::Active(_, id) => (id, ""),
            Keys::Urls(_, first, end) => (first, end),
            _ => return self.transaction.read(table, kind, uid, index, offset, limit),
        };
        self.transaction.read_index(table, kind, uid, first, second, limit);
    }
}

impl Transaction<Bytes> for IdbTransaction {
    async fn read(&self, reads: &[Read<'_>]) -> Result<Vec<Vec<Found<Bytes>>>, StoreError> {
        reads.iter().for_each(|read| self.ask(read));
        let answers =
            JsFuture::from(self.transaction.answers()).await.map_err(|error| store_error(&error))?;
        let answers = answers.unchecked_into::<Array>();
        Ok(reads.iter().zip(answers.iter()).map(|(read, found)| found_in(read.table, &found)).collect())
    }

    fn put(&self, key: &Keys<'_>, row: &StoredRow<Bytes>) -> Result<(), StoreError> {
        let KeyParts { kind, uid, index, offset } = KeyParts::of(key);
        self.transaction.put(row.table() as u8, kind, uid, index, offset, &value_of(row)?);
        Ok(())
    }

    fn delete(&self, table: Table, keys: &Keys<'_>) -> Result<(), StoreError> {
        let KeyParts { kind, uid, index, offset } = KeyParts::of(keys);
        self.transaction.delete(table as u8, kind, uid, index, offset);
        Ok(())
    }

    async fn complete(mut self) -> Result<(), StoreError> {
        self.is_undone_by_drop = false;
        let completed = JsFuture::from(self.transaction.complete()).await;
        completed.map(drop).map_err(|error| store_error(&error))
    }
}
