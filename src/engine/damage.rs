use super::{ByteHandle, Database, Store, StoreError, StoredRun};
use crate::model::{ByteCount, Record, UniqueId};

/// Gives up stored bytes that cannot be read; whether there were any.
///
/// A browser that is killed may leave a row whose Blob is not there. WebKit (2.50) moves the Blobs' files to their
/// places after it has committed their rows. Only the last transaction can be damaged so. Records that are on their way
/// are examined as well, as that costs little.
pub async fn give_up_damage(store: &Store<impl Database>, run: &StoredRun) -> Result<bool, StoreError> {
    let is_suspect =
        |index: u32, record: &Record| record.result.is_none() || run.progress.last_record == Some(index);
    let mut is_damaged = false;
    for (index, record) in &run.records {
        if !record.received().is_zero() && is_suspect(*index, record) {
            // Of a file that came over several connections, the last chunk need not be the one that was stored last.
            for end in [ByteCount::MAX, record.last_chunk + ByteCount(1)] {
                while let Some(offset) = damaged_chunk(store, &run.fetch.uid, *index, end).await? {
                    store.truncate(&run.fetch.uid, run.progress.runner, *index, offset).await?;
                    is_damaged = true;
                }
            }
        }
    }
    Ok(is_damaged)
}

/// Where the last chunk of a record begins of those that begin before `end`, if that chunk cannot be read.
async fn damaged_chunk(
    store: &Store<impl Database>,
    uid: &UniqueId,
    index: u32,
    end: ByteCount,
) -> Result<Option<ByteCount>, StoreError> {
    let last = store.last_chunk(uid, index, end).await?;
    let Some((offset, chunk)) = last else { return Ok(None) };
    let end = chunk.length();
    let last_byte = chunk.copy(end.saturating_sub(ByteCount(1)), end).await;
    Ok(last_byte.is_err().then_some(offset))
}
