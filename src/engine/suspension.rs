use std::cell::{Cell, RefCell};

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};

use super::{Engine, LockMode, Locks, World};

/// Whether the page is going away, or in the back/forward cache: it takes no lock then.
#[derive(Default)]
pub struct Suspension {
    is_suspended: Cell<bool>,
    waiting: RefCell<Vec<Sender<()>>>,
}

impl Suspension {
    pub fn begin(&self) {
        self.is_suspended.set(true);
        // A dropped sender wakes its receiver.
        self.waiting.borrow_mut().clear();
    }

    pub fn end(&self) {
        self.is_suspended.set(false);
    }

    pub fn is_suspended(&self) -> bool {
        self.is_suspended.get()
    }

    /// Resolves when the page is suspended next.
    pub fn begins(&self) -> Receiver<()> {
        let (sender, begins) = channel();
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|sender| !sender.is_canceled());
        waiting.push(sender);
        begins
    }
}

impl<W: World> Engine<W> {
    /// A lock, unless the page is suspended before it is granted.
    pub(super) async fn lock_unless_suspended(
        &self,
        name: &str,
        mode: LockMode,
    ) -> Option<<W::Locks as Locks>::Guard> {
        let suspension = &self.0.suspension;
        if suspension.is_suspended() {
            return None;
        }
        match select(suspension.begins(), std::pin::pin!(self.locks().acquire(name, mode))).await {
            Either::Left(_) => None,
            Either::Right((guard, _)) => Some(guard),
        }
    }
}
