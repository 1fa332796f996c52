//! Keys and rows of the engine as values of the database, and back.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::IdbKeyRange;

use super::{Bytes, rows};
use crate::engine::{Keys, StoreError, StoredRow, Table};
use crate::model::{BackgroundFetch, ByteCount, FromRow, Millis, Progress, Record, StoredRequest, UniqueId};

/// The key of the row in [`Table::Probes`].
const SWEPT_AT: &str = "sweptAt";

/// Tables whose keys are arrays that begin with the uid. Those of the others are uids.
fn has_parts(table: Table) -> bool {
    matches!(table, Table::Requests | Table::Records | Table::Chunks)
}

/// Whether [`key_of`] gives a key, and not a range.
pub fn is_one_key(table: Table, keys: &Keys<'_>) -> bool {
    match keys {
        Keys::Of(_) => !has_parts(table),
        Keys::Record(..) => table != Table::Chunks,
        Keys::Chunk(..) | Keys::SweptAt => true,
        _ => false,
    }
}

/// A key, a range of them, or a key of an index.
pub fn key_of(table: Table, keys: &Keys<'_>) -> Result<JsValue, JsValue> {
    let uid = |uid: &UniqueId| JsValue::from(uid.as_str());
    let key = match *keys {
        Keys::All => JsValue::UNDEFINED,
        Keys::SweptAt => SWEPT_AT.into(),
        Keys::Active(scope, id) => Array::of2(&scope.into(), &id.into()).into(),
        Keys::Urls(_, first, end) => range(&first.into(), &end.into(), false)?,
        Keys::Of(of) if !has_parts(table) => uid(of),
        Keys::Of(of) => range_below(&[uid(of)], None)?,
        Keys::RecordsFrom(of, index) => range_below(&[uid(of)], Some(index.into()))?,
        Keys::Record(of, index) if table == Table::Chunks => range_below(&[uid(of), index.into()], None)?,
        Keys::Record(of, index) => Array::of2(&uid(of), &index.into()).into(),
        Keys::Chunk(of, index, at) => Array::of3(&uid(of), &index.into(), &offset(at)).into(),
        Keys::ChunksFrom(of, index, at) => range_below(&[uid(of), index.into()], Some(offset(at)))?,
        Keys::ChunksBefore(of, index, at) => {
            let end = Array::of3(&uid(of), &index.into(), &offset(at));
            range(&Array::of2(&uid(of), &index.into()), &end, false)?
        }
        // Arrays sort after every string, and those that begin with one after those that begin with a string.
        Keys::Behind(ref last) => {
            let last = last.as_ref().map(uid);
            let first = last.clone().unwrap_or_else(|| "".into());
            match (has_parts(table), last.is_some()) {
                (false, is_known) => range(&first, &Array::new(), is_known)?,
                (true, false) => range(&Array::of1(&first), &Array::of1(&Array::new()), false)?,
                (true, true) => range(&Array::of2(&first, &Array::new()), &Array::of1(&Array::new()), true)?,
            }
        }
    };
    Ok(key)
}

fn offset(offset: ByteCount) -> JsValue {
    f64::from(offset).into()
}

/// All keys that begin with these parts, and of which the next is not less than `first`: arrays sort after every string
/// and number.
fn range_below(parts: &[JsValue], first: Option<JsValue>) -> Result<JsValue, JsValue> {
    let lower: Array = parts.iter().chain(&first).collect();
    let upper: Array = parts.iter().collect();
    upper.push(&Array::new());
    range(&lower, &upper, false)
}

/// Without `end`.
fn range(first: &JsValue, end: &JsValue, is_first_left_out: bool) -> Result<JsValue, JsValue> {
    IdbKeyRange::bound_with_lower_open_and_upper_open(first, end, is_first_left_out, true).map(Into::into)
}

/// What a key says of its row.
pub struct Position {
    /// Where the rows of all fetches were asked for.
    pub uid: Option<UniqueId>,
    pub index: u32,
    pub offset: ByteCount,
}

impl Position {
    /// `None` where it is none of those that were asked for, or is of another form.
    pub fn of_key(table: Table, key: JsValue, asked: &Keys<'_>) -> Option<Self> {
        let part = |at: u32| Reflect::get_u32(&key, at).ok();
        let uid = || if has_parts(table) { part(0)?.as_string() } else { key.as_string() };
        let (mut index, mut offset) = (0, ByteCount::ZERO);
        match asked {
            Keys::All | Keys::Behind(_) => {
                return Some(Self { uid: Some(uid()?.into()), index, offset });
            }
            Keys::Urls(of, ..) if uid()? != of.as_str() => return None,
            _ => {}
        }
        if has_parts(table) {
            index = u32::from_row(&part(1)?)?;
        }
        if table == Table::Chunks {
            offset = part(2)?.as_f64()?.into();
        }
        Some(Self { uid: None, index, offset })
    }
}

pub fn row_of(table: Table, value: &JsValue) -> Option<StoredRow<Bytes>> {
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
    }
}
