//! Keys and rows of the engine as values of the database, and back.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::{Bytes, rows};
use crate::engine::{Found, Keys, StoreError, StoredRow, Table};
use crate::model::{BackgroundFetch, ByteCount, FromRow, Millis, Progress, Record, StoredRequest, UniqueId};

/// What `keyOf()` in transaction.js makes keys of.
pub struct KeyParts<'a> {
    /// The position in [`Keys`].
    pub kind: u8,
    /// A uid, or a scope.
    pub uid: &'a str,
    pub index: f64,
    pub offset: f64,
}

impl<'a> KeyParts<'a> {
    pub fn of(keys: &'a Keys<'_>) -> Self {
        let (kind, uid, index, offset) = match keys {
            Keys::All => (0, "", 0, ByteCount::ZERO),
            Keys::Of(uid) => (1, uid.as_str(), 0, ByteCount::ZERO),
            Keys::Record(uid, index) => (2, uid.as_str(), *index, ByteCount::ZERO),
            Keys::RecordsFrom(uid, index) => (3, uid.as_str(), *index, ByteCount::ZERO),
            Keys::Chunk(uid, index, offset) => (4, uid.as_str(), *index, *offset),
            Keys::ChunksFrom(uid, index, offset) => (5, uid.as_str(), *index, *offset),
            Keys::ChunksBefore(uid, index, offset) => (6, uid.as_str(), *index, *offset),
            Keys::Active(scope, _) => (7, *scope, 0, ByteCount::ZERO),
            Keys::Urls(uid, ..) => (8, uid.as_str(), 0, ByteCount::ZERO),
            Keys::Behind(None) => (9, "", 0, ByteCount::ZERO),
            Keys::Behind(Some(uid)) => (9, uid.as_str(), 1, ByteCount::ZERO),
            Keys::SweptAt => (10, "", 0, ByteCount::ZERO),
        };
        Self { kind, uid, index: index.into(), offset: offset.into() }
    }
}

/// What `answers()` in transaction.js gives of one read.
pub fn found_in(table: Table, answer: &JsValue) -> Vec<Found<Bytes>> {
    let values = answer.unchecked_ref::<Array>();
    let at = |position: u32| {
        let row = values.get(position + 3);
        Found {
            uid: values.get(position).as_string().map(UniqueId::from),
            index: values.get(position + 1).as_f64().unwrap_or_default() as u32,
            offset: values.get(position + 2).as_f64().unwrap_or_default().into(),
            row: if row.is_undefined() { None } else { row_of(table, &row) },
        }
    };
    (0..values.length()).step_by(4).map(at).collect()
}

fn row_of(table: Table, value: &JsValue) -> Option<StoredRow<Bytes>> {
    Some(match table {
        Table::Fetches => StoredRow::Fetch(BackgroundFetch::from_row(value)?),
        Table::Progress => StoredRow::Progress(Progress::from_row(value)?),
        Table::Requests => {
            let body = Reflect::get(value, &"body".into()).ok().and_then(Bytes::from_value);
            StoredRow::Request(StoredRequest::from_row(value)?, body)
        }
        Table::Records => StoredRow::Record(Record::from_row(value)?),
        Table::Chunks => StoredRow::Chunk(Bytes::from_value(value.clone())?),
        Table::Probes => StoredRow::SweptAt(Millis::from_row(value)?),
        Table::Kept => StoredRow::Kept,
    })
}

pub fn value_of(row: &StoredRow<Bytes>) -> Result<JsValue, StoreError> {
    match row {
        StoredRow::Fetch(fetch) => rows::to_row(fetch),
        StoredRow::Progress(progress) => rows::to_row(progress),
        StoredRow::Request(request, body) => {
            let row = rows::to_row(request)?;
            if let Some(body) = body {
                let failed = |_| StoreError::Failed("a row cannot be written to".into());
                Reflect::set(&row, &"body".into(), body.value()).map_err(failed)?;
            }
            Ok(row)
        }
        StoredRow::Record(record) => rows::to_row(record),
        StoredRow::Chunk(bytes) => Ok(bytes.value().clone()),
        StoredRow::SweptAt(at) => Ok(f64::from(*at).into()),
        StoredRow::Kept => Ok(true.into()),
    }
}
