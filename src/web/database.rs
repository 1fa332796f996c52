use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, IdbDatabase, IdbFactory, IdbIndexParameters, IdbOpenDbRequest, IdbRequest};

use super::errors::{report, store_error};
use super::transaction::{answered, result_of};
use crate::engine::{First, StoreError, Table, race};

const NAME: &str = "background-fetch";
/// To be raised with every new store or index, and with every change of the rows that an earlier package cannot read:
/// it would drop them as none of ours.
const VERSION: u32 = 3;

/// Time after which the console is told that the database does not open.
const LONG_MILLIS: u32 = 10_000;

/// The SHA-256 of a build's module in base64 -> its bytes, since version 3. src/js/stored-data.js reads and writes
/// them.
const ENGINES: &str = "engines";

/// - `fetches`: uid -> what any context may change of a fetch.
/// - `progress`: uid -> what only its runner changes, except `doubtedAt`: commands reset it from any realm.
/// - `requests`: [uid, index] -> a request with its body; never changed.
/// - `records`: [uid, index] -> the state of its response.
/// - `chunks`: [uid, index, offset] -> Blob or ArrayBuffer.
/// - `probes`: for finding out what can be stored; and when the database was last swept.
pub fn name_of(table: Table) -> &'static str {
    match table {
        Table::Fetches => "fetches",
        Table::Progress => "progress",
        Table::Requests => "requests",
        Table::Records => "records",
        Table::Chunks => "chunks",
        Table::Probes => "probes",
    }
}

/// Index over the scope and id of fetches whose ids are taken.
pub const ACTIVE: &str = "active";
/// Index over the URLs of requests, since version 2.
pub const URL: &str = "url";

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
        report(&["the database is kept open by another page's code."]);
    });
    request.set_onblocked(Some(blocked.as_ref().unchecked_ref()));
    let mut opening = Opening { request: &request, is_awaited: true };
    let mut opened = std::pin::pin!(result(&request));
    let opened = match race(opened.as_mut(), TimeoutFuture::new(LONG_MILLIS)).await {
        First::Left(opened) => opened,
        // Behind a deletion, for which somebody does not close the connection, no event tells of it.
        First::Right(()) => {
            report(&["the database does not open. Another page's code may hold it."]);
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

/// Chromium deletes the databases of an origin that it finds damaged, and tells why
/// (<https://bugs.chromium.org/p/chromium/issues/detail?id=146284>, <https://github.com/w3c/IndexedDB/issues/30>).
fn report_loss(upgrade: &Event) {
    let text = |name: &str| property(upgrade, name).as_string();
    if text("dataLoss").as_deref() == Some("total") {
        let reason = text("dataLossMessage").unwrap_or_default();
        report(&["the browser has deleted its database: ", &reason]);
    }
}

fn property(event: &Event, name: &str) -> JsValue {
    Reflect::get(event, &name.into()).unwrap_or_default()
}

fn upgrade(request: &IdbOpenDbRequest, old_version: f64) -> Result<(), JsValue> {
    let database: IdbDatabase = request.result()?.unchecked_into();
    // Who looks for a database that is not there makes one without stores.
    if !database.object_store_names().contains(name_of(Table::Fetches)) {
        create_stores(&database)?;
    }
    if old_version < 2.0 {
        // What is there is indexed with it, and stays.
        let transaction = request.transaction().ok_or(JsValue::UNDEFINED)?;
        transaction.object_store(name_of(Table::Requests))?.create_index_with_str(URL, URL)?;
    }
    if old_version < 3.0 {
        database.create_object_store(ENGINES)?;
    }
    Ok(())
}

fn create_stores(database: &IdbDatabase) -> Result<(), JsValue> {
    for table in [Table::Progress, Table::Requests, Table::Records, Table::Chunks, Table::Probes] {
        database.create_object_store(name_of(table))?;
    }
    let unique = IdbIndexParameters::new();
    unique.set_unique(true);
    let fetches = database.create_object_store(name_of(Table::Fetches))?;
    // Rows whose id is free have no key in it, and do not count.
    fetches.create_index_with_str_and_optional_parameters(ACTIVE, "active", &unique)?;
    Ok(())
}

/// The result of a request.
async fn result(request: &IdbRequest) -> Result<JsValue, StoreError> {
    answered(request).await;
    result_of(request)
}
