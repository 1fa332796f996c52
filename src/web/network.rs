use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, EventTarget, Request};

use super::Bytes;
use super::body::{FetchBody, RequestInFlight};
use super::body_timing::BodyTiming;
use super::clock::BrowserClock;
use super::content_security_policy::PolicyViolations;
use super::requests::{PRIVATE_FRAGMENT, to_outgoing_request};
use super::upload::Upload;
use crate::engine::{Clock, First, Network, race};
use crate::model::{Attempt, ByteCount, FromRow, Millis, NetworkFailure, Probe, ResponseHead, StoredRequest};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(request: &Request) -> Result<Promise, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: JsValue;
}

/// Longest wait for the `online` event, which does not come everywhere.
const OFFLINE_POLL_MILLIS: u32 = 30_000;

/// The browser's `fetch()`.
pub struct FetchNetwork {
    violations: PolicyViolations,
}

impl FetchNetwork {
    pub fn new() -> Self {
        Self { violations: PolicyViolations::listen() }
    }

    async fn upload(
        &self,
        request: &StoredRequest,
        body: &Bytes,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<(ResponseHead, FetchBody), NetworkFailure> {
        let sent = BrowserClock.monotonic();
        let origin = ORIGIN.with(Clone::clone);
        let mut upload = Upload::begin(request, body, uploaded).map_err(|_| NetworkFailure::Refused)?;
        match upload.response_head(request, &origin).await {
            Some(head) => Ok((head, FetchBody::of_upload(upload))),
            None => Err(self.failure(request, sent).await),
        }
    }

    async fn failure(&self, request: &StoredRequest, sent: Millis) -> NetworkFailure {
        let origin = ORIGIN.with(Clone::clone);
        if request.is_mixed_content(&origin) || self.violations.explain(request, sent).await {
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
        let controller = AbortController::new().map_err(|_| NetworkFailure::Failed)?;
        // What cannot be built cannot be sent, now or later.
        let outgoing = to_outgoing_request(request, body, attempt, &controller.signal())
            .map_err(|_| NetworkFailure::Refused)?;
        let in_flight = RequestInFlight::new(controller, &outgoing);
        let (sent, timing) = (BrowserClock.monotonic(), BodyTiming::watch(request));
        let response = global_fetch(&outgoing).map_err(|_| NetworkFailure::Refused)?;
        let Ok(response) = JsFuture::from(response).await else {
            return Err(self.failure(request, sent).await);
        };
        let head = response_head(&response).ok_or(NetworkFailure::Failed)?;
        let response = response.unchecked_ref();
        if attempt.is_whole {
            return Ok((head, FetchBody::of_whole(response, in_flight)));
        }
        let timing = timing.and_then(|timing| timing.of_body(request, &head));
        Ok((head, FetchBody::of_response(response, in_flight, timing)))
    }

    /// A HEAD request that needs no permission: without CORS across origins, and within the origin without following
    /// redirects, for those may lead to where CORS is needed.
    async fn probe(&self, request: &StoredRequest) -> Probe {
        let cross_origin = ORIGIN.with(|origin| origin != request.origin());
        match probe_response(request, cross_origin).await {
            Ok(response) => Probe::from_answer(cross_origin, response_head(&response).as_ref()),
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

    /// Phones freeze pages, whose connections break and whose `online` events nobody hears.
    async fn retry_signal(&self) {
        let online = NextEvent::new(global_target(), "online");
        // There is none in workers.
        let Some(document) = document() else {
            let _ = online.promise().await;
            return;
        };
        let shown = NextEvent::new(global_target(), "pageshow");
        let mut is_worth_it = pin!(race(online.promise(), shown.promise()));
        loop {
            let changed = NextEvent::new(document.clone(), "visibilitychange");
            match race(is_worth_it.as_mut(), changed.promise()).await {
                First::Right(_) if is_true(&document, "hidden") => {}
                _ => return,
            }
        }
    }
}

fn document() -> Option<EventTarget> {
    Reflect::get(&js_sys::global(), &"document".into()).ok()?.dyn_into().ok()
}

fn is_true(object: &JsValue, property: &str) -> bool {
    Reflect::get(object, &property.into()).is_ok_and(|value| value.is_truthy())
}

async fn probe_response(request: &StoredRequest, cross_origin: bool) -> Result<JsValue, JsValue> {
    let controller = AbortController::new()?;
    let init = Object::new();
    Reflect::set(&init, &"signal".into(), &controller.signal())?;
    let (mode, redirect) = if cross_origin { ("no-cors", "follow") } else { ("same-origin", "manual") };
    for (name, value) in [
        ("method", "HEAD"),
        ("credentials", "omit"),
        ("referrerPolicy", "no-referrer"),
        ("cache", "no-store"),
        ("mode", mode),
        ("redirect", redirect),
    ] {
        Reflect::set(&init, &name.into(), &value.into())?;
    }
    let url = [request.url_without_fragment(), PRIVATE_FRAGMENT].concat();
    let probe = Request::new_with_str_and_init(&url, init.unchecked_ref())?;
    let _in_flight = RequestInFlight::new(controller, &probe);
    JsFuture::from(global_fetch(&probe)?).await
}

/// Its attributes have the names of the fields, and `Headers` is a sequence of pairs.
fn response_head(response: &JsValue) -> Option<ResponseHead> {
    ResponseHead::from_row(response)
}

/// Scripts are not told why a request failed, but whether there is a network at all.
pub fn failure_now() -> NetworkFailure {
    if has_network() { NetworkFailure::Failed } else { NetworkFailure::Offline }
}

fn has_network() -> bool {
    let is_online = NAVIGATOR.with(|navigator| Reflect::get(navigator, &"onLine".into()));
    !is_online.is_ok_and(|is_online| is_online.is_falsy())
}

/// Listens for one event, and no longer than it lives.
struct NextEvent {
    target: EventTarget,
    name: &'static str,
    promise: Promise,
    listener: Option<Function>,
}

impl NextEvent {
    fn new(target: EventTarget, name: &'static str) -> Self {
        let mut listener = None;
        let promise = Promise::new(&mut |resolve, _| {
            let _ = target.add_event_listener_with_callback(name, &resolve);
            listener = Some(resolve);
        });
        Self { target, name, promise, listener }
    }

    fn promise(&self) -> JsFuture {
        self.promise.clone().into()
    }
}

impl Drop for NextEvent {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            let _ = self.target.remove_event_listener_with_callback(self.name, listener);
        }
    }
}

fn global_target() -> EventTarget {
    js_sys::global().unchecked_into()
}
