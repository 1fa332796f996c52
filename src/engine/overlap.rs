use super::{ByteHandle, Database, Store, StoreError};
use crate::model::{ByteCount, UniqueId};

/// The last stored bytes of a record. A transfer that continues the record begins with them.
#[derive(Default)]
pub struct Overlap(Vec<u8>);

impl Overlap {
    /// At most so many bytes; fewer where there are no more, or where they cannot be read.
    pub async fn recall(
        store: &Store<impl Database>,
        uid: &UniqueId,
        index: u32,
        at_most: ByteCount,
    ) -> Result<Self, StoreError> {
        let mut overlap = Self::default();
        let mut end = ByteCount::MAX;
        while overlap.length() < at_most
            && let Some((offset, chunk)) = store.last_chunk(uid, index, end).await?
        {
            let missing = at_most.saturating_sub(overlap.length());
            let length = chunk.length();
            let Ok(bytes) = chunk.copy(length.saturating_sub(missing), length).await else { break };
            overlap.0.splice(..0, bytes);
            end = offset;
        }
        Ok(overlap)
    }

    pub fn length(&self) -> ByteCount {
        ByteCount(self.0.len() as u64)
    }

    /// Compares the next piece with the bytes that are expected. Gives how many came again, and expects them no more;
    /// `None` where one differs.
    pub async fn compare<B: ByteHandle>(&mut self, piece: &B) -> Option<ByteCount> {
        let count = piece.length().min(self.length());
        if count.is_zero() {
            return Some(count);
        }
        let came = piece.copy(ByteCount::ZERO, count).await.ok()?;
        let is_same = self.0.starts_with(&came) && came.len() as u64 == count.0;
        self.0.drain(..came.len().min(self.0.len()));
        is_same.then_some(count)
    }
}
