use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use background_fetch_polyfill::model::Millis;
use futures_util::future::LocalBoxFuture;

/// A page or a service worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RealmId(pub usize);

/// Runs the tasks of all realms on one thread, and time with them: it stands still while a task can run, and jumps to
/// the next timer when none can. The same seed gives the same run.
pub struct Executor {
    now: Cell<Millis>,
    /// Nothing of the simulated may take so long.
    horizon: Cell<Millis>,
    tasks: RefCell<Vec<Option<Task>>>,
    ready: Ready,
    timers: RefCell<BinaryHeap<Reverse<Timer>>>,
    timer_count: Cell<u64>,
    random: Cell<u64>,
    killed: RefCell<BTreeSet<RealmId>>,
    /// Tasks that could run if their realm was not frozen.
    frozen: RefCell<BTreeMap<RealmId, Vec<usize>>>,
}

type Ready = Arc<Mutex<VecDeque<usize>>>;

struct Task {
    realm: RealmId,
    /// `None` while it is being polled.
    future: Option<LocalBoxFuture<'static, ()>>,
    waker: Arc<TaskWaker>,
}

struct TaskWaker {
    task: usize,
    is_queued: AtomicBool,
    ready: Ready,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::Relaxed) {
            self.ready.lock().unwrap().push_back(self.task);
        }
    }
}

struct Timer {
    at: Millis,
    /// Timers of the same time fire in the order in which they were begun.
    number: u64,
    action: Action,
}

enum Action {
    Wake(Rc<SleepState>),
    WakeRealm(RealmId, Rc<SleepState>),
    Call(Box<dyn FnOnce()>),
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timer {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// Somewhere in 2027.
const BEGIN: Millis = Millis(1_800_000_000_000);

impl Executor {
    pub fn new(seed: u64) -> Self {
        Self {
            now: Cell::new(BEGIN),
            horizon: Cell::new(BEGIN + Millis::from_seconds(3 * 24 * 3600)),
            tasks: RefCell::default(),
            ready: Ready::default(),
            timers: RefCell::default(),
            timer_count: Cell::default(),
            random: Cell::new(seed),
            killed: RefCell::default(),
            frozen: RefCell::default(),
        }
    }

    pub fn now(&self) -> Millis {
        self.now.get()
    }

    pub fn since_begin(&self) -> Millis {
        self.now().saturating_sub(BEGIN)
    }

    /// SplitMix64: small, and good enough to choose with.
    pub fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit`, exclusive.
    pub fn below(&self, limit: u64) -> u64 {
        self.random() % limit.max(1)
    }

    pub fn spawn(&self, realm: RealmId, future: LocalBoxFuture<'static, ()>) {
        let mut tasks = self.tasks.borrow_mut();
        let waker = Arc::new(TaskWaker {
            task: tasks.len(),
            is_queued: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        tasks.push(Some(Task { realm, future: Some(future), waker: Arc::clone(&waker) }));
        waker.wake();
    }

    pub fn sleep(&self, time: Millis) -> Sleep {
        let state = Rc::new(SleepState::default());
        self.begin_timer(time, Action::Wake(Rc::clone(&state)));
        Sleep(state)
    }

    /// A timer of a realm, which ends with it: what its tasks hold of one another may be left.
    pub fn sleep_in(&self, realm: RealmId, time: Millis) -> Sleep {
        let state = Rc::new(SleepState::default());
        self.begin_timer(time, Action::WakeRealm(realm, Rc::clone(&state)));
        Sleep(state)
    }

    /// Something that happens whether the realms are alive or not.
    pub fn call_after(&self, time: Millis, action: impl FnOnce() + 'static) {
        self.begin_timer(time, Action::Call(Box::new(action)));
    }

    fn begin_timer(&self, time: Millis, action: Action) {
        let number = self.timer_count.get();
        self.timer_count.set(number + 1);
        self.timers.borrow_mut().push(Reverse(Timer { at: self.now() + time, number, action }));
    }

    /// Runs one task until it waits, or lets one timer fire that is due at `limit` at the latest. False where there is
    /// nothing to do until then.
    pub fn step(&self, limit: Millis) -> bool {
        let ready = self.ready.lock().unwrap().pop_front();
        match ready {
            Some(task) => {
                self.poll(task);
                true
            }
            None => self.fire(limit),
        }
    }

    fn poll(&self, index: usize) {
        let (mut future, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let Some(task) = tasks[index].as_mut() else { return };
            if let Some(waiting) = self.frozen.borrow_mut().get_mut(&task.realm) {
                waiting.push(index);
                return;
            }
            task.waker.is_queued.store(false, Ordering::Relaxed);
            let Some(future) = task.future.take() else { return };
            (future, Waker::from(Arc::clone(&task.waker)))
        };
        let is_over = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        let mut tasks = self.tasks.borrow_mut();
        match tasks[index].as_mut() {
            Some(task) if !is_over => task.future = Some(future),
            // Over, or its realm was killed in the meantime.
            _ => {
                tasks[index] = None;
                drop(tasks);
                drop(future);
            }
        }
    }

    fn fire(&self, limit: Millis) -> bool {
        loop {
            let timer = {
                let mut timers = self.timers.borrow_mut();
                match timers.peek() {
                    Some(Reverse(timer)) if timer.at <= limit => timers.pop(),
                    _ => None,
                }
            };
            let Some(Reverse(timer)) = timer else { return false };
            let is_over = match &timer.action {
                Action::Wake(state) => state.is_dropped.get(),
                Action::WakeRealm(realm, state) => {
                    state.is_dropped.get() || self.killed.borrow().contains(realm)
                }
                Action::Call(_) => false,
            };
            if is_over {
                continue;
            }
            assert!(timer.at <= self.horizon.get(), "something goes on for ever");
            self.now.set(self.now.get().max(timer.at));
            match timer.action {
                Action::Wake(state) | Action::WakeRealm(_, state) => state.fire(),
                Action::Call(call) => call(),
            }
            return true;
        }
    }

    /// Something may take this long from now on.
    pub fn set_horizon(&self, time: Millis) {
        self.horizon.set(self.now() + time);
    }

    pub fn has_ready_tasks(&self) -> bool {
        !self.ready.lock().unwrap().is_empty()
    }

    /// Time passes in which nothing happens.
    pub fn advance_to(&self, time: Millis) {
        self.now.set(self.now.get().max(time));
    }

    pub fn freeze(&self, realm: RealmId) {
        self.frozen.borrow_mut().entry(realm).or_default();
    }

    pub fn thaw(&self, realm: RealmId) {
        let waiting = self.frozen.borrow_mut().remove(&realm).unwrap_or_default();
        self.ready.lock().unwrap().extend(waiting);
    }

    pub fn is_frozen(&self, realm: RealmId) -> bool {
        self.frozen.borrow().contains_key(&realm)
    }

    /// Drops all tasks of a realm where they are.
    pub fn kill(&self, realm: RealmId) {
        self.killed.borrow_mut().insert(realm);
        self.frozen.borrow_mut().remove(&realm);
        let is_killed = |task: &&mut Option<Task>| task.as_ref().is_some_and(|task| task.realm == realm);
        let killed: Vec<Option<Task>> =
            self.tasks.borrow_mut().iter_mut().filter(is_killed).map(Option::take).collect();
        // What is dropped with them may ask for the tasks.
        drop(killed);
    }
}

#[derive(Default)]
struct SleepState {
    is_over: Cell<bool>,
    is_dropped: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl SleepState {
    fn fire(&self) {
        self.is_over.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

pub struct Sleep(Rc<SleepState>);

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0.is_over.get() {
            return Poll::Ready(());
        }
        self.0.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.0.is_dropped.set(true);
    }
}
