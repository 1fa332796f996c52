//! The crash of an instance of the wasm module, in the middle of its work. It trapped, or a function of the browser's
//! threw what nobody expects, or Firefox (153) stopped it while the user went to another URL. Nothing of it is dropped
//! then, and none of it may run again.

use std::cell::Cell;
use std::future::{Future, poll_fn};

use js_sys::{Promise, Set};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use crate::engine::Task;

// An instance of the module has one of each, as it has one engine.
std::thread_local! {
    static HELD: Set = Set::new(&JsValue::UNDEFINED);
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs what the browser has called.
pub fn within<T>(work: impl FnOnce() -> T) -> T {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let done = work();
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    done
}

/// The same for each step of a task. Boxed here and in [`promise`], so that what the browser has of a task is compiled
/// once, and not for each.
pub fn spawn(task: Task<'static, ()>) {
    spawn_local(step_within(task));
}

/// The same for a task that the browser waits for.
pub fn promise(task: Task<'static, Result<JsValue, JsValue>>) -> Promise {
    future_to_promise(step_within(task))
}

fn step_within<T>(mut task: Task<'static, T>) -> impl Future<Output = T> {
    poll_fn(move |context| within(|| task.as_mut().poll(context)))
}

/// Whether the instance has crashed: it was left in the middle of something. To be asked by a task of the browser's
/// own.
#[wasm_bindgen(js_name = hasBrokenOff)]
pub fn has_broken_off() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// What the instance holds of the browser.
pub fn all_held() -> Set {
    HELD.with(Clone::clone)
}

/// Something of the browser's that the facade gives back when this instance has crashed, unless it is dropped before: a
/// function, which is called, or an object, which is aborted, closed or disconnected.
pub struct Held(JsValue);

impl Held {
    pub fn new(thing: &JsValue) -> Self {
        HELD.with(|held| held.add(thing));
        Self(thing.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.with(|held| held.delete(&self.0));
    }
}
