//! Rules of the engine that a test can break, to see that somebody would notice. Without the feature `broken-rules` none is
//! ever broken, and the compiler drops the question.

/// What a correct engine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// After an error of the database another connection is opened.
    OpenAnotherConnection,
    /// What the database does not answer is given up.
    GiveUpUnanswered,
}

impl Rule {
    pub const ALL: [Self; 2] = [Self::OpenAnotherConnection, Self::GiveUpUnanswered];

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
