//! The states of the machine, and what belongs to each.

use super::Next;
use crate::model::{ByteCount, Millis, PartialResponse, RecordResult};

/// Where [`CompleteRecord`](super::CompleteRecord) is, whose documentation tells what leads from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing has been done.
    Initial,
    /// The end of what is stored is being read, for a request whose answer is to be compared with it.
    Recalling(Continuation),
    /// A request has no answer yet.
    Requesting(Purpose),
    /// The body of an answer comes in.
    Receiving(Body),
    /// A request has failed, and another one finds out whether the server can be reached.
    Probing {
        asked_for_range: bool,
        is_silent: bool,
    },
    /// Some time passes before the next attempt.
    Waiting(Pause),
    /// All bytes are there, and are compared with what was promised of them.
    Verifying,
    Settled(RecordResult),
}

/// How a request goes by what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    Rest,
    Question,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The whole file.
    Whole,
    /// The bytes after those that are stored, to be appended to them. So many of the stored ones have to come again first.
    Rest { overlap: ByteCount },
    /// Whether the file goes on after the stored bytes, where a part cannot be appended to them: they have been decoded, or
    /// their version is not known for certain. So many of them have to come again first.
    Question { overlap: ByteCount },
}

impl Purpose {
    pub(super) fn of(continuation: Continuation, overlap: ByteCount) -> Self {
        match continuation {
            Continuation::Rest => Self::Rest { overlap },
            Continuation::Question => Self::Question { overlap },
        }
    }

    /// How many of the stored bytes are asked for again; `None` where the whole is.
    pub(super) fn overlap(self) -> Option<ByteCount> {
        match self {
            Self::Whole => None,
            Self::Rest { overlap } | Self::Question { overlap } => Some(overlap),
        }
    }
}

/// The body that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// The file from its first byte on; up to where `part` ends, where there is one. With `restart`, in place of another.
    Beginning { part: Option<PartialResponse>, restart: bool },
    /// A part that begins with stored bytes, of which so many have yet to come again. Nothing is appended before they have.
    Overlap { part: PartialResponse, missing: ByteCount },
    /// A part that is being appended.
    Rest { part: PartialResponse, has_bytes: bool },
    /// The answer to a question, of which nothing is kept: stored bytes, of which so many have yet to come again, and then
    /// what shows that the file goes on.
    Comparison { missing: ByteCount },
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    AtMost(Millis),
    AsAsked(Millis),
    UntilOnline,
}

impl From<Pause> for Next {
    fn from(pause: Pause) -> Self {
        match pause {
            Pause::AtMost(time) => Self::Wait(time),
            Pause::AsAsked(time) => Self::WaitAsAsked(time),
            Pause::UntilOnline => Self::WaitUntilOnline,
        }
    }
}

/// What the stored bytes are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The beginning of the file.
    Beginning,
    /// The beginning, up to the end of a part of a file whose length nobody told: it may be that of the file.
    OpenEnd,
    /// The file, or a truncated body: it ended where nobody had announced it. The server is asked whether there is more.
    Unconfirmed,
    /// The file, which has changed since. It is fetched once more, and these stay the result where that comes to nothing.
    Outdated,
    /// Bytes of another version, or of nobody knows what. The whole is fetched in their place.
    Distrusted,
}

impl Stored {
    /// Whether they are the result where nothing shows the contrary.
    pub fn seems_whole(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Outdated)
    }

    /// Whether a request may go by them.
    pub fn is_trusted(self) -> bool {
        !matches!(self, Self::Outdated | Self::Distrusted)
    }
}
