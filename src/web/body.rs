use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use super::Bytes;
use crate::model::NetworkFailure;

/// Ends a request and the body of its response, when it is dropped before they are through.
pub struct Transfer(pub AbortController);

impl Drop for Transfer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The body of a response as it arrives.
pub struct ResponseBody {
    /// `None` for a response without body, and after the end.
    reader: Option<ReadableStreamDefaultReader>,
    reading: Option<JsFuture>,
    _transfer: Transfer,
}

impl ResponseBody {
    pub fn new(response: &Response, transfer: Transfer) -> Self {
        let reader = response.body().map(|body| body.get_reader().unchecked_into());
        Self { reader, reading: None, _transfer: transfer }
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, NetworkFailure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pending = self.reading.take();
        let Some(reader) = &self.reader else { return Poll::Ready(None) };
        let mut reading = pending.unwrap_or_else(|| JsFuture::from(reader.read()));
        match Pin::new(&mut reading).poll(context) {
            Poll::Pending => {
                self.reading = Some(reading);
                Poll::Pending
            }
            Poll::Ready(Ok(result)) => match piece(&result) {
                Some(bytes) => Poll::Ready(Some(Ok(bytes))),
                None => {
                    self.reader = None;
                    Poll::Ready(None)
                }
            },
            Poll::Ready(Err(_)) => {
                self.reader = None;
                Poll::Ready(Some(Err(super::network::failure_now())))
            }
        }
    }
}

/// `None` at the end.
fn piece(result: &JsValue) -> Option<Bytes> {
    let property = |name: &str| Reflect::get(result, &name.into()).unwrap_or_default();
    if property("done").is_truthy() { None } else { Bytes::from_value(property("value")) }
}
