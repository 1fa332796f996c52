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
    /// The bytes after those that are stored, to be appended to them. `overlap`: how many stored bytes have to come
    /// again first.
    Rest { overlap: ByteCount },
    /// Whether the file goes on after the stored bytes, where a part cannot be appended to them. They have been
    /// decoded, or their version is not known for certain. `overlap` as above.
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
    /// The file from its first byte on, up to the end of `part` if there is one. With `restart`, it replaces another
    /// body.
    Beginning { part: Option<PartialResponse>, restart: bool },
    /// A part that begins with stored bytes. Nothing is appended before the `missing` ones have come again.
    Overlap { part: PartialResponse, missing: ByteCount },
    /// A part that is being appended.
    Rest { part: PartialResponse, has_bytes: bool },
    /// The answer to a question, of which nothing is kept. It has stored bytes, of which `missing` have yet to come
    /// again, and then what shows that the file goes on.
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
    /// The file, or a truncated body: its end was not announced. The server is asked whether there is more.
    Unconfirmed,
    /// The file, which has changed since. It is fetched once more. If that fails, these bytes stay the result.
    Outdated,
    /// Bytes of another version, or of an unknown one. The whole is fetched in their place.
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
