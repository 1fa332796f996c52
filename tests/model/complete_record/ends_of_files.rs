//! Where a file ends, and what only looks like its end.

use super::*;

#[test]
fn a_clean_end_before_the_announced_length_is_a_dropped_connection() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(whole_file());
    machine.handle_bytes(ByteCount(40));
    assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
}

#[test]
fn a_file_that_had_bytes_does_not_end_empty_unless_its_length_says_so() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    machine.handle_response(head(200, &[("etag", "\"2\"")]));
    for _ in 0..3 {
        assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
        assert_eq!(machine.handle_response(head(200, &[("etag", "\"2\"")])), READ_ANEW);
    }
    machine.handle_end(BodyEnd::Unconfirmed);
    machine.handle_waited();
    machine.handle_response(head(200, &[("content-length", "0")]));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// Regression: an encoded body of which exactly so many bytes were stored as its encoded representation has passed for
/// the whole file.
#[test]
fn as_many_bytes_as_announced_across_origins_are_not_known_to_be_all() {
    let mut record = broken_at_40().record().clone();
    record.length = ByteCount(100);
    record.response = record.response.map(|head| ResponseHead { kind: ResponseType::Cors, ..head });
    let mut machine = CompleteRecord::new(request("GET"), record, RetryPolicy::default());
    assert_eq!(machine.start(), Next::Recall(ByteCount(64)));
    assert_eq!(machine.handle_recalled(ByteCount(64)), send_from(36, None));
    let whole = || ResponseHead { kind: ResponseType::Cors, ..whole_file() };
    assert_eq!(machine.handle_response(whole()), READ_ANEW);
}

#[test]
fn nothing_after_the_stored_bytes_is_the_end_of_a_file_of_unknown_length() {
    let mut machine = machine("GET");
    machine.start();
    let part = head(206, &[("content-range", "bytes 0-9/*"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(part), READ);
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), send_from(10, Some("\"1\"")));
    assert_eq!(machine.handle_response(head(416, &[])), SUCCESS);
}

/// A machine that has read 40 bytes to their end, of a body whose length nobody announced.
fn ended_at_40() -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(200, &[("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(40));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), send_from(40, Some("\"1\"")));
    machine
}

#[test]
fn what_follows_an_end_that_nobody_announced_is_fetched() {
    let mut machine = ended_at_40();
    assert_eq!(machine.handle_failure(NetworkFailure::Stalled), Next::Probe);
    let probe = Probe { reachable: true, cross_origin: false, redirects: false };
    assert!(matches!(machine.handle_probe(probe), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"1\"")]);
    assert_eq!(machine.handle_response(rest), READ);
    machine.handle_bytes(ByteCount(60));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
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
    let probed = |redirects| {
        move |machine: &mut CompleteRecord| {
            assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
            machine.handle_probe(Probe { reachable: true, cross_origin: false, redirects })
        }
    };
    type Ask<'a> = &'a dyn Fn(&mut CompleteRecord) -> Next;
    let asks: [(u32, Ask); 5] = [
        (3, &busy(429)),
        (3, &busy(503)),
        (3, &|machine| machine.handle_response(head(503, &[("retry-after", "3000")]))),
        (3, &probed(false)),
        (3, &probed(true)),
    ];
    for (case, (times, ask)) in asks.into_iter().enumerate() {
        let mut machine = ended_at_40();
        for _ in 1..times {
            assert!(matches!(ask(&mut machine), Next::Wait(_) | Next::WaitAsAsked(_)), "{case}");
            assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
        }
        assert_eq!(ask(&mut machine), SUCCESS, "{case}");
        assert_eq!(machine.record().length, ByteCount(40));
    }
    let mut machine = ended_at_40();
    let asked = machine.handle_response(head(503, &[("retry-after", "3000")]));
    assert_eq!(
        asked,
        Next::WaitAsAsked(RetryPolicy::default().longest_delay),
        "no hour for a file that looks complete"
    );
}

#[test]
fn an_end_that_the_protocol_signals_is_the_end() {
    for headers in [&[("etag", "\"1\"")][..], &[("etag", "\"1\""), ("content-encoding", "gzip")]] {
        let mut machine = machine("GET");
        machine.start();
        machine.handle_response(head(200, headers));
        machine.handle_bytes(ByteCount(40));
        assert_eq!(machine.handle_end(BodyEnd::Complete), SUCCESS, "{headers:?}");
    }
    let mut shorter = machine("GET");
    shorter.start();
    shorter.handle_response(whole_file());
    shorter.handle_bytes(ByteCount(40));
    assert!(matches!(shorter.handle_end(BodyEnd::Complete), Next::Wait(_)), "60 bytes are missing");
}

/// A body that ended just when the server went away is probably not whole.
#[test]
fn an_end_is_not_believed_while_the_server_is_gone() {
    let mut machine = ended_at_40();
    for _ in 0..1000 {
        assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
        assert!(matches!(machine.handle_probe(Probe::UNREACHABLE), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    }
    assert_eq!(ended_at_40().handle_failure(NetworkFailure::Refused), SUCCESS);
}

#[test]
fn that_an_end_is_asked_about_is_remembered() {
    let record = ended_at_40().record().clone();
    let mut machine = CompleteRecord::new(request("GET"), record, RetryPolicy::default());
    assert_eq!(machine.start(), send_from(40, Some("\"1\"")));
    assert_eq!(machine.handle_response(head(416, &[])), SUCCESS);
}

#[test]
fn an_end_is_not_asked_for_where_the_answer_would_say_nothing() {
    let encoded = ("content-encoding", "gzip");
    for headers in [&[][..], &[encoded], &[encoded, ("etag", "\"1\""), ("content-length", "30")]] {
        let mut machine = machine("GET");
        machine.start();
        machine.handle_response(head(200, headers));
        machine.handle_bytes(ByteCount(40));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS, "{headers:?}");
    }
}

#[test]
fn a_range_that_the_shrunken_file_lacks_begins_anew() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert!(matches!(machine.handle_response(head(416, &[("content-range", "bytes */30")])), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Regression: a file that had shrunk to just the stored bytes of its first version counted as whole.
#[test]
fn an_end_before_the_announced_one_is_that_of_another_file() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    assert!(matches!(machine.handle_response(head(416, &[("content-range", "bytes */40")])), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Regression: that a part of the version before had an open end counted for the next one.
#[test]
fn an_open_end_is_that_of_its_version() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(head(206, &[("content-range", "bytes 0-9/*"), ("etag", "\"1\"")]));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), send_from(10, Some("\"1\"")));
    assert_eq!(machine.handle_response(head(200, &[("etag", "\"2\"")])), READ_ANEW);
    machine.handle_bytes(ByteCount(5));
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), send_from(5, Some("\"2\"")));
    assert!(
        matches!(machine.handle_response(head(416, &[])), Next::Wait(_)),
        "nobody said that this is the end"
    );
}

#[test]
fn an_encoded_body_across_origins_may_be_longer_or_shorter_than_announced() {
    let hidden = || ResponseHead { kind: ResponseType::Cors, ..whole_file() };
    let mut longer = machine("GET");
    longer.start();
    longer.handle_response(hidden());
    assert_eq!(longer.handle_bytes(ByteCount(300)), None);
    assert_eq!(longer.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)), "it may be truncated");
    longer.handle_recalled(ByteCount(64));
    assert_eq!(longer.handle_response(hidden()), SUCCESS);

    let mut shorter = machine("GET");
    shorter.start();
    shorter.handle_response(hidden());
    shorter.handle_bytes(ByteCount(60));
    assert!(matches!(shorter.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
    assert_eq!(shorter.handle_waited(), SEND_AFRESH);
    assert_eq!(shorter.handle_response(hidden()), READ_ANEW);
    shorter.handle_bytes(ByteCount(60));
    assert_eq!(shorter.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// Regression: truncated headers passed for an empty file, in Firefox and Chromium.
#[test]
fn nothing_without_a_length_is_believed_the_fourth_time() {
    let mut empty = machine("GET");
    empty.start();
    empty.handle_response(head(200, &[]));
    assert_eq!(empty.handle_end(BodyEnd::Unconfirmed), SEND_AFRESH);
    for _ in 0..2 {
        empty.handle_response(head(200, &[]));
        assert!(matches!(empty.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
        assert_eq!(empty.handle_waited(), SEND_AFRESH);
    }
    empty.handle_response(head(200, &[]));
    assert_eq!(empty.handle_end(BodyEnd::Unconfirmed), SUCCESS);
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
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), result, "{method} {status}");
    }
}

#[test]
fn an_answer_without_body_ends_at_once() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 205)] {
        let mut machine = machine(method);
        machine.start();
        machine.handle_response(head(status, &[("content-length", "100")]));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS, "{method} {status}");
    }
}
