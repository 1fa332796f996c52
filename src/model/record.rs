use serde::Serialize;

use super::{ByteCount, FromRow, RecordResult, ResponseHead, Row};

/// A [record](https://wicg.github.io/background-fetch/#background-fetch-record)'s response data, as the database keeps
/// it. The bytes lie beside it in chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub response: Option<ResponseHead>,
    /// Bytes that are there, from the beginning of the file without a gap.
    pub length: ByteCount,
    /// Length of the whole file, where the server told it.
    pub total: Option<ByteCount>,
    pub result: Option<RecordResult>,
    /// The most bytes there ever were. Only more than that is progress: otherwise a file that begins anew each time
    /// would never fail.
    pub longest: ByteCount,
    pub restarts: u32,
    /// Counts the responses whose bytes these might be: those of two versions do not belong together.
    pub version: u32,
    /// The body ended where nobody had announced it, and the server has not yet said that there is more.
    pub seems_whole: bool,
    /// Nothing is shown before all of it is verified.
    pub is_withheld: bool,
    /// A request that must not be sent twice is on its way.
    pub is_sent: bool,
}

impl FromRow for Record {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            response: row.read("response")?,
            length: row.read_or_default("length")?,
            total: row.read("total")?,
            result: row.read("result")?,
            longest: row.read_or_default("longest")?,
            restarts: row.read_or_default("restarts")?,
            version: row.read_or_default("version")?,
            seems_whole: row.read_or_default("seemsWhole")?,
            is_withheld: row.read_or_default("isWithheld")?,
            is_sent: row.read_or_default("isSent")?,
        })
    }
}

impl Record {
    /// The response can be handed out: it is there, and it is not known to be bad.
    pub fn is_exposable(&self) -> bool {
        self.response.is_some() && self.result.is_none_or(RecordResult::is_exposable)
    }

    /// Gives up the bytes from `length` on, and a result that was theirs.
    pub fn truncate(&mut self, length: ByteCount) {
        self.length = length;
        self.seems_whole = false;
        self.result = None;
    }

    /// The response to hand out, its body complete or not.
    pub fn into_shown_response(self) -> Option<ResponseHead> {
        self.response.filter(|_| self.result.is_some() || !self.is_withheld)
    }
}
