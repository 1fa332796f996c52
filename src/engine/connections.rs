use std::cell::RefCell;
use std::rc::Rc;

use super::notify::Notify;
use super::sorted_map::SortedMap;

/// Limits the requests to one origin. Browsers have a limit, too, and queue what exceeds it without telling. Time in
/// that queue would look like a server that does not answer.
#[derive(Default)]
pub struct Connections {
    /// By origin. There are few.
    counts: RefCell<SortedMap<String, Counts>>,
    closed: Notify,
}

#[derive(Default)]
struct Counts {
    open: u32,
    waiting: u32,
}

/// The right to have one request on its way. Dropping it gives it to another.
pub struct Connection {
    connections: Rc<Connections>,
    origin: String,
    is_open: bool,
}

impl Connections {
    /// Returns when there are fewer than `at_most()` to this origin.
    pub async fn open(self: &Rc<Self>, origin: &str, at_most: impl Fn() -> u32) -> Connection {
        let mut connection = self.wait(origin);
        loop {
            let closed = self.closed.notified();
            if connection.open(at_most()) {
                return connection;
            }
            closed.await;
        }
    }

    /// `None` where there are as many already, or somebody waits.
    pub fn try_open(self: &Rc<Self>, origin: &str, at_most: u32) -> Option<Connection> {
        let is_wanted = self.are_wanted(origin);
        let mut connection = self.wait(origin);
        (!is_wanted && connection.open(at_most)).then_some(connection)
    }

    /// Whether somebody waits for one to this origin.
    pub fn are_wanted(&self, origin: &str) -> bool {
        self.counts.borrow().get(origin).is_some_and(|counts| counts.waiting > 0)
    }

    fn wait(self: &Rc<Self>, origin: &str) -> Connection {
        self.counts.borrow_mut().change(origin.into(), |counts| counts.waiting += 1);
        Connection { connections: Rc::clone(self), origin: origin.into(), is_open: false }
    }
}

impl Connection {
    fn open(&mut self, at_most: u32) -> bool {
        let mut all = self.connections.counts.borrow_mut();
        if let Some(counts) = all.get_mut(&self.origin)
            && counts.open < at_most.max(1)
        {
            counts.open += 1;
            counts.waiting -= 1;
            self.is_open = true;
        }
        self.is_open
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(counts) = self.connections.counts.borrow_mut().get_mut(&self.origin) {
            if self.is_open {
                counts.open -= 1;
            } else {
                counts.waiting -= 1;
            }
        }
        if self.is_open {
            self.connections.closed.notify();
        }
    }
}
