//! Rules of the engine that a test can break, to see that somebody would notice. Without the feature `broken-rules` none is
//! ever broken, and the compiler drops the question.

/// What a correct engine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A part is appended only if it is proven to be one of the same file.
    ValidateParts,
    /// What an earlier runner commits late is refused.
    RaiseRunner,
    /// A request that cannot be sent again is marked before it is sent.
    MarkUploads,
    /// What came before a call of `abort()` does not make a success of it.
    HonourAborts,
    /// A body that nobody announced the length of is whole if the server says that there is no more.
    ConfirmEnds,
    /// A part whose headers are hidden is appended only if it begins with the end of what is stored.
    CompareOverlaps,
    /// What the network does ends no fetch.
    WaitForNetwork,
    /// After an error of the database another connection is opened.
    OpenAnotherConnection,
    /// What the database does not answer is given up.
    GiveUpUnanswered,
}

impl Rule {
    pub const ALL: [Self; 9] = [
        Self::ValidateParts,
        Self::RaiseRunner,
        Self::MarkUploads,
        Self::HonourAborts,
        Self::ConfirmEnds,
        Self::CompareOverlaps,
        Self::WaitForNetwork,
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
