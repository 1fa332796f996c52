use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use super::Bytes;
use super::lifetime::Held;
use super::requests::PRIVATE_FRAGMENT;
use crate::model::{
    ByteCount, Credentials, HeaderList, ResponseHead, ResponseType, StoredRequest, origin_of,
};

/// A request whose body is sent with XMLHttpRequest, which alone tells how much of it has left. There is none in
/// service workers, and it gives the response's body only as a whole.
pub struct Upload {
    request: XmlHttpRequest,
    /// Resolves with the headers, or where there will be none.
    head: Option<JsFuture>,
    end: Option<JsFuture>,
    // The request calls these.
    _progressed: Closure<dyn FnMut(ProgressEvent)>,
    _changed: Closure<dyn FnMut()>,
    _held: Held,
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.request.set_onreadystatechange(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        // Does nothing to one that is through.
        let _ = self.request.abort();
    }
}

impl Upload {
    pub fn is_possible() -> bool {
        Reflect::has(&js_sys::global(), &"XMLHttpRequest".into()).unwrap_or_default()
    }

    /// Fails where the request cannot be built.
    pub fn begin(
        stored: &StoredRequest,
        body: &Bytes,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<Self, JsValue> {
        let request = XmlHttpRequest::new()?;
        let url = [stored.url_without_fragment(), PRIVATE_FRAGMENT].concat();
        request.open_with_async(&stored.method, &url, true)?;
        for (name, value) in stored.headers.iter() {
            request.set_request_header(name, value)?;
        }
        request.set_with_credentials(stored.credentials == Credentials::Include);
        request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);

        let progressed = Closure::<dyn FnMut(ProgressEvent)>::new({
            let uploaded = Rc::clone(uploaded);
            move |event: ProgressEvent| uploaded.set(ByteCount::from(event.loaded()))
        });
        request.upload()?.set_onprogress(Some(progressed.as_ref().unchecked_ref()));
        let mut has_head = None;
        let head = Promise::new(&mut |resolve, _| has_head = Some(resolve));
        let changed = Closure::<dyn FnMut()>::new({
            let request = request.clone();
            move || {
                let resolve =
                    has_head.as_ref().filter(|_| request.ready_state() >= XmlHttpRequest::HEADERS_RECEIVED);
                let _ = resolve.map(|resolve| resolve.call0(&JsValue::UNDEFINED));
            }
        });
        request.set_onreadystatechange(Some(changed.as_ref().unchecked_ref()));
        let end = Promise::new(&mut |resolve, reject| {
            request.set_onload(Some(&resolve));
            request.set_onerror(Some(&reject));
            request.set_onabort(Some(&reject));
        });
        // It takes Blobs and ArrayBuffers alike.
        request.send_with_opt_blob(Some(body.value().unchecked_ref()))?;
        Ok(Self {
            _held: Held::new(&request),
            request,
            head: Some(head.into()),
            end: Some(end.into()),
            _progressed: progressed,
            _changed: changed,
        })
    }

    /// `None` where the request failed.
    pub async fn response_head(
        &mut self,
        stored: &StoredRequest,
        client_origin: &str,
    ) -> Option<ResponseHead> {
        self.head.take()?.await.ok()?;
        let status = self.request.status().ok().filter(|status| *status != 0)?;
        let url = self.request.response_url();
        let headers = self.request.get_all_response_headers().unwrap_or_default();
        let kind = if origin_of(&url) == client_origin { ResponseType::Basic } else { ResponseType::Cors };
        Some(ResponseHead {
            status,
            status_text: self.request.status_text().unwrap_or_default(),
            headers: HeaderList::from_lines(&headers),
            redirected: url != stored.url_without_fragment(),
            url,
            kind,
        })
    }

    /// The promise of the response's body, once.
    pub fn take_end(&mut self) -> Option<JsFuture> {
        self.end.take()
    }

    /// The response's body, at the end.
    pub fn body(&self) -> Option<Bytes> {
        let buffer = self.request.response().ok().filter(JsValue::is_object)?;
        Bytes::from_value(Uint8Array::new(&buffer).into())
    }
}
