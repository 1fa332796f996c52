//! What a run changes of its records.

use std::rc::Rc;

use super::script::{Answers, Step, all, into_chunk};
use super::{Commit, RECORD, RecordChange, Store, StoredChunk};
use crate::engine::notify::Task;
use crate::engine::{Database, Keys, Limit, Read, StoreError, StoredRow, Table, Transaction};
use crate::model::{ByteCount, Progress, UniqueId};

/// The progress that counts what a runner changes. Fails unless `runner` is still the runner.
fn read_progress<B>(found: &mut Answers<B>, runner: u32) -> Result<Progress, StoreError> {
    found.progress().filter(|progress| progress.runner == runner).ok_or(StoreError::Fenced)
}

impl<D: Database> Store<D> {
    /// One piece out of those of a change's chunk, as it is to be stored.
    pub async fn join(&self, uid: &UniqueId, change: &mut RecordChange<D::Bytes>) -> Result<(), StoreError> {
        if let Some(chunk) = &mut change.chunk {
            chunk.pieces = vec![self.database.join(uid, &chunk.pieces).await?];
        }
        Ok(())
    }

    /// Stores changes of different records, whose chunks are one piece each, and the progress that counts them, if
    /// `runner` is still the runner. Gives that progress. The count starts from the stored progress, since a
    /// transaction that was begun earlier may have failed.
    pub async fn commit(
        &self,
        uid: &UniqueId,
        runner: u32,
        commits: &[Rc<Commit<D::Bytes>>],
    ) -> Result<Progress, StoreError> {
        let lengths = commits.iter().map(|commit| commit.change.chunk_length());
        let _writing = self.writing(lengths.sum());
        let committed = self.commit_with(uid, runner, commits, None).await;
        if let Err(StoreError::Failed(_)) = committed
            && let [commit] = commits
            && let Some(bytes) = commit.change.chunk.as_ref().and_then(|chunk| chunk.pieces.first())
            && let Some(bytes) = self.database.in_other_form(bytes).await?
        {
            let progress = self.commit_with(uid, runner, commits, Some(bytes)).await?;
            self.database.prefer_other_form(uid);
            return Ok(progress);
        }
        committed
    }

    /// `bytes` take the place of those of the chunk.
    fn commit_with<'s>(
        &'s self,
        uid: &'s UniqueId,
        runner: u32,
        commits: &'s [Rc<Commit<D::Bytes>>],
        bytes: Option<D::Bytes>,
    ) -> Task<'s, Result<Progress, StoreError>> {
        Box::pin(async move {
            let record =
                |commit: &Rc<Commit<D::Bytes>>| all(Table::Records, Keys::Record(uid, commit.change.index));
            let known = commits.iter().filter(|commit| !commit.change.is_first).map(record);
            let reads: Vec<Read<'_>> =
                [all(Table::Progress, Keys::Of(uid))].into_iter().chain(known).collect();
            let mut committed = Progress::default();
            let mut decide = |transaction: &D::Transaction, found: &mut Answers<D::Bytes>| {
                let is_read_anew = found.step > 0;
                if !is_read_anew {
                    committed = read_progress(found, runner)?;
                    let tried = commits.iter().filter(|commit| commit.is_tried.replace(true)).count();
                    if tried > 0 {
                        return Ok(Step::Read(commits.iter().map(record).collect()));
                    }
                }
                for commit in commits {
                    let change = &commit.change;
                    let is_first = change.is_first && !is_read_anew;
                    let stored = if is_first { ByteCount::ZERO } else { found.record().received() };
                    committed = change.counted_in(committed, stored);
                    let key = Keys::Record(uid, change.index);
                    if change.drops_chunks {
                        transaction.delete(Table::Chunks, &key)?;
                    }
                    if let Some(StoredChunk { offset, pieces }) = &change.chunk
                        && let Some(bytes) = bytes.as_ref().or(pieces.first())
                    {
                        let key = Keys::Chunk(uid, change.index, *offset);
                        transaction.put(&key, &StoredRow::Chunk(bytes.clone()))?;
                    }
                    transaction.put(&key, &StoredRow::Record(change.record.clone()))?;
                }
                transaction.put(&Keys::Of(uid), &StoredRow::Progress(committed))?;
                Ok(Step::Complete)
            };
            self.write(&RECORD, &reads, &mut decide).await?;
            Ok(committed)
        })
    }

    /// Of the chunks of a record that begin before `end`: where the last one begins, and its bytes.
    pub async fn last_chunk(
        &self,
        uid: &UniqueId,
        index: u32,
        end: ByteCount,
    ) -> Result<Option<(ByteCount, D::Bytes)>, StoreError> {
        let mut last = None;
        let keys = Keys::ChunksBefore(uid, index, end);
        let read = Read { table: Table::Chunks, keys, limit: Limit::Last };
        self.read(&[Table::Chunks], &[read], &mut |_, found| {
            last = found.rows().pop().map(|found| {
                let bytes = into_chunk(found.row).unwrap_or_else(|| self.database.unreadable());
                (found.offset, bytes)
            });
            Ok(Step::End)
        })
        .await?;
        Ok(last)
    }

    /// Gives up what is stored of a record from `length` on, where a chunk begins, if `runner` is still the runner.
    pub async fn truncate(
        &self,
        uid: &UniqueId,
        runner: u32,
        index: u32,
        length: ByteCount,
    ) -> Result<(), StoreError> {
        let rows = [all(Table::Progress, Keys::Of(uid)), all(Table::Records, Keys::Record(uid, index))];
        self.write(&RECORD, &rows, &mut |transaction, found| {
            let progress = read_progress(found, runner)?;
            let mut record = found.record();
            let counted = record.received();
            record.truncate(length);
            let progress = progress.counting(counted, &record, ByteCount::ZERO);
            transaction.delete(Table::Chunks, &Keys::ChunksFrom(uid, index, length))?;
            transaction.put(&Keys::Record(uid, index), &StoredRow::Record(record))?;
            transaction.put(&Keys::Of(uid), &StoredRow::Progress(progress))?;
            Ok(Step::Complete)
        })
        .await
    }
}
