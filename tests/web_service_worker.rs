//! The browser's adapters in a service worker.
#![cfg(target_family = "wasm")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod web;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_service_worker);
