use std::cell::RefCell;

use futures_channel::oneshot::{Receiver, Sender, channel};

use super::uid_map::UidMap;
use crate::model::UniqueId;

/// Lets tasks of one realm wait until something happens to a background fetch.
#[derive(Default)]
pub struct Signals(RefCell<UidMap<Vec<Sender<()>>>>);

impl Signals {
    /// Resolves at the next `notify` after this call. Call it before reading what the signal tells of.
    pub fn wait(&self, uid: &UniqueId) -> Receiver<()> {
        let (sender, receiver) = channel();
        let mut senders = self.0.borrow_mut();
        let senders = senders.entry(uid.clone()).or_default();
        // Who has left need not be told.
        senders.retain(|sender| !sender.is_canceled());
        senders.push(sender);
        receiver
    }

    pub fn notify(&self, uid: &UniqueId) {
        // A dropped sender wakes its receiver just as well.
        self.0.borrow_mut().remove(uid);
    }

    pub fn notify_all(&self) {
        self.0.borrow_mut().clear();
    }
}
