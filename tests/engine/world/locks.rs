use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use background_fetch_polyfill::engine::{LockMode, Locks};
use background_fetch_polyfill::model::Millis;

use super::{BrokenPort, Origin, Port, RealmId};

/// [Web Locks](https://w3c.github.io/web-locks/) of the origin.
#[derive(Default)]
pub struct LockQueues {
    /// By name, in the order of the requests: first those that hold the lock, then those that wait.
    queues: RefCell<BTreeMap<String, Vec<Request>>>,
    count: Cell<u64>,
    pub is_any_stolen: Cell<bool>,
}

struct Request {
    number: u64,
    realm: RealmId,
    mode: LockMode,
    is_granted: bool,
    waker: Option<Waker>,
}

impl LockQueues {
    fn request(&self, name: &str, realm: RealmId, mode: LockMode) -> u64 {
        let number = self.count.get();
        self.count.set(number + 1);
        let request = Request { number, realm, mode, is_granted: false, waker: None };
        self.change(name, |queue| queue.push(request));
        number
    }

    fn poll(&self, name: &str, number: u64, waker: &Waker) -> Poll<()> {
        let mut queues = self.queues.borrow_mut();
        let request = queues.get_mut(name).and_then(|queue| queue.iter_mut().find(|it| it.number == number));
        match request {
            Some(request) if request.is_granted => Poll::Ready(()),
            Some(request) => {
                request.waker = Some(waker.clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }

    fn release(&self, name: &str, number: u64) {
        self.change(name, |queue| queue.retain(|request| request.number != number));
    }

    pub fn forget_realm(&self, realm: RealmId) {
        let names: Vec<String> = self.queues.borrow().keys().cloned().collect();
        for name in names {
            self.change(&name, |queue| queue.retain(|request| request.realm != realm));
        }
    }

    /// Takes a lock from those who hold it, and does not tell them.
    pub fn take_away(&self, name: &str) {
        self.is_any_stolen.set(true);
        self.change(name, |queue| queue.retain(|request| !request.is_granted));
    }

    fn steal(&self, name: &str, realm: RealmId) -> u64 {
        self.is_any_stolen.set(true);
        let number = self.count.get();
        self.count.set(number + 1);
        self.change(name, |queue| {
            queue.retain(|request| !request.is_granted);
            let mode = LockMode::Exclusive;
            queue.insert(0, Request { number, realm, mode, is_granted: false, waker: None });
        });
        number
    }

    /// Whether a realm holds a lock, or waits for one.
    pub fn has_any_of(&self, realm: RealmId) -> bool {
        self.queues.borrow().values().flatten().any(|request| request.realm == realm)
    }

    /// Those that are held or waited for.
    pub fn names(&self) -> Vec<String> {
        self.queues.borrow().keys().cloned().collect()
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Vec<Request>)) {
        let mut queues = self.queues.borrow_mut();
        let queue = queues.entry(name.into()).or_default();
        change(queue);
        let mut is_only_shared = true;
        for (position, request) in queue.iter_mut().enumerate() {
            is_only_shared &= request.mode == LockMode::Shared;
            if position > 0 && !is_only_shared {
                break;
            }
            request.is_granted = true;
            if let Some(waker) = request.waker.take() {
                waker.wake();
            }
        }
        if queue.is_empty() {
            queues.remove(name);
        }
    }
}

/// A lock, or a place in its queue.
pub struct Guard {
    origin: Rc<Origin>,
    name: String,
    number: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if BrokenPort::LocksAreKept.is_broken() {
            return;
        }
        self.origin.locks.release(&self.name, self.number);
    }
}

impl Locks for Port {
    type Guard = Guard;

    async fn acquire(&self, name: &str, mode: LockMode) -> Guard {
        let is_ignored = BrokenPort::SharedLocksAreIgnored.is_broken() && name.contains("reading");
        let mode = if is_ignored { LockMode::Shared } else { mode };
        // Chromium asks first whether the page may use locks.
        self.origin.executor.sleep(Millis(self.origin.executor.below(20))).await;
        let origin = Rc::clone(&self.origin);
        let number = origin.locks.request(name, self.realm, mode);
        let guard = Guard { origin, name: name.into(), number };
        poll_fn(|context| guard.origin.locks.poll(name, number, context.waker())).await;
        // The callback of a granted lock runs a little later.
        self.origin.executor.sleep(Millis(self.origin.executor.below(3))).await;
        guard
    }

    async fn acquire_if_free(&self, name: &str) -> Option<Guard> {
        self.origin.executor.sleep(Millis(self.origin.executor.below(20))).await;
        let origin = Rc::clone(&self.origin);
        let is_free = !origin.locks.queues.borrow().contains_key(name);
        let number = is_free.then(|| origin.locks.request(name, self.realm, LockMode::Exclusive))?;
        let guard = Guard { origin, name: name.into(), number };
        self.origin.executor.sleep(Millis(self.origin.executor.below(3))).await;
        Some(guard)
    }

    async fn steal(&self, name: &str) -> Guard {
        if BrokenPort::StealingNeverEnds.is_broken() {
            std::future::pending::<()>().await;
        }
        let origin = Rc::clone(&self.origin);
        let number = origin.locks.steal(name, self.realm);
        let guard = Guard { origin, name: name.into(), number };
        self.origin.executor.sleep(Millis(self.origin.executor.below(3))).await;
        guard
    }
}
