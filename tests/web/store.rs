use background_fetch_polyfill::engine::{ByteHandle, RecordChange, Store, StoreError, StoredChunk};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, Command, FailureReason, Millis, Options, Progress, Record, RecordResult,
    ResponseHead, StoredRequest, UniqueId,
};
use background_fetch_polyfill::web::{Bytes, IndexedDb};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn new_fetch(scope: &str, id: &str) -> BackgroundFetch {
    let random = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    let uid = UniqueId::new(Millis::from(js_sys::Date::now()), random);
    // A scope of its own keeps a test apart from what others, or an earlier run, left.
    let scope = format!("https://a.example/{scope}/{uid}/");
    BackgroundFetch::new(uid, scope, id.into(), Options::default(), Millis(1))
}

fn bytes(content: &[u8]) -> Bytes {
    Bytes::from_value(Uint8Array::new_from_slice(content).into()).unwrap()
}

fn get(url: &str) -> (StoredRequest, Option<Bytes>) {
    (StoredRequest { url: url.into(), method: "GET".into(), ..StoredRequest::default() }, None)
}

async fn registered(scope: &str) -> (Store<IndexedDb>, BackgroundFetch) {
    let store = Store::new(IndexedDb::default());
    let mut fetch = new_fetch(scope, "id");
    fetch.request_count = 2;
    store.register(&fetch, &[get("https://a.example/0"), get("https://a.example/1")]).await.unwrap();
    (store, fetch)
}

fn chunk_change(index: u32, offset: u64, content: &[u8]) -> RecordChange<Bytes> {
    let offset = ByteCount(offset);
    let length = offset + ByteCount(content.len() as u64);
    let response = Some(ResponseHead { status: 200, ..ResponseHead::default() });
    RecordChange {
        index,
        record: Record { response, length, result: Some(RecordResult::Success), ..Record::default() },
        uploaded: ByteCount::ZERO,
        drops_chunks: false,
        chunk: Some(StoredChunk { offset, pieces: content.chunks(2).map(bytes).collect() }),
        at: Millis(1),
    }
}

/// The stored bytes of a record; none where the fetch is gone.
async fn content(store: &Store<IndexedDb>, uid: &UniqueId, index: u32) -> Vec<u8> {
    let stored = store.stored_response(uid, index, ByteCount::ZERO, u32::MAX).await.unwrap();
    joined(&stored.map(|stored| stored.chunks).unwrap_or_default()).await
}

/// Whether they lie in Blobs or in ArrayBuffers.
async fn joined(chunks: &[Bytes]) -> Vec<u8> {
    let mut content = Vec::new();
    for chunk in chunks {
        content.extend(chunk.copy(ByteCount::ZERO, chunk.length()).await.unwrap());
    }
    content
}

async fn record(store: &Store<IndexedDb>, uid: &UniqueId, index: u32) -> Record {
    store.stored_response(uid, index, ByteCount::ZERO, u32::MAX).await.unwrap().unwrap().record
}

#[wasm_bindgen_test]
async fn a_fetch_is_found_by_its_id_until_it_is_aborted() {
    let (store, fetch) = registered("found").await;
    assert_eq!(store.find(&fetch.scope, "id").await, Ok(Some(fetch.uid.clone())));
    assert_eq!(store.find(&fetch.scope, "other").await, Ok(None));
    assert_eq!(store.find("https://a.example/", "id").await, Ok(None));
    assert_eq!(store.active(&fetch.scope).await.unwrap(), std::slice::from_ref(&fetch));
    assert_eq!(
        store.update(&fetch.uid, |fetch, _| fetch.handle_command(Command::Abort, Millis(1))).await,
        Ok(Some(true))
    );
    assert_eq!(store.find(&fetch.scope, "id").await, Ok(None));
    assert_eq!(store.active(&fetch.scope).await.unwrap(), []);
    assert!(store.fetch(&fetch.uid).await.unwrap().unwrap().0.is_aborted());
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn an_id_is_taken_once() {
    let (store, fetch) = registered("taken").await;
    let mut second = new_fetch("", "id");
    second.scope.clone_from(&fetch.scope);
    second.active = Some((fetch.scope.clone(), "id".into()));
    assert_eq!(store.register(&second, &[get("https://a.example/")]).await, Err(StoreError::Duplicate));
    assert_eq!(store.fetch(&second.uid).await, Ok(None), "nothing of the second is stored");
    assert!(store.request(&second.uid, 0).await.unwrap().is_none());
    store.update(&fetch.uid, |fetch, _| fetch.settle(None)).await.unwrap();
    store.register(&second, &[get("https://a.example/")]).await.unwrap();
    store.purge(&fetch.uid).await.unwrap();
    store.purge(&second.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn requests_come_back_as_they_were() {
    let store = Store::new(IndexedDb::default());
    let fetch = new_fetch("requests", "\u{0}\u{1f600} id");
    let mut request = get("https://a.example/?\u{e4}#fragment").0;
    request.method = "POST".into();
    request.headers.append("X-Header", "one");
    request.headers.append("X-Header", "two");
    request.body_length = ByteCount(3);
    let posted = (request.clone(), Some(bytes(b"abc")));
    store.register(&fetch, &[get("https://a.example/"), posted]).await.unwrap();
    let (stored, body) = store.request(&fetch.uid, 1).await.unwrap().unwrap();
    assert_eq!(stored, request);
    assert_eq!(body.unwrap().length(), ByteCount(3));
    assert_eq!(store.request(&fetch.uid, 2).await.map(|found| found.is_none()), Ok(true));
    let (_, all) = store.requested_records(&fetch.uid, None).await.unwrap().unwrap();
    assert_eq!(all.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(all[1].request, request);
    assert_eq!(store.find(&fetch.scope, "\u{0}\u{1f600} id").await, Ok(Some(fetch.uid.clone())));
    store.purge(&fetch.uid).await.unwrap();
}

/// Numbers of the database are doubles, and the wasm module's addresses have 32 bits.
#[wasm_bindgen_test]
async fn bytes_beyond_all_32_bits_lie_where_they_belong() {
    let (store, fetch) = registered("beyond").await;
    let runner = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress.runner;
    let offsets = [0, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) + 1, 1 << 52];
    for (offset, text) in offsets.into_iter().zip([b"a", b"b", b"c", b"d", b"e", b"f"]) {
        store.commit(&fetch.uid, runner, chunk_change(0, offset, text)).await.unwrap();
    }
    for (position, offset) in offsets.into_iter().enumerate() {
        let found = store.stored_response(&fetch.uid, 0, ByteCount(offset), 1).await.unwrap().unwrap();
        assert_eq!(joined(&found.chunks).await, &b"abcdef"[position..=position], "from {offset}");
        assert_eq!(found.record.length, ByteCount((1 << 52) + 1));
    }
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.downloaded, ByteCount((1 << 52) + 1));
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn bytes_and_the_progress_that_counts_them_are_stored_together() {
    let (store, fetch) = registered("together").await;
    let run = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(run.progress.runner, 1);
    assert_eq!(run.records, []);
    let noted = Progress { stored_at: Millis(1), last_record: Some(1), ..run.progress };
    let progress = store.commit(&fetch.uid, 1, chunk_change(1, 0, b"hello")).await.unwrap();
    assert_eq!(progress, Progress { downloaded: ByteCount(5), ..noted });
    let progress = store.commit(&fetch.uid, 1, chunk_change(1, 5, b" world")).await.unwrap();
    assert_eq!(progress, Progress { downloaded: ByteCount(11), ..noted });
    assert_eq!(content(&store, &fetch.uid, 1).await, b"hello world");
    assert_eq!(content(&store, &fetch.uid, 0).await, b"");
    assert_eq!(store.fetch(&fetch.uid).await.unwrap().unwrap().1, progress);
    assert_eq!(record(&store, &fetch.uid, 1).await.length, ByteCount(11));
    assert_eq!(record(&store, &fetch.uid, 0).await, Record::default());
    let (_, all) = store.requested_records(&fetch.uid, None).await.unwrap().unwrap();
    assert_eq!(all.iter().map(|record| record.response.is_some()).collect::<Vec<_>>(), [false, true]);
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_late_commit_of_an_earlier_runner_stores_nothing() {
    let (store, fetch) = registered("late").await;
    let first = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    store.commit(&fetch.uid, first.progress.runner, chunk_change(0, 0, b"abc")).await.unwrap();
    let second = store.begin_run(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(second.progress.downloaded, ByteCount(3), "a new runner counts what is stored");
    let late = store.commit(&fetch.uid, first.progress.runner, chunk_change(0, 3, b"late")).await;
    assert_eq!(late, Err(StoreError::Fenced));
    assert_eq!(content(&store, &fetch.uid, 0).await, b"abc");
    store.purge(&fetch.uid).await.unwrap();
    let gone = store.commit(&fetch.uid, second.progress.runner, chunk_change(0, 3, b"gone")).await;
    assert_eq!(gone, Err(StoreError::Fenced));
    assert_eq!(content(&store, &fetch.uid, 0).await, b"");
}

#[wasm_bindgen_test]
async fn a_file_that_begins_anew_leaves_nothing_of_the_old() {
    let (store, fetch) = registered("anew").await;
    let progress = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress;
    store.commit(&fetch.uid, progress.runner, chunk_change(0, 0, b"old one, ")).await.unwrap();
    store.commit(&fetch.uid, progress.runner, chunk_change(0, 9, b"and longer")).await.unwrap();
    let anew = RecordChange { drops_chunks: true, ..chunk_change(0, 0, b"new") };
    let progress = store.commit(&fetch.uid, progress.runner, anew).await.unwrap();
    assert_eq!(progress.downloaded, ByteCount(3));
    assert_eq!(content(&store, &fetch.uid, 0).await, b"new");
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn results_and_large_numbers_survive_storage() {
    let (store, fetch) = registered("results").await;
    let progress = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress;
    let expected = Record {
        length: ByteCount(1 << 40),
        total: Some(ByteCount((1 << 53) - 1)),
        result: Some(RecordResult::Failure(FailureReason::DownloadTotalExceeded)),
        ..Record::default()
    };
    let change = RecordChange {
        index: 0,
        record: expected.clone(),
        uploaded: ByteCount::ZERO,
        drops_chunks: false,
        chunk: None,
        at: Millis(1),
    };
    store.commit(&fetch.uid, progress.runner, change).await.unwrap();
    assert_eq!(record(&store, &fetch.uid, 0).await, expected);
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn the_end_of_a_record_can_be_given_up() {
    let (store, fetch) = registered("truncated").await;
    let runner = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress.runner;
    assert!(store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().is_none());
    store.commit(&fetch.uid, runner, chunk_change(0, 0, b"hello")).await.unwrap();
    store.commit(&fetch.uid, runner, chunk_change(0, 5, b" world")).await.unwrap();
    let (first, bytes) = store.last_chunk(&fetch.uid, 0, ByteCount(5)).await.unwrap().unwrap();
    assert_eq!((first, joined(&[bytes]).await.as_slice()), (ByteCount(0), b"hello".as_slice()));
    assert!(store.last_chunk(&fetch.uid, 0, first).await.unwrap().is_none());
    let (offset, last) = store.last_chunk(&fetch.uid, 0, ByteCount::MAX).await.unwrap().unwrap();
    assert_eq!((offset, joined(&[last]).await.as_slice()), (ByteCount(5), b" world".as_slice()));
    let late = store.truncate(&fetch.uid, runner + 1, 0, offset).await;
    assert_eq!(late, Err(StoreError::Fenced), "by somebody who is not the runner");
    store.truncate(&fetch.uid, runner, 0, offset).await.unwrap();
    assert_eq!(content(&store, &fetch.uid, 0).await, b"hello");
    let record = record(&store, &fetch.uid, 0).await;
    assert_eq!((record.length, record.result), (ByteCount(5), None));
    let (_, progress) = store.fetch(&fetch.uid).await.unwrap().unwrap();
    assert_eq!(progress.downloaded, ByteCount(5));
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_sweep_leaves_what_belongs_to_a_fetch() {
    let (store, fetch) = registered("swept").await;
    let runner = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress.runner;
    store.commit(&fetch.uid, runner, chunk_change(0, 0, b"hello")).await.unwrap();
    store.sweep(Millis::from(js_sys::Date::now())).await.unwrap();
    assert_eq!(content(&store, &fetch.uid, 0).await, b"hello");
    assert_eq!(store.requested_records(&fetch.uid, None).await.unwrap().unwrap().1.len(), 2);
    store.purge(&fetch.uid).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_purged_fetch_is_gone_and_its_neighbour_is_not() {
    let (store, fetch) = registered("purged").await;
    let (_, neighbour) = registered("neighbour").await;
    for fetch in [&fetch, &neighbour] {
        let progress = store.begin_run(&fetch.uid).await.unwrap().unwrap().progress;
        store.commit(&fetch.uid, progress.runner, chunk_change(0, 0, b"abc")).await.unwrap();
    }
    store.purge(&fetch.uid).await.unwrap();
    assert_eq!(store.fetch(&fetch.uid).await, Ok(None));
    assert!(store.requested_records(&fetch.uid, None).await.unwrap().is_none());
    assert!(store.stored_response(&fetch.uid, 0, ByteCount::ZERO, u32::MAX).await.unwrap().is_none());
    assert_eq!(content(&store, &fetch.uid, 0).await, b"");
    assert_eq!(content(&store, &neighbour.uid, 0).await, b"abc");
    store.purge(&neighbour.uid).await.unwrap();
}

#[wasm_bindgen_test]
fn foreign_values_are_no_bytes() {
    for value in [JsValue::UNDEFINED, JsValue::NULL, 1.into(), "text".into(), js_sys::Array::new().into()] {
        assert!(Bytes::from_value(value).is_none());
    }
}

#[wasm_bindgen_test]
async fn chunks_are_read_from_where_one_begins_and_no_more_than_asked_for() {
    let (store, fetch) = registered("parts").await;
    store.begin_run(&fetch.uid).await.unwrap();
    for (offset, bytes) in [(0, "abc"), (3, "de"), (5, "f")] {
        store.commit(&fetch.uid, 1, chunk_change(0, offset, bytes.as_bytes())).await.unwrap();
    }
    for (from, at_most, expected) in [(0, 1, "abc"), (3, 1, "de"), (3, 9, "def"), (6, 1, "")] {
        let stored = store.stored_response(&fetch.uid, 0, ByteCount(from), at_most).await.unwrap().unwrap();
        assert_eq!(joined(&stored.chunks).await, expected.as_bytes(), "from {from}, at most {at_most}");
    }
    // What is there of the rest would be taken for what is missing.
    store.commit(&fetch.uid, 1, chunk_change(0, 9, b"j")).await.unwrap();
    for (from, at_most, expected) in [(1, 1, ""), (6, 1, ""), (3, 9, "def")] {
        let stored = store.stored_response(&fetch.uid, 0, ByteCount(from), at_most).await.unwrap().unwrap();
        assert_eq!(joined(&stored.chunks).await, expected.as_bytes(), "from {from}, at most {at_most}");
    }
    store.purge(&fetch.uid).await.unwrap();
}
