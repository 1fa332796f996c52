//! What is read and written together. Each function is one transaction, written as a script. A script has reads that
//! are made together, and decides what to do with what is found. One function runs all scripts.

mod reading;
mod record_changes;
mod records;
mod script;
mod sweep;

use std::cell::Cell;

use self::script::{Answers, Decide, Script, Step, all, into_fetch, into_record, unreadable};
use super::notify::Task;
use super::store_call::call;
use super::{Database, Keys, Mode, Read, StoreError, StoredRow, Table, Transaction};
use crate::model::{BackgroundFetch, ByteCount, Progress, StoredRequest, UniqueId};

pub use records::{
    Commit, RecordChange, RequestAndBody, RequestedRecord, StoredChunk, StoredResponse, StoredRun,
};

/// The rows of background fetches.
pub struct Store<D: Database> {
    database: D,
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

    /// Deletes everything of a fetch, but for the chunks that the app keeps.
    pub async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError> {
        let [fetches, progress, requests, records, chunks] = ROWS_OF_FETCH;
        let tables = [fetches, progress, requests, records, chunks, Table::Kept];
        self.write(&tables, &[all(Table::Kept, Keys::Of(uid))], &mut |transaction, found| {
            let is_kept = found.row().is_some();
            for table in ROWS_OF_FETCH.into_iter().filter(|table| !is_kept || *table != Table::Chunks) {
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
