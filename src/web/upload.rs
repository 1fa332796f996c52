use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Bytes;
use super::lifetime::Held;
use super::requests::{header_pairs, private_url};
use crate::model::{ByteCount, Credentials, FromRow, ResponseHead, StoredRequest};

#[wasm_bindgen(module = "/src/web/network.js")]
extern "C" {
    #[wasm_bindgen(js_name = Upload)]
    type Sent;

    #[wasm_bindgen(static_method_of = Sent, js_class = "Upload", getter, js_name = isPossible)]
    fn is_possible() -> bool;

    #[wasm_bindgen(constructor, js_class = "Upload", catch)]
    fn new(
        method: &str,
        url: &str,
        headers: &Array,
        with_credentials: bool,
        body: &JsValue,
        handle_progress: &JsValue,
    ) -> Result<Sent, JsValue>;

    #[wasm_bindgen(method, js_class = "Upload")]
    fn head(this: &Sent, origin: &str, url: &str) -> Promise;

    #[wasm_bindgen(method, js_class = "Upload")]
    fn body(this: &Sent) -> Promise;

    #[wasm_bindgen(method, js_class = "Upload")]
    fn abort(this: &Sent);
}

/// A request that tells how much of its body has left.
pub struct Upload {
    sent: Sent,
    // The request calls it.
    _progressed: Closure<dyn FnMut(f64)>,
    _held: Held,
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.sent.abort();
    }
}

impl Upload {
    pub fn is_possible() -> bool {
        Sent::is_possible()
    }

    /// Fails where the request cannot be built.
    pub fn begin(
        stored: &StoredRequest,
        body: &Bytes,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<Self, JsValue> {
        let uploaded = Rc::clone(uploaded);
        let progressed =
            Closure::<dyn FnMut(f64)>::new(move |count: f64| uploaded.set(ByteCount::from(count)));
        let with_credentials = stored.credentials == Credentials::Include;
        let sent = Sent::new(
            &stored.method,
            &private_url(stored),
            &header_pairs(&stored.headers),
            with_credentials,
            body.value(),
            progressed.as_ref(),
        )?;
        Ok(Self { _held: Held::new(&sent), sent, _progressed: progressed })
    }

    /// `None` where the request failed.
    pub async fn response_head(&self, stored: &StoredRequest, client_origin: &str) -> Option<ResponseHead> {
        let head = self.sent.head(client_origin, stored.url_without_fragment());
        ResponseHead::from_row(&JsFuture::from(head).await.ok()?)
    }

    /// The response's body as a `Uint8Array`.
    pub fn body(&self) -> JsFuture {
        self.sent.body().into()
    }
}
