use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::engine::ByteLength;
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

    pub fn value(&self) -> &JsValue {
        &self.value
    }
}

impl ByteLength for Bytes {
    fn length(&self) -> ByteCount {
        self.length
    }
}
