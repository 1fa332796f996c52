use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::errors::store_error;
use crate::engine::{ByteHandle, StoreError};
use crate::model::ByteCount;

#[wasm_bindgen(module = "/src/web/realm.js")]
extern "C" {
    #[wasm_bindgen(js_name = lengthOf)]
    fn length_of(value: &JsValue) -> Option<f64>;

    #[wasm_bindgen(catch)]
    fn slice(value: &JsValue, start: f64, end: f64) -> Result<JsValue, JsValue>;

    /// Resolves to a `Uint8Array`.
    #[wasm_bindgen(catch)]
    fn read(value: &JsValue, start: f64, end: f64) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch)]
    fn join(pieces: &Array, as_blob: bool) -> Result<JsValue, JsValue>;
}

/// Bytes in the browser's hands: a `Uint8Array` as it came from the network, or a `Blob` or `ArrayBuffer` as the
/// database has it. None of them is copied into wasm memory.
#[derive(Clone, Debug)]
pub struct Bytes {
    value: JsValue,
    length: ByteCount,
}

impl Bytes {
    /// `None` for any other kind of value.
    pub fn from_value(value: JsValue) -> Option<Self> {
        length_of(&value).map(|length| Self { length: length.into(), value })
    }

    /// Stands for a value that holds no bytes.
    pub fn unreadable() -> Self {
        Self { value: JsValue::UNDEFINED, length: ByteCount::ZERO }
    }

    pub fn value(&self) -> &JsValue {
        &self.value
    }

    pub fn is_blob(&self) -> bool {
        self.value.is_instance_of::<Blob>()
    }

    /// One value for the database out of a chunk's pieces. The pieces are used up.
    pub fn join(pieces: &[Self], as_blob: bool) -> Result<Self, StoreError> {
        let pieces = pieces.iter().map(|piece| &piece.value).collect();
        let joined = join(&pieces, as_blob).map_err(|error| store_error(&error))?;
        Ok(Self::from_value(joined).unwrap_or_else(Self::unreadable))
    }

    /// A Blob's bytes in the form of an `ArrayBuffer`; what is none, as it is.
    pub async fn to_array_buffer(&self) -> Result<JsValue, StoreError> {
        let Some(blob) = self.value.dyn_ref::<Blob>() else { return Ok(self.value.clone()) };
        JsFuture::from(blob.array_buffer()).await.map_err(|error| store_error(&error))
    }
}

impl ByteHandle for Bytes {
    fn length(&self) -> ByteCount {
        self.length
    }

    async fn copy(&self, start: ByteCount, end: ByteCount) -> Result<Vec<u8>, StoreError> {
        let wanted = end.min(self.length).saturating_sub(start);
        let failed = |error| store_error(&error);
        let bytes = read(&self.value, start.into(), end.into()).map_err(failed)?;
        let bytes = JsFuture::from(bytes).await.map_err(failed)?.unchecked_into::<Uint8Array>().to_vec();
        // WebKit (2.50) reads a part of a Blob whose file is missing as empty; only all of it at once is an error.
        if ByteCount(bytes.len() as u64) < wanted {
            return Err(StoreError::Failed("bytes are missing".into()));
        }
        Ok(bytes)
    }

    fn slice(&self, start: ByteCount, end: ByteCount) -> Self {
        let (start, end) = (start.min(self.length), end.min(self.length));
        let value = slice(&self.value, start.into(), end.into()).unwrap_or_default();
        Self { value, length: end.saturating_sub(start) }
    }
}
