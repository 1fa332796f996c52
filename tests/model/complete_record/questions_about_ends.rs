//! Bodies that cannot be continued, and whose ends are asked about.

use super::*;

const ENCODED: [(&str, &str); 2] = [("etag", "\"1-gzip\""), ("content-encoding", "gzip")];

/// A machine that has read 80 bytes to their end, of an encoded body whose length nobody announced, and asks for the
/// last ten of them.
fn encoded_ended_at_80() -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &ENCODED));
    machine.handle_bytes(ByteCount(80));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
    assert_eq!(
        machine.handle_recalled(ByteCount(10)),
        send_from(70, None),
        "the file has another ETag than its encoded representation"
    );
    machine
}

fn part(range: &str) -> ResponseHead {
    head(206, &[("etag", "\"1\""), ("content-range", range)])
}

/// WebKit (2.50) takes an encoded body whose connection broke for whole.
#[test]
fn an_encoded_body_that_is_shorter_than_the_file_is_fetched_again() {
    for range in ["bytes 70-99/100", "bytes 70-99/*", "bytes 70-89/*"] {
        let mut machine = encoded_ended_at_80();
        assert_eq!(machine.handle_response(part(range)), READ);
        machine.handle_repeated(ByteCount(10));
        assert!(matches!(machine.handle_bytes(ByteCount(5)), Some(Next::Wait(_))), "{range}");
        assert_eq!(machine.record().length, ByteCount(80), "nothing is put together");
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
        assert_eq!(machine.handle_response(head(200, &ENCODED)), READ_ANEW);
        machine.handle_bytes(ByteCount(100));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
        machine.handle_recalled(ByteCount(64));
        assert_eq!(machine.handle_response(part("bytes 36-99/100")), SUCCESS);
    }
}

#[test]
fn the_whole_file_in_answer_to_the_question_is_taken_if_it_is_longer() {
    let whole = |length| head(200, &[("etag", "\"1\""), ("content-length", length)]);
    let mut machine = encoded_ended_at_80();
    assert_eq!(machine.handle_response(whole("100")), READ_ANEW);
    machine.handle_bytes(ByteCount(100));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    assert_eq!(encoded_ended_at_80().handle_response(whole("80")), SUCCESS);
    assert_eq!(encoded_ended_at_80().handle_response(whole("9")), SUCCESS);
}

#[test]
fn an_encoded_body_is_whole_unless_the_file_goes_on_after_its_last_bytes() {
    for answer in [
        part("bytes 70-79/80"),
        part("bytes 70-75/76"),
        part("bytes 70-79/*"),
        part("bytes 60-99/100"),
        head(206, &[("etag", "\"1\"")]),
        head(206, &[("content-range", "bytes 70-99/100"), ("content-encoding", "gzip")]),
        head(416, &[("content-range", "bytes */60")]),
        head(200, &ENCODED),
        head(200, &[("etag", "\"1\"")]),
        head(404, &[("content-length", "900")]),
    ] {
        let mut machine = encoded_ended_at_80();
        assert_eq!(machine.handle_response(answer.clone()), SUCCESS, "{answer:?}");
        assert_eq!(machine.record().length, ByteCount(80));
    }
}

#[test]
fn a_question_about_an_encoded_body_is_asked_again() {
    let mut machine = encoded_ended_at_80();
    assert_eq!(machine.handle_failure(NetworkFailure::Stalled), Next::Probe);
    assert!(matches!(machine.handle_probe(Probe { reachable: true, ..Probe::UNREACHABLE }), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), Next::Recall(ByteCount(64)));
    let mut successor = successor_of(&machine);
    assert_eq!(successor.start(), Next::Recall(ByteCount(64)));
    assert_eq!(successor.handle_recalled(ByteCount(10)), send_from(70, None));
    assert_eq!(successor.handle_response(part("bytes 70-79/80")), SUCCESS);
}

/// A machine that asks for the whole again, since the file has other bytes where its encoded body ended.
fn encoded_and_different_at_80() -> CompleteRecord {
    let mut machine = encoded_ended_at_80();
    assert_eq!(machine.handle_response(part("bytes 70-99/100")), READ);
    assert!(matches!(machine.handle_mismatch(), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    machine
}

#[test]
fn an_encoded_body_that_differs_from_the_file_is_fetched_once_more() {
    let mut machine = encoded_and_different_at_80();
    assert_eq!(machine.handle_response(head(200, &ENCODED)), READ_ANEW);
    machine.handle_bytes(ByteCount(90));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
    assert_eq!(machine.handle_recalled(ByteCount(64)), send_from(26, None));
    assert_eq!(machine.handle_response(part("bytes 26-99/100")), READ);
    assert_eq!(machine.handle_mismatch(), SUCCESS, "it always does");
}

/// Regression: a file to which lines are added all the time was fetched for ever.
#[test]
fn a_file_that_grows_while_it_is_fetched_is_not_a_body_that_was_truncated() {
    let mut machine = encoded_ended_at_80();
    assert_eq!(machine.handle_response(part("bytes 70-99/100")), READ);
    machine.handle_repeated(ByteCount(10));
    machine.handle_bytes(ByteCount(1));
    for (length, range) in [(110, "bytes 46-119/120"), (120, "bytes 56-129/130")] {
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
        assert_eq!(machine.handle_response(head(200, &ENCODED)), READ_ANEW);
        machine.handle_bytes(ByteCount(length));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
        machine.handle_recalled(ByteCount(64));
        let next = machine.handle_response(part(range));
        if length == 120 {
            assert_eq!(next, SUCCESS);
        } else {
            assert!(matches!(next, Next::Wait(_)));
        }
    }
}

#[test]
fn a_changed_file_that_is_truncated_is_fetched_again() {
    let mut machine = encoded_and_different_at_80();
    machine.handle_response(head(200, &ENCODED));
    machine.handle_bytes(ByteCount(90));
    machine.handle_end(BodyEnd::Unconfirmed);
    machine.handle_recalled(ByteCount(64));
    assert_eq!(machine.handle_response(part("bytes 26-99/100")), READ);
    machine.handle_repeated(ByteCount(64));
    assert!(matches!(machine.handle_bytes(ByteCount(10)), Some(Next::Wait(_))));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Regression: the login page that an expired session is sent to replaced the file.
#[test]
fn another_page_in_answer_to_the_question_is_no_file() {
    let date = ("last-modified", "monday");
    let html = ("content-type", "text/html");
    for headers in [&[html][..], &[html, ("etag", "\"2\""), date], &[("last-modified", "tuesday")], &[]] {
        let answer = head(200, &[&[("content-length", "900")], headers].concat());
        let mut machine = machine("GET");
        machine.start();
        machine.handle_response(head(200, &[ENCODED[0], ENCODED[1], date]));
        machine.handle_bytes(ByteCount(80));
        machine.handle_end(BodyEnd::Unconfirmed);
        machine.handle_recalled(ByteCount(64));
        let next = machine.handle_response(answer);
        assert_eq!(next, SUCCESS, "{headers:?}");
    }
}

/// Regression: the times that the server could not be asked counted as failures of the file.
#[test]
fn a_server_that_was_away_for_long_can_still_tell_that_the_body_was_truncated() {
    let mut machine = encoded_ended_at_80();
    for _ in 1..RetryPolicy::default().attempts_to_resume {
        assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
        assert!(matches!(machine.handle_probe(Probe::UNREACHABLE), Next::Wait(_)));
        machine.handle_waited();
        machine.handle_recalled(ByteCount(10));
    }
    machine.handle_response(part("bytes 70-99/100"));
    machine.handle_repeated(ByteCount(10));
    assert!(matches!(machine.handle_bytes(ByteCount(1)), Some(Next::Wait(_))));
}

/// Firefox tells how much of an encoded body came, but not across origins.
#[test]
fn an_encoded_body_with_a_length_is_asked_about_across_origins() {
    let mut machine = machine("GET");
    machine.start();
    let headers = [ENCODED[0], ENCODED[1], ("content-length", "100")];
    machine.handle_response(ResponseHead { kind: ResponseType::Cors, ..head(200, &headers) });
    machine.handle_bytes(ByteCount(80));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
}

#[test]
fn a_body_that_is_truncated_further_on_each_time_is_given_up() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &ENCODED));
    machine.handle_bytes(ByteCount(80));
    for times in 1.. {
        let length = machine.record().length;
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
        machine.handle_recalled(ByteCount(64));
        let first = length.saturating_sub(ByteCount(64)).0;
        machine.handle_response(part(&format!("bytes {first}-9999/10000")));
        machine.handle_repeated(ByteCount(64));
        let next = machine.handle_bytes(ByteCount(1));
        if times > RetryPolicy::default().restarts {
            assert_eq!(next, Some(FETCH_ERROR));
            return;
        }
        assert!(matches!(next, Some(Next::Wait(_))));
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
        machine.handle_response(head(200, &ENCODED));
        machine.handle_bytes(length + ByteCount(10));
    }
}

#[test]
fn an_encoded_body_is_only_given_up_for_another_that_begins() {
    assert_eq!(encoded_and_different_at_80().handle_response(head(404, &[])), SUCCESS);
    assert_eq!(encoded_and_different_at_80().handle_failure(NetworkFailure::Refused), SUCCESS);
    let mut machine = encoded_and_different_at_80();
    for _ in 1..3 {
        assert!(matches!(machine.handle_response(head(503, &[])), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
    }
    assert_eq!(machine.handle_response(head(503, &[])), SUCCESS);
    assert_eq!(machine.record().length, ByteCount(80));
}

#[test]
fn a_part_that_is_too_short_to_be_compared_answers_nothing() {
    let mut machine = encoded_ended_at_80();
    for _ in 1..3 {
        assert_eq!(machine.handle_response(part("bytes 70-75/100")), READ);
        machine.handle_repeated(ByteCount(6));
        assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
        machine.handle_waited();
        machine.handle_recalled(ByteCount(10));
    }
    machine.handle_response(part("bytes 70-75/100"));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// The bytes that tell that there is more came, and what comes after them does not.
#[test]
fn an_encoded_body_is_not_whole_once_it_is_known_to_go_on() {
    let mut machine = encoded_ended_at_80();
    machine.handle_response(part("bytes 70-99/100"));
    machine.handle_repeated(ByteCount(10));
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    assert_eq!(machine.record().total, None, "that of the encoded representation is unknown");
}

#[test]
fn a_body_with_a_weak_etag_is_asked_about_like_an_encoded_one() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &[("etag", "W/\"1\"")]));
    machine.handle_bytes(ByteCount(80));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
    assert_eq!(machine.handle_recalled(ByteCount(64)), send_from(16, None));
    assert_eq!(machine.handle_response(part("bytes 16-79/80")), SUCCESS);
}

#[test]
fn the_next_question_has_as_many_chances_as_the_first() {
    let mut machine = encoded_ended_at_80();
    let wait_twice = |machine: &mut CompleteRecord| {
        for _ in 0..2 {
            assert!(matches!(machine.handle_response(head(503, &[])), Next::Wait(_)));
            machine.handle_waited();
            machine.handle_recalled(ByteCount(64));
        }
    };
    wait_twice(&mut machine);
    machine.handle_response(part("bytes 16-99/100"));
    machine.handle_mismatch();
    machine.handle_waited();
    machine.handle_response(head(200, &ENCODED));
    machine.handle_bytes(ByteCount(90));
    machine.handle_end(BodyEnd::Unconfirmed);
    machine.handle_recalled(ByteCount(64));
    wait_twice(&mut machine);
    assert_eq!(machine.handle_response(head(503, &[])), SUCCESS);
}
