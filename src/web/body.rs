use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Bytes;
use super::body_timing::BodyTiming;
use super::lifetime::Held;
use super::upload::Upload;
use crate::engine::{ByteHandle, ResponseBody, Task};
use crate::model::{BodyEnd, ByteCount, NetworkFailure};

#[wasm_bindgen(module = "/src/web/network.js")]
extern "C" {
    /// A request and its response, of `Requests`.
    #[wasm_bindgen(js_name = RequestInFlight)]
    pub type InFlight;

    #[wasm_bindgen(method, getter)]
    fn heard(this: &InFlight) -> Promise;

    #[wasm_bindgen(method, js_name = readBody, catch)]
    fn read_body(this: &InFlight) -> Result<bool, JsValue>;

    #[wasm_bindgen(method)]
    fn read(this: &InFlight) -> Promise;

    #[wasm_bindgen(method, catch)]
    fn blob(this: &InFlight) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method)]
    fn abort(this: &InFlight);
}

/// Ends a request and the body of its response, when it is dropped before they are through.
pub struct RequestInFlight {
    request: InFlight,
    is_through: bool,
    _held: Held,
}

impl RequestInFlight {
    pub fn new(request: InFlight) -> Self {
        Self { _held: Held::new(&request), request, is_through: false }
    }

    pub fn heard(&self) -> Promise {
        self.request.heard()
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        if !self.is_through {
            self.request.abort();
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
        length: Option<ByteCount>,
        in_flight: RequestInFlight,
        timing: Option<BodyTiming>,
    ) -> Self {
        let has_body = in_flight.request.read_body().unwrap_or_default();
        let source = if has_body { Source::Stream { in_flight } } else { Source::Ended };
        Self { source, reading: None, rest: length, timing, ending: None, end: BodyEnd::Unconfirmed }
    }

    /// The same, but its only piece is the whole.
    pub fn of_whole(in_flight: RequestInFlight) -> Self {
        let (reading, source) = match in_flight.request.blob() {
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
            Source::Stream { in_flight } => Some(in_flight.request.read().into()),
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
        if let Source::Stream { mut in_flight } | Source::Whole { mut in_flight } = source {
            in_flight.is_through = true;
        }
    }

    /// Whether it is through with this piece.
    fn counts_down(&mut self, piece: &Bytes) -> bool {
        self.rest = self.rest.and_then(|rest| rest.0.checked_sub(piece.length().0)).map(ByteCount);
        self.rest == Some(ByteCount::ZERO)
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
            Poll::Ready(Ok(piece)) => match Bytes::from_value(piece) {
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
