use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::errors::store_error;
use crate::engine::StoreError;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = ArrayBuffer)]
    type Transferable;

    #[wasm_bindgen(method, catch)]
    fn transfer(this: &Transferable, length: u32) -> Result<ArrayBuffer, JsValue>;
}

/// One value for the database out of a chunk's pieces. The pieces are used up.
pub fn join_pieces<'a>(
    pieces: impl ExactSizeIterator<Item = &'a JsValue>,
    as_blob: bool,
) -> Result<JsValue, StoreError> {
    let parts: Array = pieces.collect();
    let joined = if as_blob {
        Blob::new_with_buffer_source_sequence(&parts).map(Into::into).map_err(|error| store_error(&error))
    } else {
        Ok(join_arrays(&parts).into())
    };
    parts.iter().for_each(|part| free(&part));
    joined
}

fn join_arrays(parts: &Array) -> ArrayBuffer {
    let arrays: Vec<Uint8Array> = parts.iter().map(|part| Uint8Array::new(&part)).collect();
    let joined = Uint8Array::new_with_length(arrays.iter().map(Uint8Array::length).sum());
    let mut offset = 0;
    for array in &arrays {
        joined.set(array, offset);
        offset += array.length();
    }
    joined.buffer()
}

/// The bytes of a Blob in another form; any other value as it is.
pub async fn to_array_buffer(value: &JsValue) -> Result<JsValue, StoreError> {
    let Some(blob) = value.dyn_ref::<Blob>() else { return Ok(value.clone()) };
    JsFuture::from(blob.array_buffer()).await.map_err(|error| store_error(&error))
}

/// Gives the memory of a piece back now. Left to the garbage collector, several hundred MiB pile up in Chromium while a
/// large file comes in.
fn free(piece: &JsValue) {
    let Some(array) = piece.dyn_ref::<Uint8Array>() else { return };
    let buffer = array.buffer();
    // A buffer that others may look into is not ours to take.
    if array.byte_length() == buffer.byte_length() {
        // Browsers before 2024 have no such function.
        let _ = buffer.unchecked_ref::<Transferable>().transfer(0);
    }
}
