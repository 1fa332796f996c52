use js_sys::{Number, Object, Reflect, TypeError};
use wasm_bindgen::prelude::*;

use super::rows;
use crate::model::Settings;

/// What a user of the package set: `undefined`, or an object with any of the fields of [`Settings`].
pub fn read_settings(given: JsValue) -> Result<Settings, JsValue> {
    if given.is_undefined() {
        return Ok(Settings::default());
    }
    let bad = |reason: &str| JsValue::from(TypeError::new(&format!("Bad settings: {reason}")));
    let known = rows::to_row(&Settings::default()).map_err(|error| bad(&error.to_string()))?;
    if let Some(name) = first_bad_number(&given, &known)? {
        return Err(bad(&format!("{name} is not a whole number from 0 on")));
    }
    rows::from_row(given).map_err(|error| bad(&error.to_string()))
}

/// The first setting that is none of the numbers that can be counted with. A conversion would make something of it that nobody
/// has set: NaN, of a `stallTime`, gives up every request at once.
fn first_bad_number(given: &JsValue, known: &JsValue) -> Result<Option<String>, JsValue> {
    for name in Object::keys(known.unchecked_ref::<Object>()) {
        let (value, default) = (Reflect::get(given, &name)?, Reflect::get(known, &name)?);
        let bad = if default.is_object() && value.is_object() {
            first_bad_number(&value, &default)?
        } else {
            let is_good = Number::is_safe_integer(&value) && value.as_f64() >= Some(0.0);
            (!value.is_undefined() && !is_good).then(|| name.as_string().unwrap_or_default())
        };
        if bad.is_some() {
            return Ok(bad);
        }
    }
    Ok(None)
}
