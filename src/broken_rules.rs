//! Rules of the engine that a test can break, to see that somebody would notice. Without the feature `broken-rules` none is
//! ever broken, and the compiler drops the question.

/// What a correct engine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Bytes are shown when they are stored, not before.
    StoreBeforeShowing,
    /// What was stored of another version goes when the new one comes.
    DropOldVersions,
    /// The rows stay until the event is handled.
    HandleBeforeDeleting,
    /// The worker is reminded until the event is handled.
    RemindWorkers,
    /// Nothing of a fetch is left when it is through.
    Purge,
    /// A page that loads takes over what nobody runs.
    Adopt,
    /// A page that goes away gives its locks up.
    ReleaseLocks,
    /// A runner that does not answer is replaced.
    ReplaceFrozenRunners,
    /// Stored bytes that cannot be read are fetched again.
    GiveUpDamage,
    /// A connection that brings nothing is given up.
    WatchForStalls,
    /// A fetch that is interrupted has no result.
    SettleWhenComplete,
    /// Bytes stay as long as somebody reads them.
    HoldWhatIsRead,
    /// A body that is begun anew does not go on in the middle of another.
    TellVersionsApart,
    /// After an error of the database another connection is opened.
    OpenAnotherConnection,
    /// What the database does not answer is given up.
    GiveUpUnanswered,
}

impl Rule {
    pub const ALL: [Self; 15] = [
        Self::StoreBeforeShowing,
        Self::DropOldVersions,
        Self::HandleBeforeDeleting,
        Self::RemindWorkers,
        Self::Purge,
        Self::Adopt,
        Self::ReleaseLocks,
        Self::ReplaceFrozenRunners,
        Self::GiveUpDamage,
        Self::WatchForStalls,
        Self::SettleWhenComplete,
        Self::HoldWhatIsRead,
        Self::TellVersionsApart,
        Self::OpenAnotherConnection,
        Self::GiveUpUnanswered,
    ];

    #[cfg(not(feature = "broken-rules"))]
    pub const fn is_broken(self) -> bool {
        false
    }

    #[cfg(feature = "broken-rules")]
    pub fn is_broken(self) -> bool {
        BROKEN.get() == Some(self)
    }

    /// From now on, in this thread.
    #[cfg(feature = "broken-rules")]
    pub fn break_only(rule: Option<Self>) {
        BROKEN.set(rule);
    }
}

#[cfg(feature = "broken-rules")]
std::thread_local! {
    static BROKEN: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}
