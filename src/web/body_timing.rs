use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::model::{BodyEnd, ByteCount, NetworkFailure, ResponseHead, StoredRequest};

#[wasm_bindgen(module = "/src/web/network.js")]
extern "C" {
    pub type BodyTimings;

    #[wasm_bindgen(constructor)]
    pub fn new() -> BodyTimings;

    #[wasm_bindgen(method)]
    pub fn watch(this: &BodyTimings, url: &str) -> Option<Watched>;

    #[wasm_bindgen(js_name = BodyTiming)]
    pub type Watched;

    #[wasm_bindgen(method)]
    fn told(this: &Watched) -> Promise;

    #[wasm_bindgen(method)]
    fn stop(this: &Watched);

    #[wasm_bindgen(method, getter, js_name = encodedSize)]
    fn encoded_size(this: &Watched) -> f64;

    #[wasm_bindgen(method, getter, js_name = signalsEnd)]
    fn signals_end(this: &Watched) -> bool;
}

/// Finds out about a body whose end proves nothing by itself: one with a content coding, which Firefox (153) takes for
/// complete where its connection broke (<https://bugzilla.mozilla.org/show_bug.cgi?id=237623>), and one without a
/// length.
pub struct BodyTiming {
    watched: Watched,
    /// Length of the encoded representation.
    announced: Option<ByteCount>,
}

impl BodyTiming {
    /// Before the request is sent. `None` where nothing can be watched.
    pub fn watch(timings: &BodyTimings, request: &StoredRequest) -> Option<Self> {
        let watched = timings.watch(request.url_without_fragment())?;
        Some(Self { watched, announced: None })
    }

    /// `None` where there is nothing to find out about the body.
    pub fn of_body(mut self, request: &StoredRequest, head: &ResponseHead) -> Option<Self> {
        self.announced = head.encoded_length();
        let is_needed = self.announced.is_some() || request.is_get() && head.may_be_truncated();
        is_needed.then_some(self)
    }

    /// After the body's end: what that says, or that it came too early.
    pub async fn end(self) -> Result<BodyEnd, NetworkFailure> {
        let _ = JsFuture::from(self.watched.told()).await;
        let counted = ByteCount::from(self.watched.encoded_size());
        match self.announced.filter(|_| !counted.is_zero()) {
            Some(announced) if counted < announced => Err(NetworkFailure::Truncated),
            Some(_) => Ok(BodyEnd::Complete),
            None if self.watched.signals_end() => Ok(BodyEnd::Complete),
            None => Ok(BodyEnd::Unconfirmed),
        }
    }
}

impl Drop for BodyTiming {
    fn drop(&mut self) {
        self.watched.stop();
    }
}
