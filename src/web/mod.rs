//! The browser, adapted to the ports of [`crate::engine`], and the engine, exported to the JavaScript facade. Nothing
//! else names `web_sys`, `js_sys` or `wasm_bindgen`.

mod body;
mod body_timing;
mod browser;
mod bus;
mod bytes;
mod clock;
mod database;
mod errors;
mod exports;
mod host;
mod indexed_db;
mod lifetime;
mod locks;
mod network;
mod realm;
mod requests;
mod rows;
mod settings;
mod stored_rows;
mod transaction;
mod upload;

pub use browser::Browser;
pub use bytes::Bytes;
pub use exports::BackgroundFetchEngine;
pub use indexed_db::IndexedDb;
pub use locks::WebLocks;
pub use network::FetchNetwork;
pub use requests::PRIVATE_FRAGMENT;
