use std::collections::{BTreeMap, BTreeSet};

use background_fetch_polyfill::engine::{Found, Keys, Limit, Read, StoreError, StoredRow, Table};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, Millis, Progress, Record, RecordResult, RegistrationState, Stage,
    StoredRequest, UniqueId,
};

use super::Content;

/// What is on the disk, and what was there before: each write is checked against what must never happen to a row.
#[derive(Default)]
pub struct Tables {
    pub fetches: BTreeMap<UniqueId, Rows>,
    pub history: BTreeMap<UniqueId, History>,
    /// Bytes that may be stored.
    pub quota: Option<u64>,
    /// Rows of tables, by their numbers, that belong to no fetch; all of `Kept`.
    pub strays: BTreeSet<(u8, UniqueId)>,
    pub swept_at: Option<Millis>,
    /// For those who do what no engine does.
    pub is_unchecked: bool,
}

/// All rows of one fetch.
#[derive(Clone)]
pub struct Rows {
    pub fetch: BackgroundFetch,
    pub progress: Progress,
    pub requests: Vec<(StoredRequest, Option<Content>)>,
    pub records: BTreeMap<u32, Record>,
    pub chunks: BTreeMap<u32, BTreeMap<u64, Content>>,
}

/// What has happened to a fetch, which nobody but the tests remembers.
#[derive(Clone, Default)]
pub struct History {
    /// Every number of downloaded bytes that was ever committed.
    pub downloaded: BTreeSet<u64>,
    /// Times that a record began anew.
    pub restarts: u32,
    pub commits: u32,
    /// Commits that were refused because somebody else had become the runner.
    pub fenced: u32,
    pub results: BTreeMap<u32, RecordResult>,
}

impl Rows {
    fn new(fetch: BackgroundFetch) -> Self {
        Self {
            fetch,
            progress: Progress::default(),
            requests: Vec::new(),
            records: BTreeMap::new(),
            chunks: BTreeMap::new(),
        }
    }

    fn found(&self, table: Table) -> Vec<Found<Content>> {
        match table {
            Table::Fetches => vec![found(0, 0, StoredRow::Fetch(self.fetch.clone()))],
            Table::Progress => vec![found(0, 0, StoredRow::Progress(self.progress))],
            Table::Requests => {
                let requests = (0..).zip(self.requests.iter().cloned());
                requests
                    .map(|(index, (request, body))| found(index, 0, StoredRow::Request(request, body)))
                    .collect()
            }
            Table::Records => {
                let records = self.records.iter();
                records.map(|(index, record)| found(*index, 0, StoredRow::Record(record.clone()))).collect()
            }
            Table::Chunks => {
                let of = |(index, chunks): (&u32, &BTreeMap<u64, Content>)| {
                    let index = *index;
                    let chunks = chunks.clone().into_iter();
                    chunks.map(move |(offset, chunk)| found(index, offset, StoredRow::Chunk(chunk)))
                };
                self.chunks.iter().flat_map(of).collect()
            }
            Table::Probes | Table::Kept => Vec::new(),
        }
    }

    pub fn stored_bytes(&self) -> u64 {
        let bodies = self.requests.iter().filter_map(|(_, body)| *body);
        let chunks = self.chunks.values().flat_map(|chunks| chunks.values().copied());
        bodies.chain(chunks).map(Content::len).sum()
    }

    fn downloaded(&self) -> ByteCount {
        self.records.values().map(Record::received).sum()
    }
}

impl Tables {
    pub fn stored_bytes(&self) -> u64 {
        self.fetches.values().map(Rows::stored_bytes).sum()
    }

    pub fn find(&self, scope: &str, id: &str) -> Option<&UniqueId> {
        let is_it = |rows: &&Rows| rows.fetch.active.as_ref().is_some_and(|it| it.0 == scope && it.1 == id);
        self.fetches.values().find(is_it).map(|rows| &rows.fetch.uid)
    }

    fn admit(&self, bytes: u64) -> Result<(), StoreError> {
        let fits = self.quota.is_none_or(|quota| self.stored_bytes() + bytes <= quota);
        if fits { Ok(()) } else { Err(StoreError::QuotaExceeded) }
    }

    pub fn read(&self, Read { table, keys, limit }: &Read<'_>) -> Vec<Found<Content>> {
        let mut found = self.find_rows(*table, keys);
        match limit {
            Limit::All => {}
            Limit::First(count) => found.truncate(*count as usize),
            Limit::Last => drop(found.drain(..found.len().saturating_sub(1))),
        }
        found
    }

    fn find_rows(&self, table: Table, keys: &Keys<'_>) -> Vec<Found<Content>> {
        match keys {
            Keys::SweptAt => {
                self.swept_at.map(|at| found(0, 0, StoredRow::SweptAt(at))).into_iter().collect()
            }
            Keys::All if table == Table::Kept => {
                let kept = self.strays.iter().filter(|(of, _)| *of == table as u8);
                let with_uid =
                    |uid: &UniqueId| Found { uid: Some(uid.clone()), ..found(0, 0, StoredRow::Kept) };
                kept.map(|(_, uid)| with_uid(uid)).collect()
            }
            Keys::Of(uid) if table == Table::Kept => {
                let is_kept = self.strays.contains(&(table as u8, (*uid).clone()));
                is_kept.then(|| found(0, 0, StoredRow::Kept)).into_iter().collect()
            }
            Keys::All => {
                let of_all = self.fetches.iter().map(|(uid, rows)| Found {
                    uid: Some(uid.clone()),
                    ..found(0, 0, StoredRow::Fetch(rows.fetch.clone()))
                });
                of_all.collect()
            }
            Keys::Active(scope, id) => {
                let rows = self.find(scope, id).and_then(|uid| self.fetches.get(uid));
                rows.map(|rows| found(0, 0, StoredRow::Fetch(rows.fetch.clone()))).into_iter().collect()
            }
            Keys::Behind(last) => {
                let strays = self.strays.iter().filter(|(of, _)| *of == table as u8).map(|(_, uid)| uid);
                let rows = self.fetches.iter().filter(|(_, rows)| !rows.found(table).is_empty());
                let uids = rows.map(|(uid, _)| uid).chain(strays);
                let next = uids.filter(|uid| last.as_ref().is_none_or(|last| *uid > last)).min();
                let next = next.map(|uid| Found {
                    uid: Some(uid.clone()),
                    index: 0,
                    offset: ByteCount::ZERO,
                    row: None,
                });
                next.into_iter().collect()
            }
            of_one => {
                let Some(rows) = uid_of(of_one).and_then(|uid| self.fetches.get(uid)) else {
                    return Vec::new();
                };
                let mut found = rows.found(table);
                found.retain(|found| is_among(found, of_one));
                if matches!(of_one, Keys::Urls(..)) {
                    found.iter_mut().for_each(|found| found.row = None);
                }
                found
            }
        }
    }

    /// Everything or nothing.
    pub fn apply(&mut self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.admit_all(&writes)?;
        let begun: BTreeSet<UniqueId> = writes.iter().filter_map(|write| write.uid.clone()).collect();
        let before: Vec<_> = begun.iter().map(|uid| (uid, self.fetches.get(uid).map(Before::of))).collect();
        let mut changed: BTreeMap<u32, Change> = BTreeMap::new();
        for write in writes {
            self.apply_one(write, &mut changed);
        }
        for (uid, before) in before {
            self.check_written(uid, before, &changed);
        }
        Ok(())
    }

    /// Fails where one of them would.
    fn admit_all(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut bytes = 0;
        for Write { uid, index, offset, row, .. } in writes {
            let (Some(uid), Some(row)) = (uid, row) else { continue };
            let rows = self.fetches.get(uid);
            match row {
                StoredRow::Fetch(fetch) => {
                    if let Some((scope, id)) = &fetch.active
                        && self.find(scope, id).is_some_and(|other| other != uid)
                    {
                        return Err(StoreError::Duplicate);
                    }
                    assert!(
                        rows.is_some() || self.is_unchecked || !self.is_known(uid),
                        "a uid is used twice"
                    );
                    continue;
                }
                StoredRow::Request(_, body) => bytes += body.map_or(0, Content::len),
                StoredRow::Chunk(chunk) => {
                    // What was stored at the first attempt, and reported as failed, may be stored again.
                    let chunks = rows.and_then(|rows| rows.chunks.get(&(*index)?));
                    let same = chunks.and_then(|chunks| chunks.get(&(*offset)?.0));
                    bytes += if same == Some(chunk) { 0 } else { chunk.len() };
                }
                _ => {}
            }
            let is_begun = writes.iter().any(|write| matches!(write.row, Some(StoredRow::Fetch(_))));
            if rows.is_none() && !is_begun && !self.is_unchecked {
                return Err(StoreError::Failed("the database was deleted".into()));
            }
        }
        self.admit(bytes)
    }

    fn is_known(&self, uid: &UniqueId) -> bool {
        self.history.get(uid).is_some_and(|history| history.commits > 0)
    }

    fn apply_one(&mut self, write: Write, changed: &mut BTreeMap<u32, Change>) {
        let Write { table, uid, index, offset, row } = write;
        let Some(uid) = uid else {
            if let Some(StoredRow::SweptAt(at)) = row {
                self.swept_at = Some(at);
            }
            return;
        };
        if row.is_none() {
            self.strays.remove(&(table as u8, uid.clone()));
        }
        let place = index.unwrap_or_default();
        let change = changed.entry(place).or_default();
        let Some(row) = row else {
            let Some(rows) = self.fetches.get_mut(&uid) else { return };
            match (table, index) {
                (Table::Fetches, _) => {
                    let has_chunks = self.fetches.remove(&uid).is_some_and(|rows| !rows.chunks.is_empty());
                    self.strays.extend(has_chunks.then_some((Table::Chunks as u8, uid)));
                }
                (Table::Requests, None) => rows.requests.clear(),
                (Table::Records, None) => rows.records.clear(),
                (Table::Chunks, None) => rows.chunks.clear(),
                (Table::Records, Some(index)) => drop(rows.records.remove(&index)),
                (Table::Chunks, Some(index)) => {
                    let chunks = rows.chunks.entry(index).or_default();
                    let lost = chunks.split_off(&offset.unwrap_or_default().0);
                    change.lost.extend(lost.into_values());
                    change.drops_all = offset.is_none();
                }
                _ => {}
            }
            return;
        };
        if table == Table::Kept || !self.fetches.contains_key(&uid) && table != Table::Fetches {
            self.strays.insert((table as u8, uid));
            return;
        }
        match (row, self.fetches.get_mut(&uid)) {
            (StoredRow::Fetch(fetch), Some(rows)) => rows.fetch = fetch,
            (StoredRow::Fetch(fetch), None) => {
                self.history.entry(uid.clone()).or_default().downloaded.insert(0);
                self.fetches.insert(uid, Rows::new(fetch));
            }
            (StoredRow::Progress(progress), Some(rows)) => rows.progress = progress,
            (StoredRow::Request(request, body), Some(rows)) => {
                assert_eq!(place as usize, rows.requests.len(), "a request is changed");
                rows.requests.push((request, body));
            }
            (StoredRow::Record(record), Some(rows)) => {
                change.record = Some(rows.records.insert(place, record).unwrap_or_default());
            }
            (StoredRow::Chunk(chunk), Some(rows)) => {
                let chunks = rows.chunks.entry(place).or_default();
                chunks.insert(offset.unwrap_or_default().0, chunk);
            }
            _ => {}
        }
    }

    /// What must never happen to the rows of a fetch.
    fn check_written(&mut self, uid: &UniqueId, before: Option<Before>, changed: &BTreeMap<u32, Change>) {
        if self.is_unchecked {
            return;
        }
        let (Some(rows), Some(history)) = (self.fetches.get(uid), self.history.get_mut(uid)) else { return };
        if let Some(before) = before {
            assert!(rows.progress.runner >= before.runner, "an old runner is back");
        }
        for (index, change) in changed {
            let (Some(old), Some(record)) = (&change.record, rows.records.get(index)) else { continue };
            history.commits += 1;
            // Stored at the first attempt, and reported as failed.
            if old == record {
                continue;
            }
            let mut truncated = old.clone();
            let first_lost = change.lost.iter().min_by_key(|chunk| chunk.start);
            truncated.truncate(first_lost.map_or(record.length, |chunk| ByteCount(chunk.start)));
            if truncated == *record && !change.lost.is_empty() {
                assert!(first_lost.is_some_and(|chunk| chunk.is_torn), "readable bytes are given up");
                history.results.remove(index);
                history.restarts += 1;
            } else {
                assert!(old.result.is_none(), "a settled record is changed");
                assert!(
                    change.drops_all || record.received() >= old.received(),
                    "stored bytes are lost: {old:?} became {record:?}"
                );
                history.restarts += u32::from(change.drops_all);
                if let Some(result) = record.result {
                    let first = history.results.insert(*index, result);
                    assert!(first.is_none(), "a record is settled twice");
                }
                check_record(rows, *index);
            }
        }
        history.downloaded.insert(rows.progress.downloaded.0);
        assert_eq!(
            rows.progress.downloaded,
            rows.downloaded(),
            "the progress counts other bytes than the records"
        );
    }

    /// The last bytes that were stored are not there, though their row is.
    pub fn tear_last(&mut self, uid: &UniqueId) {
        let running = |rows: &&mut Rows| rows.fetch.stage == Stage::Running;
        let Some(rows) = self.fetches.get_mut(uid).filter(running) else { return };
        let Some(index) = rows.progress.last_record else { return };
        let Some(record) = rows.records.get(&index) else { return };
        let chunks = rows.chunks.get_mut(&index);
        if let Some(last) = chunks.and_then(|chunks| chunks.get_mut(&record.last_chunk.0)) {
            last.is_torn = true;
        }
    }

    /// Whether this was ever true. Panics otherwise.
    pub fn check_shown(&self, uid: &UniqueId, state: &RegistrationState) {
        let Some(history) = self.history.get(uid) else { panic!("{uid} is shown and not stored") };
        let is_committed = history.downloaded.contains(&state.downloaded.0);
        assert!(is_committed, "{:?} are shown and were never stored", state.downloaded);
        let Some(rows) = self.fetches.get(uid) else { return };
        if state.settled {
            assert_eq!(state.failure_reason, rows.fetch.failure_reason, "another result than the stored one");
            assert!(rows.fetch.active.is_none(), "settled and its id is not free");
        }
    }
}

/// The chunks are what the record says.
fn check_record(rows: &Rows, index: u32) {
    let record = &rows.records[&index];
    let Some(chunks) = rows.chunks.get(&index) else {
        return assert!(record.received().is_zero(), "the record counts bytes that are not stored");
    };
    if record.result.is_none_or(RecordResult::is_exposable) {
        let mut stored = Record::default();
        for (offset, chunk) in chunks {
            assert_eq!(*offset, chunk.start, "bytes are at the place of others");
            let is_there =
                *offset < stored.length.0 || stored.ahead.iter().any(|extent| *offset < extent.end.0);
            assert!(!is_there, "bytes are stored twice");
            stored.add(ByteCount(*offset), ByteCount(chunk.len()));
        }
        let versions: BTreeSet<_> = chunks.values().map(|chunk| chunk.version).collect();
        assert!(versions.len() <= 1, "bytes of two versions are mixed");
        let counted = (record.length, &record.ahead);
        assert_eq!(
            (stored.length, &stored.ahead),
            counted,
            "other bytes are counted than are stored: {record:?}"
        );
        let end = record.ahead.last().map_or(record.length, |extent| extent.end);
        let fits = record.total.is_none_or(|total| end <= total);
        assert!(fits, "more bytes than the whole file has: {record:?}");
    }
}

/// What of a fetch was there before a transaction.
struct Before {
    runner: u32,
}

impl Before {
    fn of(rows: &Rows) -> Self {
        Self { runner: rows.progress.runner }
    }
}

/// What a transaction does to a record.
#[derive(Default)]
struct Change {
    /// What it was before, where it is written.
    record: Option<Record>,
    lost: Vec<Content>,
    drops_all: bool,
}

/// A row that is put, or rows that are deleted.
pub struct Write {
    table: Table,
    uid: Option<UniqueId>,
    index: Option<u32>,
    offset: Option<ByteCount>,
    row: Option<StoredRow<Content>>,
}

impl Write {
    pub fn put(key: &Keys<'_>, row: StoredRow<Content>) -> Self {
        Self { row: Some(row.clone()), ..Self::delete(row.table(), key) }
    }

    pub fn delete(table: Table, keys: &Keys<'_>) -> Self {
        let (index, offset) = match *keys {
            Keys::Of(_) | Keys::SweptAt => (None, None),
            Keys::Record(_, index) | Keys::RecordsFrom(_, index) => (Some(index), None),
            Keys::Chunk(_, index, offset) | Keys::ChunksFrom(_, index, offset) => (Some(index), Some(offset)),
            _ => panic!("nobody writes to {keys:?}"),
        };
        Self { table, uid: uid_of(keys).cloned(), index, offset, row: None }
    }
}

pub fn uid_of<'a>(keys: &Keys<'a>) -> Option<&'a UniqueId> {
    match *keys {
        Keys::Of(uid)
        | Keys::Record(uid, _)
        | Keys::RecordsFrom(uid, _)
        | Keys::Chunk(uid, ..)
        | Keys::ChunksFrom(uid, ..)
        | Keys::ChunksBefore(uid, ..)
        | Keys::Urls(uid, ..) => Some(uid),
        _ => None,
    }
}

fn found(index: u32, offset: u64, row: StoredRow<Content>) -> Found<Content> {
    Found { uid: None, index, offset: ByteCount(offset), row: Some(row) }
}

/// Whether a row of the fetch is among those that are asked for.
fn is_among(found: &Found<Content>, keys: &Keys<'_>) -> bool {
    let is_of = |index: u32| found.index == index;
    match *keys {
        Keys::Record(_, index) => is_of(index),
        Keys::RecordsFrom(_, index) => found.index >= index,
        Keys::Chunk(_, index, offset) => is_of(index) && found.offset == offset,
        Keys::ChunksFrom(_, index, offset) => is_of(index) && found.offset >= offset,
        Keys::ChunksBefore(_, index, offset) => is_of(index) && found.offset < offset,
        Keys::Urls(_, first, end) => {
            matches!(&found.row, Some(StoredRow::Request(request, _)) if (first..end).contains(&request.url.as_str()))
        }
        _ => true,
    }
}
