use std::cell::Cell;

/// A port that breaks what it promises, for seeing that somebody notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenPort {
    /// A lock that is given up stays taken.
    LocksAreKept,
    /// An exclusive lock is granted while others hold it shared.
    SharedLocksAreIgnored,
    /// A lock cannot be stolen.
    StealingNeverEnds,
    /// A worker hears of an event once, and is never reminded.
    WorkersAreAskedOnce,
    /// An event counts as handled when its handler begins.
    HandlersAreNotAwaited,
    /// Bytes that are damaged are read as if they were not.
    DamageIsNotSeen,
}

thread_local! {
    static BROKEN: Cell<Option<BrokenPort>> = const { Cell::new(None) };
}

impl BrokenPort {
    pub const ALL: [Self; 6] = [
        Self::LocksAreKept,
        Self::SharedLocksAreIgnored,
        Self::StealingNeverEnds,
        Self::WorkersAreAskedOnce,
        Self::HandlersAreNotAwaited,
        Self::DamageIsNotSeen,
    ];

    pub fn is_broken(self) -> bool {
        BROKEN.get() == Some(self)
    }

    /// From now on, in this thread.
    pub fn break_only(broken: Option<Self>) {
        BROKEN.set(broken);
    }
}
