use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Set};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Request;

use super::bus::BroadcastBus;
use super::errors::exception;
use super::host::Host;
use super::lifetime;
use super::realm::shown_state;
use super::requests::{from_request, may_have_body, read_body, to_request};
use super::settings::read_settings;
use super::{Browser, Bytes, rows};
use crate::engine::{BodyReader, Engine, FetchCall, IncomingRequest, ObservedFetch, ReadyBody, Shown, World};
use crate::model::{CacheQueryOptions, Command, Error, FromRow, Options, StoredRequest, UniqueId};

#[wasm_bindgen(module = "/src/web/realm.js")]
extern "C" {
    #[wasm_bindgen(js_name = nextTask, catch)]
    fn next_task() -> Result<Promise, JsValue>;
}

/// The engine of this realm, as the facade drives it. Promises are rejected with the exceptions that the API's users
/// see.
#[wasm_bindgen]
pub struct BackgroundFetchEngine {
    engine: Engine<Browser>,
    bus: Rc<BroadcastBus>,
}

#[wasm_bindgen]
impl BackgroundFetchEngine {
    /// `settings`: see [`read_settings`].
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, settings: JsValue) -> Result<BackgroundFetchEngine, JsValue> {
        let settings = read_settings(&settings)?;
        let browser = Browser::new(host)?;
        let bus = browser.shared_bus();
        let engine = Engine::new(browser, settings);
        let receiver = engine.clone();
        bus.listen(move |hint| {
            let receiver = receiver.clone();
            lifetime::spawn(Box::pin(async move { receiver.handle_hint(hint).await }));
        });
        let receiver = engine.clone();
        engine.world().store().database().watch(move || {
            let receiver = receiver.clone();
            lifetime::spawn(Box::pin(async move { receiver.handle_lost_database().await }));
        });
        Ok(Self { engine, bus })
    }

    /// What the instance holds of the browser: functions and objects that are to be called, or aborted, closed or
    /// disconnected, when it has crashed.
    pub fn held(&self) -> Set {
        lifetime::all_held()
    }

    /// Resolves before the next task, if this engine works.
    pub fn ping(&self) -> Promise {
        promise(async { Ok(JsValue::UNDEFINED) })
    }

    /// Takes the place of an engine that crashed. `shown`: what the realm's registrations show, an array of [`Shown`].
    /// Resolves to the uids of those that are gone.
    pub fn replace(&self, shown: JsValue) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let shown: Vec<Shown> =
                rows::from_row(&shown).map_err(|_| Error::StorageFailed.into_exception())?;
            let gone = engine.replace(shown).await;
            Ok(gone.iter().map(|uid| JsValue::from_str(uid.as_str())).collect::<Array>().into())
        })
    }

    /// Takes over what no other context runs.
    #[wasm_bindgen(js_name = takeOver)]
    pub fn take_over(&self) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            engine.take_over().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Dispatches the event of a fetch in this worker, if it is due. Resolves when it is handled.
    pub fn deliver(&self, uid: String) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            if let Some(uid) = UniqueId::from_message(uid) {
                engine.deliver_here(uid).await;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Runs what nobody else does, and resolves when that is through or given up.
    #[wasm_bindgen(js_name = runWithoutPages)]
    pub fn run_without_pages(&self) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            engine.run_without_pages().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Whether this realm ran a fetch. `may_resume`: the page may come back.
    pub fn suspend(&self, may_resume: bool) -> bool {
        lifetime::within(|| {
            let ran = self.engine.suspend();
            if may_resume {
                self.engine.world().store().database().suspend();
            }
            self.bus.close();
            ran
        })
    }

    pub fn resume(&self) -> Promise {
        self.engine.world().store().database().resume();
        self.bus.reopen();
        let resumed = self.engine.resume();
        promise(async move {
            resumed.await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// `requests`: pairs of a `Request` and the text it was made of, if any. `failure`: the exception that ended the
    /// list, if any. `has_active_worker`: whether the registration had one at the call, here and below. Resolves to
    /// {uid, state}.
    pub fn fetch(
        &self,
        scope: String,
        has_active_worker: bool,
        id: String,
        requests: Array,
        failure: JsValue,
        options: JsValue,
    ) -> Promise {
        let engine = self.engine.clone();
        promise(
            async move { fetch(&engine, scope, has_active_worker, id, &requests, failure, options).await },
        )
    }

    /// Resolves to {uid, state} or undefined.
    pub fn get(&self, scope: String, has_active_worker: bool, id: String) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let found = engine.get(&scope, has_active_worker, &id).await.map_err(exception)?;
            Ok(found.as_ref().map_or(JsValue::UNDEFINED, observed))
        })
    }

    pub fn ids(&self, scope: String, has_active_worker: bool) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let ids = engine.ids(&scope, has_active_worker).await.map_err(exception)?;
            Ok(ids.into_iter().map(JsValue::from).collect::<Array>().into())
        })
    }

    /// `command`: "abort", "pause" or "resume". Resolves to whether this call is the one that did it.
    pub fn command(&self, uid: String, command: String) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let command = match command.as_str() {
                "abort" => Command::Abort,
                "pause" => Command::Pause,
                _ => Command::Resume,
            };
            engine.command(&UniqueId::from(uid), command).await.map(JsValue::from).map_err(exception)
        })
    }

    /// Resolves to an array of {index, request: () => Request}.
    #[wasm_bindgen(js_name = matchAll)]
    pub fn match_all(&self, uid: String, query: Option<Request>, options: JsValue) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let query = query.map(|query| stored_request(&query)).transpose()?;
            let options = CacheQueryOptions::from_row(&options).unwrap_or_default();
            let found =
                engine.match_all(&UniqueId::from(uid), query.as_ref(), options).await.map_err(exception)?;
            let records = found.into_iter().map(|record| {
                let (request, body) = (record.request, record.body);
                // A request is made when it is asked for: a fetch may have ten thousand.
                let make = Closure::<dyn Fn() -> Result<Request, JsValue>>::new(move || {
                    to_request(&request, body.as_ref())
                });
                object([("index", record.index.into()), ("request", make.into_js_value())])
            });
            Ok(records.collect::<Array>().into())
        })
    }

    /// Resolves to {status, statusText, headers, url, redirected, type, body}. The body is an ArrayBuffer where it is
    /// complete and small, or else a [`LiveBody`].
    pub fn response(&self, uid: String, index: u32) -> Promise {
        let engine = self.engine.clone();
        promise(async move {
            let ready = engine.response(&UniqueId::from(uid), index).await.map_err(exception)?;
            let response = rows::to_row(&ready.head).map_err(|_| Error::StorageFailed.into_exception())?;
            let headers = rows::to_row(&ready.head.exposed_headers())
                .map_err(|_| Error::StorageFailed.into_exception())?;
            Reflect::set(&response, &"headers".into(), &headers)?;
            let body = match ready.body {
                ReadyBody::Complete(None) => ArrayBuffer::new(0).into(),
                ReadyBody::Complete(Some(bytes)) => array_buffer(&bytes).await?,
                ReadyBody::Live(reader) => LiveBody { reader: Rc::new(reader) }.into(),
            };
            Reflect::set(&response, &"body".into(), &body)?;
            Ok(response)
        })
    }

    /// Forgets the fetches of a registration that is no more.
    #[wasm_bindgen(js_name = purgeScope)]
    pub fn purge_scope(&self, scope: String) -> Promise {
        let engine = self.engine.clone();
        promise(async move { engine.purge_scope(&scope).await.map(void).map_err(exception) })
    }
}

/// The body of a response that is still coming in.
#[wasm_bindgen]
pub struct LiveBody {
    reader: Rc<BodyReader<Browser>>,
}

#[wasm_bindgen]
impl LiveBody {
    /// Resolves to an ArrayBuffer of the next bytes, as soon as there are some; to undefined at the end.
    pub fn next(&self) -> Promise {
        let reader = Rc::clone(&self.reader);
        promise(async move {
            match reader.next().await.map_err(exception)? {
                Some(bytes) => array_buffer(&bytes).await,
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }
}

/// Blobs of the database are never handed out: Chromium (156) kills the process ("Bad blob references in
/// BlobRegistry::Register", <https://crbug.com/392376370>) where one is collected while another is made of it, as
/// `cache.put()` does, and Firefox (153) now and then never ends a `cache.put()` of a large one.
async fn array_buffer(bytes: &Bytes) -> Result<JsValue, JsValue> {
    bytes.to_array_buffer().await.map_err(|_| Error::StorageFailed.into_exception())
}

async fn fetch(
    engine: &Engine<Browser>,
    scope: String,
    has_active_worker: bool,
    id: String,
    given: &Array,
    failure: JsValue,
    options: JsValue,
) -> Result<JsValue, JsValue> {
    let options: Options = rows::from_row(&options).map_err(|_| Error::StorageFailed.into_exception())?;
    /// Read in one task; more would hold up the page.
    const IN_ONE_TASK: usize = 200;
    let (mut requests, mut bodies) = (Vec::new(), Vec::new());
    for pair in given.iter() {
        if requests.len() % IN_ONE_TASK == IN_ONE_TASK - 1 {
            JsFuture::from(next_task()?).await?;
        }
        let request: Request = Reflect::get_u32(&pair, 0)?.unchecked_into();
        requests.push(IncomingRequest {
            request: stored_request(&request)?,
            text: Reflect::get_u32(&pair, 1)?.as_string(),
        });
        bodies.push(request);
    }
    let is_whole = failure.is_undefined();
    let call = FetchCall { scope, has_active_worker, id, requests, is_whole, options };
    let read_body = async |index: usize| match bodies.get(index) {
        Some(request) => read_request_body(engine, request).await,
        None => Ok(None),
    };
    match engine.fetch(call, read_body).await {
        Ok(fetch) => Ok(observed(&fetch)),
        Err(Error::UnbuildableRequest) => Err(failure),
        Err(error) => Err(exception(error)),
    }
}

async fn read_request_body(engine: &Engine<Browser>, request: &Request) -> Result<Option<Bytes>, Error> {
    if !may_have_body(request) {
        return Ok(None);
    }
    let stores_blobs = engine.world().store().database().stores_blobs().await?;
    read_body(request, stores_blobs).await.map_err(|_| Error::BodyUnreadable)
}

fn stored_request(request: &Request) -> Result<StoredRequest, JsValue> {
    from_request(request).map_err(|error| js_sys::TypeError::new(error.message()).into())
}

fn observed(fetch: &ObservedFetch) -> JsValue {
    object([("uid", fetch.uid.as_str().into()), ("state", shown_state(&fetch.state))])
}

fn object<const N: usize>(entries: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        // Fails for frozen objects only.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    lifetime::promise(Box::pin(future))
}

fn void((): ()) -> JsValue {
    JsValue::UNDEFINED
}

impl Error {
    fn into_exception(self) -> JsValue {
        exception(self)
    }
}
