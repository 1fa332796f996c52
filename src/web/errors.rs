use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::DomException;

use crate::engine::StoreError;
use crate::model::{Error, ErrorKind};

/// The exception that a promise of the API is rejected with. The one place where errors become exceptions.
pub fn exception(error: Error) -> JsValue {
    let message = error.message();
    match error.kind() {
        ErrorKind::TypeError => js_sys::TypeError::new(message).into(),
        ErrorKind::QuotaExceededError => quota_exceeded_error(message),
        ErrorKind::NotAllowedError => dom_exception(message, "NotAllowedError"),
        ErrorKind::InvalidStateError => dom_exception(message, "InvalidStateError"),
        ErrorKind::AbortError => dom_exception(message, "AbortError"),
        ErrorKind::TimeoutError => dom_exception(message, "TimeoutError"),
        ErrorKind::UnknownError => dom_exception(message, "UnknownError"),
    }
}

fn dom_exception(message: &str, name: &str) -> JsValue {
    DomException::new_with_message_and_name(message, name).map_or_else(|error| error, Into::into)
}

/// `QuotaExceededError` is becoming a class of its own
/// ([Web IDL](https://webidl.spec.whatwg.org/#quotaexceedederror), <https://github.com/whatwg/webidl/pull/1465>);
/// Chromium has it.
fn quota_exceeded_error(message: &str) -> JsValue {
    let class = Reflect::get(&js_sys::global(), &"QuotaExceededError".into()).unwrap_or_default();
    match class.dyn_into::<Function>() {
        Ok(class) => Reflect::construct(&class, &js_sys::Array::of1(&message.into()))
            .unwrap_or_else(|_| dom_exception(message, "QuotaExceededError")),
        Err(_) => dom_exception(message, "QuotaExceededError"),
    }
}

/// Tells the console of something that nobody catches.
pub fn report(parts: &[&str]) {
    let message = ["background-fetch-polyfill: ", &parts.concat()].concat();
    web_sys::console::error_1(&message.into());
}

/// What IndexedDB threw, or failed a request or transaction with.
pub fn store_error(error: &JsValue) -> StoreError {
    let text = |name: &str| {
        Reflect::get(error, &name.into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
    };
    match text("name").as_str() {
        "QuotaExceededError" => StoreError::QuotaExceeded,
        "ConstraintError" => StoreError::Duplicate,
        // The database has a higher version than the one that was asked for.
        "VersionError" => StoreError::Newer,
        name => StoreError::Failed([name, ": ", &text("message")].concat()),
    }
}
