use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::errors::report;
use super::lifetime::{self, Held};
use crate::engine::{Flag, LockMode, Locks};

#[wasm_bindgen]
extern "C" {
    // web-sys has Web Locks behind an unstable flag only.
    type LockManager;

    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = locks)]
    static LOCKS: LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &JsValue,
    ) -> Result<Promise, JsValue>;
}

/// [Web Locks](https://w3c.github.io/web-locks/).
#[derive(Default)]
pub struct WebLocks {
    has_granted: Cell<bool>,
    is_refusal_told: Cell<bool>,
}

impl Locks for WebLocks {
    type Guard = Guard;

    async fn acquire(&self, name: &str, mode: LockMode) -> Guard {
        self.await_grant(request(name, Manner::Wait(mode))).await
    }

    async fn acquire_if_free(&self, name: &str) -> Option<Guard> {
        let guard = request(name, Manner::IfFree).ok()?;
        guard.answer.is_granted().await.then_some(guard)
    }

    async fn steal(&self, name: &str) -> Guard {
        self.await_grant(request(name, Manner::Steal)).await
    }

    async fn are_refused(&self) -> bool {
        if self.has_granted.get() {
            return false;
        }
        // Nobody holds it for longer than this.
        match request("background-fetch-test", Manner::Wait(LockMode::Shared)) {
            Ok(guard) => !guard.answer.is_granted().await,
            Err(_) => true,
        }
    }
}

impl WebLocks {
    /// Never returns where there is no lock.
    async fn await_grant(&self, requested: Result<Guard, JsValue>) -> Guard {
        if let Ok(guard) = requested
            && guard.answer.is_granted().await
        {
            self.has_granted.set(true);
            return guard;
        }
        // Who leaves the queue does not come to here.
        if !self.is_refusal_told.replace(true) {
            report(&["the browser refuses locks here, so that nothing can be fetched."]);
        }
        std::future::pending().await
    }
}

/// A lock, or a place in its queue. Dropping it gives up either.
pub struct Guard {
    answer: Rc<Answer>,
    release: Function,
    controller: AbortController,
    _held: [Held; 2],
}

/// How a lock is asked for.
#[derive(Clone, Copy)]
enum Manner {
    Wait(LockMode),
    IfFree,
    Steal,
}

/// What became of a request for a lock.
#[derive(Default)]
struct Answer {
    is_granted: Cell<bool>,
    has_come: Flag,
}

impl Answer {
    async fn is_granted(&self) -> bool {
        self.has_come.until(true).await;
        self.is_granted.get()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Both, for a lock may have been granted and its callback not have run yet.
        self.controller.abort();
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

fn request(name: &str, manner: Manner) -> Result<Guard, JsValue> {
    let answer = Rc::<Answer>::default();
    let mut release = None;
    let released = Promise::new(&mut |resolve, _| release = Some(resolve));
    let release = release.ok_or(JsValue::UNDEFINED)?;
    let controller = AbortController::new()?;
    let options = Object::new();
    // A signal can be given with the first only.
    match manner {
        Manner::Wait(mode) => {
            let mode = if mode == LockMode::Exclusive { "exclusive" } else { "shared" };
            Reflect::set(&options, &"mode".into(), &mode.into())?;
            Reflect::set(&options, &"signal".into(), &controller.signal())?;
        }
        Manner::IfFree => drop(Reflect::set(&options, &"ifAvailable".into(), &true.into())?),
        Manner::Steal => drop(Reflect::set(&options, &"steal".into(), &true.into())?),
    }
    // The lock is held until the promise that the callback returns is settled.
    let callback = Closure::once({
        let answer = Rc::clone(&answer);
        move |lock: JsValue| {
            lifetime::within(|| {
                answer.is_granted.set(!lock.is_null());
                answer.has_come.set(true);
            });
            released
        }
    });
    let ended = LOCKS.with(|locks| locks.request(name, &options, callback.as_ref()))?;
    let ending = Rc::clone(&answer);
    spawn_local(async move {
        // Rejects with AbortError when the queue was left, and with another error where locks are refused.
        let _ = JsFuture::from(ended).await;
        ending.has_come.set(true);
        drop(callback);
    });
    let held = [Held::new(&controller), Held::new(&release)];
    Ok(Guard { answer, release, controller, _held: held })
}
