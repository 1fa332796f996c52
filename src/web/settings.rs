use js_sys::TypeError;
use wasm_bindgen::JsValue;

use crate::model::Settings;

/// What a user of the package set: `undefined`, or an object with any of the fields of [`Settings`].
pub fn read_settings(given: &JsValue) -> Result<Settings, JsValue> {
    Settings::from_given(given).map_err(|bad| TypeError::new(&bad.message()).into())
}
