use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, Stream};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Request, Response};

use super::Bytes;
use super::coded_body::CodedBody;
use super::lifetime::LastCall;
use super::upload::Upload;
use crate::model::NetworkFailure;

/// Ends a request and the body of its response, when it is dropped before they are through.
pub struct Transfer {
    controller: AbortController,
    /// Its signal follows the controller's as long as it is there: WebKit (2.50) collects it together with the Request, and
    /// the body comes on.
    _request: Request,
    _last_call: Option<LastCall>,
}

impl Transfer {
    /// `request` has the signal of `controller`.
    pub fn new(controller: AbortController, request: &Request) -> Self {
        let last_call = LastCall::to_method(&controller, "abort");
        Self { controller, _request: Clone::clone(request), _last_call: last_call }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

/// The body of a response as it arrives.
pub struct ResponseBody {
    source: Source,
    reading: Option<JsFuture>,
    coded: Option<CodedBody>,
    /// Whether its end came too early.
    is_cut: Option<LocalBoxFuture<'static, bool>>,
}

enum Source {
    Stream {
        reader: ReadableStreamDefaultReader,
        _transfer: Transfer,
    },
    Upload(Upload),
    /// There is no body, or no more of it.
    Ended,
}

impl ResponseBody {
    pub fn of_response(response: &Response, transfer: Transfer, coded: Option<CodedBody>) -> Self {
        let source = response.body().map_or(Source::Ended, |body| Source::Stream {
            reader: body.get_reader().unchecked_into(),
            _transfer: transfer,
        });
        Self { source, reading: None, coded, is_cut: None }
    }

    pub fn of_upload(mut upload: Upload) -> Self {
        Self { reading: upload.take_end(), source: Source::Upload(upload), coded: None, is_cut: None }
    }

    fn begin_reading(&self) -> Option<JsFuture> {
        match &self.source {
            Source::Stream { reader, .. } => Some(reader.read().into()),
            Source::Upload(_) | Source::Ended => None,
        }
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, NetworkFailure>>> {
        self.source = Source::Ended;
        if let Some(coded) = self.coded.take() {
            self.is_cut = Some(coded.ended_early().boxed_local());
        }
        let is_cut = match &mut self.is_cut {
            Some(is_cut) => ready!(is_cut.poll_unpin(context)),
            None => false,
        };
        self.is_cut = None;
        Poll::Ready(is_cut.then_some(Err(NetworkFailure::Truncated)))
    }

    /// What was read; `None` at the end.
    fn piece(&mut self, read: &JsValue) -> Option<Bytes> {
        match &self.source {
            Source::Stream { .. } => {
                let property = |name: &str| Reflect::get(read, &name.into()).unwrap_or_default();
                if property("done").is_truthy() { None } else { Bytes::from_value(property("value")) }
            }
            Source::Upload(upload) => upload.body(),
            Source::Ended => None,
        }
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, NetworkFailure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(mut reading) = self.reading.take().or_else(|| self.begin_reading()) else {
            return self.poll_end(context);
        };
        match Pin::new(&mut reading).poll(context) {
            Poll::Pending => {
                self.reading = Some(reading);
                Poll::Pending
            }
            Poll::Ready(Ok(read)) => match self.piece(&read) {
                Some(bytes) => Poll::Ready(Some(Ok(bytes))),
                None => self.poll_end(context),
            },
            Poll::Ready(Err(_)) => {
                self.source = Source::Ended;
                Poll::Ready(Some(Err(super::network::failure_now())))
            }
        }
    }
}
