use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use web_sys::{
    PerformanceObserver, PerformanceObserverEntryList, PerformanceObserverInit, PerformanceResourceTiming,
};

use super::clock::performance_now;
use super::lifetime::Held;
use crate::engine::{Notified, Notify, race};
use crate::model::{BodyEnd, ByteCount, NetworkFailure, ResponseHead, StoredRequest};

/// What [Resource Timing](https://w3c.github.io/resource-timing/) tells of a body whose end proves nothing by itself:
/// one with a content coding, which Firefox (153) takes for complete where its connection broke
/// (<https://bugzilla.mozilla.org/show_bug.cgi?id=237623>), and one without a length.
pub struct BodyTiming {
    /// Length of the encoded representation.
    announced: Option<ByteCount>,
    told: Rc<Told>,
    first_entry: Notified,
    observer: PerformanceObserver,
    _callback: Closure<dyn FnMut(PerformanceObserverEntryList)>,
    _held: Held,
}

/// What the entries for this URL tell. Across origins, without `Timing-Allow-Origin`, they tell neither.
#[derive(Default)]
struct Told {
    /// The largest `encodedBodySize`.
    encoded_size: Cell<f64>,
    /// Whether the protocols of all of them signal ends: the page itself may request the same URL over another
    /// connection.
    signals_end: Cell<Option<bool>>,
}

impl BodyTiming {
    /// Before the request is sent: a small body may have come as a whole, and its entry, too, when its head is heard
    /// of. `None` where nothing can be watched.
    pub fn watch(request: &StoredRequest) -> Option<Self> {
        let sent = performance_now();
        let url = request.url_without_fragment().to_owned();
        let told = Rc::<Told>::default();
        let entry_came = Notify::default();
        let first_entry = entry_came.notified();
        let callback = Closure::<dyn FnMut(PerformanceObserverEntryList)>::new({
            let told = Rc::clone(&told);
            move |list: PerformanceObserverEntryList| {
                for entry in list.get_entries().iter() {
                    let entry: PerformanceResourceTiming = entry.unchecked_into();
                    let name = entry.name();
                    let is_it = name.split('#').next() == Some(&*url) && entry.start_time() >= sent;
                    if is_it {
                        told.encoded_size.set(entry.encoded_body_size().max(told.encoded_size.get()));
                        let signals_end = matches!(entry.next_hop_protocol().as_str(), "h2" | "h3");
                        told.signals_end.set(Some(signals_end && told.signals_end.get() != Some(false)));
                        entry_came.notify();
                    }
                }
            }
        });
        let observer = PerformanceObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        let types = [JsValue::from("resource")].into_iter().collect::<js_sys::Array>();
        observer.observe(&PerformanceObserverInit::new(&types));
        let held = Held::new(&observer);
        Some(Self { announced: None, told, first_entry, observer, _callback: callback, _held: held })
    }

    /// `None` where there is nothing to find out about the body.
    pub fn of_body(mut self, request: &StoredRequest, head: &ResponseHead) -> Option<Self> {
        self.announced = head.encoded_length();
        let is_needed = self.announced.is_some() || request.is_get() && head.may_be_truncated();
        is_needed.then_some(self)
    }

    /// After the body's end: what that says, or that it came too early.
    pub async fn end(mut self) -> Result<BodyEnd, NetworkFailure> {
        // The entry comes in a task of its own, where it comes at all; of a busy browser after more than half a second.
        const LONGEST_MILLIS: u32 = 2_000;
        race(&mut self.first_entry, TimeoutFuture::new(LONGEST_MILLIS)).await;
        let counted = ByteCount::from(self.told.encoded_size.get());
        match self.announced.filter(|_| !counted.is_zero()) {
            Some(announced) if counted < announced => Err(NetworkFailure::Truncated),
            Some(_) => Ok(BodyEnd::Complete),
            None if self.told.signals_end.get() == Some(true) => Ok(BodyEnd::Complete),
            None => Ok(BodyEnd::Unconfirmed),
        }
    }
}

impl Drop for BodyTiming {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
