use background_fetch_polyfill::engine::{Hint, HintKind, Shown};
use background_fetch_polyfill::model::{
    BackgroundFetch, BadSetting, BodyEnd, ByteCount, CacheQueryOptions, Command, CompleteRecord, FromRow,
    HeaderList, ImageResource, Millis, NetworkFailure, Next, Options, Probe, Progress, Record, RecordResult,
    ResponseHead, RetryPolicy, Settings, StoredRequest, UniqueId, update_instance,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::config;
use super::json::{self, Json};

/// What another version, another script or a damaged disk may have left in a field.
fn foreign_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        prop::sample::select(vec![0.0, -1.0, 0.5, 1e300, -1e300, 9_007_199_254_740_993.0]),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()),
        // Those that JavaScript can count with.
        (0..1_u64 << 53).prop_map(|number| number as f64),
    ];
    let names = "success|settled|running|bad-status|fetch-error|aborted|cors|navigate|basic|GET|.{0,5}";
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        number.prop_map(Value::from),
        names.prop_map(Value::from),
        names.prop_map(|reason| json!({ "failure": reason })),
        Just(json!([])),
        Just(json!([["etag", "\"a\""], ["content-length", "9"], ["content-encoding", "br"]])),
        Just(json!({})),
    ]
}

/// What happens to one of a row's fields; to be applied to any row.
#[derive(Clone, Debug)]
struct Change {
    field: Index,
    /// `None`: it is not there.
    value: Option<Value>,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (any::<Index>(), prop::option::weighted(0.8, foreign_value()))
        .prop_map(|(field, value)| Change { field, value });
    prop::collection::vec(change, 0..6)
}

/// The paths of all fields, those of fields in fields, too.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    let Some(fields) = value.as_object() else { return };
    for (name, inner) in fields {
        let path = format!("{path}/{name}");
        paths(inner, &path, found);
        found.push(path);
    }
}

fn changed<T: Serialize>(row: &T, changes: &[Change]) -> Value {
    let mut row = serde_json::to_value(row).unwrap();
    for Change { field, value } in changes {
        let mut found = Vec::new();
        paths(&row, "", &mut found);
        if found.is_empty() {
            break;
        }
        let (parent, name) = field.get(&found).rsplit_once('/').unwrap();
        let parent: &mut Map<String, Value> = row.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => parent.insert(name.into(), value.clone()),
            None => parent.remove(name),
        };
    }
    row
}

/// The row as it is read, if it can be. What was read is written, and read again, as the same.
fn read<T: Serialize + FromRow + PartialEq + std::fmt::Debug>(row: &T, changes: &[Change]) -> Option<T> {
    let read: T = json::read(changed(row, changes))?;
    assert_eq!(json::written_and_read(&read).as_ref(), Some(&read));
    Some(read)
}

/// The same for what a user of the package sets. What is refused would not be without the field that is named.
fn read_settings<T: Serialize + PartialEq + std::fmt::Debug>(
    settings: &T,
    changes: &[Change],
    from_given: fn(&Json) -> Result<T, BadSetting>,
) -> Option<T> {
    let mut given = changed(settings, changes);
    match from_given(&given.clone().into()) {
        Ok(read) => {
            assert_eq!(from_given(&json!(read).into()).as_ref(), Ok(&read));
            Some(read)
        }
        Err(bad) => {
            let (BadSetting::NoObject { path } | BadSetting::NoNumber { path, .. }) = bad;
            let name = path.rsplit('.').next().unwrap();
            let policy = given.get_mut("retry").and_then(Value::as_object_mut);
            let removed = policy.and_then(|policy| policy.remove(name));
            let removed = removed.or_else(|| given.as_object_mut().unwrap().remove(name));
            assert!(removed.is_some(), "{path}");
            assert_ne!(from_given(&given.into()).err(), Some(bad));
            None
        }
    }
}

fn fetch() -> BackgroundFetch {
    let icon =
        ImageResource { src: "/icon".into(), sizes: None, kind: Some("image/png".into()), label: None };
    let options =
        Options { icons: Some(vec![icon]), title: Some("Films".into()), download_total: ByteCount(90) };
    let uid = UniqueId::new(Millis(7), 7);
    BackgroundFetch::new(uid, "https://a.example/".into(), "films".into(), options, Millis(7))
}

fn record() -> Record {
    let head = ResponseHead {
        status: 200,
        url: "https://a.example/film".into(),
        headers: HeaderList::from_lines("etag: \"a\"\r\ncontent-length: 30\r\n"),
        ..ResponseHead::default()
    };
    Record {
        response: Some(head),
        length: ByteCount(20),
        total: Some(ByteCount(30)),
        longest: ByteCount(20),
        ..Record::default()
    }
}

fn request() -> StoredRequest {
    let url = "https://a.example/film".into();
    StoredRequest { url, method: "GET".into(), ..StoredRequest::default() }
}

/// Drives a record to its result: the server sends parts that are too short, then nothing comes any more.
fn result_of(request: StoredRequest, record: Record, policy: RetryPolicy, pieces: &[u64]) -> RecordResult {
    let mut machine = CompleteRecord::new(request, record, policy);
    let mut pieces = pieces.iter();
    let mut next = machine.start();
    let mut recalled = ByteCount::ZERO;
    // Three attempts for each piece, and what the policy allows after the last.
    for _ in 0..1000 {
        next = match next {
            Next::Settle(result) => return result,
            Next::Recall(at_most) => {
                recalled = machine.record().length.min(at_most);
                machine.handle_recalled(recalled)
            }
            Next::Send(attempt) => match pieces.next() {
                None => machine.handle_failure(NetworkFailure::Failed),
                Some(piece) => {
                    let start = attempt.range_start.unwrap_or_default();
                    let end = start.0.saturating_add(*piece);
                    let status = if attempt.range_start.is_some() { 206 } else { 200 };
                    let headers =
                        HeaderList::from_lines(&format!("content-range: bytes {}-{end}/*", start.0));
                    machine.handle_response(ResponseHead { status, headers, ..ResponseHead::default() })
                }
            },
            Next::Read { .. } => {
                machine.handle_repeated(std::mem::take(&mut recalled));
                match machine.handle_bytes(ByteCount(3)) {
                    Some(next) => next,
                    None => machine.handle_end(BodyEnd::Unconfirmed),
                }
            }
            Next::Probe => machine.handle_probe(Probe { reachable: true, ..Probe::UNREACHABLE }),
            Next::Wait(_) | Next::WaitAsAsked(_) | Next::WaitUntilOnline => machine.handle_waited(),
            Next::Verify => machine.handle_verified(false),
        };
    }
    panic!("it does not settle: {:?}", machine.record());
}

/// With patience for so many attempts that none of them can be waited for here, nothing can be said.
fn is_impatient(policy: &RetryPolicy) -> bool {
    let RetryPolicy { attempts_to_connect, attempts_to_resume, attempts_against_policy, restarts, .. } =
        policy;
    [attempts_to_connect, attempts_to_resume, attempts_against_policy, restarts]
        .into_iter()
        .all(|attempts| *attempts <= 100)
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_row_of_a_fetch_is_refused_or_can_be_worked_with(
        changes in changes(),
        of_progress in changes(),
        downloaded: u64,
    ) {
        let Some(mut fetch) = read(&fetch(), &changes) else { return Ok(()) };
        let progress = Progress { downloaded: ByteCount(9), last_record: Some(1), ..Progress::default() };
        let progress = read(&progress, &of_progress).unwrap_or_default();
        let running = fetch.state(&progress);
        let _ = fetch.admits(ByteCount(downloaded));
        let _ = [Command::Pause, Command::Resume, Command::Abort].map(|command| fetch.handle_command(command, Millis(1)));
        fetch.settle(None);
        let settled = fetch.state(&progress);
        prop_assert!(settled.settled);
        prop_assert_eq!(settled.result() == "success", settled.failure_reason().is_empty());
        if let Some(update) = update_instance(&running, &settled) {
            prop_assert!(!update.state.is_paused || running.settled);
        }
        let _ = fetch.event().event_type();
    }

    #[test]
    fn any_row_of_progress_is_refused_or_can_be_counted_on(
        changes in changes(),
        of_record in changes(),
        counted: u64,
        uploaded: u64,
    ) {
        let progress = Progress { runner: 3, downloaded: ByteCount(9), last_record: Some(1), ..Progress::default() };
        let Some(progress) = read(&progress, &changes) else { return Ok(()) };
        let record = read(&record(), &of_record).unwrap_or_default();
        let next = progress.for_next_runner([&record, &record].into_iter());
        prop_assert_ne!(next.runner, progress.runner);
        let counting = next.counting(ByteCount(counted), &record, ByteCount(uploaded));
        prop_assert!(counting.uploaded >= next.uploaded);
        prop_assert!(counting.downloaded >= record.length);
    }

    #[test]
    fn any_row_of_a_record_is_refused_or_comes_to_a_result(
        changes in changes(),
        of_request in changes(),
        of_policy in changes(),
        pieces in prop::collection::vec(prop_oneof![0..9_u64, Just(u64::MAX)], 0..6),
    ) {
        let Some(mut record) = read(&record(), &changes) else { return Ok(()) };
        let request = read(&request(), &of_request).unwrap_or_default();
        let _ = (request.origin(), request.has_own_range(), request.needs_preflight());
        let policy = read_settings(&RetryPolicy::default(), &of_policy, RetryPolicy::from_given);
        let policy = policy.filter(is_impatient).unwrap_or_default();
        let result = result_of(request, record.clone(), policy, &pieces);
        if let Some(stored) = record.result {
            prop_assert_eq!(result, stored, "it has it already");
        }
        let _ = (record.is_exposable(), record.clone().into_shown_response());
        record.truncate(ByteCount(3));
        prop_assert_eq!(record.result, None);
    }

    #[test]
    fn any_settings_are_refused_or_give_delays_that_do_not_shrink(changes in changes(), failures: u32) {
        let Some(settings) = read_settings(&Settings::default(), &changes, Settings::from_given) else { return Ok(()) };
        let delay = settings.retry.delay(failures);
        prop_assert!(delay <= settings.retry.longest_delay);
        prop_assert!(delay <= settings.retry.delay(failures.saturating_add(1)));
    }

    #[test]
    fn any_message_of_another_page_is_refused_or_read(changes in changes(), value in foreign_value()) {
        let uid = UniqueId::new(Millis(7), 7);
        let hint = Hint { kind: HintKind::Progressed, uid: uid.clone(), records: Some(vec![1]) };
        prop_assert_eq!(json::read::<Hint>(value.clone()), None);
        json::read::<CacheQueryOptions>(value.clone());
        json::read::<Options>(value.clone());
        json::read::<Vec<Shown>>(value);
        read(&CacheQueryOptions::default(), &changes);
        if let Some(read) = read(&hint, &changes) {
            // Nobody waits for a lock that no fetch has.
            prop_assert_eq!(UniqueId::from_message(read.uid.as_str().into()), Some(read.uid));
        }
        let shown = json!([{ "uid": uid, "downloaded": 1.0, "uploaded": 0.0, "result": "" }]);
        prop_assert_eq!(json::read::<Vec<Shown>>(shown).map(|shown| shown.len()), Some(1));
    }

    #[test]
    fn any_number_is_a_number_of_bytes(number in prop::num::f64::ANY) {
        let count = ByteCount::from(number);
        prop_assert_eq!(ByteCount::from(f64::from(count)), count);
        prop_assert_eq!(count.0, Millis::from(number).0);
        if (0.0..9_007_199_254_740_992.0).contains(&number) {
            prop_assert_eq!(f64::from(count), number.floor());
        } else if number.is_nan() || number < 0.0 {
            prop_assert!(count.is_zero());
        }
    }
}
