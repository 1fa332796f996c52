use background_fetch_polyfill::engine::Store;
use background_fetch_polyfill::model::{Millis, UniqueId};
use background_fetch_polyfill::web::{Bytes, IndexedDb};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../store_contract/mod.rs"]
mod contract;

struct InBrowser;

impl contract::Surroundings for InBrowser {
    type Database = IndexedDb;

    fn store(&self) -> Store<IndexedDb> {
        Store::new(IndexedDb::default())
    }

    fn uid(&self) -> UniqueId {
        let random = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        UniqueId::new(Millis::from(js_sys::Date::now()), random)
    }

    fn bytes(&self, start: u64, length: u64) -> Bytes {
        let content: Vec<u8> = (start..start + length).map(contract::byte_at).collect();
        Bytes::from_value(Uint8Array::new_from_slice(&content).into()).unwrap()
    }
}

macro_rules! test_each {
    ($($name:ident,)*) => {
        $(
            #[wasm_bindgen_test]
            async fn $name() {
                contract::$name(InBrowser).await;
            }
        )*
    };
}

contract::for_each_test!(test_each);

#[wasm_bindgen_test]
fn foreign_values_are_no_bytes() {
    for value in [JsValue::UNDEFINED, JsValue::NULL, 1.into(), "text".into(), js_sys::Array::new().into()] {
        assert!(Bytes::from_value(value).is_none());
    }
}
