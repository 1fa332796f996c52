use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot::{Receiver, channel};
use futures_util::future::select;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use web_sys::{
    PerformanceObserver, PerformanceObserverEntryList, PerformanceObserverInit, PerformanceResourceTiming,
};

use super::clock::performance_now;
use super::lifetime::LastCall;
use crate::model::{ByteCount, ResponseHead, StoredRequest};

/// Point in time of [High Resolution Time](https://w3c.github.io/hr-time/), in ms.
#[derive(Clone, Copy)]
pub struct Instant(f64);

impl Instant {
    pub fn now() -> Self {
        Self(performance_now())
    }
}

/// Watches how much comes of a body with a Content-Encoding. Its Content-Length says nothing about the decoded bytes, and
/// Firefox (153) takes such a body whose connection broke for whole; but
/// [Resource Timing](https://w3c.github.io/resource-timing/#dom-performanceresourcetiming-encodedbodysize) counts.
pub struct CodedBody {
    announced: ByteCount,
    /// The most of such a request; 0 where it is not told, as it is across origins.
    counted: Rc<Cell<f64>>,
    first_count: Receiver<()>,
    observer: PerformanceObserver,
    _callback: Closure<dyn FnMut(PerformanceObserverEntryList)>,
    _last_call: Option<LastCall>,
}

impl CodedBody {
    /// `None` where nothing is announced or nothing can be watched. `sent`: when the request was.
    pub fn watch(request: &StoredRequest, head: &ResponseHead, sent: Instant) -> Option<Self> {
        let announced = head.coded_length()?;
        let url = request.url_without_fragment().to_owned();
        let counted = Rc::new(Cell::new(0.0));
        let (sender, first_count) = channel();
        let mut sender = Some(sender);
        let callback = Closure::<dyn FnMut(PerformanceObserverEntryList)>::new({
            let counted = Rc::clone(&counted);
            move |list: PerformanceObserverEntryList| {
                for entry in list.get_entries().iter() {
                    let entry: PerformanceResourceTiming = entry.unchecked_into();
                    let name = entry.name();
                    let is_it = name.split('#').next() == Some(&*url) && entry.start_time() >= sent.0;
                    if is_it {
                        counted.set(entry.encoded_body_size().max(counted.get()));
                        // A dropped sender wakes its receiver.
                        sender.take();
                    }
                }
            }
        });
        let observer = PerformanceObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        let types = [JsValue::from("resource")].into_iter().collect::<js_sys::Array>();
        observer.observe(&PerformanceObserverInit::new(&types));
        let last_call = LastCall::to_method(&observer, "disconnect");
        Some(Self { announced, counted, first_count, observer, _callback: callback, _last_call: last_call })
    }

    /// After the body's end: whether that came too early.
    pub async fn ended_early(mut self) -> bool {
        // The count comes in a task of its own, where it comes at all; of a busy browser after more than half a second.
        const PATIENCE_MILLIS: u32 = 2_000;
        select(&mut self.first_count, TimeoutFuture::new(PATIENCE_MILLIS)).await;
        let counted = ByteCount::from(self.counted.get());
        !counted.is_zero() && counted < self.announced
    }
}

impl Drop for CodedBody {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
