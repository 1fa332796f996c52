use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use background_fetch_polyfill::engine::Network;
use background_fetch_polyfill::model::{
    Attempt, ByteCount, Millis, NetworkFailure, Probe, ResponseHead, StoredRequest,
};
use futures_channel::oneshot;

use super::body::{Body, Connection};
use super::{Content, Fault, Port, RealmId, ServedFile, Version};

/// The servers, and the cable to them.
#[derive(Default)]
pub struct Servers {
    pub resources: RefCell<BTreeMap<String, Resource>>,
    /// Length of every version of every file.
    versions: RefCell<Vec<u64>>,
    is_offline: Cell<bool>,
    /// No server can be reached, and the browser does not know it.
    pub are_unreachable: Cell<bool>,
    online_waiters: RefCell<Vec<oneshot::Sender<()>>>,
    retry_signal_waiters: RefCell<Vec<oneshot::Sender<()>>>,
    pub connections: RefCell<BTreeMap<u64, RealmId>>,
    pub connection_count: Cell<u64>,
    pub most_connections: Cell<usize>,
}

/// A URL, and what was asked of it.
#[derive(Default)]
pub struct Resource {
    pub file: ServedFile,
    /// One for each of the next requests.
    pub faults: VecDeque<Option<Fault>>,
    /// What is wrong with one of every two requests, for ever: it comes to another server of the same name.
    pub second_server: Option<Fault>,
    is_for_second_server: bool,
    pub is_unreachable: bool,
    pub requests: Vec<SentRequest>,
    /// Bytes of bodies that reached the browser.
    pub sent: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    pub method: String,
    pub range_start: Option<u64>,
    pub if_range: Option<String>,
    pub is_whole: bool,
    pub body: Option<Content>,
}

impl Servers {
    pub fn new_version(&self, length: u64) -> Version {
        let mut versions = self.versions.borrow_mut();
        versions.push(length);
        Version(versions.len() - 1)
    }

    pub fn length_of(&self, version: Version) -> u64 {
        self.versions.borrow()[version.0]
    }

    pub fn serve(&self, url: &str, file: ServedFile) {
        let version = self.new_version(file.length);
        let mut resources = self.resources.borrow_mut();
        resources.entry(url.into()).or_default().file = ServedFile { version, ..file };
    }

    pub fn set_offline(&self, is_offline: bool) {
        self.is_offline.set(is_offline);
        if !is_offline {
            // A dropped sender wakes its receiver.
            self.online_waiters.borrow_mut().clear();
            self.signal_retry();
        }
    }

    /// The browser tells that it may be worth trying again.
    pub fn signal_retry(&self) {
        self.retry_signal_waiters.borrow_mut().clear();
    }

    pub fn is_offline(&self) -> bool {
        self.is_offline.get()
    }

    fn is_reachable(&self, url: &str) -> bool {
        !self.are_unreachable.get() && !self.resources.borrow()[url].is_unreachable
    }

    pub fn forget_realm(&self, realm: RealmId) {
        self.connections.borrow_mut().retain(|_, other| *other != realm);
    }

    fn take_request(
        &self,
        request: &StoredRequest,
        body: Option<Content>,
        attempt: &Attempt,
        coin: impl FnOnce() -> bool,
    ) -> Option<Fault> {
        let mut resources = self.resources.borrow_mut();
        let Some(resource) = resources.get_mut(&request.url) else { panic!("{} is not served", request.url) };
        resource.requests.push(SentRequest {
            method: request.method.clone(),
            range_start: attempt.range_start.map(|start| start.0),
            if_range: attempt.if_range.clone(),
            is_whole: attempt.is_whole,
            body,
        });
        let is_first_of_two = !resource.requests.len().is_multiple_of(2);
        let of_server = resource.second_server.clone().filter(|_| {
            let is_second = if is_first_of_two { coin() } else { resource.is_for_second_server };
            resource.is_for_second_server = !is_second;
            is_second
        });
        let fault = resource.faults.pop_front().flatten().or(of_server);
        if let Some(Fault::Changed(length)) = fault {
            resource.file.version = self.new_version(length);
            resource.file.length = length;
            resource.file.is_changed = true;
        }
        fault
    }

    fn file(&self, url: &str) -> ServedFile {
        self.resources.borrow()[url].file.clone()
    }
}

impl Network<Content> for Port {
    type Body = Body;

    async fn send(
        &self,
        request: &StoredRequest,
        body: Option<&Content>,
        attempt: &Attempt,
        uploaded: &Rc<Cell<ByteCount>>,
    ) -> Result<(ResponseHead, Body), NetworkFailure> {
        let servers = &self.origin.servers;
        if servers.is_offline() {
            return Err(NetworkFailure::Offline);
        }
        if !servers.is_reachable(&request.url) {
            self.origin.executor.sleep(Millis(1 + self.origin.executor.below(100))).await;
            return Err(NetworkFailure::Failed);
        }
        let connection = Connection::open(&self.origin, self.realm);
        let coin = || self.origin.executor.below(2) == 0;
        let fault = servers.take_request(request, body.copied(), attempt, coin);
        let file = servers.file(&request.url);
        self.origin.executor.sleep(Millis(1 + self.origin.executor.below(file.latency))).await;
        for part in (1..=10).filter(|_| body.is_some_and(|body| body.len() > file.bytes_per_milli)) {
            let length = body.map_or(0, |body| body.len());
            self.origin.executor.sleep(Millis(length / file.bytes_per_milli / 10)).await;
            if file.tells_uploads {
                uploaded.set(ByteCount(length * part / 10));
            }
        }
        match fault {
            _ if servers.is_offline() => return Err(NetworkFailure::Offline),
            Some(Fault::NoAnswer) => return Err(NetworkFailure::Failed),
            Some(Fault::Refused) => return Err(NetworkFailure::Refused),
            Some(Fault::Silence) => std::future::pending().await,
            _ if file.is_forbidden => return Err(NetworkFailure::Failed),
            _ => {}
        }
        let page = servers.new_version(ServedFile::PAGE_LENGTH);
        let file = match fault {
            Some(Fault::OtherFile(version)) => {
                ServedFile { version, length: servers.length_of(version), ..file }
            }
            _ => file,
        };
        let answer = file.answer(attempt, fault.as_ref(), page);
        Ok((answer.head, Body::new(connection, &request.url, answer.body, answer.broken, &file)))
    }

    async fn probe(&self, request: &StoredRequest) -> Probe {
        let file = self.origin.servers.file(&request.url);
        self.origin.executor.sleep(Millis(1 + self.origin.executor.below(file.latency))).await;
        let servers = &self.origin.servers;
        let reachable = !servers.is_offline() && servers.is_reachable(&request.url);
        Probe { reachable, cross_origin: file.is_cross_origin, redirects: false }
    }

    async fn online(&self) {
        if self.origin.servers.is_offline() {
            let (sender, online) = oneshot::channel();
            self.origin.servers.online_waiters.borrow_mut().push(sender);
            let _ = online.await;
        }
    }

    async fn retry_signal(&self) {
        let (sender, signal) = oneshot::channel();
        self.origin.servers.retry_signal_waiters.borrow_mut().push(sender);
        let _ = signal.await;
    }
}
