use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/database.js")]
extern "C" {
    pub type Database;

    #[wasm_bindgen(constructor)]
    pub fn new() -> Database;

    #[wasm_bindgen(method, getter, js_name = isOpen)]
    pub fn is_open(this: &Database) -> bool;

    #[wasm_bindgen(method)]
    pub fn open(this: &Database) -> Promise;

    /// `tables`: their numbers.
    #[wasm_bindgen(method, catch)]
    pub fn begin(this: &Database, tables: &[u8], writes: bool) -> Result<Transaction, JsValue>;

    #[wasm_bindgen(method)]
    pub fn suspend(this: &Database);

    #[wasm_bindgen(method)]
    pub fn resume(this: &Database);

    #[wasm_bindgen(method, js_name = giveUp)]
    pub fn give_up(this: &Database, aborts: bool);

    #[wasm_bindgen(method, setter)]
    pub fn set_onloss(this: &Database, handle_loss: &Function);

    /// Resolves to whether Blobs can be stored.
    #[wasm_bindgen(method, js_name = storesBlobs)]
    pub fn stores_blobs(this: &Database) -> Promise;

    #[wasm_bindgen(method, js_name = reportDropped)]
    pub fn report_dropped(this: &Database, table: u8, key: &str);

}

#[wasm_bindgen(module = "/src/web/transaction.js")]
extern "C" {
    pub type Transaction;

    /// `table` and `kind`: the positions in [`Table`](crate::engine::Table) and [`Keys`](crate::engine::Keys). `limit`:
    /// 0 for all, -1 for the last one.
    #[wasm_bindgen(method)]
    pub fn read(this: &Transaction, table: u8, kind: u8, uid: &str, index: f64, offset: f64, limit: i32);

    #[wasm_bindgen(method, js_name = read)]
    pub fn read_index(
        this: &Transaction,
        table: u8,
        kind: u8,
        uid: &str,
        first: &str,
        second: &str,
        limit: i32,
    );

    /// Resolves to an array for each of the reads, with four values for each row.
    #[wasm_bindgen(method)]
    pub fn answers(this: &Transaction) -> Promise;

    #[wasm_bindgen(method)]
    pub fn put(this: &Transaction, table: u8, kind: u8, uid: &str, index: f64, offset: f64, value: &JsValue);

    #[wasm_bindgen(method)]
    pub fn delete(this: &Transaction, table: u8, kind: u8, uid: &str, index: f64, offset: f64);

    #[wasm_bindgen(method)]
    pub fn complete(this: &Transaction) -> Promise;

    #[wasm_bindgen(method)]
    pub fn abort(this: &Transaction);
}
