//! The end of an instance of the wasm module that comes in the middle of its work: it trapped, or a function of the
//! browser's threw what nobody expects, or Firefox (153) stopped it while the user went to another address. Nothing of it
//! is dropped then, and none of it may run again.

use std::cell::Cell;
use std::future::{Future, poll_fn};

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

// An instance of the module has one of each, as it has one engine.
std::thread_local! {
    static CONTROLLER: Option<AbortController> = AbortController::new().ok();
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs what the browser has called.
pub fn within<T>(work: impl FnOnce() -> T) -> T {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let done = work();
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    done
}

/// The same for each step of a task.
pub fn task<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let mut future = Box::pin(future);
    poll_fn(move |context| within(|| future.as_mut().poll(context)))
}

/// Whether the instance was left in the middle of something. To be asked by a task of the browser's own.
#[wasm_bindgen(js_name = hasBrokenOff)]
pub fn has_broken_off() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// To be aborted when the instance has broken off.
pub fn controller() -> Option<AbortController> {
    CONTROLLER.with(Clone::clone)
}

/// Gives something back to the browser when this instance has broken off, unless it is dropped before. It is a function of
/// the browser's, as none of the instance's can be called then.
pub struct LastCall {
    signal: AbortSignal,
    listener: Function,
}

impl LastCall {
    pub fn to(listener: Function) -> Option<Self> {
        let signal = controller()?.signal();
        signal.add_event_listener_with_callback("abort", &listener).ok()?;
        Some(Self { signal, listener })
    }

    /// To a method of an object, which ignores its argument.
    pub fn to_method(object: &JsValue, name: &str) -> Option<Self> {
        let method: Function = Reflect::get(object, &name.into()).ok()?.dyn_into().ok()?;
        Self::to(method.bind0(object))
    }
}

impl Drop for LastCall {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", &self.listener);
    }
}
