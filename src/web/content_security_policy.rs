use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use web_sys::{
    AbortController, AddEventListenerOptions, EventTarget, SecurityPolicyViolationEvent,
    SecurityPolicyViolationEventDisposition,
};

use super::clock::BrowserClock;
use super::lifetime::Held;
use crate::engine::Clock;
use crate::model::{Millis, StoredRequest};

/// URLs that this realm's Content Security Policy forbade: to a script, such a request looks like one that the
/// network lost.
#[derive(Clone, Default)]
pub struct PolicyViolations(Rc<RefCell<Vec<(Millis, String)>>>);

/// What a realm remembers of them. A violation is asked for right after it happened.
const REMEMBERED: usize = 64;

impl PolicyViolations {
    /// Listens as long as the realm lives.
    pub fn listen() -> Self {
        let violations = Self::default();
        let blocked = violations.clone();
        let listener = Closure::<dyn FnMut(SecurityPolicyViolationEvent)>::new(
            move |event: SecurityPolicyViolationEvent| {
                let is_enforced = event.disposition() == SecurityPolicyViolationEventDisposition::Enforce;
                if is_enforced && event.effective_directive() == "connect-src" {
                    let mut blocked = blocked.0.borrow_mut();
                    if blocked.len() >= REMEMBERED {
                        blocked.remove(0);
                    }
                    blocked.push((BrowserClock.monotonic(), event.blocked_uri()));
                }
            },
        );
        let target: EventTarget = js_sys::global().unchecked_into();
        let listener = listener.into_js_value();
        let options = AddEventListenerOptions::new();
        if let Ok(controller) = AbortController::new() {
            options.set_signal(&controller.signal());
            // Never dropped, as nobody removes the listener.
            std::mem::forget(Held::new(&controller));
        }
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
            "securitypolicyviolation",
            listener.unchecked_ref(),
            &options,
        );
        violations
    }

    /// Whether the request that was sent then, and has just failed, was forbidden.
    pub async fn explain(&self, request: &StoredRequest, sent: Millis) -> bool {
        // The event is a task of its own, which comes after the promise's rejection.
        TimeoutFuture::new(0).await;
        let url = request.url_without_fragment();
        // After a redirect the report names the origin alone.
        let is_it = |uri: &str| uri == url || uri == request.origin();
        self.0.borrow().iter().any(|(at, uri)| *at >= sent && is_it(uri))
    }
}
