use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbKeyRange, IdbTransactionMode};

use super::database::{CHUNKS, FETCHES, PROGRESS, RECORDS, REQUESTS, Transaction, keys_below};
use super::errors::store_error;
use super::rows;
use super::running_transactions::RunningTransactions;
use crate::engine::StoreError;
use crate::model::{BackgroundFetch, FromRow, UniqueId};

const STORES: [&str; 5] = [FETCHES, PROGRESS, REQUESTS, RECORDS, CHUNKS];

/// Rows that belong to nothing.
struct Stray {
    store: &'static str,
    keys: JsValue,
    what: String,
}

/// Deletes what belongs to no fetch: anyone of the origin can write into the database, and disks fail. Told on the console.
pub async fn sweep(running: &RunningTransactions, database: &IdbDatabase) -> Result<(), StoreError> {
    let strays = find(running, database).await?;
    if strays.is_empty() {
        return Ok(());
    }
    // What belonged to nothing a moment ago belongs to nothing now: a uid is never used again.
    let transaction = Transaction::begin(running, database, &STORES, IdbTransactionMode::Readwrite)?;
    for Stray { store, keys, what } in &strays {
        rows::report_dropped(store, what);
        transaction.delete(store, keys)?;
    }
    transaction.complete().await
}

async fn find(running: &RunningTransactions, database: &IdbDatabase) -> Result<Vec<Stray>, StoreError> {
    let transaction = Transaction::begin(running, database, &STORES, IdbTransactionMode::Readonly)?;
    let (mut strays, mut uids) = (Vec::new(), Vec::new());
    let fetches = transaction.values(FETCHES, &JsValue::UNDEFINED).await?;
    for (key, row) in transaction.keys(FETCHES, &JsValue::UNDEFINED).await?.into_iter().zip(fetches) {
        let fetch = BackgroundFetch::from_row(&row);
        match fetch.filter(|fetch| key.as_string().as_deref() == Some(fetch.uid.as_str())) {
            // In the order of their keys.
            Some(fetch) => uids.push(fetch.uid),
            None => strays.push(stray(FETCHES, key.clone(), &key)),
        }
    }
    for key in transaction.keys(PROGRESS, &JsValue::UNDEFINED).await? {
        if !belongs_to_any(&key, &uids) {
            strays.push(stray(PROGRESS, key.clone(), &key));
        }
    }
    for store in [REQUESTS, RECORDS, CHUNKS] {
        find_in_parts(&transaction, store, &uids, &mut strays).await?;
    }
    Ok(strays)
}

fn belongs_to_any(key: &JsValue, uids: &[UniqueId]) -> bool {
    key.as_string().is_some_and(|uid| uids.binary_search(&UniqueId::from(uid)).is_ok())
}

/// In stores whose keys begin with the uid. Jumps from one uid to the next: a fetch may have ten thousand rows.
async fn find_in_parts(
    transaction: &Transaction,
    store: &'static str,
    uids: &[UniqueId],
    strays: &mut Vec<Stray>,
) -> Result<(), StoreError> {
    let mut rest = JsValue::UNDEFINED;
    loop {
        let Some(key) = transaction.first_key(store, &rest).await? else { return Ok(()) };
        let name = key.dyn_ref::<Array>().map(|parts| parts.get(0)).filter(JsValue::is_string);
        rest = match name {
            Some(name) => {
                if !belongs_to_any(&name, uids) {
                    strays.push(stray(store, keys_below(std::slice::from_ref(&name))?, &name));
                }
                // Arrays sort after what the keys of this uid go on with.
                key_range(&Array::of2(&name, &Array::new()), false)?
            }
            None => {
                strays.push(stray(store, key.clone(), &key));
                key_range(&key, true)?
            }
        };
    }
}

fn key_range(lower: &JsValue, open: bool) -> Result<JsValue, StoreError> {
    IdbKeyRange::lower_bound_with_open(lower, open).map(Into::into).map_err(|error| store_error(&error))
}

fn stray(store: &'static str, keys: JsValue, shown: &JsValue) -> Stray {
    Stray { store, keys, what: format!("{shown:?}") }
}
