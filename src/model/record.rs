use serde::Serialize;

use super::{ByteCount, FromRow, RecordResult, ResponseHead, Row};

/// Bytes in a row of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Extent {
    pub start: ByteCount,
    /// Position after the last one.
    pub end: ByteCount,
}

impl FromRow for Extent {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self { start: row.read("start")?, end: row.read("end")? })
    }
}

/// A [record](https://wicg.github.io/background-fetch/#background-fetch-record)'s response data, as the database keeps
/// it. The bytes lie beside it in chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub response: Option<ResponseHead>,
    /// Bytes that are there, from the beginning of the file without a gap.
    pub length: ByteCount,
    /// Bytes that are there behind a gap, in their order and apart from one another.
    pub ahead: Vec<Extent>,
    /// Where the chunk begins that was stored last.
    pub last_chunk: ByteCount,
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
            ahead: row.read_or_default("ahead")?,
            last_chunk: row.read_or_default("lastChunk")?,
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

    /// How many bytes are there.
    pub fn received(&self) -> ByteCount {
        self.length + self.ahead.iter().map(|extent| extent.end.saturating_sub(extent.start)).sum()
    }

    /// So many bytes are there from `start` on.
    pub fn add(&mut self, start: ByteCount, count: ByteCount) {
        let end = start + count;
        if start <= self.length {
            self.length = self.length.max(end);
        } else {
            match self.ahead.iter().position(|extent| extent.end >= start) {
                Some(position)
                    if let Some(extent) = self.ahead.get_mut(position)
                        && extent.start <= end =>
                {
                    *extent = Extent { start: extent.start.min(start), end: extent.end.max(end) };
                }
                position => self.ahead.insert(position.unwrap_or(self.ahead.len()), Extent { start, end }),
            }
        }
        self.join();
    }

    /// Joins what is not apart any more.
    fn join(&mut self) {
        let ahead = std::mem::take(&mut self.ahead);
        for extent in ahead {
            match self.ahead.last_mut() {
                _ if extent.start <= self.length => self.length = self.length.max(extent.end),
                Some(last) if extent.start <= last.end => last.end = last.end.max(extent.end),
                _ => self.ahead.push(extent),
            }
        }
    }

    /// Gives up the bytes from `length` on, and a result that was theirs.
    pub fn truncate(&mut self, length: ByteCount) {
        self.length = self.length.min(length);
        self.ahead.retain_mut(|extent| {
            extent.end = extent.end.min(length);
            extent.start < extent.end
        });
        self.seems_whole = false;
        self.result = None;
    }

    /// The response to hand out, its body complete or not.
    pub fn into_shown_response(self) -> Option<ResponseHead> {
        self.response.filter(|_| self.result.is_some() || !self.is_withheld)
    }
}
