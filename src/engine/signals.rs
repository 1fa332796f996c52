use std::cell::RefCell;

use futures_channel::oneshot::{Receiver, Sender, channel};

use super::sorted_map::{SortedMap, UidMap};
use crate::model::UniqueId;

/// Lets tasks of one realm wait until something happens to a background fetch, or to one record of it.
#[derive(Default)]
pub struct Signals(RefCell<UidMap<SortedMap<Topic, Vec<Sender<()>>>>>);

/// What of a fetch is waited for: its record with this index, or anything.
type Topic = Option<u32>;

impl Signals {
    /// Resolves at the next signal about the fetch after this call. Call it before reading what the signal tells of.
    pub fn wait(&self, uid: &UniqueId) -> Receiver<()> {
        self.wait_for(uid, None)
    }

    /// The same for news of one record: a fetch may have ten thousand, and somebody who waits for each.
    pub fn wait_for_record(&self, uid: &UniqueId, index: u32) -> Receiver<()> {
        self.wait_for(uid, Some(index))
    }

    fn wait_for(&self, uid: &UniqueId, topic: Topic) -> Receiver<()> {
        let (sender, receiver) = channel();
        self.0.borrow_mut().change(uid.clone(), |topics| {
            topics.change(topic, |senders| {
                // Who has left need not be told.
                senders.retain(|sender| !sender.is_canceled());
                senders.push(sender);
            });
        });
        receiver
    }

    /// Something happened to the fetch as a whole.
    pub fn notify(&self, uid: &UniqueId) {
        // A dropped sender wakes its receiver just as well.
        self.0.borrow_mut().remove(uid);
    }

    /// Something happened to these records.
    pub fn notify_records(&self, uid: &UniqueId, indices: impl IntoIterator<Item = u32>) {
        if let Some(topics) = self.0.borrow_mut().get_mut(uid) {
            // The topics stay: they are waited for again, and to take one out of ten thousand moves the others.
            for topic in indices.into_iter().map(Some).chain([None]) {
                if let Some(senders) = topics.get_mut(&topic) {
                    senders.clear();
                }
            }
        }
    }

    pub fn notify_all(&self) {
        self.0.borrow_mut().clear();
    }
}
