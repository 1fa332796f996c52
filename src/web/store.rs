use std::cell::{Cell, RefCell};

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, IdbTransactionMode};

use super::blob_support::stores_blobs;
use super::connection::DatabaseConnection;
use super::database::{
    ACTIVE, CHUNKS, FETCHES, PROGRESS, RECORDS, REQUESTS, Transaction, fetch_key, keys_before, keys_below,
    keys_from, record_key,
};
use super::pieces::to_array_buffer;
use super::stored_rows::{
    chunk_row, index_of, read_chunks, read_fetch, read_record, read_records, read_records_at, read_request,
    request_row,
};
use super::sweep::sweep;
use super::{Bytes, rows};
use crate::engine::{
    ByteHandle, RecordChange, RequestedRecord, Store, StoreError, StoredResponse, StoredRun, call,
};
use crate::model::{BackgroundFetch, ByteCount, FromRow, Progress, Record, Stage, StoredRequest, UniqueId};

const READ: IdbTransactionMode = IdbTransactionMode::Readonly;
const WRITE: IdbTransactionMode = IdbTransactionMode::Readwrite;

/// The port to the database.
#[derive(Default)]
pub struct IndexedDbStore {
    connection: DatabaseConnection,
    /// They are known to be stored as Blobs: a probe was, or one of them.
    stores_blobs: Cell<bool>,
    /// Fetches whose bytes are stored as ArrayBuffers, as Blobs were refused.
    without_blobs: RefCell<Vec<UniqueId>>,
}

impl IndexedDbStore {
    pub fn new() -> Self {
        Self::default()
    }

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

    async fn begin(&self, stores: &[&str], mode: IdbTransactionMode) -> Result<Transaction, StoreError> {
        let database = self.connection.database().await?;
        Transaction::begin(&self.connection.running, &database, stores, mode)
    }

    /// The transaction of a commit.
    async fn write(
        &self,
        uid: &UniqueId,
        runner: u32,
        change: &RecordChange<Bytes>,
        chunk: Option<(&JsValue, &JsValue)>,
    ) -> Result<Progress, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[PROGRESS, RECORDS, CHUNKS], WRITE).await?;
                let (progress, record) = read_record(&transaction, uid, runner, change.index).await?;
                let progress = change.counted_in(progress, record.length);
                if change.drops_chunks {
                    transaction.delete(CHUNKS, &keys_below(&[fetch_key(uid), change.index.into()])?)?;
                }
                if let Some((key, value)) = chunk {
                    transaction.put(CHUNKS, key, value)?;
                }
                transaction.put(RECORDS, &record_key(uid, change.index), &rows::to_row(&change.record)?)?;
                transaction.put(PROGRESS, &fetch_key(uid), &rows::to_row(&progress)?)?;
                transaction.complete().await.map(|()| progress)
            })
            .await
    }

    /// Whether bytes are stored as Blobs here.
    pub async fn stores_blobs(&self) -> Result<bool, StoreError> {
        if !self.stores_blobs.get() {
            let find =
                async || stores_blobs(&self.connection.running, &self.connection.database().await?).await;
            self.stores_blobs.set(self.connection.call(find).await?);
        }
        Ok(self.stores_blobs.get())
    }

    /// Whether those of a fetch are. What is found out of one is not believed of the next: a disk is busy, or full, for a
    /// while.
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

impl Store<Bytes> for IndexedDbStore {
    async fn register(
        &self,
        fetch: &BackgroundFetch,
        requests: &[(StoredRequest, Option<Bytes>)],
    ) -> Result<(), StoreError> {
        let _writing = self.connection.writing(fetch.upload_total);
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, PROGRESS, REQUESTS], WRITE).await?;
                let key = fetch_key(&fetch.uid);
                if !transaction.get(FETCHES, &key).await?.is_undefined() {
                    // Stored when the page was left, or the connection was lost.
                    return Ok(());
                }
                transaction.add(FETCHES, &key, &rows::to_row(fetch)?)?;
                transaction.put(PROGRESS, &key, &rows::to_row(&Progress::default())?)?;
                for (index, (request, body)) in (0..).zip(requests) {
                    transaction.put(
                        REQUESTS,
                        &record_key(&fetch.uid, index),
                        &request_row(request, body.as_ref())?,
                    )?;
                }
                transaction.complete().await
            })
            .await
    }

    async fn find(&self, scope: &str, id: &str) -> Result<Option<UniqueId>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES], READ).await?;
                let key = Array::of2(&scope.into(), &id.into());
                let found = transaction.values_by_index(FETCHES, ACTIVE, &key).await?;
                found
                    .into_iter()
                    .next()
                    .map(|row| rows::from_row::<BackgroundFetch>(&row).map(|fetch| fetch.uid))
                    .transpose()
            })
            .await
    }

    async fn active(&self, scope: &str) -> Result<Vec<BackgroundFetch>, StoreError> {
        // The index would give them in the order of their ids.
        let fetches = self.all().await?.into_iter();
        Ok(fetches.filter(|fetch| fetch.scope == scope && fetch.active.is_some()).collect())
    }

    async fn all(&self) -> Result<Vec<BackgroundFetch>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES], READ).await?;
                let found = transaction.values(FETCHES, &JsValue::UNDEFINED).await?;
                // A row that is none of ours must not keep the others from going on.
                Ok(found.iter().filter_map(|row| BackgroundFetch::from_row(&row)).collect())
            })
            .await
    }

    async fn fetch(&self, uid: &UniqueId) -> Result<Option<(BackgroundFetch, Progress)>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, PROGRESS], READ).await?;
                read_fetch(&transaction, uid).await
            })
            .await
    }

    async fn update<T: 'static>(
        &self,
        uid: &UniqueId,
        change: impl Fn(&mut BackgroundFetch, &mut Progress) -> T,
    ) -> Result<Option<T>, StoreError> {
        let is_written = Cell::new(false);
        let work = async || {
            let transaction = self.begin(&[FETCHES, PROGRESS], WRITE).await?;
            let Some((mut fetch, mut progress)) = read_fetch(&transaction, uid).await? else {
                return Ok(None);
            };
            let changed = change(&mut fetch, &mut progress);
            transaction.put(FETCHES, &fetch_key(uid), &rows::to_row(&fetch)?)?;
            transaction.put(PROGRESS, &fetch_key(uid), &rows::to_row(&progress)?)?;
            is_written.set(true);
            transaction.complete().await?;
            Ok(Some(changed))
        };
        call(&self.connection, &is_written, work).await
    }

    async fn begin_run(&self, uid: &UniqueId) -> Result<Option<StoredRun>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, PROGRESS, RECORDS, CHUNKS], WRITE).await?;
                let Some((fetch, progress)) = read_fetch(&transaction, uid).await? else { return Ok(None) };
                let (records, damaged) = read_records(&transaction, uid).await?;
                for key in damaged {
                    // What is not known to be whole begins anew.
                    rows::report_dropped(RECORDS, &format!("{key:?}"));
                    transaction.delete(RECORDS, &key)?;
                    transaction.delete(CHUNKS, &keys_below(&[fetch_key(uid), index_of(&key).into()])?)?;
                }
                let progress = progress.for_next_runner(records.iter().map(|(_, record)| record));
                transaction.put(PROGRESS, &fetch_key(uid), &rows::to_row(&progress)?)?;
                transaction.complete().await?;
                Ok(Some(StoredRun { fetch, progress, records }))
            })
            .await
    }

    async fn commit(
        &self,
        uid: &UniqueId,
        runner: u32,
        change: RecordChange<Bytes>,
    ) -> Result<Progress, StoreError> {
        let Some(chunk) = &change.chunk else { return self.write(uid, runner, &change, None).await };
        let _writing = self.connection.writing(chunk.pieces.iter().map(ByteHandle::length).sum());
        let as_blob = self.stores_blobs_of(uid).await?;
        let (key, value) = chunk_row(uid, change.index, chunk, as_blob)?;
        match self.write(uid, runner, &change, Some((&key, &value))).await {
            // Blobs cannot be stored after all.
            Err(StoreError::Failed(_)) if value.is_instance_of::<Blob>() => {
                let value = to_array_buffer(&value).await?;
                let progress = self.write(uid, runner, &change, Some((&key, &value))).await?;
                self.stores_blobs.set(false);
                self.without_blobs.borrow_mut().push(uid.clone());
                Ok(progress)
            }
            written => written,
        }
    }

    async fn last_chunk(
        &self,
        uid: &UniqueId,
        index: u32,
        end: ByteCount,
    ) -> Result<Option<(ByteCount, Bytes)>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[CHUNKS], READ).await?;
                let before = keys_before(&[fetch_key(uid), index.into()], f64::from(end).into())?;
                let keys = transaction.keys(CHUNKS, &before).await?;
                let Some(key) = keys.into_iter().last() else { return Ok(None) };
                let offset =
                    Reflect::get_u32(&key, 2).ok().and_then(|offset| offset.as_f64()).unwrap_or_default();
                let value = transaction.get(CHUNKS, &key).await?;
                let bytes = Bytes::from_value(value).unwrap_or_else(Bytes::unreadable);
                Ok(Some((ByteCount::from(offset), bytes)))
            })
            .await
    }

    async fn truncate(
        &self,
        uid: &UniqueId,
        runner: u32,
        index: u32,
        length: ByteCount,
    ) -> Result<(), StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[PROGRESS, RECORDS, CHUNKS], WRITE).await?;
                let (progress, mut record) = read_record(&transaction, uid, runner, index).await?;
                let counted = record.length;
                record.truncate(length);
                let progress = progress.counting(counted, &record, ByteCount::ZERO);
                transaction
                    .delete(CHUNKS, &keys_from(&[fetch_key(uid), index.into()], f64::from(length).into())?)?;
                transaction.put(RECORDS, &record_key(uid, index), &rows::to_row(&record)?)?;
                transaction.put(PROGRESS, &fetch_key(uid), &rows::to_row(&progress)?)?;
                transaction.complete().await
            })
            .await
    }

    async fn request(
        &self,
        uid: &UniqueId,
        index: u32,
    ) -> Result<Option<(StoredRequest, Option<Bytes>)>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[REQUESTS], READ).await?;
                let row = transaction.get(REQUESTS, &record_key(uid, index)).await?;
                Ok(read_request(row))
            })
            .await
    }

    async fn requested_records(
        &self,
        uid: &UniqueId,
        addresses: Option<&(String, String)>,
    ) -> Result<Option<(Stage, Vec<RequestedRecord<Bytes>>)>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, REQUESTS, RECORDS], READ).await?;
                let fetch = transaction.get(FETCHES, &fetch_key(uid)).await?;
                if fetch.is_undefined() {
                    return Ok(None);
                }
                let stage = rows::from_row::<BackgroundFetch>(&fetch)?.stage;
                if let Some(addresses) = addresses
                    && let Some(found) = read_records_at(&transaction, uid, addresses).await?
                {
                    return Ok(Some((stage, found)));
                }
                let requests = transaction.values(REQUESTS, &keys_below(&[fetch_key(uid)])?).await?;
                let (records, _) = read_records(&transaction, uid).await?;
                // Both in the order of their indices, which the requests have without a gap.
                let mut records = records.into_iter().peekable();
                let mut found = Vec::new();
                for (index, row) in (0..).zip(requests) {
                    let record = records.next_if(|(of, _)| *of == index);
                    let response = record.and_then(|(_, record)| record.response);
                    // One that cannot be read has failed.
                    if let Some((request, body)) = read_request(row) {
                        found.push(RequestedRecord { index, request, body, response });
                    }
                }
                Ok(Some((stage, found)))
            })
            .await
    }

    async fn stored_response(
        &self,
        uid: &UniqueId,
        index: u32,
        from: ByteCount,
        at_most: u32,
    ) -> Result<Option<StoredResponse<Bytes>>, StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, RECORDS, CHUNKS], READ).await?;
                let fetch = transaction.get(FETCHES, &fetch_key(uid)).await?;
                if fetch.is_undefined() {
                    return Ok(None);
                }
                let stage = rows::from_row::<BackgroundFetch>(&fetch)?.stage;
                let row = transaction.get(RECORDS, &record_key(uid, index)).await?;
                // Of one that cannot be read nothing is known.
                let record = Record::from_row(&row).unwrap_or_default();
                let chunks = if at_most > 0 && record.is_exposable() {
                    read_chunks(&transaction, uid, index, from, at_most).await?
                } else {
                    Vec::new()
                };
                Ok(Some(StoredResponse { stage, record, chunks }))
            })
            .await
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let connection = &self.connection;
        connection.call(async || sweep(&connection.running, &connection.database().await?).await).await
    }

    async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError> {
        self.connection
            .call(async || {
                let transaction = self.begin(&[FETCHES, PROGRESS, REQUESTS, RECORDS, CHUNKS], WRITE).await?;
                let below = keys_below(&[fetch_key(uid)])?;
                for store in [REQUESTS, RECORDS, CHUNKS] {
                    transaction.delete(store, &below)?;
                }
                transaction.delete(FETCHES, &fetch_key(uid))?;
                transaction.delete(PROGRESS, &fetch_key(uid))?;
                transaction.complete().await
            })
            .await
    }
}
