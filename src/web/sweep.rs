use std::collections::HashSet;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbKeyRange, IdbTransactionMode};

use super::database::{CHUNKS, FETCHES, PROGRESS, RECORDS, REQUESTS, Transaction, fetch_key, keys_below};
use super::errors::store_error;
use super::rows;
use crate::engine::StoreError;
use crate::model::{BackgroundFetch, Progress, UniqueId};

/// Something in the database that does not belong there, or cannot be read.
enum Stray {
    Rows {
        store: &'static str,
        keys: JsValue,
        what: String,
    },
    /// Of a fetch that is there: it is counted anew by who runs the fetch next.
    Progress(UniqueId),
}

/// Deletes what belongs to no fetch: anyone of the origin can write into the database, and disks fail. Told on the console.
pub async fn sweep(database: &IdbDatabase) -> Result<(), StoreError> {
    let strays = find(database).await?;
    if strays.is_empty() {
        return Ok(());
    }
    // What belonged to nothing a moment ago belongs to nothing now: a uid is never used again.
    let stores = [FETCHES, PROGRESS, REQUESTS, RECORDS, CHUNKS];
    let transaction = Transaction::begin(database, &stores, IdbTransactionMode::Readwrite)?;
    for stray in &strays {
        match stray {
            Stray::Rows { store, keys, what } => {
                rows::report_dropped(store, what);
                transaction.delete(store, keys)?;
            }
            Stray::Progress(uid) => {
                rows::report_dropped(PROGRESS, uid.as_str());
                transaction.put(PROGRESS, &fetch_key(uid), &rows::to_row(&Progress::default())?)?;
            }
        }
    }
    transaction.complete().await
}

async fn find(database: &IdbDatabase) -> Result<Vec<Stray>, StoreError> {
    let stores = [FETCHES, PROGRESS, REQUESTS, RECORDS, CHUNKS];
    let transaction = Transaction::begin(database, &stores, IdbTransactionMode::Readonly)?;
    let mut strays = Vec::new();
    let mut uids = HashSet::new();
    for (key, row) in read_all(&transaction, FETCHES).await? {
        let fetch = rows::from_row::<BackgroundFetch>(row).ok();
        match fetch.filter(|fetch| key.as_string().as_deref() == Some(fetch.uid.as_str())) {
            Some(fetch) => drop(uids.insert(fetch.uid)),
            None => strays.push(stray(FETCHES, key.clone(), &key)),
        }
    }
    let mut with_progress = HashSet::new();
    for (key, row) in read_all(&transaction, PROGRESS).await? {
        let uid = key.as_string().map(UniqueId::from).filter(|uid| uids.contains(uid));
        match uid {
            Some(uid) if rows::from_row::<Progress>(row).is_ok() => drop(with_progress.insert(uid)),
            Some(_) => {}
            None => strays.push(stray(PROGRESS, key.clone(), &key)),
        }
    }
    strays.extend(uids.iter().filter(|uid| !with_progress.contains(*uid)).cloned().map(Stray::Progress));
    for store in [REQUESTS, RECORDS, CHUNKS] {
        find_in_parts(&transaction, store, &uids, &mut strays).await?;
    }
    Ok(strays)
}

/// In stores whose keys begin with the uid. Jumps from one uid to the next: a fetch may have ten thousand rows.
async fn find_in_parts(
    transaction: &Transaction,
    store: &'static str,
    uids: &HashSet<UniqueId>,
    strays: &mut Vec<Stray>,
) -> Result<(), StoreError> {
    let mut rest = JsValue::UNDEFINED;
    loop {
        let Some(key) = transaction.first_key(store, &rest).await? else { return Ok(()) };
        let uid = key.dyn_ref::<Array>().and_then(|parts| parts.get(0).as_string()).map(UniqueId::from);
        rest = match uid {
            Some(uid) => {
                let name = fetch_key(&uid);
                if !uids.contains(&uid) {
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
    Stray::Rows { store, keys, what: format!("{shown:?}") }
}

async fn read_all(
    transaction: &Transaction,
    store: &str,
) -> Result<impl Iterator<Item = (JsValue, JsValue)> + use<>, StoreError> {
    let keys = transaction.keys(store, &JsValue::UNDEFINED).await?;
    let values = transaction.values(store, &JsValue::UNDEFINED).await?;
    Ok(keys.into_iter().zip(values))
}
