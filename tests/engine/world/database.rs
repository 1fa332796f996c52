use std::collections::{BTreeMap, BTreeSet};

use background_fetch_polyfill::engine::{RecordChange, StoreError};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, Progress, Record, RecordResult, RegistrationState, Stage, StoredRequest,
    UniqueId,
};

use super::Content;

/// What is on the disk, and what was there before: each write is checked against what must never happen to a row.
#[derive(Default)]
pub struct Tables {
    pub fetches: BTreeMap<UniqueId, Rows>,
    pub history: BTreeMap<UniqueId, History>,
    /// Bytes that may be stored.
    pub quota: Option<u64>,
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
    pub fn stored_bytes(&self) -> u64 {
        let bodies = self.requests.iter().filter_map(|(_, body)| *body);
        let chunks = self.chunks.values().flat_map(|chunks| chunks.values().copied());
        bodies.chain(chunks).map(Content::len).sum()
    }

    fn downloaded(&self) -> ByteCount {
        self.records.values().map(|record| record.length).sum()
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

    pub fn register(
        &mut self,
        fetch: BackgroundFetch,
        requests: Vec<(StoredRequest, Option<Content>)>,
    ) -> Result<(), StoreError> {
        if let Some((scope, id)) = &fetch.active
            && self.find(scope, id).is_some()
        {
            return Err(StoreError::Duplicate);
        }
        let uid = fetch.uid.clone();
        let rows = Rows {
            fetch,
            progress: Progress::default(),
            requests,
            records: BTreeMap::new(),
            chunks: BTreeMap::new(),
        };
        self.admit(rows.stored_bytes())?;
        let history = self.history.entry(uid.clone()).or_default();
        assert!(history.commits == 0, "a uid is used twice");
        history.downloaded.insert(0);
        self.fetches.insert(uid, rows);
        Ok(())
    }

    pub fn put(&mut self, fetch: BackgroundFetch, progress: Progress) {
        if let Some(rows) = self.fetches.get_mut(&fetch.uid) {
            assert!(progress.runner >= rows.progress.runner, "an old runner is back");
            assert_eq!(
                progress.downloaded,
                rows.downloaded(),
                "the progress counts other bytes than the records"
            );
            rows.fetch = fetch;
            rows.progress = progress;
        }
    }

    pub fn commit(
        &mut self,
        uid: &UniqueId,
        runner: u32,
        change: RecordChange<Content>,
    ) -> Result<Progress, StoreError> {
        let history = self.history.entry(uid.clone()).or_default();
        history.commits += 1;
        let is_runner = self.fetches.get(uid).is_some_and(|rows| rows.progress.runner == runner);
        if !is_runner {
            history.fenced += 1;
            return Err(StoreError::Fenced);
        }
        let chunk = change.chunk.as_ref().and_then(|chunk| Content::join(chunk.pieces.iter().copied()));
        let before = self.fetches.get(uid).and_then(|rows| rows.records.get(&change.index));
        let stored = before.map_or(ByteCount::ZERO, |record| record.length);
        // Stored at the first attempt, and reported as failed.
        let has_come_before = before.is_some_and(|record| *record == change.record);
        if !has_come_before {
            self.admit(chunk.map_or(0, Content::len))?;
        }
        let (Some(rows), Some(history)) = (self.fetches.get_mut(uid), self.history.get_mut(uid)) else {
            return Err(StoreError::Fenced);
        };
        if has_come_before {
            rows.progress = change.counted_in(rows.progress, stored);
            return Ok(rows.progress);
        }
        check_change(rows, &change);
        rows.progress = change.counted_in(rows.progress, stored);
        let chunks = rows.chunks.entry(change.index).or_default();
        if change.drops_chunks {
            chunks.clear();
            history.restarts += 1;
        }
        if let (Some(chunk), Some(stored)) = (chunk, &change.chunk) {
            chunks.insert(stored.offset.0, chunk);
        }
        if let Some(result) = change.record.result {
            let first = history.results.insert(change.index, result);
            assert!(first.is_none(), "a record is settled twice");
        }
        rows.records.insert(change.index, change.record);
        check_rows(rows, change.index);
        history.downloaded.insert(rows.progress.downloaded.0);
        Ok(rows.progress)
    }

    pub fn truncate(
        &mut self,
        uid: &UniqueId,
        runner: u32,
        index: u32,
        length: ByteCount,
    ) -> Result<(), StoreError> {
        let Some(rows) = self.fetches.get_mut(uid).filter(|rows| rows.progress.runner == runner) else {
            return Err(StoreError::Fenced);
        };
        let (Some(record), Some(chunks)) = (rows.records.get_mut(&index), rows.chunks.get_mut(&index)) else {
            return Ok(());
        };
        let lost = chunks.split_off(&length.0);
        assert!(lost.values().all(|chunk| chunk.is_torn), "readable bytes are given up");
        let counted = record.length;
        record.truncate(length);
        rows.progress = rows.progress.counting(counted, record, ByteCount::ZERO);
        let Some(history) = self.history.get_mut(uid) else { return Ok(()) };
        history.results.remove(&index);
        history.restarts += 1;
        history.downloaded.insert(rows.progress.downloaded.0);
        Ok(())
    }

    /// The last bytes that were stored are not there, though their row is.
    pub fn tear_last(&mut self, uid: &UniqueId) {
        let running = |rows: &&mut Rows| rows.fetch.stage == Stage::Running;
        let Some(rows) = self.fetches.get_mut(uid).filter(running) else { return };
        let chunks = rows.progress.last_record.and_then(|index| rows.chunks.get_mut(&index));
        if let Some(mut last) = chunks.and_then(|chunks| chunks.last_entry()) {
            last.get_mut().is_torn = true;
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

fn check_change(rows: &Rows, change: &RecordChange<Content>) {
    let before = rows.records.get(&change.index).cloned().unwrap_or_default();
    assert!(before.result.is_none(), "a settled record is changed");
    assert!(
        change.drops_chunks || change.record.length >= before.length,
        "stored bytes are lost: {before:?} became {:?}",
        change.record
    );
}

/// The chunks are what the record says, and the progress is what all records say.
fn check_rows(rows: &Rows, index: u32) {
    let record = &rows.records[&index];
    let chunks = &rows.chunks[&index];
    if record.result.is_none_or(RecordResult::is_exposable) {
        let stored: u64 = chunks.values().map(|chunk| chunk.len()).sum();
        assert_eq!(stored, record.length.0, "the record counts other bytes than are stored: {record:?}");
        let joined = Content::join(chunks.values().copied());
        if let Some((offset, first)) = chunks.first_key_value() {
            assert_eq!((*offset, first.start), (0, 0), "the file does not begin at its beginning");
        }
        assert!(joined.is_none_or(|joined| joined.len() == stored));
        let fits = record.total.is_none_or(|total| record.length <= total);
        assert!(fits, "more bytes than the whole file has: {record:?}");
    }
    assert_eq!(
        rows.progress.downloaded,
        rows.downloaded(),
        "the progress counts other bytes than the records"
    );
}
