use background_fetch_polyfill::engine::{ByteHandle, StoreError};
use background_fetch_polyfill::model::ByteCount;

/// Names one version of one file, or one body of a request, in the whole world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub usize);

impl Version {
    /// What this version's file looks like on a server that keeps it coded. No byte is that of the file.
    pub fn coded(self) -> Self {
        Self(self.0 ^ 128 | 1 << 32)
    }

    /// For those who do look at bytes.
    pub fn byte_at(self, offset: u64) -> u8 {
        (offset.wrapping_mul(31) >> 3) as u8 ^ self.0 as u8
    }
}

/// Bytes, told by where they are from: whether they are the right ones can be seen without having any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    pub version: Version,
    pub start: u64,
    pub end: u64,
    /// It is in a row, and cannot be read.
    pub is_torn: bool,
}

impl Content {
    pub fn whole(version: Version, length: u64) -> Self {
        Self { version, start: 0, end: length, is_torn: false }
    }

    /// Takes so many bytes off the front.
    pub fn split_off_front(&mut self, count: u64) -> Self {
        let middle = self.end.min(self.start + count);
        let front = Self { end: middle, ..*self };
        self.start = middle;
        front
    }

    /// One piece out of many. Panics unless they are of one version, in order and without a gap.
    pub fn join(pieces: impl IntoIterator<Item = Content>) -> Option<Self> {
        pieces.into_iter().fold(None, |joined: Option<Self>, piece| match joined {
            None => Some(piece),
            Some(joined) => {
                assert_eq!(joined.version, piece.version, "bytes of two versions are mixed");
                assert_eq!(joined.end, piece.start, "bytes are missing, doubled or out of order");
                Some(Self { end: piece.end, ..joined })
            }
        })
    }

    pub fn len(self) -> u64 {
        self.end - self.start
    }
}

impl ByteHandle for Content {
    fn length(&self) -> ByteCount {
        ByteCount(self.len())
    }

    async fn copy(&self, start: ByteCount, end: ByteCount) -> Result<Vec<u8>, StoreError> {
        if self.is_torn {
            return Err(StoreError::Failed("the file is not there".into()));
        }
        Ok((self.start + start.0..self.start + end.0).map(|offset| self.version.byte_at(offset)).collect())
    }

    fn slice(&self, start: ByteCount, end: ByteCount) -> Self {
        let position = |count: ByteCount| self.end.min(self.start + count.0);
        Self { start: position(start), end: position(end), ..*self }
    }
}
