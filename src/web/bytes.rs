use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::errors::store_error;
use crate::engine::{ByteHandle, StoreError};
use crate::model::ByteCount;

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
        let length = if let Some(array) = value.dyn_ref::<Uint8Array>() {
            f64::from(array.byte_length())
        } else if let Some(blob) = value.dyn_ref::<Blob>() {
            blob.size()
        } else if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
            f64::from(buffer.byte_length())
        } else {
            return None;
        };
        Some(Self { value, length: ByteCount::from(length) })
    }

    /// Stands for a value that holds no bytes.
    pub fn unreadable() -> Self {
        Self { value: JsValue::UNDEFINED, length: ByteCount::ZERO }
    }

    pub fn value(&self) -> &JsValue {
        &self.value
    }
}

impl ByteHandle for Bytes {
    fn length(&self) -> ByteCount {
        self.length
    }

    async fn copy(&self, start: ByteCount, end: ByteCount) -> Result<Vec<u8>, StoreError> {
        let wanted = end.min(self.length).saturating_sub(start);
        let (start, end) = (f64::from(start), f64::from(end));
        if let Some(blob) = self.value.dyn_ref::<Blob>() {
            let part = blob.slice_with_f64_and_f64(start, end).map_err(|error| store_error(&error))?;
            let buffer = JsFuture::from(part.array_buffer()).await.map_err(|error| store_error(&error))?;
            let bytes = Uint8Array::new(&buffer).to_vec();
            // WebKit (2.50) reads a part of a Blob whose file is missing as empty; only all of it at once is an error.
            if ByteCount(bytes.len() as u64) < wanted {
                return Err(StoreError::Failed("bytes of a Blob are missing".into()));
            }
            return Ok(bytes);
        }
        let bytes = match self.value.dyn_ref::<Uint8Array>() {
            Some(array) => array.clone(),
            None if self.value.is_instance_of::<ArrayBuffer>() => Uint8Array::new(&self.value),
            None => return Err(StoreError::Failed("a chunk holds no bytes".into())),
        };
        // No array is longer than 32 bits can tell.
        Ok(bytes.subarray(start as u32, end as u32).to_vec())
    }

    fn slice(&self, start: ByteCount, end: ByteCount) -> Self {
        let (start, end) = (start.min(self.length), end.min(self.length));
        let value = if let Some(blob) = self.value.dyn_ref::<Blob>() {
            blob.slice_with_f64_and_f64(start.into(), end.into()).map_or(JsValue::UNDEFINED, Into::into)
        } else if let Some(array) = self.value.dyn_ref::<Uint8Array>() {
            array.subarray(start.0 as u32, end.0 as u32).into()
        } else if self.value.is_instance_of::<ArrayBuffer>() {
            Uint8Array::new(&self.value).subarray(start.0 as u32, end.0 as u32).into()
        } else {
            JsValue::UNDEFINED
        };
        Self { value, length: end.saturating_sub(start) }
    }
}
