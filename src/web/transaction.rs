use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, IdbCursorDirection, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode};

use super::Bytes;
use super::database::{ACTIVE, URL, name_of};
use super::errors::store_error;
use super::running_transactions::RunningTransactions;
use super::stored_rows::{Position, is_one_key, key_of, row_of, value_of};
use crate::engine::{Found, Keys, Limit, Mode, Read, StoreError, StoredRow, Table, Transaction};
use crate::model::ByteCount;

/// One that writes and is dropped before it is completed is undone: left alone, it would store the half that was asked
/// for up to then.
pub struct IdbTransaction {
    transaction: web_sys::IdbTransaction,
    is_undone_by_drop: bool,
}

impl Drop for IdbTransaction {
    fn drop(&mut self) {
        if self.is_undone_by_drop {
            // Fails where it has ended already.
            let _ = self.transaction.abort();
        }
    }
}

/// The requests of a read.
struct Asked {
    keys: Option<IdbRequest>,
    rows: Option<IdbRequest>,
}

impl IdbTransaction {
    pub fn begin(
        running: &RunningTransactions,
        database: &IdbDatabase,
        tables: &[Table],
        mode: Mode,
    ) -> Result<Self, StoreError> {
        let names: Vec<&str> = tables.iter().map(|table| name_of(*table)).collect();
        let is_undone_by_drop = mode == Mode::Write;
        let mode =
            if is_undone_by_drop { IdbTransactionMode::Readwrite } else { IdbTransactionMode::Readonly };
        running
            .begin(database, &names, mode)
            .map(|transaction| Self { transaction, is_undone_by_drop })
            .map_err(|error| store_error(&error))
    }

    fn store(&self, table: Table) -> Result<IdbObjectStore, JsValue> {
        self.transaction.object_store(name_of(table))
    }

    fn ask(&self, read: &Read<'_>) -> Result<Asked, JsValue> {
        let store = self.store(read.table)?;
        let key = key_of(read.table, &read.keys)?;
        let (mut keys, mut rows) = (None, None);
        match (&read.keys, read.limit) {
            (Keys::Active(..), _) => rows = Some(store.index(ACTIVE)?.get_all_with_key(&key)?),
            (Keys::Urls(..), _) => keys = Some(store.index(URL)?.get_all_keys_with_key(&key)?),
            (Keys::Behind(_), _) => keys = Some(store.get_all_keys_with_key_and_limit(&key, 1)?),
            (_, Limit::Last) => {
                let prev = IdbCursorDirection::Prev;
                rows = Some(store.open_cursor_with_range_and_direction(&key, prev)?);
            }
            (other, _) if is_one_key(read.table, other) => rows = Some(store.get(&key)?),
            (_, Limit::First(count)) => {
                keys = Some(store.get_all_keys_with_key_and_limit(&key, count)?);
                rows = Some(store.get_all_with_key_and_limit(&key, count)?);
            }
            (_, Limit::All) => {
                keys = Some(store.get_all_keys_with_key(&key)?);
                rows = Some(store.get_all_with_key(&key)?);
            }
        }
        Ok(Asked { keys, rows })
    }

    /// Why a transaction failed: the error of the request whose `error` event came, or its own. WebKit (2.50) has none
    /// in the transaction when a unique index refused a row.
    fn failure(&self, event: &Event) -> StoreError {
        let of_request = event.target().and_then(|target| target.dyn_into::<IdbRequest>().ok());
        let error = of_request
            .and_then(|request| request.error().ok().flatten())
            .or_else(|| self.transaction.error());
        error.map_or_else(
            || StoreError::Failed("the transaction was aborted".into()),
            |error| store_error(&error),
        )
    }
}

impl Transaction<Bytes> for IdbTransaction {
    async fn read(&self, reads: &[Read<'_>]) -> Result<Vec<Vec<Found<Bytes>>>, StoreError> {
        let mut asked = Vec::with_capacity(reads.len());
        for read in reads {
            asked.push(self.ask(read).map_err(|error| store_error(&error))?);
        }
        // Requests are answered in the order in which they were made.
        if let Some(Asked { keys, rows }) = asked.last()
            && let Some(last) = rows.as_ref().or(keys.as_ref())
        {
            answered(last).await;
        }
        asked.iter().zip(reads).map(|(asked, read)| found(asked, read)).collect()
    }

    fn put(&self, key: &Keys<'_>, row: &StoredRow<Bytes>) -> Result<(), StoreError> {
        let value = value_of(row)?;
        let table = row.table();
        let put = || self.store(table)?.put_with_key(&value, &key_of(table, key)?);
        put().map(drop).map_err(|error| store_error(&error))
    }

    fn delete(&self, table: Table, keys: &Keys<'_>) -> Result<(), StoreError> {
        let delete = || self.store(table)?.delete(&key_of(table, keys)?);
        delete().map(drop).map_err(|error| store_error(&error))
    }

    /// The transaction is left to end by itself: after a call of `commit()`, Firefox (153) stores the rest of a
    /// transaction of which one request fails (web-platform-tests: IndexedDB/idb-explicit-commit.any.js).
    async fn complete(mut self) -> Result<(), StoreError> {
        self.is_undone_by_drop = false;
        match completed(&self.transaction).await {
            Ok(_) => Ok(()),
            Err(event) => Err(self.failure(event.unchecked_ref())),
        }
    }
}

/// Resolves when a transaction is complete, rejects when it was aborted.
pub fn completed(transaction: &web_sys::IdbTransaction) -> JsFuture {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    })
    .into()
}

/// The transaction is still active when this returns, for the promise's reactions run before the event's dispatch ends.
pub async fn answered(request: &IdbRequest) {
    let answered = Promise::new(&mut |resolve, _| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&resolve));
    });
    let _ = JsFuture::from(answered).await;
}

/// Of a request that is answered.
pub fn result_of(request: &IdbRequest) -> Result<JsValue, StoreError> {
    match request.error() {
        Ok(None) => request.result().map_err(|error| store_error(&error)),
        Ok(Some(error)) => Err(store_error(&error)),
        Err(error) => Err(store_error(&error)),
    }
}

fn found(asked: &Asked, read: &Read<'_>) -> Result<Vec<Found<Bytes>>, StoreError> {
    let results = |request: &Option<IdbRequest>| request.as_ref().map(result_of).transpose();
    let (keys, rows) = (results(&asked.keys)?, results(&asked.rows)?);
    let list = |values: JsValue| values.unchecked_into::<Array>();
    let found = match (keys, rows) {
        (Some(keys), Some(rows)) => {
            let pairs = list(keys).into_iter().zip(list(rows));
            pairs.filter_map(|(key, row)| found_at(read, key, Some(row))).collect()
        }
        (Some(keys), None) => list(keys).into_iter().filter_map(|key| found_at(read, key, None)).collect(),
        (None, Some(cursor)) if read.limit == Limit::Last => {
            let property = |name: &str| Reflect::get(&cursor, &name.into()).ok();
            let key = property("key").filter(|_| cursor.is_object());
            key.and_then(|key| found_at(read, key, property("value"))).into_iter().collect()
        }
        (None, Some(rows)) if matches!(read.keys, Keys::Active(..)) => {
            list(rows).iter().map(|row| of_row(read, &row)).collect()
        }
        (None, Some(row)) if !row.is_undefined() => vec![of_row(read, &row)],
        _ => Vec::new(),
    };
    Ok(found)
}

/// `None` where the key is of another form, or of another fetch.
fn found_at(read: &Read<'_>, key: JsValue, row: Option<JsValue>) -> Option<Found<Bytes>> {
    let Position { uid, index, offset } = Position::of_key(read.table, key, &read.keys)?;
    let row = row.and_then(|row| row_of(read.table, &row));
    Some(Found { uid, index, offset, row })
}

/// Of the one that was asked for.
fn of_row(read: &Read<'_>, row: &JsValue) -> Found<Bytes> {
    Found { uid: None, index: 0, offset: ByteCount::ZERO, row: row_of(read.table, row) }
}
