//! What is read and written together. Each function is one transaction, written as a script. A script has reads that
//! are made together, and decides what to do with what is found. One function runs all scripts.

mod records;
mod script;
mod sweep;

use std::cell::Cell;
use std::rc::Rc;

use self::script::{
    Answers, Decide, Script, Step, all, into_chunk, into_fetch, into_record, into_request, unreadable,
};
use super::notify::Task;
use super::store_call::call;
use super::{
    ByteHandle, Database, Found, Keys, Limit, Mode, Read, StoreError, StoredRow, Table, Transaction,
};
use crate::model::{BackgroundFetch, ByteCount, Progress, Stage, StoredRequest, UniqueId};

pub use records::{
    Commit, RecordChange, RequestAndBody, RequestedRecord, StoredChunk, StoredResponse, StoredRun,
};

/// The rows of background fetches.
pub struct Store<D: Database> {
    database: D,
}

/// The progress that counts what a runner changes. Fails unless `runner` is still the runner.
fn read_progress<B>(found: &mut Answers<B>, runner: u32) -> Result<Progress, StoreError> {
    found.progress().filter(|progress| progress.runner == runner).ok_or(StoreError::Fenced)
}

/// Few of them: the sort of the standard library is 6 kB of code.
fn in_order(indices: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sorted = Vec::new();
    for index in indices {
        sorted.insert(sorted.partition_point(|other| *other < index), index);
    }
    sorted
}

/// The chunks up to the first gap: what lies behind it would be taken for what is missing.
fn without_gap<B: ByteHandle>(found: Vec<Found<B>>, from: ByteCount) -> Vec<B> {
    let mut position = from;
    let chunks = found.into_iter().map_while(|found| {
        // One that holds nothing cannot be read.
        let is_next = |bytes: &B| found.offset == position && !bytes.length().is_zero();
        let bytes = into_chunk(found.row).filter(is_next)?;
        position += bytes.length();
        Some(bytes)
    });
    chunks.collect()
}

const ROWS_OF_FETCH: [Table; 5] =
    [Table::Fetches, Table::Progress, Table::Requests, Table::Records, Table::Chunks];
const FETCH: [Table; 2] = [Table::Fetches, Table::Progress];
const RECORD: [Table; 3] = [Table::Progress, Table::Records, Table::Chunks];

fn rows_of_fetch(uid: &UniqueId) -> [Read<'_>; 2] {
    FETCH.map(|table| all(table, Keys::Of(uid)))
}

impl<D: Database> Store<D> {
    pub fn new(database: D) -> Self {
        Self { database }
    }

    pub fn database(&self) -> &D {
        &self.database
    }

    /// Boxed, so that none of those that call it contains it.
    fn run<'s, 'a>(
        &'s self,
        (tables, mode): (&'s [Table], Mode),
        first: &'s [Read<'a>],
        decide: &'s mut Decide<'s, 'a, D>,
        is_once: bool,
    ) -> Task<'s, Result<(), StoreError>>
    where
        'a: 's,
    {
        let database = &self.database;
        let mut script = Script { database, tables, mode, first, decide, is_once, is_complete: false };
        Box::pin(async move { call(database, &mut script).await })
    }

    fn read<'s, 'a: 's>(
        &'s self,
        tables: &'s [Table],
        first: &'s [Read<'a>],
        decide: &'s mut Decide<'s, 'a, D>,
    ) -> Task<'s, Result<(), StoreError>> {
        self.run((tables, Mode::Read), first, decide, false)
    }

    /// Of the tables, `Progress` is always one.
    fn write<'s, 'a: 's>(
        &'s self,
        tables: &'s [Table],
        first: &'s [Read<'a>],
        decide: &'s mut Decide<'s, 'a, D>,
    ) -> Task<'s, Result<(), StoreError>> {
        self.run((tables, Mode::Write), first, decide, false)
    }

    /// What takes time to write.
    fn writing(&self, length: ByteCount) -> Writing<'_> {
        let unwritten = self.database.unwritten();
        unwritten.set(unwritten.get() + length);
        Writing { unwritten, length }
    }

    pub async fn insert_fetch(
        &self,
        fetch: &BackgroundFetch,
        requests: &[(StoredRequest, Option<D::Bytes>)],
    ) -> Result<(), StoreError> {
        /// Put in one task; more would hold up the page.
        const IN_ONE_TASK: usize = 100;
        let _writing = self.writing(fetch.upload_total);
        let key = Keys::Of(&fetch.uid);
        let mut rest = requests.iter().enumerate();
        self.write(
            &[Table::Fetches, Table::Progress, Table::Requests],
            &[all(Table::Fetches, key.clone())],
            &mut |transaction, found| {
                if found.step == 0 {
                    if found.row().is_some() {
                        // Stored when the page was left, or the connection was lost.
                        return Ok(Step::End);
                    }
                    rest = requests.iter().enumerate();
                    transaction.put(&key, &StoredRow::Fetch(fetch.clone()))?;
                    transaction.put(&key, &StoredRow::Progress(Progress::default()))?;
                }
                for (index, (request, body)) in rest.by_ref().take(IN_ONE_TASK) {
                    let row = StoredRow::Request(request.clone(), body.clone());
                    transaction.put(&Keys::Record(&fetch.uid, index as u32), &row)?;
                }
                // The answer comes in a task of its own.
                let next = if rest.len() > 0 {
                    Step::Read(vec![all(Table::Fetches, key.clone())])
                } else {
                    Step::Complete
                };
                Ok(next)
            },
        )
        .await
    }

    /// The uid under which an id is active.
    pub async fn find(&self, scope: &str, id: &str) -> Result<Option<UniqueId>, StoreError> {
        let mut uid = None;
        self.read(&[Table::Fetches], &[all(Table::Fetches, Keys::Active(scope, id))], &mut |_, found| {
            uid = match found.fetch() {
                Some(Some(fetch)) => Some(fetch.uid),
                Some(None) => return Err(unreadable()),
                None => None,
            };
            Ok(Step::End)
        })
        .await?;
        Ok(uid)
    }

    /// The fetches whose ids are taken, in order of creation.
    pub async fn active(&self, scope: &str) -> Result<Vec<BackgroundFetch>, StoreError> {
        // The index would give them in the order of their ids.
        let mut fetches = self.all().await?;
        fetches.retain(|fetch| fetch.scope == scope && fetch.active.is_some());
        Ok(fetches)
    }

    /// All stored fetches, delivered ones included, in order of creation.
    pub async fn all(&self) -> Result<Vec<BackgroundFetch>, StoreError> {
        let mut fetches = Vec::new();
        self.read(&[Table::Fetches], &[all(Table::Fetches, Keys::All)], &mut |_, found| {
            // A row that is none of ours must not keep the others from going on.
            fetches = found.rows().into_iter().filter_map(|found| into_fetch(found.row)).collect();
            Ok(Step::End)
        })
        .await?;
        Ok(fetches)
    }

    pub async fn fetch(&self, uid: &UniqueId) -> Result<Option<(BackgroundFetch, Progress)>, StoreError> {
        let mut rows = None;
        self.read(&FETCH, &rows_of_fetch(uid), &mut |_, found| {
            rows = self.fetch_rows(uid, found);
            Ok(Step::End)
        })
        .await?;
        Ok(rows)
    }

    /// `None` where there is none, or none that can be read.
    fn fetch_rows(
        &self,
        uid: &UniqueId,
        found: &mut Answers<D::Bytes>,
    ) -> Option<(BackgroundFetch, Progress)> {
        let fetch = found.fetch()?;
        let progress = found.progress();
        if progress.is_none() {
            // The next runner counts anew.
            self.database.report_dropped(Table::Progress, uid.as_str());
        }
        Some((fetch?, progress.unwrap_or_default()))
    }

    /// Reads, changes and writes in one transaction; `None` where there is no such fetch. `change` may be called again:
    /// a transaction that the browser gives up before it has written is repeated.
    pub async fn update<T>(
        &self,
        uid: &UniqueId,
        change: impl Fn(&mut BackgroundFetch, &mut Progress) -> T,
    ) -> Result<Option<T>, StoreError> {
        let mut changed = None;
        let mut keep = |fetch: &mut BackgroundFetch, progress: &mut Progress| {
            changed = Some(change(fetch, progress));
        };
        let is_there = self.update_rows(uid, &mut keep).await?;
        Ok(changed.filter(|_| is_there))
    }

    /// The part of it that is compiled once. Whether the fetch is there.
    fn update_rows<'s>(
        &'s self,
        uid: &'s UniqueId,
        change: &'s mut dyn FnMut(&mut BackgroundFetch, &mut Progress),
    ) -> Task<'s, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut is_there = false;
            let mut decide = |transaction: &D::Transaction, found: &mut Answers<D::Bytes>| {
                let rows = self.fetch_rows(uid, found);
                is_there = rows.is_some();
                let Some((mut fetch, mut progress)) = rows else { return Ok(Step::End) };
                change(&mut fetch, &mut progress);
                transaction.put(&Keys::Of(uid), &StoredRow::Fetch(fetch))?;
                transaction.put(&Keys::Of(uid), &StoredRow::Progress(progress))?;
                Ok(Step::Complete)
            };
            self.run((&FETCH, Mode::Write), &rows_of_fetch(uid), &mut decide, true).await?;
            Ok(is_there)
        })
    }

    /// Makes the caller the runner: what any earlier one commits from now on is refused.
    pub async fn begin_run(&self, uid: &UniqueId) -> Result<Option<StoredRun>, StoreError> {
        let mut run = None;
        let [fetch, progress] = rows_of_fetch(uid);
        self.write(
            &[Table::Fetches, Table::Progress, Table::Records, Table::Chunks],
            &[fetch, progress, all(Table::Records, Keys::Of(uid))],
            &mut |transaction, found| {
                run = None;
                let Some((fetch, progress)) = self.fetch_rows(uid, found) else { return Ok(Step::End) };
                let mut records = Vec::new();
                for found in found.rows() {
                    let index = found.index;
                    match found.row.and_then(into_record) {
                        Some(record) => records.push((index, record)),
                        // What is not known to be whole begins anew.
                        None => self.drop_record(transaction, uid, index)?,
                    }
                }
                let progress = progress.for_next_runner(records.iter().map(|(_, record)| record));
                transaction.put(&Keys::Of(uid), &StoredRow::Progress(progress))?;
                run = Some(StoredRun { fetch, progress, records });
                Ok(Step::Complete)
            },
        )
        .await?;
        Ok(run)
    }

    fn drop_record(
        &self,
        transaction: &D::Transaction,
        uid: &UniqueId,
        index: u32,
    ) -> Result<(), StoreError> {
        self.database.report_dropped(Table::Records, &[uid.as_str(), ", ", &index.to_string()].concat());
        let keys = Keys::Record(uid, index);
        transaction.delete(Table::Records, &keys)?;
        transaction.delete(Table::Chunks, &keys)
    }

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

    /// At most so many requests of a fetch, from this one on, by index. One that cannot be read is left out.
    pub async fn requests(
        &self,
        uid: &UniqueId,
        from: u32,
        at_most: u32,
    ) -> Result<Vec<(u32, RequestAndBody<D::Bytes>)>, StoreError> {
        let mut requests = Vec::new();
        let keys = Keys::RecordsFrom(uid, from);
        let read = Read { table: Table::Requests, keys, limit: Limit::First(at_most) };
        self.read(&[Table::Requests], &[read], &mut |_, found| {
            let rows = found.rows().into_iter();
            requests = rows
                .filter_map(|found| {
                    let (request, body) = into_request(found.row)?;
                    Some((found.index, (Rc::new(request), body)))
                })
                .collect();
            Ok(Step::End)
        })
        .await?;
        Ok(requests)
    }

    /// The requests of a fetch in their order, with what there is of their responses; `None` where the fetch is gone.
    /// `urls` is a range, without its end: then at least the requests with a URL in it are given.
    pub async fn requested_records(
        &self,
        uid: &UniqueId,
        urls: Option<&(String, String)>,
    ) -> Result<Option<(Stage, Vec<RequestedRecord<D::Bytes>>)>, StoreError> {
        /// All are read as fast.
        const MANY: usize = 16;
        let reads_of_all = || [Table::Requests, Table::Records].map(|table| all(table, Keys::Of(uid)));
        let mut first = vec![all(Table::Fetches, Keys::Of(uid))];
        match urls {
            Some((start, end)) => first.push(all(Table::Requests, Keys::Urls(uid, start, end))),
            None => first.extend(reads_of_all()),
        }
        let (mut stage, mut records) = (None, Vec::new());
        // What is read in the second step; none where all are.
        let mut indices = Vec::new();
        let tables = [Table::Fetches, Table::Requests, Table::Records];
        self.read(&tables, &first, &mut |_, found| {
            if found.step == 0 {
                indices.clear();
                stage = found.stage()?;
                if stage.is_none() {
                    return Ok(Step::End);
                }
                if urls.is_some() {
                    let named = found.rows();
                    if named.len() > MANY {
                        return Ok(Step::Read(reads_of_all().into()));
                    }
                    indices = in_order(named.iter().map(|found| found.index));
                    let keys = indices.iter().map(|index| Keys::Record(uid, *index));
                    let both = keys.flat_map(|keys| {
                        [Table::Requests, Table::Records].map(|table| all(table, keys.clone()))
                    });
                    return Ok(Step::Read(both.collect()));
                }
            }
            records = if found.step == 0 || indices.is_empty() {
                found.all_requested()
            } else {
                indices.iter().filter_map(|index| found.requested(*index)).collect()
            };
            Ok(Step::End)
        })
        .await?;
        Ok(stage.map(|stage| (stage, records)))
    }

    /// Reads one record and at most `at_most` contiguous chunks from `from`, which must be a chunk's boundary. `None`
    /// where the fetch is gone. A record that must not be exposed is given without chunks.
    pub async fn stored_response(
        &self,
        uid: &UniqueId,
        index: u32,
        from: ByteCount,
        at_most: u32,
    ) -> Result<Option<StoredResponse<D::Bytes>>, StoreError> {
        let mut response = None;
        let first = [all(Table::Fetches, Keys::Of(uid)), all(Table::Records, Keys::Record(uid, index))];
        self.read(&[Table::Fetches, Table::Records, Table::Chunks], &first, &mut |_, found| {
            if let (1.., Some(StoredResponse { chunks, .. })) = (found.step, &mut response) {
                *chunks = without_gap(found.rows(), from);
                return Ok(Step::End);
            }
            response = None;
            let Some(stage) = found.stage()? else { return Ok(Step::End) };
            let record = found.record();
            let is_wanted = at_most > 0 && record.is_exposable();
            response = Some(StoredResponse { stage, record, chunks: Vec::new() });
            if !is_wanted {
                return Ok(Step::End);
            }
            let keys = Keys::ChunksFrom(uid, index, from);
            Ok(Step::Read(vec![Read { table: Table::Chunks, keys, limit: Limit::First(at_most) }]))
        })
        .await?;
        Ok(response)
    }

    /// Deletes everything of a fetch.
    pub async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError> {
        self.write(&ROWS_OF_FETCH, &[], &mut |transaction, _| {
            for table in ROWS_OF_FETCH {
                transaction.delete(table, &Keys::Of(uid))?;
            }
            Ok(Step::Complete)
        })
        .await
    }
}

/// Counts what is being written.
struct Writing<'a> {
    unwritten: &'a Cell<ByteCount>,
    length: ByteCount,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.unwritten.set(self.unwritten.get().saturating_sub(self.length));
    }
}
