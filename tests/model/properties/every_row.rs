use std::fmt::Debug;
use std::iter;

use background_fetch_polyfill::engine::{Hint, HintKind, Shown};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, CacheMode, CacheQueryOptions, Credentials, Extent, FailureReason, FromRow,
    HeaderList, ImageResource, Millis, Mode, Options, Progress, Record, RecordResult, Redirect, ResponseHead,
    ResponseType, RetryPolicy, Row, Settings, Stage, StoredRequest, UniqueId,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::json::{Json, read, written_and_read};

fn assert_read<T: Serialize + FromRow + PartialEq + Debug>(value: T) {
    assert_eq!(written_and_read(&value).as_ref(), Some(&value));
    // Where it is an object, what a later version adds is passed over.
    let mut written = serde_json::to_value(&value).unwrap();
    if let Some(fields) = written.as_object_mut() {
        if fields.keys().ne(["failure"]) {
            fields.insert("later".into(), json!([{}]));
        }
        assert_eq!(read(written), Some(value));
    }
}

/// A value of each of its own, so that none is read from the field of another.
fn fetch() -> BackgroundFetch {
    let [src, sizes, kind, label] = ["/icon", "9x9", "image/png", "Icon"].map(String::from);
    let icon = ImageResource { src, sizes: Some(sizes), kind: Some(kind), label: Some(label) };
    let bare = ImageResource { sizes: None, kind: None, label: None, ..icon.clone() };
    let options = Options {
        icons: Some(vec![icon, bare]),
        title: Some("Films".into()),
        download_total: ByteCount((1 << 53) - 1),
    };
    BackgroundFetch {
        uid: UniqueId::new(Millis(1), 2),
        scope: "https://a.example/".into(),
        id: "id".into(),
        active: Some(("one".into(), "two".into())),
        options,
        created: Millis(3),
        request_count: 4,
        upload_total: ByteCount(5),
        has_uploads: true,
        stage: Stage::Settled,
        failure_reason: Some(FailureReason::Aborted),
        is_paused: true,
        resumed_at: Millis(6),
        deliveries: u32::MAX,
        dispatched_at: Millis(7),
    }
}

fn progress() -> Progress {
    Progress {
        runner: 1,
        uploaded: ByteCount(2),
        downloaded: ByteCount(3),
        stored_at: Millis(4),
        last_record: Some(5),
        doubted_at: Some(Millis(6)),
        failure: Some(FailureReason::BadStatus),
        is_waiting: true,
    }
}

fn head() -> ResponseHead {
    ResponseHead {
        status: u16::MAX,
        status_text: "OK".into(),
        headers: HeaderList::from_lines("etag: \"a\"\r\netag: \"b\"\r\n"),
        url: "https://a.example/film".into(),
        redirected: true,
        kind: ResponseType::Cors,
    }
}

fn record() -> Record {
    Record {
        response: Some(head()),
        length: ByteCount(1),
        ahead: vec![Extent { start: ByteCount(5), end: ByteCount(7) }],
        last_chunk: ByteCount(5),
        total: Some(ByteCount(2)),
        result: Some(RecordResult::Failure(FailureReason::FetchError)),
        longest: ByteCount(3),
        restarts: 4,
        version: 5,
        seems_whole: true,
        is_withheld: true,
        is_sent: true,
    }
}

fn request() -> StoredRequest {
    let [url, method, referrer, client_url, referrer_policy, integrity] =
        ["url", "method", "referrer", "client", "policy", "integrity"].map(String::from);
    StoredRequest {
        url,
        method,
        headers: head().headers,
        mode: Mode::NoCors,
        credentials: Credentials::Include,
        cache: CacheMode::Reload,
        redirect: Redirect::Manual,
        referrer,
        client_url,
        referrer_policy,
        integrity,
        body_length: ByteCount(1),
    }
}

fn without(row: impl Serialize, fields: &[&str]) -> Value {
    let mut row = serde_json::to_value(row).unwrap();
    for field in fields {
        assert!(row.as_object_mut().unwrap().remove(*field).is_some(), "{field}");
    }
    row
}

/// Whether a row is read that lacks one field, by the name of the field.
fn assert_needs<T: Serialize + FromRow>(row: &T, needed: &[&str]) {
    let fields = serde_json::to_value(row).unwrap();
    for field in fields.as_object().unwrap().keys() {
        let is_read = read::<T>(without(row, &[field])).is_some();
        assert_eq!(is_read, !needed.contains(&field.as_str()), "{field}");
    }
}

#[test]
fn every_row_is_read_as_it_was_written() {
    assert_read(fetch());
    assert_read(BackgroundFetch { active: None, failure_reason: None, is_paused: false, ..fetch() });
    assert_read(progress());
    assert_read(Progress::default());
    assert_read(record());
    assert_read(Record::default());
    assert_read(request());
    assert_read(StoredRequest::default());
    assert_read(head());
    for bits in 0..8 {
        let [ignore_search, ignore_method, ignore_vary] = [1, 2, 4].map(|bit| bits & bit > 0);
        assert_read(CacheQueryOptions { ignore_search, ignore_method, ignore_vary });
    }
    for records in [None, Some(Vec::new()), Some(vec![0, u32::MAX])] {
        assert_read(Hint { kind: HintKind::Requested, uid: UniqueId::new(Millis(1), 2), records });
    }
}

#[test]
fn every_name_is_read_as_it_was_written() {
    use {CacheMode as C, FailureReason as F, HintKind as H, ResponseType as R};
    [Stage::Running, Stage::Settled, Stage::Delivered].into_iter().for_each(assert_read);
    [Mode::Cors, Mode::SameOrigin, Mode::NoCors, Mode::Navigate].into_iter().for_each(assert_read);
    [Credentials::Omit, Credentials::SameOrigin, Credentials::Include].into_iter().for_each(assert_read);
    [C::Default, C::NoStore, C::Reload, C::NoCache, C::ForceCache, C::OnlyIfCached]
        .into_iter()
        .for_each(assert_read);
    [Redirect::Follow, Redirect::Error, Redirect::Manual].into_iter().for_each(assert_read);
    [R::Basic, R::Cors, R::Default, R::Error, R::Opaque, R::OpaqueRedirect].into_iter().for_each(assert_read);
    [H::Created, H::Progressed, H::Commanded, H::Requested, H::Owned, H::OwnedByWorker]
        .into_iter()
        .for_each(assert_read);
    let reasons =
        [F::Aborted, F::BadStatus, F::FetchError, F::QuotaExceeded, F::DownloadTotalExceeded].map(|reason| {
            assert_eq!(json!(reason), reason.as_str());
            assert_read(reason);
            RecordResult::Failure(reason)
        });
    reasons.into_iter().for_each(assert_read);
    assert_read(RecordResult::Success);
}

#[test]
fn rows_of_earlier_versions_are_read() {
    let lacking = ["hasUploads", "isPaused", "resumedAt", "dispatchedAt"];
    let zero = Millis::default();
    let expected = BackgroundFetch {
        has_uploads: false,
        is_paused: false,
        resumed_at: zero,
        dispatched_at: zero,
        ..fetch()
    };
    assert_eq!(read(without(fetch(), &lacking)), Some(expected));
    let expected = StoredRequest { client_url: String::new(), body_length: ByteCount::ZERO, ..request() };
    assert_eq!(read(without(request(), &["clientUrl", "bodyLength"])), Some(expected));
    assert_eq!(read(json!({})), Some(Progress::default()));
    assert_eq!(read(json!({})), Some(Record::default()));
    assert_eq!(read(json!({})), Some(Options::default()));
    assert_eq!(read(json!({})), Some(CacheQueryOptions::default()));
}

#[test]
fn what_a_row_cannot_be_without_is_asked_for() {
    let fetch_needs =
        ["uid", "scope", "id", "options", "created", "requestCount", "uploadTotal", "stage", "deliveries"];
    assert_needs(&fetch(), &fetch_needs);
    let request_needs = [
        "url",
        "method",
        "headers",
        "mode",
        "credentials",
        "cache",
        "redirect",
        "referrer",
        "referrerPolicy",
        "integrity",
    ];
    assert_needs(&request(), &request_needs);
    assert_needs(&head(), &["status", "statusText", "headers", "url", "redirected", "type"]);
    assert_needs(&fetch().options.icons.unwrap()[0], &["src"]);
    let hint = Hint { kind: HintKind::Owned, uid: UniqueId::new(Millis(1), 2), records: Some(vec![3]) };
    assert_needs(&hint, &["kind", "uid"]);
    // What there is none of is not what is empty.
    for nothing in [Json::undefined(), json!(null).into(), json!("").into(), json!(0).into()] {
        assert_eq!(Progress::from_row(&nothing), None);
        assert_eq!(Record::from_row(&nothing), None);
        assert_eq!(CacheQueryOptions::from_row(&nothing), None);
    }
    for nothing in [Json::undefined(), json!(null).into(), json!(0).into()] {
        assert_eq!(HeaderList::from_row(&nothing), None);
    }
    assert!(Vec::<Shown>::from_row(&Json::undefined()).is_none());
}

/// An object that is its own every property, and a list of itself without end.
struct Endless;

impl Row for Endless {
    fn property(&self, _name: &'static str) -> Option<Self> {
        Some(Self)
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        Some(iter::repeat_with(|| Self))
    }

    fn is_undefined(&self) -> bool {
        false
    }

    fn is_null(&self) -> bool {
        false
    }

    fn boolean(&self) -> Option<bool> {
        None
    }

    fn number(&self) -> Option<f64> {
        None
    }

    fn text(&self) -> Option<String> {
        None
    }
}

#[test]
fn what_contains_itself_is_refused() {
    assert_eq!(BackgroundFetch::from_row(&Endless), None);
    assert_eq!(Progress::from_row(&Endless), None);
    assert_eq!(Record::from_row(&Endless), None);
    assert_eq!(StoredRequest::from_row(&Endless), None);
    assert_eq!(Options::from_row(&Endless), None);
    assert_eq!(CacheQueryOptions::from_row(&Endless), None);
    assert_eq!(RecordResult::from_row(&Endless), None);
    assert_eq!(HeaderList::from_row(&Endless), None);
    assert_eq!(Hint::from_row(&Endless), None);
    assert!(Vec::<Shown>::from_row(&Endless).is_none());
    assert!(Settings::from_given(&Endless).is_err());
}

#[test]
fn numbers_are_read_within_their_bounds() {
    let whole = |number: Value| read::<u32>(number);
    assert_eq!(whole(json!(u32::MAX)), Some(u32::MAX));
    assert_eq!(whole(json!(0.0)), Some(0));
    assert_eq!(whole(json!(-0.0)), Some(0));
    for bad in
        [json!(4_294_967_296_u64), json!(-1), json!(0.5), json!(1e300), json!("1"), json!(true), json!([1])]
    {
        assert_eq!(whole(bad), None);
    }
    assert_eq!(read::<u16>(json!(65535)), Some(u16::MAX));
    assert_eq!(read::<u16>(json!(65536)), None);
    // Lengths saturate.
    for (number, bytes) in [(-1.0, 0), (0.5, 0), (1e300, u64::MAX), (9_007_199_254_740_991.0, (1 << 53) - 1)]
    {
        assert_eq!(read(json!(number)), Some(ByteCount(bytes)));
        assert_eq!(read(json!(number)), Some(Millis(bytes)));
    }
    assert_eq!(read::<ByteCount>(json!("1")), None);
    assert_eq!(read::<Option<ByteCount>>(json!(null)), Some(None));
    assert_eq!(read::<Option<ByteCount>>(json!("1")), None);
}

#[test]
fn lists_are_read_as_a_whole_or_not_at_all() {
    let headers: HeaderList = [("a", "b"), ("c", "d")].into_iter().collect();
    assert_eq!(read(json!([["a", "b"], ["c", "d", "e"]])), Some(headers.clone()));
    assert_eq!(read(json!("a: b\r\nc: d\r\n")), Some(headers));
    assert_eq!(read(json!("")), Some(HeaderList::default()));
    for bad in [
        json!([["a", "b"], ["c"]]),
        json!([["a", 1]]),
        json!(["ab"]),
        json!({ "a": "b" }),
        json!("a: b\r\nc"),
    ] {
        assert_eq!(read::<HeaderList>(bad), None);
    }
    assert_eq!(read::<RecordResult>(json!("failure")), None);
    assert_eq!(read::<RecordResult>(json!({ "failure": null })), None);
    assert_eq!(read::<RecordResult>(json!({})), None);
}

#[test]
fn a_hint_tells_of_some_records_or_of_all() {
    let records = |records: Value| {
        let hint = json!({ "kind": "progressed", "uid": "00000000010000000002", "records": records });
        read::<Hint>(hint).map(|hint| hint.records)
    };
    assert_eq!(records(json!([1, 2])), Some(Some(vec![1, 2])));
    for all in [json!(null), json!([-1]), json!([1, "2"]), json!({}), json!(1), json!(vec![1; 100_001])] {
        assert_eq!(records(all), Some(None));
    }
    assert_eq!(records(json!(vec![1; 100_000])), Some(Some(vec![1; 100_000])));
    assert_eq!(read::<Hint>(json!({ "kind": "progressed", "uid": "00" })), None);
}

#[test]
fn settings_that_nobody_can_count_with_are_named() {
    let read = |given: Value| Settings::from_given(&Json::from(given));
    let reason = |given: Value| read(given).unwrap_err().message();
    assert_eq!(Settings::from_given(&Json::undefined()), Ok(Settings::default()));
    assert_eq!(read(json!({})), Ok(Settings::default()));
    assert_eq!(read(json!(Settings::default())), Ok(Settings::default()));
    let retry = RetryPolicy { first_delay: Millis(7), ..RetryPolicy::default() };
    let expected = Settings { connections: 1, retry, ..Settings::default() };
    assert_eq!(read(json!({ "connections": 1, "retry": { "firstDelay": 7 } })), Ok(expected));

    let safe = "a whole number from 0 to 9007199254740991";
    assert_eq!(reason(json!({ "stallTime": -1 })), format!("settings.stallTime is not {safe}"));
    assert_eq!(
        reason(json!({ "retry": { "firstDelay": 0.5 } })),
        format!("settings.retry.firstDelay is not {safe}")
    );
    let count = "a whole number from 0 to 4294967295";
    for bad in [json!("4"), json!(null), json!(4_294_967_296_u64), json!([4]), json!(true)] {
        assert_eq!(reason(json!({ "connections": bad })), format!("settings.connections is not {count}"));
    }
    assert_eq!(reason(json!(null)), "settings is not an object");
    assert_eq!(reason(json!(4)), "settings is not an object");
    assert_eq!(reason(json!({ "retry": 4 })), "settings.retry is not an object");
    // By the name that it has.
    for (object, path) in
        [(json!(Settings::default()), "settings"), (json!(RetryPolicy::default()), "settings.retry")]
    {
        for name in object.as_object().unwrap().keys() {
            let given = json!({ name: "none" });
            let given = if path == "settings" { given } else { json!({ "retry": given }) };
            assert!(reason(given).starts_with(&format!("{path}.{name} is not ")), "{name}");
        }
    }
}
