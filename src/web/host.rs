use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What a page or a worker offers to the engine: `Host` in src/js/host.js, which implements all of it. A function
    /// that throws breaks the engine off.
    pub type Host;

    /// The scope of the worker that this realm is; `undefined` in a page.
    #[wasm_bindgen(method, getter)]
    pub fn scope(this: &Host) -> Option<String>;

    /// Whether the realm takes over what others began.
    #[wasm_bindgen(method, getter, js_name = takesOver)]
    pub fn takes_over(this: &Host) -> bool;

    /// Shows a state in the registration object with this uid, if there is one.
    #[wasm_bindgen(method, js_name = updateInstance)]
    pub fn update_instance(this: &Host, uid: &str, state: JsValue, fires_progress: bool);

    /// The engine begins to run a fetch of this scope.
    #[wasm_bindgen(method)]
    pub fn runs(this: &Host, scope: &str) -> Promise;

    /// Resolves to "active", "waiting" or "unregistered".
    #[wasm_bindgen(method, js_name = workerState)]
    pub fn worker_state(this: &Host, scope: &str) -> Promise;

    /// Asks the active worker of this scope to deliver the event of a fetch.
    #[wasm_bindgen(method, js_name = wakeWorker)]
    pub fn wake_worker(this: &Host, scope: &str, uid: &str) -> Promise;

    /// Resolves when the event is handled. Rejects where no listener can have heard of it.
    #[wasm_bindgen(method)]
    pub fn dispatch(this: &Host, event_type: &str, uid: &str, state: JsValue) -> Promise;

    /// Resolves to whether the permission "background-fetch" is granted.
    #[wasm_bindgen(method, js_name = isPermitted)]
    pub fn is_permitted(this: &Host) -> Promise;
}
