use std::cell::RefCell;

use js_sys::{Array, Reflect, Symbol};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::engine::StoreError;
use crate::model::{FromRow, Row};

/// A value of the model as a plain object: a row of the database, a message, or what the facade reads.
pub fn to_row<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, StoreError> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|_| StoreError::Failed("a value cannot be written as a row".into()))
}

/// Total: a row that is none of ours is an error, never a panic.
pub fn from_row<T: FromRow>(row: &JsValue) -> Result<T, StoreError> {
    T::from_row(row).ok_or_else(|| StoreError::Failed("a row is none of ours".into()))
}

impl Row for JsValue {
    fn property(&self, name: &'static str) -> Option<Self> {
        Reflect::get(self, &key(name)).ok()
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        let list = self.dyn_ref::<Array>().cloned().or_else(|| headers(self))?;
        Some(list.into_iter())
    }

    fn is_undefined(&self) -> bool {
        self.is_undefined()
    }

    fn is_null(&self) -> bool {
        self.is_null()
    }

    fn boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }
}

/// Making the string takes ten times as long as reading the property, and a fetch may have ten thousand rows.
fn key(name: &'static str) -> JsValue {
    thread_local! {
        static KEYS: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
    }
    KEYS.with_borrow_mut(|keys| {
        let known = keys.iter().find(|(known, _)| std::ptr::eq(*known, name));
        known.map(|(_, key)| key.clone()).unwrap_or_else(|| {
            let key = JsValue::from(name);
            keys.push((name, key.clone()));
            key
        })
    })
}

/// `Headers`, of any realm, are a sequence of pairs. Nothing that was cloned has their tag, so that they end.
fn headers(value: &JsValue) -> Option<Array> {
    let tag = Reflect::get(value, &Symbol::to_string_tag()).ok()?;
    (tag.as_string()? == "Headers").then(|| Array::from(value))
}
