use super::{ByteCount, PartialResponse};

/// What is known of the request that is on its way.
#[derive(Default)]
pub struct Transfer {
    /// Where the asked range begins; `None` where the whole is asked for.
    pub range_start: Option<ByteCount>,
    /// Of what is stored already: how much is asked for again, less what of it has come.
    pub repeated: ByteCount,
    /// It asks whether the file goes on, and nothing else: a part that comes is not kept.
    pub is_question: bool,
    pub is_answered: bool,
    /// It was given up without an answer. What a policy forbids fails at once.
    pub is_silent: bool,
    /// The answer, where it is a part.
    pub part: Option<PartialResponse>,
    /// New bytes.
    pub received: ByteCount,
}
