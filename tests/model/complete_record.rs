//! One file's way to its result.

mod ends_of_files;
mod integrity;
mod overlaps;
mod questions_about_ends;
mod retries;
mod states;
mod what_answers_bring;

use background_fetch_polyfill::model::{
    Attempt, BodyEnd, ByteCount, CacheMode, CompleteRecord, FailureReason, Millis, NetworkFailure, Next,
    Probe, Record, RecordResult, ResponseHead, ResponseType, RetryPolicy, StoredRequest,
};

const FETCH_ERROR: Next = Next::Settle(RecordResult::Failure(FailureReason::FetchError));
const BAD_STATUS: Next = Next::Settle(RecordResult::Failure(FailureReason::BadStatus));
const SUCCESS: Next = Next::Settle(RecordResult::Success);
const READ: Next = Next::Read { restart: false };
const READ_ANEW: Next = Next::Read { restart: true };
const SEND_PLAIN: Next = Next::Send(Attempt {
    range_start: None,
    range_end: None,
    if_range: None,
    bypasses_cache: false,
    is_whole: false,
});
/// For the whole, once there was an answer.
const SEND_AFRESH: Next = Next::Send(Attempt {
    range_start: None,
    range_end: None,
    if_range: None,
    bypasses_cache: true,
    is_whole: false,
});

fn request(method: &str) -> StoredRequest {
    StoredRequest { url: "https://a.example/b".into(), method: method.into(), ..StoredRequest::default() }
}

fn machine_for(request: StoredRequest) -> CompleteRecord {
    CompleteRecord::new(request, Record::default(), RetryPolicy::default())
}

fn machine(method: &str) -> CompleteRecord {
    machine_for(request(method))
}

/// Another machine, which has nothing but the record.
fn successor_of(machine: &CompleteRecord) -> CompleteRecord {
    CompleteRecord::new(request("GET"), machine.record().clone(), RetryPolicy::default())
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead { status, headers: headers.iter().copied().collect(), ..ResponseHead::default() }
}

fn send_from(start: u64, if_range: Option<&str>) -> Next {
    Next::Send(Attempt {
        range_start: Some(ByteCount(start)),
        range_end: None,
        is_whole: false,
        if_range: if_range.map(Into::into),
        bypasses_cache: true,
    })
}

fn whole_file() -> ResponseHead {
    head(200, &[("content-length", "100"), ("etag", "\"1\"")])
}

/// A machine whose first attempt broke after 40 of 100 bytes.
fn broken_at_40() -> CompleteRecord {
    let mut machine = machine("GET");
    assert_eq!(machine.start(), SEND_PLAIN);
    assert_eq!(machine.handle_response(whole_file()), READ);
    assert_eq!(machine.handle_bytes(ByteCount(40)), None);
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    machine
}

#[test]
fn a_file_that_comes_whole_succeeds() {
    let mut machine = machine("GET");
    assert_eq!(machine.start(), SEND_PLAIN);
    assert_eq!(machine.handle_response(whole_file()), READ);
    assert_eq!(machine.handle_bytes(ByteCount(100)), None);
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    assert_eq!(machine.start(), SUCCESS);
}

#[test]
fn only_a_get_can_be_sent_again() {
    assert!(machine("GET").is_repeatable());
    assert!(!machine("POST").is_repeatable());
}

#[test]
fn resumes_from_the_stored_length_after_a_dropped_connection() {
    let mut machine = broken_at_40();
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
    assert_eq!(machine.handle_bytes(ByteCount(60)), None);
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn a_whole_file_in_answer_to_a_range_begins_anew() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
    assert_eq!(machine.record().length, ByteCount::ZERO);
    machine.handle_bytes(ByteCount(100));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// Regression: a file of which all but the last bytes were stored became an empty one.
#[test]
fn headers_that_were_truncated_are_no_answer() {
    let mut machine = broken_at_40();
    for status in [200, 206] {
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
        let truncated = head(status, &[("content-type", "application/octet-st")]);
        assert!(matches!(machine.handle_response(truncated), Next::Wait(_)));
        assert_eq!(machine.record().length, ByteCount(40));
    }
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
}

#[test]
fn a_server_that_stays_with_an_answer_without_length_and_version_is_believed() {
    let mut machine = broken_at_40();
    let unlabelled = || head(200, &[("content-type", "text/plain")]);
    for _ in 0..2 {
        machine.handle_waited();
        assert!(matches!(machine.handle_response(unlabelled()), Next::Wait(_)));
    }
    machine.handle_waited();
    assert_eq!(machine.handle_response(unlabelled()), READ_ANEW);
    machine.handle_bytes(ByteCount(60));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn a_part_of_another_version_begins_anew_without_a_range() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    let other = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"2\"")]);
    assert!(matches!(machine.handle_response(other), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    assert_eq!(machine.record().length, ByteCount(40), "the old bytes stay until new ones replace them");
    assert_eq!(machine.handle_response(head(200, &[("etag", "\"2\"")])), READ_ANEW);
}

#[test]
fn a_part_longer_than_announced_is_not_appended() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    let part = head(206, &[("content-range", "bytes 40-49/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(part), READ);
    assert!(machine.handle_bytes(ByteCount(11)).is_some());
    assert_eq!(machine.record().length, ByteCount(40));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn a_shorter_part_than_asked_for_is_continued_at_once() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    machine.handle_response(head(206, &[("content-range", "bytes 40-49/100"), ("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), send_from(50, Some("\"1\"")));
}

#[test]
fn a_file_without_validator_begins_anew() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &[("content-length", "100"), ("etag", "W/\"1\"")]));
    machine.handle_bytes(ByteCount(40));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn what_was_complete_before_a_restart_needs_no_request() {
    let mut record = broken_at_40().record().clone();
    record.length = ByteCount(100);
    let mut machine = CompleteRecord::new(request("GET"), record, RetryPolicy::default());
    assert_eq!(machine.start(), SUCCESS);
}

#[test]
fn a_bad_status_keeps_its_body() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_response(head(404, &[("content-length", "9")])), READ);
    machine.handle_bytes(ByteCount(9));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), BAD_STATUS);
    assert!(machine.record().is_exposable());
}

#[test]
fn a_range_of_the_callers_own_is_left_alone() {
    let mut request = request("GET");
    request.headers.append("Range", "bytes=10-19");
    let mut machine = machine_for(request);
    machine.start();
    let part =
        head(206, &[("content-range", "bytes 10-19/100"), ("content-length", "10"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(part), READ);
    machine.handle_bytes(ByteCount(5));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}
