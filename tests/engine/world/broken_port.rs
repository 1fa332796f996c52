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
    /// A commit is answered before it is at the disk.
    CommitsAreAnsweredEarly,
    /// The number of a new owner is lost.
    OwnersHaveNoNumber,
    /// What is deleted of a fetch is still there.
    FetchesAreNotDeleted,
    /// The chunks of an earlier version are still there.
    ChunksAreNotDropped,
    /// The versions of a record cannot be told apart.
    VersionsAreAllTheSame,
    /// Nobody finds the fetches of others.
    FetchesAreNotFound,
    /// The last chunk looks as if it could be read.
    DamageIsNotSeen,
    /// A connection that was given up is used on.
    ConnectionsAreKept,
    /// What does not answer is waited for.
    SilenceIsNotNoticed,
}

thread_local! {
    static BROKEN: Cell<Option<BrokenPort>> = const { Cell::new(None) };
}

impl BrokenPort {
    pub const ALL: [Self; 14] = [
        Self::LocksAreKept,
        Self::SharedLocksAreIgnored,
        Self::StealingNeverEnds,
        Self::WorkersAreAskedOnce,
        Self::HandlersAreNotAwaited,
        Self::CommitsAreAnsweredEarly,
        Self::OwnersHaveNoNumber,
        Self::FetchesAreNotDeleted,
        Self::ChunksAreNotDropped,
        Self::VersionsAreAllTheSame,
        Self::FetchesAreNotFound,
        Self::DamageIsNotSeen,
        Self::ConnectionsAreKept,
        Self::SilenceIsNotNoticed,
    ];

    pub fn is_broken(self) -> bool {
        BROKEN.get() == Some(self)
    }

    /// From now on, in this thread.
    pub fn break_only(broken: Option<Self>) {
        BROKEN.set(broken);
    }
}
