use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Request, RequestInit};

use super::{Bytes, rows};
use crate::engine::{SMALLEST_FILE, StoreError};
use crate::model::{Attempt, ByteCount, CacheMode, Credentials, HeaderList, Mode, Redirect, StoredRequest};

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
    let init = request_init(stored, body)?;
    Request::new_with_str_and_init(&stored.url, &init)
}

/// The request as it is sent. Without `integrity`, for which browsers hold a whole body back in memory, and which they
/// refuse to parts: the engine verifies it.
pub fn to_outgoing_request(
    stored: &StoredRequest,
    body: Option<&Bytes>,
    attempt: &Attempt,
    signal: &AbortSignal,
) -> Result<Request, JsValue> {
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
    let init = request_init(&outgoing, body)?;
    // Here and not with fetch(): a Request that is given anything else loses its referrer, and its referrer policy
    // (https://fetch.spec.whatwg.org/#dom-request).
    init.set_signal(Some(signal));
    Request::new_with_str_and_init(&private_url(stored), &init)
}

/// The URL of a request of the engine's own.
pub fn private_url(stored: &StoredRequest) -> String {
    [stored.url_without_fragment(), PRIVATE_FRAGMENT].concat()
}

pub fn header_pairs(headers: &HeaderList) -> Array {
    headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect()
}

/// [RequestInit](https://fetch.spec.whatwg.org/#requestinit), the part of it that is stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Init<'a> {
    method: &'a str,
    mode: Mode,
    credentials: Credentials,
    cache: CacheMode,
    redirect: Redirect,
    referrer_policy: &'a str,
    integrity: &'a str,
}

fn request_init(stored: &StoredRequest, body: Option<&Bytes>) -> Result<RequestInit, JsValue> {
    let init = rows::to_row(&Init {
        method: &stored.method,
        // No script can build a navigation.
        mode: if stored.mode == Mode::Navigate { Mode::SameOrigin } else { stored.mode },
        credentials: stored.credentials,
        cache: stored.cache,
        redirect: stored.redirect,
        referrer_policy: &stored.referrer_policy,
        integrity: &stored.integrity,
    });
    let init: Object = init.map_err(|_| JsValue::UNDEFINED)?.unchecked_into();
    Reflect::set(&init, &"headers".into(), &header_pairs(&stored.headers))?;
    if stored.referrer != "about:client" {
        Reflect::set(&init, &"referrer".into(), &stored.referrer.as_str().into())?;
    }
    if let Some(body) = body {
        Reflect::set(&init, &"body".into(), body.value())?;
    }
    Ok(init.unchecked_into())
}
