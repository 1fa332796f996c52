use std::future::Future;

use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::errors::report;
use super::host::Host;
use super::{lifetime, rows};
use crate::engine::{Realm, WorkerState};
use crate::model::{ByteCount, EventKind, InstanceUpdate, RegistrationState, UniqueId};

#[wasm_bindgen(module = "/src/web/realm.js")]
extern "C" {
    #[wasm_bindgen(js_name = availableStorage, catch)]
    fn available_storage() -> Result<Promise, JsValue>;
}

/// A state as a registration shows it. `Number` is what the API's `unsigned long long` is in JavaScript.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownState<'a> {
    id: &'a str,
    upload_total: ByteCount,
    uploaded: ByteCount,
    download_total: ByteCount,
    downloaded: ByteCount,
    result: &'a str,
    failure_reason: &'a str,
    records_available: bool,
    is_paused: bool,
    is_waiting: bool,
}

pub fn shown_state(state: &RegistrationState) -> JsValue {
    let shown = ShownState {
        id: &state.id,
        upload_total: state.upload_total,
        uploaded: state.uploaded,
        download_total: state.download_total,
        downloaded: state.downloaded,
        result: state.result(),
        failure_reason: state.failure_reason(),
        records_available: state.records_available,
        is_paused: state.is_paused,
        is_waiting: state.is_waiting,
    };
    rows::to_row(&shown).unwrap_or_default()
}

pub struct HostRealm {
    host: Host,
}

impl HostRealm {
    pub fn new(host: Host) -> Self {
        Self { host }
    }
}

impl Realm for HostRealm {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        lifetime::spawn(Box::pin(task));
    }

    fn update_instance(&self, uid: &UniqueId, update: &InstanceUpdate) {
        self.host.update_instance(uid.as_str(), shown_state(&update.state), update.fires_progress);
    }

    fn takes_over(&self) -> bool {
        self.host.takes_over()
    }

    fn runs(&self, scope: &str) {
        // A worker that cannot be looked for now is asked when there is an event for it.
        let asked = JsFuture::from(self.host.runs(scope));
        self.spawn(async move {
            let _ = asked.await;
        });
    }

    async fn worker_state(&self, scope: &str) -> WorkerState {
        let state = JsFuture::from(self.host.worker_state(scope)).await;
        match state.ok().and_then(|state| state.as_string()).as_deref() {
            Some("active") => WorkerState::Active,
            Some("unregistered") => WorkerState::Unregistered,
            _ => WorkerState::Waiting,
        }
    }

    fn is_worker_of(&self, scope: &str) -> bool {
        self.host.scope().is_some_and(|own| own == scope)
    }

    async fn wake_worker(&self, scope: &str, uid: &UniqueId) {
        // A worker that cannot be reached now is reminded later.
        let _ = JsFuture::from(self.host.wake_worker(scope, uid.as_str())).await;
    }

    async fn dispatch(
        &self,
        event: EventKind,
        uid: &UniqueId,
        state: &RegistrationState,
    ) -> Result<(), String> {
        let handled = self.host.dispatch(event.event_type(), uid.as_str(), shown_state(state));
        // What handlers throw, and what their promises reject with, is not among it.
        let failure = JsFuture::from(handled).await.err();
        failure.map_or(Ok(()), |error| Err(js_sys::Object::from(error).to_string().into()))
    }

    async fn is_permitted(&self) -> bool {
        JsFuture::from(self.host.is_permitted()).await.is_ok_and(|permitted| permitted.is_truthy())
    }

    async fn available_storage(&self) -> Option<ByteCount> {
        let available = JsFuture::from(available_storage().ok()?).await.ok()?;
        Some(available.as_f64().map_or(UNESTIMATED, ByteCount::from))
    }

    fn report(&self, message: &str) {
        report(&[message]);
    }
}

/// Where the browser does not tell: more than any gives to an origin, so that what is beyond all measure is refused at
/// once everywhere.
const UNESTIMATED: ByteCount = ByteCount::from_mebibytes(16 << 20);
