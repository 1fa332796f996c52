use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::notify::Notify;
use super::{ByteHandle, Commit, RecordChange, SMALLEST_FILE};

/// What the records of a run want to be stored. What gathers while one transaction is on its way goes into the next.
pub struct Commits<B> {
    /// At most one for each record.
    waiting: RefCell<Vec<Rc<Commit<B>>>>,
    /// Whoever stores is dropped with all others of the run only.
    pub is_storing: Cell<bool>,
    /// A transaction has ended.
    pub stored: Notify,
}

impl<B> Default for Commits<B> {
    fn default() -> Self {
        Self { waiting: RefCell::default(), is_storing: Cell::default(), stored: Notify::default() }
    }
}

impl<B: ByteHandle> Commits<B> {
    pub fn add(&self, change: RecordChange<B>) -> Rc<Commit<B>> {
        let commit = Rc::new(Commit { change, is_tried: Cell::default(), outcome: RefCell::default() });
        self.waiting.borrow_mut().push(Rc::clone(&commit));
        commit
    }

    /// What is stored together next. At most one chunk is a file of its own, and that one is the last: of the others, a
    /// crash leaves what the transaction has stored.
    pub fn take_group(&self) -> Vec<Rc<Commit<B>>> {
        let mut group = Vec::new();
        let mut file = None;
        self.waiting.borrow_mut().retain(|commit| {
            let is_file = commit.change.chunk_length() >= SMALLEST_FILE;
            if is_file && file.is_some() {
                return true;
            }
            if is_file {
                file = Some(Rc::clone(commit));
            } else {
                group.push(Rc::clone(commit));
            }
            false
        });
        group.extend(file);
        group
    }
}
