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
}

thread_local! {
    static BROKEN: Cell<Option<BrokenPort>> = const { Cell::new(None) };
}

impl BrokenPort {
    #[cfg_attr(not(feature = "broken-rules"), expect(dead_code))]
    pub const ALL: [Self; 5] = [
        Self::LocksAreKept,
        Self::SharedLocksAreIgnored,
        Self::StealingNeverEnds,
        Self::WorkersAreAskedOnce,
        Self::HandlersAreNotAwaited,
    ];

    pub fn is_broken(self) -> bool {
        BROKEN.get() == Some(self)
    }

    /// From now on, in this thread.
    #[cfg_attr(not(feature = "broken-rules"), expect(dead_code))]
    pub fn break_only(broken: Option<Self>) {
        BROKEN.set(broken);
    }
}
