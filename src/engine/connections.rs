use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot::{Sender, channel};

use super::sorted_map::SortedMap;

/// Who may send a request now. Browsers keep what is too much for a server waiting, and do not tell: time in that queue
/// would look like a server that is silent.
#[derive(Default)]
pub struct Connections(RefCell<SortedMap<String, Origin>>);

#[derive(Default)]
struct Origin {
    open: u32,
    /// In the order in which they came.
    waiting: VecDeque<Sender<Connection>>,
}

/// The right to have one connection to an origin. Dropping it passes it on.
pub struct Connection {
    connections: Rc<Connections>,
    origin: String,
}

impl Connections {
    /// Returns when there are fewer than `at_most` to this origin.
    pub async fn open(self: &Rc<Self>, origin: String, at_most: u32) -> Connection {
        let turn = self.0.borrow_mut().change(origin.clone(), |entry| {
            if entry.open < at_most.max(1) {
                entry.open += 1;
                None
            } else {
                let (sender, turn) = channel();
                entry.waiting.push_back(sender);
                Some(turn)
            }
        });
        match turn {
            None => Connection { connections: Rc::clone(self), origin },
            Some(turn) => match turn.await {
                Ok(connection) => connection,
                // The sender is never dropped before it has sent.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// The next one that is still there; `None` where nobody waits.
    fn next(&self, origin: &str) -> Option<Sender<Connection>> {
        let mut origins = self.0.borrow_mut();
        let entry = origins.get_mut(origin)?;
        while let Some(sender) = entry.waiting.pop_front() {
            if !sender.is_canceled() {
                return Some(sender);
            }
        }
        entry.open = entry.open.saturating_sub(1);
        if entry.open == 0 {
            origins.remove(origin);
        }
        None
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(next) = self.connections.next(&self.origin) {
            let connection =
                Self { connections: Rc::clone(&self.connections), origin: std::mem::take(&mut self.origin) };
            // Where the receiver has just left, this drops it, which asks the one after.
            let _ = next.send(connection);
        }
    }
}
