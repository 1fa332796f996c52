//! The one way in which tasks of a realm wait for one another.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A future whose type is of no interest, so that what handles it is compiled once.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Tells tasks that something has happened.
#[derive(Clone, Default)]
pub struct Notify(Rc<State>);

#[derive(Default)]
struct State {
    /// Counts what was told.
    count: Cell<u32>,
    waiting: RefCell<Vec<Waker>>,
}

impl Notify {
    pub fn notify(&self) {
        self.0.count.set(self.0.count.get().wrapping_add(1));
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Resolves at the next notification after this call. Call it before reading what the notification tells of.
    pub fn notified(&self) -> Notified {
        Notified { notify: self.clone(), seen: self.0.count.get() }
    }
}

pub struct Notified {
    notify: Notify,
    seen: u32,
}

impl Notified {
    /// Whether it has come already.
    pub fn has_come(&self) -> bool {
        self.notify.0.count.get() != self.seen
    }
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.has_come() {
            return Poll::Ready(());
        }
        let mut waiting = self.notify.0.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

/// A condition that tasks can wait for.
#[derive(Default)]
pub struct Flag {
    is_set: Cell<bool>,
    changed: Notify,
}

impl Flag {
    pub fn set(&self, is_set: bool) {
        if self.is_set.replace(is_set) != is_set {
            self.changed.notify();
        }
    }

    pub fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// Resolves at the next change, even if it is changed back before anybody looks.
    pub fn changed(&self) -> Notified {
        self.changed.notified()
    }

    pub async fn until(&self, is_set: bool) {
        while self.is_set.get() != is_set {
            self.changed.notified().await;
        }
    }
}

/// What came first.
pub enum First<A, B> {
    Left(A),
    Right(B),
}

/// Waits for whichever is ready first, the left one where both are. The other is dropped.
pub async fn race<A, B>(left: impl Future<Output = A>, right: impl Future<Output = B>) -> First<A, B> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|context| match left.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(First::Left(done)),
        Poll::Pending => right.as_mut().poll(context).map(First::Right),
    })
    .await
}

/// Runs all side by side until one gives something, or all are through. The others are dropped then. Each is polled only
/// when something has happened that it waits for.
pub async fn first_some<T>(mut tasks: Vec<Task<'_, Option<T>>>) -> Option<T> {
    let mut wakers: Vec<Arc<TaskWaker>> = Vec::new();
    poll_fn(|context| {
        if wakers.len() != tasks.len() || !wakers.iter().all(|each| each.whole.will_wake(context.waker())) {
            wakers = tasks.iter().map(|_| Arc::new(TaskWaker::new(context.waker()))).collect();
        }
        let mut position = 0;
        while let (Some(task), Some(waker)) = (tasks.get_mut(position), wakers.get(position)) {
            if waker.is_woken.swap(false, Ordering::Relaxed) {
                let waker = Waker::from(Arc::clone(waker));
                if let Poll::Ready(done) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                    drop(tasks.remove(position));
                    wakers.remove(position);
                    if done.is_some() {
                        return Poll::Ready(done);
                    }
                    continue;
                }
            }
            position += 1;
        }
        if tasks.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// Wakes one of several tasks that are run side by side.
struct TaskWaker {
    is_woken: AtomicBool,
    /// Wakes who polls them.
    whole: Waker,
}

impl TaskWaker {
    fn new(whole: &Waker) -> Self {
        Self { is_woken: AtomicBool::new(true), whole: whole.clone() }
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Relaxed);
        self.whole.wake_by_ref();
    }
}
