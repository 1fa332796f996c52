use std::cell::RefCell;
use std::rc::Rc;

use super::notify::Notify;
use super::sorted_map::SortedMap;

/// Limits the requests to one origin. Browsers have a limit, too, and queue what exceeds it without telling. Time in
/// that queue would look like a server that does not answer.
#[derive(Default)]
pub struct Connections {
    /// How many are open, by origin.
    open: RefCell<SortedMap<String, u32>>,
    closed: Notify,
}

/// The right to have one request on its way. Dropping it gives it to another.
pub struct Connection {
    connections: Rc<Connections>,
    origin: String,
}

impl Connections {
    /// Returns when there are fewer than `at_most` to this origin.
    pub async fn open(self: &Rc<Self>, origin: String, at_most: u32) -> Connection {
        loop {
            let closed = self.closed.notified();
            if self.count(&origin, |count| {
                *count < at_most.max(1) && {
                    *count += 1;
                    true
                }
            }) {
                return Connection { connections: Rc::clone(self), origin };
            }
            closed.await;
        }
    }

    fn count<T>(&self, origin: &str, change: impl FnOnce(&mut u32) -> T) -> T {
        self.open.borrow_mut().change(origin.into(), change)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let is_last = self.connections.count(&self.origin, |count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
        if is_last {
            self.connections.open.borrow_mut().remove(&self.origin);
        }
        self.connections.closed.notify();
    }
}
