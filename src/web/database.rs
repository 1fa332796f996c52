use std::cell::Cell;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, IdbDatabase, IdbFactory, IdbIndexParameters, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest,
    IdbRequest, IdbTransaction, IdbTransactionMode,
};

use super::errors::store_error;
use super::running_transactions::RunningTransactions;
use crate::engine::StoreError;
use crate::model::UniqueId;

const NAME: &str = "background-fetch";
/// To be raised with every change of the rows that an earlier package cannot read: it would drop them as none of ours.
const VERSION: u32 = 3;

/// Time after which the console is told that the database does not open.
const LONG_MILLIS: u32 = 10_000;

/// uid -> what any context may change of a fetch.
pub const FETCHES: &str = "fetches";
/// uid -> what only its runner changes.
pub const PROGRESS: &str = "progress";
/// [uid, index] -> a request with its body; never changed.
pub const REQUESTS: &str = "requests";
/// [uid, index] -> the state of its response.
pub const RECORDS: &str = "records";
/// [uid, index, offset] -> Blob or ArrayBuffer.
pub const CHUNKS: &str = "chunks";
/// The SHA-256 of a build's module in base64 -> its bytes, since version 3. src/js/stored-data.js reads and writes them.
const ENGINES: &str = "engines";
/// For finding out what can be stored; always empty.
pub const PROBES: &str = "probes";

/// Index over the scope and id of fetches whose ids are taken.
pub const ACTIVE: &str = "active";
/// Index over the addresses of requests, since version 2.
pub const ADDRESS: &str = "url";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = indexedDB)]
    static INDEXED_DB: IdbFactory;
}

/// Opens the database, and creates or upgrades it if need be; whether it did.
pub async fn open() -> Result<(IdbDatabase, bool), StoreError> {
    let request = INDEXED_DB
        .with(|factory| factory.open_with_u32(NAME, VERSION))
        .map_err(|error| store_error(&error))?;
    let is_new = Rc::new(Cell::new(false));
    let upgrade = Closure::once_into_js({
        let (request, is_new) = (request.clone(), Rc::clone(&is_new));
        move |event: Event| -> Result<(), JsValue> {
            is_new.set(true);
            report_loss(&event);
            upgrade(&request, property(&event, "oldVersion").as_f64().unwrap_or_default())
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    // Ours close their connections when another version wants to open it.
    let blocked = Closure::<dyn FnMut()>::new(|| {
        let message = "background-fetch-polyfill: the database is kept open by another page's code.";
        web_sys::console::error_1(&message.into());
    });
    request.set_onblocked(Some(blocked.as_ref().unchecked_ref()));
    let mut opening = Opening { request: &request, is_awaited: true };
    let opened = std::pin::pin!(result(&request));
    let opened = match select(opened, TimeoutFuture::new(LONG_MILLIS)).await {
        Either::Left((opened, _)) => opened,
        // Behind a deletion, for which somebody does not close the connection, no event tells of it.
        Either::Right((_, opened)) => {
            let message =
                "background-fetch-polyfill: the database does not open. Another page's code may hold it.";
            web_sys::console::error_1(&message.into());
            opened.await
        }
    };
    opening.is_awaited = false;
    opened.map(|database| (database.unchecked_into(), is_new.get()))
}

/// A database that is being opened. Where nobody waits for it any more it is closed, so that it holds nobody up.
struct Opening<'a> {
    request: &'a IdbOpenDbRequest,
    is_awaited: bool,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if self.is_awaited {
            let request = self.request.clone();
            let close = move || {
                if let Ok(database) = request.result() {
                    database.unchecked_into::<IdbDatabase>().close();
                }
            };
            self.request.set_onsuccess(Some(Closure::once_into_js(close).unchecked_ref()));
        }
    }
}

/// Chromium deletes the databases of an origin that it finds damaged, and tells why.
fn report_loss(upgrade: &Event) {
    let text = |name: &str| property(upgrade, name).as_string();
    if text("dataLoss").as_deref() == Some("total") {
        let reason = text("dataLossMessage").unwrap_or_default();
        let message = format!("background-fetch-polyfill: the browser has deleted its database: {reason}");
        web_sys::console::error_1(&message.into());
    }
}

fn property(event: &Event, name: &str) -> JsValue {
    Reflect::get(event, &name.into()).unwrap_or_default()
}

fn upgrade(request: &IdbOpenDbRequest, old_version: f64) -> Result<(), JsValue> {
    let database: IdbDatabase = request.result()?.unchecked_into();
    // Who looks for a database that is not there makes one without stores.
    if !database.object_store_names().contains(FETCHES) {
        create_stores(&database)?;
    }
    if old_version < 2.0 {
        // What is there is indexed with it, and stays.
        let transaction = request.transaction().ok_or(JsValue::UNDEFINED)?;
        transaction.object_store(REQUESTS)?.create_index_with_str(ADDRESS, ADDRESS)?;
    }
    database.create_object_store(ENGINES).map(drop)
}

fn create_stores(database: &IdbDatabase) -> Result<(), JsValue> {
    for name in [PROGRESS, REQUESTS, RECORDS, CHUNKS, PROBES] {
        database.create_object_store(name)?;
    }
    let unique = IdbIndexParameters::new();
    unique.set_unique(true);
    let fetches = database.create_object_store(FETCHES)?;
    // Rows whose id is free have no key in it, and do not count.
    fetches.create_index_with_str_and_optional_parameters(ACTIVE, "active", &unique)?;
    Ok(())
}

/// A transaction over some stores. One that writes and is dropped before it is completed is undone: left alone, it would
/// store the half that was asked for up to then.
pub struct Transaction {
    transaction: IdbTransaction,
    is_undone_by_drop: bool,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_undone_by_drop {
            // Fails where it has ended already.
            let _ = self.transaction.abort();
        }
    }
}

impl Transaction {
    pub fn begin(
        running: &RunningTransactions,
        database: &IdbDatabase,
        stores: &[&str],
        mode: IdbTransactionMode,
    ) -> Result<Self, StoreError> {
        running
            .begin(database, stores, mode)
            .map(|transaction| Self { transaction, is_undone_by_drop: mode == IdbTransactionMode::Readwrite })
            .map_err(|error| store_error(&error))
    }

    pub fn store(&self, name: &str) -> Result<IdbObjectStore, StoreError> {
        self.transaction.object_store(name).map_err(|error| store_error(&error))
    }

    pub async fn get(&self, store: &str, key: &JsValue) -> Result<JsValue, StoreError> {
        result(&self.store(store)?.get(key).map_err(|error| store_error(&error))?).await
    }

    /// The values of a range of keys, in their order.
    pub async fn values(&self, store: &str, range: &JsValue) -> Result<Array, StoreError> {
        let request = self.store(store)?.get_all_with_key(range).map_err(|error| store_error(&error))?;
        result(&request).await.map(JsCast::unchecked_into)
    }

    /// The first of them, at most so many.
    pub async fn first_values(
        &self,
        store: &str,
        range: &JsValue,
        at_most: u32,
    ) -> Result<Array, StoreError> {
        let store = self.store(store)?;
        let request =
            store.get_all_with_key_and_limit(range, at_most).map_err(|error| store_error(&error))?;
        result(&request).await.map(JsCast::unchecked_into)
    }

    /// `None` where the range is empty.
    pub async fn first_key(&self, store: &str, range: &JsValue) -> Result<Option<JsValue>, StoreError> {
        Ok(self.first_keys(store, range, 1).await?.into_iter().next())
    }

    /// The keys of what [`Self::first_values`] gives.
    pub async fn first_keys(&self, store: &str, range: &JsValue, at_most: u32) -> Result<Array, StoreError> {
        let store = self.store(store)?;
        let request =
            store.get_all_keys_with_key_and_limit(range, at_most).map_err(|error| store_error(&error))?;
        result(&request).await.map(JsCast::unchecked_into)
    }

    pub async fn keys(&self, store: &str, range: &JsValue) -> Result<Array, StoreError> {
        let request = self.store(store)?.get_all_keys_with_key(range).map_err(|error| store_error(&error))?;
        result(&request).await.map(JsCast::unchecked_into)
    }

    /// The rows that an index has for a key or a range of keys.
    pub async fn values_by_index(
        &self,
        store: &str,
        index: &str,
        key: &JsValue,
    ) -> Result<Array, StoreError> {
        let index = self.store(store)?.index(index).map_err(|error| store_error(&error))?;
        let request = index.get_all_with_key(key).map_err(|error| store_error(&error))?;
        result(&request).await.map(JsCast::unchecked_into)
    }

    /// The keys of the rows that an index has for these texts, from the first on and before the second.
    pub async fn keys_by_index(
        &self,
        store: &str,
        index: &str,
        first: &str,
        end: &str,
    ) -> Result<Array, StoreError> {
        let begun = || {
            let range =
                IdbKeyRange::bound_with_lower_open_and_upper_open(&first.into(), &end.into(), false, true)?;
            self.transaction.object_store(store)?.index(index)?.get_all_keys_with_key(&range)
        };
        result(&begun().map_err(|error| store_error(&error))?).await.map(JsCast::unchecked_into)
    }

    pub fn put(&self, store: &str, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        self.store(store)?.put_with_key(value, key).map(|_| ()).map_err(|error| store_error(&error))
    }

    pub fn add(&self, store: &str, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        self.store(store)?.add_with_key(value, key).map(|_| ()).map_err(|error| store_error(&error))
    }

    pub fn delete(&self, store: &str, range: &JsValue) -> Result<(), StoreError> {
        self.store(store)?.delete(range).map(|_| ()).map_err(|error| store_error(&error))
    }

    /// Resolves when everything is stored. The transaction is left to end by itself: after a call of `commit()`,
    /// Firefox (153) stores the rest of a transaction of which one request fails.
    pub async fn complete(mut self) -> Result<(), StoreError> {
        self.is_undone_by_drop = false;
        match completed(&self.transaction).await {
            Ok(_) => Ok(()),
            Err(event) => Err(self.failure(event.unchecked_ref())),
        }
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

/// Resolves when a transaction is complete, rejects when it was aborted.
pub fn completed(transaction: &IdbTransaction) -> JsFuture {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    })
    .into()
}

/// The result of a request. The transaction is still active when this returns, for the promise's reactions run before
/// the event's dispatch ends.
async fn result(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(done).await {
        Ok(_) => request.result().map_err(|error| store_error(&error)),
        Err(_) => Err(match request.error() {
            Ok(Some(error)) => store_error(&error),
            _ => StoreError::Failed("the request failed".into()),
        }),
    }
}

pub fn fetch_key(uid: &UniqueId) -> JsValue {
    uid.as_str().into()
}

pub fn record_key(uid: &UniqueId, index: u32) -> JsValue {
    Array::of2(&fetch_key(uid), &index.into()).into()
}

/// All keys that begin with these parts: arrays sort after every string and number.
pub fn keys_below(parts: &[JsValue]) -> Result<JsValue, StoreError> {
    keys_between(parts.iter().collect(), parts)
}

/// Those of them whose next part is not less than this.
pub fn keys_from(parts: &[JsValue], first: JsValue) -> Result<JsValue, StoreError> {
    keys_between(parts.iter().chain([&first]).collect(), parts)
}

/// Those of them whose next part is less than this.
pub fn keys_before(parts: &[JsValue], end: JsValue) -> Result<JsValue, StoreError> {
    let upper = parts.iter().chain([&end]).collect::<Array>();
    IdbKeyRange::bound_with_lower_open_and_upper_open(&parts.iter().collect::<Array>(), &upper, false, true)
        .map(Into::into)
        .map_err(|error| store_error(&error))
}

fn keys_between(lower: Array, parts: &[JsValue]) -> Result<JsValue, StoreError> {
    let upper: Array = parts.iter().collect();
    upper.push(&Array::new());
    IdbKeyRange::bound(&lower, &upper).map(Into::into).map_err(|error| store_error(&error))
}
