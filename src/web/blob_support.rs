use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, IdbDatabase, IdbTransaction, IdbTransactionMode};

use super::database::name_of;
use super::errors::store_error;
use super::running_transactions::RunningTransactions;
use super::transaction::completed;
use crate::engine::{First, StoreError, Table, race};

/// Private windows of WebKit never complete such a request, or abort its transaction.
const LONGEST_MILLIS: u32 = 1000;

/// The key of what is stored for a moment.
const PROBE: u32 = 0;

/// Whether Blobs can be stored. `false` in private windows of WebKit (2.50: UnknownError "Error preparing Blob/File
/// data"; <https://bugs.webkit.org/show_bug.cgi?id=156347>), where an `ArrayBuffer` has to do.
pub async fn stores_blobs(running: &RunningTransactions, database: &IdbDatabase) -> Result<bool, StoreError> {
    let transaction = begin(running, database)?;
    let Ok(stored) = store_blob(&transaction) else { return Ok(false) };
    match race(stored, TimeoutFuture::new(LONGEST_MILLIS)).await {
        First::Left(result) => {
            // In a transaction of its own: what is deleted where it was put may never be written.
            let transaction = begin(running, database)?;
            let emptied = transaction
                .object_store(name_of(Table::Probes))
                .and_then(|store| store.delete(&PROBE.into()));
            Ok(result.is_ok() && emptied.is_ok())
        }
        First::Right(()) => {
            // Fails where it has just ended.
            let _ = transaction.abort();
            Ok(false)
        }
    }
}

/// Over a store, too, that every other transaction writes to, so that none is open at the same time: Chromium (156)
/// finds the origin's databases damaged and deletes them when it was killed during two that write to different stores.
fn begin(running: &RunningTransactions, database: &IdbDatabase) -> Result<IdbTransaction, StoreError> {
    running
        .begin(database, &[name_of(Table::Probes), name_of(Table::Progress)], IdbTransactionMode::Readwrite)
        .map_err(|error| store_error(&error))
}

fn store_blob(transaction: &IdbTransaction) -> Result<JsFuture, JsValue> {
    let blob = Blob::new_with_str_sequence(&js_sys::Array::of1(&"probe".into()))?;
    transaction.object_store(name_of(Table::Probes))?.put_with_key(&blob, &PROBE.into())?;
    Ok(completed(transaction))
}
