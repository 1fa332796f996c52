use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::engine::StoreError;

/// A value of the model as a plain object: a row of the database, a message, or what the facade reads.
pub fn to_row<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, StoreError> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|error| StoreError::Failed(error.to_string()))
}

/// Tells whoever looks for it what became of a row that cannot be read.
pub fn report_dropped(store: &str, key: &str) {
    let message =
        format!("background-fetch-polyfill: a row of '{store}' is none of ours, and is dropped: {key}");
    web_sys::console::error_1(&message.into());
}

/// Total: a row that is none of ours is an error, never a panic.
pub fn from_row<T: DeserializeOwned>(row: JsValue) -> Result<T, StoreError> {
    serde_wasm_bindgen::from_value(row).map_err(|error| StoreError::Failed(error.to_string()))
}
