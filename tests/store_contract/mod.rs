//! What a database has to do for the store, and the store for the engine. Browsers and the host run it with the
//! databases that they have.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use background_fetch_polyfill::engine::{
    ByteHandle, Commit, Database, Keys, Limit, Mode, Read, RecordChange, RequestAndBody, Store, StoreError,
    StoredChunk, StoredRow, Table, Transaction,
};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, Command, FailureReason, Millis, Options, Progress, Record, RecordResult,
    ResponseHead, StoredRequest, UniqueId,
};

/// A database to try.
pub trait Surroundings {
    type Database: Database;

    /// In a realm of its own.
    fn store(&self) -> Store<Self::Database>;

    /// Never the same.
    fn uid(&self) -> UniqueId;

    /// So many bytes, of which each is [`byte_at`] its place.
    fn bytes(&self, start: u64, length: u64) -> <Self::Database as Database>::Bytes;
}

pub fn byte_at(place: u64) -> u8 {
    (place.wrapping_mul(31) >> 3) as u8
}

/// Calls a macro with the names of all tests.
macro_rules! for_each_test {
    ($call:ident) => {
        $call! {
            a_fetch_is_found_by_its_id_until_it_is_aborted,
            an_id_is_taken_once,
            what_is_registered_twice_is_stored_once,
            requests_come_back_as_they_were,
            requests_are_read_many_at_a_time,
            requests_are_found_by_their_addresses,
            bytes_and_the_progress_that_counts_them_are_stored_together,
            changes_of_several_records_are_stored_together_or_not_at_all,
            a_commit_that_is_made_twice_counts_once,
            the_first_commit_of_a_record_counts_once_though_it_is_made_again,
            a_late_commit_of_an_earlier_runner_stores_nothing,
            a_file_that_begins_anew_leaves_nothing_of_the_old,
            results_and_large_numbers_survive_storage,
            bytes_beyond_all_32_bits_lie_where_they_belong,
            chunks_are_read_from_where_one_begins_and_no_more_than_asked_for,
            the_end_of_a_record_can_be_given_up,
            a_transaction_that_is_dropped_stores_nothing,
            a_purged_fetch_is_gone_and_its_neighbour_is_not,
            what_is_asked_of_a_fetch_that_is_gone_is_nothing,
            a_sweep_takes_what_belongs_to_no_fetch_once_a_day,
            chunks_that_are_kept_outlive_their_fetch,
        }
    };
}

pub(crate) use for_each_test;

type BytesOf<S> = <<S as Surroundings>::Database as Database>::Bytes;

/// A scope of its own keeps a test apart from what others, or an earlier run, left.
fn new_fetch(surroundings: &impl Surroundings, id: &str) -> BackgroundFetch {
    let uid = surroundings.uid();
    let scope = format!("https://a.example/{uid}/");
    BackgroundFetch::new(uid, scope, id.into(), Options::default(), Millis(1))
}

fn get<B>(url: &str) -> (StoredRequest, Option<B>) {
    (StoredRequest { url: url.into(), method: "GET".into(), ..StoredRequest::default() }, None)
}

async fn registered<S: Surroundings>(surroundings: &S) -> (Store<S::Database>, BackgroundFetch) {
    let store = surroundings.store();
    let mut fetch = new_fetch(surroundings, "id");
    fetch.request_count = 2;
    store.insert_fetch(&fetch, &[get("https://a.example/0"), get("https://a.example/1")]).await.unwrap();
    (store, fetch)
}

async fn begin_run<D: Database>(store: &Store<D>, fetch: &BackgroundFetch) -> u32 {
    store.begin_run(&fetch.uid).await.unwrap().unwrap().progress.runner
}

async fn request_of<D: Database>(
    store: &Store<D>,
    uid: &UniqueId,
    index: u32,
) -> Option<RequestAndBody<D::Bytes>> {
    let requests = store.requests(uid, index, 1).await.unwrap();
    requests.into_iter().find_map(|(found, request)| (found == index).then_some(request))
}

/// Bytes that make a record so long.
fn change<S: Surroundings>(
    surroundings: &S,
    index: u32,
    offset: u64,
    length: u64,
) -> RecordChange<BytesOf<S>> {
    let response = Some(ResponseHead { status: 200, ..ResponseHead::default() });
    let half = length / 2;
    let pieces = vec![surroundings.bytes(offset, half), surroundings.bytes(offset + half, length - half)];
    RecordChange {
        index,
        record: Record { response, length: ByteCount(offset + length), ..Record::default() },
        is_first: false,
        uploaded: ByteCount::ZERO,
        drops_chunks: false,
        chunk: Some(StoredChunk { offset: ByteCount(offset), pieces }),
        at: Millis(1),
    }
}

async fn commits_of<D: Database>(
    store: &Store<D>,
    fetch: &BackgroundFetch,
    changes: impl IntoIterator<Item = RecordChange<D::Bytes>>,
) -> Vec<Rc<Commit<D::Bytes>>> {
    let mut commits = Vec::new();
    for mut change in changes {
        store.join(&fetch.uid, &mut change).await.unwrap();
        commits.push(Rc::new(Commit { change, is_tried: Cell::default(), outcome: RefCell::default() }));
    }
    commits
}

async fn commit<D: Database>(
    store: &Store<D>,
    fetch: &BackgroundFetch,
    runner: u32,
    changes: impl IntoIterator<Item = RecordChange<D::Bytes>>,
) -> Result<Progress, StoreError> {
    store.commit(&fetch.uid, runner, &commits_of(store, fetch, changes).await).await
}

/// The chunks are the bytes from `start` to `end`.
async fn assert_bytes<B: ByteHandle>(chunks: &[B], start: u64, end: u64) {
    let mut content = Vec::new();
    for chunk in chunks {
        content.extend(chunk.copy(ByteCount::ZERO, chunk.length()).await.unwrap());
    }
    assert_eq!(content, (start..end).map(byte_at).collect::<Vec<_>>(), "the bytes from {start} to {end}");
}

/// What is stored of a record is the bytes from 0 to `length`.
async fn assert_content<D: Database>(store: &Store<D>, uid: &UniqueId, index: u32, length: u64) {
    let stored = store.stored_response(uid, index, ByteCount::ZERO, u32::MAX).await.unwrap();
    assert_bytes(&stored.map(|stored| stored.chunks).unwrap_or_default(), 0, length).await;
}

async fn record_of<D: Database>(store: &Store<D>, uid: &UniqueId, index: u32) -> Record {
    store.stored_response(uid, index, ByteCount::ZERO, u32::MAX).await.unwrap().unwrap().record
}

pub async fn a_fetch_is_found_by_its_id_until_it_is_aborted(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let other = surroundings.store();
    assert_eq!(other.find(&fetch.scope, "id").await, Ok(Some(fetch.uid.clone())));
    assert_eq!(store.find(&fetch.scope, "other").await, Ok(None));
    assert_eq!(store.find("https://a.example/", "id").await, Ok(None));
    assert_eq!(store.active(&fetch.scope).await.unwrap(), std::slice::from_ref(&fetch));
    assert_eq!(
        store.update(&fetch.uid, |fetch, _| fetch.handle_command(Command::Abort, Millis(1))).await,
        Ok(Some(true))
    );
    assert_eq!(other.find(&fetch.scope, "id").await, Ok(None));
    assert_eq!(store.active(&fetch.scope).await.unwrap(), []);
    assert!(store.fetch(&fetch.uid).await.unwrap().unwrap().0.is_aborted());
    assert!(store.all().await.unwrap().iter().any(|other| other.uid == fetch.uid));
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn an_id_is_taken_once(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let mut second = new_fetch(&surroundings, "id");
    second.scope.clone_from(&fetch.scope);
    second.active = Some((fetch.scope.clone(), "id".into()));
    // So many are not stored in one task.
    for count in [1, 150] {
        let requests: Vec<_> = (0..count).map(|_| get("https://a.example/")).collect();
        assert_eq!(store.insert_fetch(&second, &requests).await, Err(StoreError::Duplicate));
        assert_eq!(store.fetch(&second.uid).await, Ok(None), "nothing of the second is stored");
    }
    assert!(request_of(&store, &second.uid, 0).await.is_none());
    store.update(&fetch.uid, |fetch, _| fetch.settle(None)).await.unwrap();
    store.insert_fetch(&second, &[get("https://a.example/")]).await.unwrap();
    store.purge(&fetch.uid).await.unwrap();
    store.purge(&second.uid).await.unwrap();
}

pub async fn what_is_registered_twice_is_stored_once(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    store.insert_fetch(&fetch, &[get("https://a.example/2")]).await.unwrap();
    let (request, _) = request_of(&store, &fetch.uid, 0).await.unwrap();
    assert_eq!(request.url, "https://a.example/0");
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.runner, runner);
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn requests_come_back_as_they_were(surroundings: impl Surroundings) {
    let store = surroundings.store();
    let fetch = new_fetch(&surroundings, "\u{0}\u{1f600} id");
    let mut request = get::<()>("https://a.example/?\u{e4}#fragment").0;
    request.method = "POST".into();
    request.headers.append("X-Header", "one");
    request.headers.append("X-Header", "two");
    request.body_length = ByteCount(3);
    let posted = (request.clone(), Some(surroundings.bytes(0, 3)));
    store.insert_fetch(&fetch, &[get("https://a.example/"), posted]).await.unwrap();
    let (stored, body) = request_of(&store, &fetch.uid, 1).await.unwrap();
    assert_eq!(*stored, request);
    assert_bytes(&[body.unwrap()], 0, 3).await;
    assert!(request_of(&store, &fetch.uid, 2).await.is_none());
    let (_, all) = store.requested_records(&fetch.uid, None).await.unwrap().unwrap();
    assert_eq!(all.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(all[1].request, request);
    assert_eq!(store.find(&fetch.scope, "\u{0}\u{1f600} id").await, Ok(Some(fetch.uid.clone())));
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn requests_are_read_many_at_a_time(surroundings: impl Surroundings) {
    let store = surroundings.store();
    let (fetch, neighbour) = (new_fetch(&surroundings, "id"), new_fetch(&surroundings, "id"));
    let requests: Vec<_> = (0..230).map(|index| get(&format!("https://a.example/{index}"))).collect();
    store.insert_fetch(&fetch, &requests).await.unwrap();
    store.insert_fetch(&neighbour, &requests).await.unwrap();
    for (from, at_most, expected) in [(0, 3, 0..3), (99, 2, 99..101), (228, 64, 228..230), (230, 64, 0..0)] {
        let found = store.requests(&fetch.uid, from, at_most).await.unwrap();
        let expected: Vec<_> = expected.map(|index| (index, format!("https://a.example/{index}"))).collect();
        let found: Vec<_> =
            found.into_iter().map(|(index, (request, _))| (index, request.url.clone())).collect();
        assert_eq!(found, expected, "{at_most} from {from}");
    }
    store.purge(&fetch.uid).await.unwrap();
    store.purge(&neighbour.uid).await.unwrap();
}

pub async fn requests_are_found_by_their_addresses(surroundings: impl Surroundings) {
    let store = surroundings.store();
    let fetch = new_fetch(&surroundings, "id");
    let neighbour = new_fetch(&surroundings, "id");
    let mut requests: Vec<_> =
        ["b", "c", "a", "b?x"].map(|name| get(&format!("https://a.example/{name}"))).into();
    store.insert_fetch(&neighbour, &requests).await.unwrap();
    store.insert_fetch(&fetch, &requests).await.unwrap();
    let runner = begin_run(&store, &fetch).await;
    commit(&store, &fetch, runner, [change(&surroundings, 3, 0, 2)]).await.unwrap();
    let range = ("https://a.example/b".to_owned(), "https://a.example/c".to_owned());
    let (_, found) = store.requested_records(&fetch.uid, Some(&range)).await.unwrap().unwrap();
    let found: Vec<_> = found.iter().map(|record| (record.index, record.response.is_some())).collect();
    assert_eq!(found, [(0, false), (3, true)]);
    store.purge(&fetch.uid).await.unwrap();
    // Of so many, any number of others may come with them.
    let many = new_fetch(&surroundings, "id");
    requests.extend((0..20).map(|_| get("https://a.example/b")));
    store.insert_fetch(&many, &requests).await.unwrap();
    let (_, found) = store.requested_records(&many.uid, Some(&range)).await.unwrap().unwrap();
    let named = found.iter().filter(|record| record.request.url == "https://a.example/b");
    assert_eq!(named.count(), 21);
    store.purge(&many.uid).await.unwrap();
    store.purge(&neighbour.uid).await.unwrap();
}

pub async fn bytes_and_the_progress_that_counts_them_are_stored_together(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let run = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(run.progress.runner, 1);
    assert_eq!(run.records, []);
    let noted = Progress { stored_at: Millis(1), last_record: Some(1), ..run.progress };
    let progress = commit(&store, &fetch, 1, [change(&surroundings, 1, 0, 5)]).await.unwrap();
    assert_eq!(progress, Progress { downloaded: ByteCount(5), ..noted });
    let progress = commit(&store, &fetch, 1, [change(&surroundings, 1, 5, 6)]).await.unwrap();
    assert_eq!(progress, Progress { downloaded: ByteCount(11), ..noted });
    assert_content(&store, &fetch.uid, 1, 11).await;
    assert_content(&store, &fetch.uid, 0, 0).await;
    assert_eq!(store.fetch(&fetch.uid).await.unwrap().unwrap().1, progress);
    assert_eq!(record_of(&store, &fetch.uid, 1).await.length, ByteCount(11));
    assert_eq!(record_of(&store, &fetch.uid, 0).await, Record::default());
    let (_, all) = store.requested_records(&fetch.uid, None).await.unwrap().unwrap();
    assert_eq!(all.iter().map(|record| record.response.is_some()).collect::<Vec<_>>(), [false, true]);
    let next = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(
        next.records.iter().map(|(index, record)| (*index, record.length.0)).collect::<Vec<_>>(),
        [(1, 11)]
    );
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn changes_of_several_records_are_stored_together_or_not_at_all(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    commit(&store, &fetch, runner, [change(&surroundings, 1, 0, 4)]).await.unwrap();
    let both = || [change(&surroundings, 0, 0, 5), change(&surroundings, 1, 4, 6)];
    assert_eq!(commit(&store, &fetch, runner + 1, both()).await, Err(StoreError::Fenced));
    assert_content(&store, &fetch.uid, 0, 0).await;
    assert_content(&store, &fetch.uid, 1, 4).await;
    for _ in 0..2 {
        let progress = commit(&store, &fetch, runner, both()).await.unwrap();
        assert_eq!((progress.downloaded, progress.last_record), (ByteCount(15), Some(1)));
    }
    assert_content(&store, &fetch.uid, 0, 5).await;
    assert_content(&store, &fetch.uid, 1, 10).await;
    assert_eq!(store.fetch(&fetch.uid).await.unwrap().unwrap().1.downloaded, ByteCount(15));
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn a_commit_that_is_made_twice_counts_once(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    for _ in 0..2 {
        let progress = commit(&store, &fetch, runner, [change(&surroundings, 0, 0, 5)]).await.unwrap();
        assert_eq!(progress.downloaded, ByteCount(5));
    }
    assert_content(&store, &fetch.uid, 0, 5).await;
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn the_first_commit_of_a_record_counts_once_though_it_is_made_again(
    surroundings: impl Surroundings,
) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    let changes = [0, 1].map(|index| RecordChange { is_first: true, ..change(&surroundings, index, 0, 5) });
    let commits = commits_of(&store, &fetch, changes).await;
    for _ in 0..2 {
        let progress = store.commit(&fetch.uid, runner, &commits).await.unwrap();
        assert_eq!(progress.downloaded, ByteCount(10));
    }
    assert_content(&store, &fetch.uid, 0, 5).await;
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn a_late_commit_of_an_earlier_runner_stores_nothing(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let first = begin_run(&store, &fetch).await;
    commit(&store, &fetch, first, [change(&surroundings, 0, 0, 3)]).await.unwrap();
    let second = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress;
    assert_eq!(second.downloaded, ByteCount(3), "a new runner counts what is stored");
    let late = commit(&store, &fetch, first, [change(&surroundings, 0, 3, 4)]).await;
    assert_eq!(late, Err(StoreError::Fenced));
    assert_content(&store, &fetch.uid, 0, 3).await;
    store.purge(&fetch.uid).await.unwrap();
    let gone = commit(&store, &fetch, second.runner, [change(&surroundings, 0, 3, 4)]).await;
    assert_eq!(gone, Err(StoreError::Fenced));
    assert_content(&store, &fetch.uid, 0, 0).await;
}

pub async fn a_file_that_begins_anew_leaves_nothing_of_the_old(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    commit(&store, &fetch, runner, [change(&surroundings, 0, 0, 9)]).await.unwrap();
    commit(&store, &fetch, runner, [change(&surroundings, 0, 9, 10)]).await.unwrap();
    commit(&store, &fetch, runner, [change(&surroundings, 1, 0, 4)]).await.unwrap();
    let anew = RecordChange { drops_chunks: true, ..change(&surroundings, 0, 0, 3) };
    let progress = commit(&store, &fetch, runner, [anew]).await.unwrap();
    assert_eq!(progress.downloaded, ByteCount(7));
    assert_content(&store, &fetch.uid, 0, 3).await;
    assert_content(&store, &fetch.uid, 1, 4).await;
    let last = store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().unwrap();
    assert_eq!(last.0, ByteCount::ZERO);
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn results_and_large_numbers_survive_storage(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    let expected = Record {
        length: ByteCount(1 << 40),
        total: Some(ByteCount((1 << 53) - 1)),
        result: Some(RecordResult::Failure(FailureReason::DownloadTotalExceeded)),
        ..Record::default()
    };
    let settled = RecordChange { record: expected.clone(), chunk: None, ..change(&surroundings, 0, 0, 2) };
    let progress = commit(&store, &fetch, runner, [settled]).await.unwrap();
    assert_eq!(progress.failure, Some(FailureReason::DownloadTotalExceeded));
    assert_eq!(record_of(&store, &fetch.uid, 0).await, expected);
    store.purge(&fetch.uid).await.unwrap();
}

/// Numbers of the database are doubles, and the wasm module's addresses have 32 bits.
pub async fn bytes_beyond_all_32_bits_lie_where_they_belong(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    let offsets = [0, (1 << 31) - 2, 1 << 31, (1 << 32) - 2, (1 << 32) + 1, 1 << 52];
    for offset in offsets {
        commit(&store, &fetch, runner, [change(&surroundings, 0, offset, 2)]).await.unwrap();
    }
    for offset in offsets {
        let found = store.stored_response(&fetch.uid, 0, ByteCount(offset), 1).await.unwrap().unwrap();
        assert_bytes(&found.chunks, offset, offset + 2).await;
        assert_eq!(found.record.length, ByteCount((1 << 52) + 2));
    }
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.downloaded, ByteCount((1 << 52) + 2));
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn chunks_are_read_from_where_one_begins_and_no_more_than_asked_for(
    surroundings: impl Surroundings,
) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    for (offset, length) in [(0, 3), (3, 2), (5, 2)] {
        commit(&store, &fetch, runner, [change(&surroundings, 0, offset, length)]).await.unwrap();
    }
    // What lies behind a gap would be taken for what is missing.
    commit(&store, &fetch, runner, [change(&surroundings, 0, 9, 2)]).await.unwrap();
    for (from, at_most, end) in [(0, 1, 3), (3, 1, 5), (3, 9, 7), (7, 1, 7), (1, 1, 1), (0, 0, 0), (9, 2, 11)]
    {
        let stored = store.stored_response(&fetch.uid, 0, ByteCount(from), at_most).await.unwrap().unwrap();
        assert_bytes(&stored.chunks, from, end).await;
    }
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn the_end_of_a_record_can_be_given_up(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    assert!(store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().is_none());
    commit(&store, &fetch, runner, [change(&surroundings, 0, 0, 5)]).await.unwrap();
    let mut whole = change(&surroundings, 0, 5, 6);
    whole.record.result = Some(RecordResult::Success);
    commit(&store, &fetch, runner, [whole]).await.unwrap();
    let (first, bytes) = store.last_chunk(&fetch.uid, 0, ByteCount(5)).await.unwrap().unwrap();
    assert_eq!(first, ByteCount::ZERO);
    assert_bytes(&[bytes], 0, 5).await;
    assert!(store.last_chunk(&fetch.uid, 0, first).await.unwrap().is_none());
    let (offset, last) = store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().unwrap();
    assert_eq!(offset, ByteCount(5));
    assert_bytes(&[last], 5, 11).await;
    let late = store.truncate(&fetch.uid, runner + 1, 0, offset).await;
    assert_eq!(late, Err(StoreError::Fenced), "by somebody who is not the runner");
    assert_content(&store, &fetch.uid, 0, 11).await;
    store.truncate(&fetch.uid, runner, 0, offset).await.unwrap();
    assert_content(&store, &fetch.uid, 0, 5).await;
    let record = record_of(&store, &fetch.uid, 0).await;
    assert_eq!((record.length, record.result), (ByteCount(5), None));
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.downloaded, ByteCount(5));
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn a_transaction_that_is_dropped_stores_nothing(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    let transaction = store.database().begin(&[Table::Fetches, Table::Progress], Mode::Write).await.unwrap();
    let raised = Progress { runner: runner + 1, ..Progress::default() };
    transaction.put(&Keys::Of(&fetch.uid), &StoredRow::Progress(raised)).unwrap();
    transaction.delete(Table::Fetches, &Keys::Of(&fetch.uid)).unwrap();
    drop(transaction);
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.runner, runner);
    store.purge(&fetch.uid).await.unwrap();
}

pub async fn a_purged_fetch_is_gone_and_its_neighbour_is_not(surroundings: impl Surroundings) {
    let (store, fetch) = registered(&surroundings).await;
    let (_, neighbour) = registered(&surroundings).await;
    for fetch in [&fetch, &neighbour] {
        let runner = begin_run(&store, fetch).await;
        commit(&store, fetch, runner, [change(&surroundings, 0, 0, 3)]).await.unwrap();
    }
    store.purge(&fetch.uid).await.unwrap();
    // Nothing of it is left that would be found below a new one of that name.
    store.insert_fetch(&fetch, &[]).await.unwrap();
    let run = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    assert_eq!((run.progress.runner, run.records), (1, vec![]));
    assert!(request_of(&store, &fetch.uid, 0).await.is_none());
    assert!(store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().is_none());
    assert_content(&store, &neighbour.uid, 0, 3).await;
    store.purge(&fetch.uid).await.unwrap();
    store.purge(&neighbour.uid).await.unwrap();
}

pub async fn what_is_asked_of_a_fetch_that_is_gone_is_nothing(surroundings: impl Surroundings) {
    let (store, uid) = (surroundings.store(), surroundings.uid());
    assert_eq!(store.fetch(&uid).await, Ok(None));
    assert_eq!(
        store.update(&uid, |fetch, _| fetch.handle_command(Command::Abort, Millis(1))).await,
        Ok(None)
    );
    assert!(store.begin_run(&uid).await.unwrap().is_none());
    assert!(request_of(&store, &uid, 0).await.is_none());
    assert!(store.requested_records(&uid, None).await.unwrap().is_none());
    let range = ("https://a.example/".to_owned(), "https://b.example/".to_owned());
    assert!(store.requested_records(&uid, Some(&range)).await.unwrap().is_none());
    assert!(store.stored_response(&uid, 0, ByteCount::ZERO, u32::MAX).await.unwrap().is_none());
    assert_eq!(store.truncate(&uid, 0, 0, ByteCount::ZERO).await, Err(StoreError::Fenced));
    store.purge(&uid).await.unwrap();
}

pub async fn a_sweep_takes_what_belongs_to_no_fetch_once_a_day(surroundings: impl Surroundings) {
    const LATE: Millis = Millis::from_seconds(20 * 86_400);
    let (store, fetch) = registered(&surroundings).await;
    let runner = begin_run(&store, &fetch).await;
    commit(&store, &fetch, runner, [change(&surroundings, 0, 0, 5)]).await.unwrap();
    store.sweep(LATE).await.unwrap();
    let (stray, foreign) = (surroundings.uid(), UniqueId::from("foreign".to_owned()));
    let tables = [Table::Progress, Table::Records];
    let transaction = store.database().begin(&tables, Mode::Write).await.unwrap();
    for uid in [&stray, &foreign] {
        let progress = Progress { runner: 7, ..Progress::default() };
        transaction.put(&Keys::Of(uid), &StoredRow::Progress(progress)).unwrap();
        transaction.put(&Keys::Record(uid, 0), &StoredRow::Record(Record::default())).unwrap();
    }
    transaction.complete().await.unwrap();
    let are_there = async |uid: &UniqueId| {
        [is_in(&store, Table::Progress, uid).await, is_in(&store, Table::Records, uid).await]
    };
    store.sweep(LATE + Millis::from_seconds(80_000)).await.unwrap();
    assert_eq!(are_there(&stray).await, [true, true], "it was swept a moment ago");
    // Clocks are set back, too.
    store.sweep(Millis::from_seconds(86_400)).await.unwrap();
    assert_eq!(are_there(&stray).await, [false, false]);
    assert_eq!(are_there(&foreign).await, [true, true], "a newer version may have written it");
    assert_content(&store, &fetch.uid, 0, 5).await;
    assert_eq!(store.requested_records(&fetch.uid, None).await.unwrap().unwrap().1.len(), 2);
    store.purge(&fetch.uid).await.unwrap();
    store.purge(&foreign).await.unwrap();
}

pub async fn chunks_that_are_kept_outlive_their_fetch(surroundings: impl Surroundings) {
    const LATE: Millis = Millis::from_seconds(30 * 86_400);
    let (store, fetch) = registered(&surroundings).await;
    let uid = &fetch.uid;
    let runner = begin_run(&store, &fetch).await;
    commit(&store, &fetch, runner, [change(&surroundings, 0, 0, 5)]).await.unwrap();
    let write_kept = async |is_kept: bool| {
        let transaction = store.database().begin(&[Table::Progress, Table::Kept], Mode::Write).await.unwrap();
        if is_kept {
            transaction.put(&Keys::Of(uid), &StoredRow::Kept).unwrap();
        } else {
            transaction.delete(Table::Kept, &Keys::Of(uid)).unwrap();
        }
        transaction.complete().await.unwrap();
    };
    write_kept(true).await;
    store.purge(uid).await.unwrap();
    store.sweep(LATE).await.unwrap();
    assert!(store.fetch(uid).await.unwrap().is_none());
    assert!(!is_in(&store, Table::Records, uid).await);
    assert!(is_in(&store, Table::Chunks, uid).await);
    write_kept(false).await;
    store.sweep(LATE + Millis::from_seconds(86_400)).await.unwrap();
    assert!(!is_in(&store, Table::Chunks, uid).await, "nobody keeps them any more");
}

/// Whether a table has rows of this uid.
async fn is_in<D: Database>(store: &Store<D>, table: Table, uid: &UniqueId) -> bool {
    let transaction = store.database().begin(&[table], Mode::Read).await.unwrap();
    let mut last: Option<UniqueId> = None;
    loop {
        let read = Read { table, keys: Keys::Behind(last.clone()), limit: Limit::First(1) };
        let found = transaction.read(&[read]).await.unwrap().concat().pop();
        let Some(next) = found.and_then(|found| found.uid) else { return false };
        if next == *uid {
            return true;
        }
        assert!(last.as_ref() < Some(&next), "they come in their order, each once");
        last = Some(next);
    }
}
