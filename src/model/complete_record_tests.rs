use super::*;
use crate::model::ResponseType;

const FETCH_ERROR: Next = Next::Settle(RecordResult::Failure(FailureReason::FetchError));
const BAD_STATUS: Next = Next::Settle(RecordResult::Failure(FailureReason::BadStatus));
const SUCCESS: Next = Next::Settle(RecordResult::Success);
const READ: Next = Next::Read { restart: false };
const READ_ANEW: Next = Next::Read { restart: true };
const SEND_PLAIN: Next = Next::Send(Attempt { range_start: None, if_range: None });

fn machine(method: &str) -> CompleteRecord {
    let request = StoredRequest {
        url: "https://a.example/b".into(),
        method: method.into(),
        ..StoredRequest::default()
    };
    CompleteRecord::new(request, Record::default(), RetryPolicy::default())
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead { status, headers: headers.iter().copied().collect(), ..ResponseHead::default() }
}

fn send_from(start: u64, if_range: Option<&str>) -> Next {
    Next::Send(Attempt { range_start: Some(ByteCount(start)), if_range: if_range.map(Into::into) })
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
    assert_eq!(machine.handle_end(), SUCCESS);
    assert_eq!(machine.start(), SUCCESS);
}

#[test]
fn resumes_from_the_stored_length_after_a_dropped_connection() {
    let mut machine = broken_at_40();
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
    assert_eq!(machine.handle_bytes(ByteCount(60)), None);
    assert_eq!(machine.handle_end(), SUCCESS);
}

#[test]
fn a_clean_end_before_the_announced_length_is_a_dropped_connection() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(whole_file());
    machine.handle_bytes(ByteCount(40));
    assert!(matches!(machine.handle_end(), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
}

#[test]
fn a_whole_file_in_answer_to_a_range_begins_anew() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
    assert_eq!(machine.record().length, ByteCount::ZERO);
    machine.handle_bytes(ByteCount(100));
    assert_eq!(machine.handle_end(), SUCCESS);
}

/// Regression: a file of which all but the last bytes were stored became an empty one.
#[test]
fn headers_that_were_cut_are_no_answer() {
    let mut machine = broken_at_40();
    for status in [200, 206] {
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
        let cut = head(status, &[("content-type", "application/octet-st")]);
        assert!(matches!(machine.handle_response(cut), Next::Wait(_)));
        assert_eq!(machine.record().length, ByteCount(40));
    }
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
}

#[test]
fn a_server_that_stays_with_an_answer_without_length_and_version_is_believed() {
    let mut machine = broken_at_40();
    let bare = || head(200, &[("content-type", "text/plain")]);
    for _ in 0..2 {
        machine.handle_waited();
        assert!(matches!(machine.handle_response(bare()), Next::Wait(_)));
    }
    machine.handle_waited();
    assert_eq!(machine.handle_response(bare()), READ_ANEW);
    machine.handle_bytes(ByteCount(60));
    assert_eq!(machine.handle_end(), SUCCESS);
}

#[test]
fn a_file_that_had_bytes_does_not_end_empty_unless_its_length_says_so() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    machine.handle_response(head(200, &[("etag", "\"2\"")]));
    for _ in 0..3 {
        assert!(matches!(machine.handle_end(), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), SEND_PLAIN);
        assert_eq!(machine.handle_response(head(200, &[("etag", "\"2\"")])), READ_ANEW);
    }
    machine.handle_end();
    machine.handle_waited();
    machine.handle_response(head(200, &[("content-length", "0")]));
    assert_eq!(machine.handle_end(), SUCCESS);
}

#[test]
fn a_part_of_another_version_begins_anew_without_a_range() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    let other = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"2\"")]);
    assert!(matches!(machine.handle_response(other), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
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
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}

#[test]
fn a_shorter_part_than_asked_for_is_continued_at_once() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    machine.handle_response(head(206, &[("content-range", "bytes 40-49/100"), ("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(), send_from(50, Some("\"1\"")));
}

#[test]
fn a_file_without_validator_begins_anew() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &[("content-length", "100"), ("etag", "W/\"1\"")]));
    machine.handle_bytes(ByteCount(40));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}

#[test]
fn what_was_complete_before_a_restart_needs_no_request() {
    let mut record = broken_at_40().record().clone();
    record.length = ByteCount(100);
    let mut machine = CompleteRecord::new(machine("GET").request, record, RetryPolicy::default());
    assert_eq!(machine.start(), SUCCESS);
}

/// Regression: a coded body of which exactly so many bytes were stored as its code has passed for the whole file.
#[test]
fn as_many_bytes_as_announced_across_origins_are_not_known_to_be_all() {
    let mut record = broken_at_40().record().clone();
    record.length = ByteCount(100);
    record.response = record.response.map(|head| ResponseHead { kind: ResponseType::Cors, ..head });
    let mut machine = CompleteRecord::new(machine("GET").request, record, RetryPolicy::default());
    assert_eq!(machine.start(), SEND_PLAIN);
}

#[test]
fn nothing_after_the_stored_bytes_is_the_end_of_a_file_of_unknown_length() {
    let mut machine = machine("GET");
    machine.start();
    let part = head(206, &[("content-range", "bytes 0-9/*"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(part), READ);
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(), send_from(10, Some("\"1\"")));
    assert_eq!(machine.handle_response(head(416, &[])), SUCCESS);
}

/// A machine that has read 40 bytes to their end, of a body whose length nobody announced.
fn ended_at_40() -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &[("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(40));
    assert_eq!(machine.handle_end(), send_from(40, Some("\"1\"")));
    machine
}

#[test]
fn what_is_behind_an_end_that_nobody_announced_is_fetched() {
    let mut machine = ended_at_40();
    assert_eq!(machine.handle_failure(NetworkFailure::Stalled), Next::Probe);
    let probe = Probe { reachable: true, cross_origin: false, redirects: false };
    assert!(matches!(machine.handle_probe(probe), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
    machine.handle_bytes(ByteCount(60));
    assert_eq!(machine.handle_end(), SUCCESS);
}

#[test]
fn an_end_that_nobody_announced_is_the_end_unless_there_is_more() {
    let etag = ("etag", "\"1\"");
    for answer in [
        head(416, &[("content-range", "bytes */40")]),
        head(416, &[("content-range", "bytes */39")]),
        head(416, &[]),
        head(200, &[etag]),
        head(200, &[("etag", "\"2\""), ("content-length", "100")]),
        head(206, &[("etag", "\"2\""), ("content-range", "bytes 40-99/100")]),
        head(404, &[("content-length", "9")]),
    ] {
        let mut machine = ended_at_40();
        assert_eq!(machine.handle_response(answer.clone()), SUCCESS, "{answer:?}");
        assert_eq!(machine.record().length, ByteCount(40));
    }
}

/// Regression: the whole file was given up for the answer to a question about its end.
#[test]
fn an_end_that_the_server_cannot_confirm_now_is_the_end() {
    let busy = |status| move |machine: &mut CompleteRecord| machine.handle_response(head(status, &[]));
    let asks: [&dyn Fn(&mut CompleteRecord) -> Next; 4] = [
        &busy(429),
        &busy(503),
        &|machine| machine.handle_response(head(503, &[("retry-after", "30")])),
        &|machine| {
            assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
            machine.handle_probe(Probe { reachable: true, cross_origin: false, redirects: true })
        },
    ];
    for (case, ask) in asks.into_iter().enumerate() {
        let mut machine = ended_at_40();
        for _ in 0..2 {
            assert!(matches!(ask(&mut machine), Next::Wait(_) | Next::WaitAsAsked(_)), "{case}");
            assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
        }
        assert_eq!(ask(&mut machine), SUCCESS, "{case}");
        assert_eq!(machine.record().length, ByteCount(40));
    }
    let mut machine = ended_at_40();
    assert_eq!(
        machine.handle_response(head(503, &[("retry-after", "3600")])),
        SUCCESS,
        "nobody waits that long"
    );
}

/// What broke off just when the server went away is probably not whole.
#[test]
fn an_end_is_not_believed_while_the_server_is_gone() {
    let mut machine = ended_at_40();
    for _ in 0..10 {
        assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
        assert!(matches!(machine.handle_probe(Probe::UNREACHABLE), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    }
}

#[test]
fn an_end_is_not_asked_for_where_the_answer_would_say_nothing() {
    let cors = ResponseHead { kind: ResponseType::Cors, ..head(200, &[("last-modified", "yesterday")]) };
    for answer in [head(200, &[]), head(200, &[("etag", "W/\"1\"")]), cors] {
        let mut machine = machine("GET");
        machine.start();
        machine.handle_response(answer.clone());
        machine.handle_bytes(ByteCount(40));
        assert_eq!(machine.handle_end(), SUCCESS, "{answer:?}");
    }
}

#[test]
fn a_range_that_the_shrunken_file_lacks_begins_anew() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert!(matches!(machine.handle_response(head(416, &[("content-range", "bytes */30")])), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}

/// Regression: a file that had shrunk to just the stored bytes of its first version counted as whole.
#[test]
fn an_end_before_the_announced_one_is_that_of_another_file() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert!(matches!(machine.handle_response(head(416, &[("content-range", "bytes */40")])), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}

/// Regression: that a part of the version before had an open end counted for the next one.
#[test]
fn an_open_end_is_that_of_its_version() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(206, &[("content-range", "bytes 0-9/*"), ("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(), send_from(10, Some("\"1\"")));
    assert_eq!(machine.handle_response(head(200, &[("etag", "\"2\"")])), READ_ANEW);
    machine.handle_bytes(ByteCount(5));
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(5, Some("\"2\"")));
    assert!(
        matches!(machine.handle_response(head(416, &[])), Next::Wait(_)),
        "nobody said that this is the end"
    );
}

/// The parts may be those of a coded file, which the browser decodes or refuses after it has shown their headers.
#[test]
fn parts_without_a_byte_are_given_up_where_their_coding_is_hidden() {
    let cors =
        |status, headers: &[(&str, &str)]| ResponseHead { kind: ResponseType::Cors, ..head(status, headers) };
    let date = ("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(200, &[("content-length", "60"), date]));
    machine.handle_bytes(ByteCount(40));
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    for _ in 0..3 {
        assert_eq!(machine.handle_waited(), send_from(40, None));
        assert_eq!(machine.handle_response(cors(206, &[("content-length", "20"), date])), READ);
        assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    }
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}

#[test]
fn a_bad_status_keeps_its_body() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_response(head(404, &[("content-length", "9")])), READ);
    machine.handle_bytes(ByteCount(9));
    assert_eq!(machine.handle_end(), BAD_STATUS);
    assert!(machine.record().is_exposable());
}

#[test]
fn a_server_in_trouble_is_waited_for_once_there_are_bytes() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert_eq!(machine.handle_response(head(503, &[("retry-after", "7")])), Next::WaitAsAsked(Millis(7000)));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    for _ in 2..RetryPolicy::default().attempts_to_resume - 1 {
        assert!(matches!(machine.handle_response(head(503, &[])), Next::Wait(_)));
        machine.handle_waited();
    }
    assert_eq!(machine.handle_response(head(503, &[("content-length", "9")])), READ_ANEW);
}

/// Regression: the bytes of the file up to there passed for a whole response, with its 200.
#[test]
fn the_last_answer_of_a_server_in_trouble_is_its_answer() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    while matches!(machine.handle_response(head(503, &[("content-length", "9")])), Next::Wait(_)) {
        machine.handle_waited();
    }
    assert_eq!(machine.record().result, None);
    assert_eq!((machine.record().length, machine.record().version), (ByteCount::ZERO, 1));
    machine.handle_bytes(ByteCount(9));
    assert_eq!(machine.handle_end(), BAD_STATUS);
    assert_eq!(machine.record().response.as_ref().map(|head| head.status), Some(503));
}

#[test]
fn the_first_answer_of_a_server_in_trouble_is_its_answer() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_response(head(503, &[("content-length", "0")])), READ);
    assert_eq!(machine.handle_end(), BAD_STATUS);
}

#[test]
fn only_a_get_is_sent_again() {
    for method in ["POST", "PUT", "HEAD"] {
        for failure in [NetworkFailure::Failed, NetworkFailure::Offline, NetworkFailure::Stalled] {
            let mut machine = machine(method);
            machine.start();
            assert_eq!(machine.handle_failure(failure), FETCH_ERROR);
        }
    }
}

#[test]
fn an_upload_that_a_crash_interrupted_is_not_sent_again() {
    let mut machine = machine("POST");
    assert_eq!(machine.start(), SEND_PLAIN);
    let (request, record) = (machine.request.clone(), machine.record().clone());
    assert_eq!(CompleteRecord::new(request, record, RetryPolicy::default()).start(), FETCH_ERROR);
}

#[test]
fn what_the_browser_forbids_is_not_tried_again() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_failure(NetworkFailure::Refused), FETCH_ERROR);
}

/// How often a request is sent that always fails, while probes find this out.
fn attempts_until_fetch_error(probe: Probe) -> u32 {
    let mut machine = machine("GET");
    let mut next = machine.start();
    for attempts in 1..1000 {
        assert_eq!(next, SEND_PLAIN);
        assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
        if machine.handle_probe(probe) == FETCH_ERROR {
            return attempts;
        }
        next = machine.handle_waited();
    }
    panic!("it never gives up");
}

#[test]
fn a_request_that_fails_while_the_server_answers_others_is_forbidden() {
    let policy = RetryPolicy::default();
    let probe = Probe { reachable: true, cross_origin: true, redirects: false };
    assert_eq!(attempts_until_fetch_error(probe), policy.attempts_against_policy);
    let probe = Probe { reachable: true, cross_origin: false, redirects: true };
    assert_eq!(attempts_until_fetch_error(probe), policy.attempts_against_policy);
}

#[test]
fn an_unreachable_or_unreliable_server_is_tried_for_longer() {
    let policy = RetryPolicy::default();
    assert_eq!(attempts_until_fetch_error(Probe::UNREACHABLE), policy.attempts_to_connect);
    let probe = Probe { reachable: true, cross_origin: false, redirects: false };
    assert_eq!(attempts_until_fetch_error(probe), policy.attempts_to_connect);
}

#[test]
fn a_range_that_is_forbidden_is_given_up_for_the_whole_file() {
    let probe = Probe { reachable: true, cross_origin: true, redirects: false };
    let mut machine = broken_at_40();
    for _ in 0..RetryPolicy::default().attempts_against_policy {
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
        machine.handle_failure(NetworkFailure::Failed);
        assert!(matches!(machine.handle_probe(probe), Next::Wait(_)));
    }
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
    assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
}

#[test]
fn no_network_is_waited_for_without_counting() {
    let mut machine = machine("GET");
    machine.start();
    for _ in 0..1000 {
        assert_eq!(machine.handle_failure(NetworkFailure::Offline), Next::WaitUntilOnline);
        assert_eq!(machine.handle_waited(), SEND_PLAIN);
    }
}

#[test]
fn a_server_that_breaks_at_the_same_byte_for_ever_is_given_up() {
    let mut machine = machine("GET");
    let mut next = machine.start();
    for _ in 0..100 {
        match next {
            Next::Send(_) => next = machine.handle_response(head(200, &[("content-length", "100")])),
            Next::Read { .. } => {
                machine.handle_bytes(ByteCount(40));
                next = machine.handle_failure(NetworkFailure::Failed);
            }
            Next::Wait(_) => next = machine.handle_waited(),
            other => return assert_eq!(other, FETCH_ERROR),
        }
    }
    panic!("it never gives up");
}

#[test]
fn a_coded_body_across_origins_may_be_longer_or_shorter_than_announced() {
    let hidden = || ResponseHead { kind: ResponseType::Cors, ..whole_file() };
    let mut longer = machine("GET");
    longer.start();
    longer.handle_response(hidden());
    assert_eq!(longer.handle_bytes(ByteCount(300)), None);
    assert_eq!(longer.handle_end(), SUCCESS);

    let mut shorter = machine("GET");
    shorter.start();
    shorter.handle_response(hidden());
    shorter.handle_bytes(ByteCount(60));
    assert!(matches!(shorter.handle_end(), Next::Wait(_)));
    assert_eq!(shorter.handle_waited(), SEND_PLAIN);
    assert_eq!(shorter.handle_response(hidden()), READ_ANEW);
    shorter.handle_bytes(ByteCount(60));
    assert_eq!(shorter.handle_end(), SUCCESS);
}

/// Regression: headers that a cut had ended passed for an empty file, in Firefox and Chromium.
#[test]
fn nothing_without_a_length_is_believed_the_fourth_time() {
    let mut empty = machine("GET");
    empty.start();
    empty.handle_response(head(200, &[]));
    assert_eq!(empty.handle_end(), SEND_PLAIN);
    for _ in 0..2 {
        empty.handle_response(head(200, &[]));
        assert!(matches!(empty.handle_end(), Next::Wait(_)));
        assert_eq!(empty.handle_waited(), SEND_PLAIN);
    }
    empty.handle_response(head(200, &[]));
    assert_eq!(empty.handle_end(), SUCCESS);
}

#[test]
fn nothing_is_believed_at_once_where_that_is_announced_or_cannot_be_asked_again() {
    for (method, status, headers, result) in [
        ("GET", 200, &[("content-length", "0")][..], SUCCESS),
        ("GET", 200, &[("transfer-encoding", "chunked")], SUCCESS),
        ("GET", 204, &[], SUCCESS),
        ("GET", 404, &[], BAD_STATUS),
        ("POST", 200, &[], SUCCESS),
        ("HEAD", 200, &[], SUCCESS),
    ] {
        let mut machine = machine(method);
        machine.start();
        machine.handle_response(head(status, headers));
        assert_eq!(machine.handle_end(), result, "{method} {status}");
    }
}

#[test]
fn across_origins_no_header_is_sent_that_needs_permission() {
    let mut machine = machine("GET");
    machine.start();
    let date = ("last-modified", "Sat, 01 Jan 2028 00:00:00 GMT");
    machine.handle_response(ResponseHead {
        kind: ResponseType::Cors,
        ..head(200, &[("content-length", "100"), date])
    });
    machine.handle_bytes(ByteCount(40));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), send_from(40, None));
}

#[test]
fn an_answer_without_body_ends_at_once() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 205)] {
        let mut machine = machine(method);
        machine.start();
        machine.handle_response(head(status, &[("content-length", "100")]));
        assert_eq!(machine.handle_end(), SUCCESS, "{method} {status}");
    }
}

#[test]
fn a_range_of_the_callers_own_is_left_alone() {
    let mut machine = machine("GET");
    machine.request.headers.append("Range", "bytes=10-19");
    machine.start();
    let part =
        head(206, &[("content-range", "bytes 10-19/100"), ("content-length", "10"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(part), READ);
    machine.handle_bytes(ByteCount(5));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), SEND_PLAIN);
}
