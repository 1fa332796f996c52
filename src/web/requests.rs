use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Request};

use super::{Bytes, rows};
use crate::engine::{SMALLEST_FILE, StoreError};
use crate::model::{Attempt, ByteCount, HeaderList, Mode, StoredRequest};

#[wasm_bindgen(module = "/src/web/network.js")]
extern "C" {
    #[wasm_bindgen(js_name = requestOf, catch)]
    fn request_of(url: &str, attributes: &str, body: &JsValue) -> Result<Request, JsValue>;
}

/// Marks the engine's own requests, so that the polyfill in the service worker keeps them from the app's fetch
/// listeners. Fragments are not sent to servers, and `response.url` has none.
pub const PRIVATE_FRAGMENT: &str = "#background-fetch-polyfill";

/// What the database keeps of a `Request`. Its attributes have the names of the fields, and `Headers` is a sequence of
/// pairs, so the conversion is the one of any row.
pub fn from_request(request: &Request) -> Result<StoredRequest, StoreError> {
    let stored: StoredRequest = rows::from_row(request)?;
    Ok(StoredRequest { client_url: own_url(), ..stored })
}

/// The URL of this page or worker.
fn own_url() -> String {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap_or_default();
    get(&get(&js_sys::global(), "location"), "href").as_string().unwrap_or_default()
}

/// [The Request constructor](https://fetch.spec.whatwg.org/#dom-request) refuses bodies of these methods.
pub fn may_have_body(request: &Request) -> bool {
    !matches!(request.method().as_str(), "GET" | "HEAD")
}

pub async fn read_body(request: &Request, stores_blobs: bool) -> Result<Option<Bytes>, JsValue> {
    let body = if stores_blobs { request.blob()? } else { request.array_buffer()? };
    let mut body = JsFuture::from(body).await?;
    if let Some(blob) = body.dyn_ref::<Blob>().filter(|blob| ByteCount::from(blob.size()) < SMALLEST_FILE) {
        body = JsFuture::from(blob.array_buffer()).await?;
    }
    Ok(Bytes::from_value(body))
}

/// The request as the developer gave it.
pub fn to_request(stored: &StoredRequest, body: Option<&Bytes>) -> Result<Request, JsValue> {
    let body = body.map(|body| body.value().clone()).unwrap_or_default();
    request_of(&stored.url, &attributes(stored), &body)
}

/// What `Requests` in network.js sends. Without `integrity`, for which browsers hold a whole body back in memory, and
/// which they refuse to parts: the engine verifies it.
pub fn outgoing_attributes(stored: &StoredRequest, attempt: &Attempt) -> String {
    let mut outgoing = StoredRequest { integrity: String::new(), ..stored.clone() };
    outgoing.referrer = stored.outgoing_referrer().into();
    if attempt.bypasses_cache {
        outgoing.cache = stored.cache.bypassing_cache(attempt.range_start.is_some());
    }
    if let Some(start) = attempt.range_start {
        let last = attempt.range_end.map(|end| end.saturating_sub(ByteCount(1)).0.to_string());
        let range = ["bytes=", &start.0.to_string(), "-", last.as_deref().unwrap_or_default()];
        outgoing.headers.append("Range", range.concat());
    }
    if let Some(validator) = &attempt.if_range {
        outgoing.headers.append("If-Range", validator.as_str());
    }
    attributes(&outgoing)
}

/// The part of [RequestInit](https://fetch.spec.whatwg.org/#requestinit) that is stored, a line each, and then one for
/// each header. None of them can hold the end of a line but `integrity`, where any white space separates hashes.
fn attributes(stored: &StoredRequest) -> String {
    // No script can build a navigation.
    let mode = if stored.mode == Mode::Navigate { Mode::SameOrigin } else { stored.mode };
    let integrity = stored.integrity.replace('\n', " ");
    let attributes = [
        stored.method.as_str(),
        mode.name(),
        stored.credentials.name(),
        stored.cache.name(),
        stored.redirect.name(),
        &stored.referrer_policy,
        &integrity,
        &stored.referrer,
    ];
    let mut lines = attributes.join("\n");
    for (name, value) in stored.headers.iter() {
        lines.extend(["\n", name, ":", value]);
    }
    lines
}

/// The URL of a request of the engine's own.
pub fn private_url(stored: &StoredRequest) -> String {
    [stored.url_without_fragment(), PRIVATE_FRAGMENT].concat()
}

pub fn header_pairs(headers: &HeaderList) -> Array {
    headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect()
}
