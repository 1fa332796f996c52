//! The rows of a fetch, as they are read and written within a transaction.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::bytes::SMALLEST_BLOB;
use super::database::{
    ADDRESS, CHUNKS, FETCHES, PROGRESS, RECORDS, REQUESTS, Transaction, fetch_key, keys_below, keys_from,
    record_key,
};
use super::pieces::join_pieces;
use super::{Bytes, rows};
use crate::engine::{ByteHandle, RequestedRecord, StoreError, StoredChunk};
use crate::model::{BackgroundFetch, ByteCount, FromRow, Progress, Record, StoredRequest, UniqueId};

/// Key and value of a chunk.
pub fn chunk_row(
    uid: &UniqueId,
    index: u32,
    chunk: &StoredChunk<Bytes>,
    as_blob: bool,
) -> Result<(JsValue, JsValue), StoreError> {
    let key = Array::of3(&fetch_key(uid), &index.into(), &f64::from(chunk.offset).into());
    let length: ByteCount = chunk.pieces.iter().map(ByteHandle::length).sum();
    let as_blob = as_blob && length >= SMALLEST_BLOB;
    Ok((key.into(), join_pieces(chunk.pieces.iter().map(Bytes::value), as_blob)?))
}

/// `None` where there is none, or none that can be read.
pub async fn read_fetch(
    transaction: &Transaction,
    uid: &UniqueId,
) -> Result<Option<(BackgroundFetch, Progress)>, StoreError> {
    let fetch = transaction.get(FETCHES, &fetch_key(uid)).await?;
    let progress = transaction.get(PROGRESS, &fetch_key(uid)).await?;
    if fetch.is_undefined() {
        return Ok(None);
    }
    // The next runner counts anew.
    let progress = Progress::from_row(&progress).unwrap_or_else(|| {
        rows::report_dropped(PROGRESS, uid.as_str());
        Progress::default()
    });
    Ok(BackgroundFetch::from_row(&fetch).map(|fetch| (fetch, progress)))
}

/// What a runner changes of a record: the progress that counts it, and the record. Fails unless this is still the runner.
pub async fn read_record(
    transaction: &Transaction,
    uid: &UniqueId,
    runner: u32,
    index: u32,
) -> Result<(Progress, Record), StoreError> {
    let progress = Progress::from_row(&transaction.get(PROGRESS, &fetch_key(uid)).await?);
    let progress = progress.filter(|progress| progress.runner == runner).ok_or(StoreError::Fenced)?;
    let record = transaction.get(RECORDS, &record_key(uid, index)).await?;
    Ok((progress, Record::from_row(&record).unwrap_or_default()))
}

/// The records of a fetch by their indices, and the keys of those that cannot be read.
pub async fn read_records(
    transaction: &Transaction,
    uid: &UniqueId,
) -> Result<(Vec<(u32, Record)>, Vec<JsValue>), StoreError> {
    let range = keys_below(&[fetch_key(uid)])?;
    let keys = transaction.keys(RECORDS, &range).await?;
    let values = transaction.values(RECORDS, &range).await?;
    let (mut records, mut damaged) = (Vec::new(), Vec::new());
    for (key, value) in keys.into_iter().zip(values) {
        match Record::from_row(&value) {
            Some(record) => records.push((index_of(&key), record)),
            None => damaged.push(key),
        }
    }
    Ok((records, damaged))
}

/// The requests of a fetch with these addresses; `None` where there are so many that all are read as fast.
pub async fn read_records_at(
    transaction: &Transaction,
    uid: &UniqueId,
    (first, end): &(String, String),
) -> Result<Option<Vec<RequestedRecord<Bytes>>>, StoreError> {
    const MANY: usize = 16;
    let uid = fetch_key(uid);
    let keys = transaction.keys_by_index(REQUESTS, ADDRESS, first, end).await?.into_iter();
    let keys: Vec<JsValue> = keys.filter(|key| Reflect::get_u32(key, 0).is_ok_and(|of| of == uid)).collect();
    if keys.len() > MANY {
        return Ok(None);
    }
    let mut found = Vec::new();
    for key in keys {
        let request = read_request(transaction.get(REQUESTS, &key).await?);
        let record = Record::from_row(&transaction.get(RECORDS, &key).await?).unwrap_or_default();
        if let Some((request, body)) = request {
            let index = index_of(&key);
            // The keys are in the order of the addresses.
            let place = found.partition_point(|other: &RequestedRecord<Bytes>| other.index < index);
            found.insert(place, RequestedRecord { index, request, body, response: record.response });
        }
    }
    Ok(Some(found))
}

pub async fn read_chunks(
    transaction: &Transaction,
    uid: &UniqueId,
    index: u32,
    from: ByteCount,
    at_most: u32,
) -> Result<Vec<Bytes>, StoreError> {
    let range = keys_from(&[fetch_key(uid), index.into()], f64::from(from).into())?;
    let keys = transaction.first_keys(CHUNKS, &range, at_most).await?;
    let values = transaction.first_values(CHUNKS, &range, at_most).await?;
    let mut position = from;
    // What lies behind a gap would be taken for what is missing.
    let chunks = keys.into_iter().zip(values).map_while(|(key, value)| {
        let bytes = Bytes::from_value(value).filter(|_| offset_of(&key) == Some(position))?;
        position += bytes.length();
        Some(bytes)
    });
    Ok(chunks.collect())
}

/// The offset in a key [uid, index, offset].
pub fn offset_of(key: &JsValue) -> Option<ByteCount> {
    Reflect::get_u32(key, 2).ok().and_then(|offset| offset.as_f64()).map(ByteCount::from)
}

/// The index in a key [uid, index].
pub fn index_of(key: &JsValue) -> u32 {
    let index = Reflect::get_u32(key, 1).ok().and_then(|index| index.as_f64());
    index.map_or(u32::MAX, |index| index as u32)
}

pub fn request_row(request: &StoredRequest, body: Option<&Bytes>) -> Result<JsValue, StoreError> {
    let row = rows::to_row(request)?;
    if let Some(body) = body {
        let failed = |_| StoreError::Failed("a row cannot be written to".into());
        Reflect::set(&row, &"body".into(), body.value()).map_err(failed)?;
    }
    Ok(row)
}

/// `None` where there is none, or none that can be read.
pub fn read_request(row: JsValue) -> Option<(StoredRequest, Option<Bytes>)> {
    let body = Reflect::get(&row, &"body".into()).ok().and_then(Bytes::from_value);
    Some((StoredRequest::from_row(&row)?, body))
}
