use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Request, Response};

use super::Bytes;
use super::body_timing::BodyTiming;
use super::lifetime::Held;
use super::upload::Upload;
use crate::engine::{ByteHandle, ResponseBody, Task};
use crate::model::{BodyEnd, ByteCount, NetworkFailure};

/// Ends a request and the body of its response, when it is dropped before they are through.
pub struct RequestInFlight {
    controller: AbortController,
    is_through: bool,
    /// Its signal follows the controller's as long as it is there: WebKit (2.50) collects it together with the Request,
    /// and the body comes on.
    _request: Request,
    _held: Held,
}

impl RequestInFlight {
    /// `request` has the signal of `controller`.
    pub fn new(controller: AbortController, request: &Request) -> Self {
        Self { _held: Held::new(&controller), controller, is_through: false, _request: Clone::clone(request) }
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        if !self.is_through {
            self.controller.abort();
        }
    }
}

/// The body of a response as it arrives.
pub struct FetchBody {
    source: Source,
    reading: Option<JsFuture>,
    /// What is still to come, where that is known: a body that is there is not asked for its end.
    rest: Option<ByteCount>,
    timing: Option<BodyTiming>,
    ending: Option<Task<'static, Result<BodyEnd, NetworkFailure>>>,
    end: BodyEnd,
}

enum Source {
    Stream {
        reader: ReadableStreamDefaultReader,
        in_flight: RequestInFlight,
    },
    /// The body as a Blob, without a script's work for each packet.
    Whole {
        in_flight: RequestInFlight,
    },
    Upload {
        _upload: Upload,
    },
    /// There is no body, or no more of it.
    Ended,
}

impl FetchBody {
    /// `length`: that of the body, where it is known.
    pub fn of_response(
        response: &Response,
        length: Option<ByteCount>,
        in_flight: RequestInFlight,
        timing: Option<BodyTiming>,
    ) -> Self {
        let source = response.body().map_or(Source::Ended, |body| Source::Stream {
            reader: body.get_reader().unchecked_into(),
            in_flight,
        });
        Self { source, reading: None, rest: length, timing, ending: None, end: BodyEnd::Unconfirmed }
    }

    /// The same, but its only piece is the whole.
    pub fn of_whole(response: &Response, in_flight: RequestInFlight) -> Self {
        let (reading, source) = match response.blob() {
            Ok(blob) => (Some(blob.into()), Source::Whole { in_flight }),
            Err(_) => (None, Source::Ended),
        };
        Self { source, reading, rest: None, timing: None, ending: None, end: BodyEnd::Unconfirmed }
    }

    pub fn of_upload(upload: Upload) -> Self {
        let reading = Some(upload.body());
        let source = Source::Upload { _upload: upload };
        Self { source, reading, rest: None, timing: None, ending: None, end: BodyEnd::Unconfirmed }
    }

    fn begin_reading(&self) -> Option<JsFuture> {
        match &self.source {
            Source::Stream { reader, .. } => Some(reader.read().into()),
            Source::Whole { .. } | Source::Upload { .. } | Source::Ended => None,
        }
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, NetworkFailure>>> {
        self.end_source();
        if let Some(timing) = self.timing.take() {
            self.ending = Some(Box::pin(timing.end()));
        }
        let Some(ending) = &mut self.ending else { return Poll::Ready(None) };
        let end = ready!(ending.as_mut().poll(context));
        self.ending = None;
        Poll::Ready(end.map(|end| self.end = end).err().map(Err))
    }

    /// It is through.
    fn end_source(&mut self) {
        let source = std::mem::replace(&mut self.source, Source::Ended);
        if let Source::Stream { mut in_flight, .. } | Source::Whole { mut in_flight } = source {
            in_flight.is_through = true;
        }
    }

    /// Whether it is through with this piece.
    fn counts_down(&mut self, piece: &Bytes) -> bool {
        self.rest = self.rest.and_then(|rest| rest.0.checked_sub(piece.length().0)).map(ByteCount);
        self.rest == Some(ByteCount::ZERO)
    }

    /// What was read; `None` at the end.
    fn piece(&mut self, read: &JsValue) -> Option<Bytes> {
        match &self.source {
            Source::Stream { .. } => {
                let property = |name: &str| Reflect::get(read, &name.into()).unwrap_or_default();
                if property("done").is_truthy() { None } else { Bytes::from_value(property("value")) }
            }
            Source::Whole { .. } | Source::Upload { .. } => Bytes::from_value(read.clone()),
            Source::Ended => None,
        }
    }
}

impl ResponseBody<Bytes> for FetchBody {
    fn end(&self) -> BodyEnd {
        self.end
    }
}

impl Stream for FetchBody {
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
                Some(bytes) => {
                    if self.counts_down(&bytes) {
                        self.end_source();
                    }
                    Poll::Ready(Some(Ok(bytes)))
                }
                None => self.poll_end(context),
            },
            Poll::Ready(Err(_)) => {
                self.source = Source::Ended;
                Poll::Ready(Some(Err(super::network::failure_now())))
            }
        }
    }
}
