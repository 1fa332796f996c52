use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Bytes;
use super::body::{FetchBody, InFlight, RequestInFlight};
use super::body_timing::{BodyTiming, BodyTimings};
use super::clock::performance_now;
use super::lifetime::Held;
use super::requests::{outgoing_attributes, private_url};
use super::upload::Upload;
use crate::engine::{Network, race};
use crate::model::{Attempt, ByteCount, FromRow, NetworkFailure, Probe, ResponseHead, StoredRequest};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: JsValue;
}

#[wasm_bindgen(module = "/src/web/network.js")]
extern "C" {
    type Requests;

    #[wasm_bindgen(constructor)]
    fn new() -> Requests;

    #[wasm_bindgen(method, catch)]
    fn send(this: &Requests, url: &str, attributes: &str, body: &JsValue) -> Result<InFlight, JsValue>;

    type RetrySignal;

    #[wasm_bindgen(constructor)]
    fn new() -> RetrySignal;

    type HeadRequest;

    #[wasm_bindgen(constructor)]
    fn new(url: &str, is_cross_origin: bool) -> HeadRequest;

    /// Either of them.
    type Awaited;

    #[wasm_bindgen(method, getter, structural)]
    fn heard(this: &Awaited) -> Promise;

    #[wasm_bindgen(method, structural)]
    fn abort(this: &Awaited);

    type PolicyViolations;

    #[wasm_bindgen(constructor)]
    fn new() -> PolicyViolations;

    /// Resolves to whether a request was forbidden that was sent then, and has just failed.
    #[wasm_bindgen(method)]
    fn explain(this: &PolicyViolations, url: &str, origin: &str, sent: f64) -> Promise;
}

/// Longest wait for the `online` event, which does not come everywhere.
const OFFLINE_POLL_MILLIS: u32 = 30_000;

/// The browser's `fetch()`.
pub struct FetchNetwork {
    requests: Requests,
    violations: PolicyViolations,
    timings: BodyTimings,
    _held: [Held; 2],
}

impl FetchNetwork {
    pub fn new() -> Self {
        let (violations, timings) = (PolicyViolations::new(), BodyTimings::new());
        let _held = [Held::new(&violations), Held::new(&timings)];
        Self { requests: Requests::new(), violations, timings, _held }
    }

    async fn upload(
        &self,
        request: &StoredRequest,
        body: &Bytes,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<(ResponseHead, FetchBody), NetworkFailure> {
        let sent = performance_now();
        let origin = ORIGIN.with(Clone::clone);
        let upload = Upload::begin(request, body, uploaded).map_err(|_| NetworkFailure::Refused)?;
        match upload.response_head(request, &origin).await {
            Some(head) => Ok((head, FetchBody::of_upload(upload))),
            None => Err(self.failure(request, sent).await),
        }
    }

    async fn failure(&self, request: &StoredRequest, sent: f64) -> NetworkFailure {
        let explained = self.violations.explain(request.url_without_fragment(), request.origin(), sent);
        if ORIGIN.with(|origin| request.is_mixed_content(origin))
            || JsFuture::from(explained).await.is_ok_and(|is_forbidden| is_forbidden.is_truthy())
        {
            NetworkFailure::Refused
        } else {
            failure_now()
        }
    }
}

impl Default for FetchNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl Network<Bytes> for FetchNetwork {
    type Body = FetchBody;

    async fn send(
        &self,
        request: &StoredRequest,
        body: Option<&Bytes>,
        attempt: &Attempt,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<(ResponseHead, FetchBody), NetworkFailure> {
        let told = body
            .filter(|_| ORIGIN.with(|origin| request.tells_upload_progress(origin)) && Upload::is_possible());
        if let Some(body) = told {
            return self.upload(request, body, uploaded).await;
        }
        let (sent, timing) = (performance_now(), BodyTiming::watch(&self.timings, request));
        let url = private_url(request);
        let body = body.map(|body| body.value().clone()).unwrap_or_default();
        // What cannot be built cannot be sent, now or later.
        let in_flight = self.requests.send(&url, &outgoing_attributes(request, attempt), &body);
        let in_flight = RequestInFlight::new(in_flight.map_err(|_| NetworkFailure::Refused)?);
        let Ok(head) = JsFuture::from(in_flight.heard()).await else {
            return Err(self.failure(request, sent).await);
        };
        let head = ResponseHead::from_row(&head).ok_or(NetworkFailure::Failed)?;
        if attempt.is_whole {
            return Ok((head, FetchBody::of_whole(in_flight)));
        }
        let timing = timing.and_then(|timing| timing.of_body(request, &head));
        // Across origins the header that tells of a content coding is hidden.
        let length = head.body_length().filter(|_| !head.hides_headers());
        Ok((head, FetchBody::of_response(length, in_flight, timing)))
    }

    async fn probe(&self, request: &StoredRequest) -> Probe {
        let cross_origin = ORIGIN.with(|origin| origin != request.origin());
        let heard = Listening::new(HeadRequest::new(&private_url(request), cross_origin).into());
        match JsFuture::from(heard.thing.heard()).await {
            Ok(head) => Probe::from_answer(cross_origin, ResponseHead::from_row(&head).as_ref()),
            Err(_) => Probe { cross_origin, ..Probe::UNREACHABLE },
        }
    }

    async fn online(&self) {
        // It may have come back while what came before was being stored.
        if has_network() {
            return;
        }
        race(self.retry_signal(), TimeoutFuture::new(OFFLINE_POLL_MILLIS)).await;
    }

    async fn retry_signal(&self) {
        let listening = Listening::new(RetrySignal::new().into());
        let _ = JsFuture::from(listening.thing.heard()).await;
    }
}

/// Scripts are not told why a request failed, but whether there is a network at all.
pub fn failure_now() -> NetworkFailure {
    if has_network() { NetworkFailure::Failed } else { NetworkFailure::Offline }
}

fn has_network() -> bool {
    let is_online = NAVIGATOR.with(|navigator| Reflect::get(navigator, &"onLine".into()));
    !is_online.is_ok_and(|is_online| is_online.is_falsy())
}

/// What is waited for no longer than this lives.
struct Listening {
    thing: Awaited,
    _held: Held,
}

impl Listening {
    fn new(thing: JsValue) -> Self {
        Self { _held: Held::new(&thing), thing: thing.unchecked_into() }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.thing.abort();
    }
}
