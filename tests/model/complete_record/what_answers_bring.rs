//! What an answer brings of the file, whatever its status says.

use super::*;

const ETAG: (&str, &str) = ("etag", "\"1\"");

fn resumed_at_40() -> CompleteRecord {
    let mut machine = broken_at_40();
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    machine
}

/// Regression: the second half of a file was taken for all of it.
#[test]
fn a_range_that_is_called_the_whole_file_is_a_range() {
    let mut machine = resumed_at_40();
    let rest = head(200, &[("content-range", "bytes 40-99/100"), ("content-length", "60"), ETAG]);
    assert_eq!(machine.handle_response(rest), READ);
    machine.handle_bytes(ByteCount(60));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    assert_eq!(machine.record().length, ByteCount(100));
}

#[test]
fn a_whole_file_that_contradicts_itself_is_asked_for_without_a_range() {
    for contradiction in [
        &[("content-range", "bytes 40-99/100"), ("content-length", "100"), ETAG][..],
        &[("content-range", "bytes=40-99/100"), ("content-length", "60"), ETAG],
        &[("content-range", "bytes 40-99/100"), ("etag", "\"2\"")],
        &[("content-length", "60"), ETAG],
    ] {
        let mut machine = resumed_at_40();
        assert!(
            matches!(machine.handle_response(head(200, contradiction)), Next::Wait(_)),
            "{contradiction:?}"
        );
        assert_eq!(machine.record().length, ByteCount(40));
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
        assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
    }
}

#[test]
fn a_whole_file_may_say_that_it_is_the_whole() {
    let whole = || head(200, &[("content-range", "bytes 0-99/100"), ("content-length", "100"), ETAG]);
    assert_eq!(resumed_at_40().handle_response(whole()), READ_ANEW);
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(whole());
    machine.handle_bytes(ByteCount(100));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn a_first_part_that_is_called_the_whole_file_is_continued() {
    let mut machine = machine("GET");
    machine.start();
    machine
        .handle_response(head(200, &[("content-range", "bytes 0-39/100"), ("content-length", "40"), ETAG]));
    machine.handle_bytes(ByteCount(40));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), send_from(40, Some("\"1\"")));
}

#[test]
fn a_whole_file_that_came_as_a_part_is_shown_as_the_whole() {
    for (range, length) in [("bytes 0-99/100", 100), ("bytes 0--1/0", 0), ("bytes */0", 0)] {
        let mut machine = machine("GET");
        machine.start();
        let part =
            ResponseHead { status_text: "Partial Content".into(), ..head(206, &[("content-range", range)]) };
        assert_eq!(machine.handle_response(part), READ);
        machine.handle_bytes(ByteCount(length));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS, "{range}");
        let shown = machine.record().response.as_ref().map(|head| (head.status, head.status_text.as_str()));
        assert_eq!(shown, Some((200, "OK")));
    }
}

/// Regression: 412 to `If-Range` was the answer, and what was stored was gone.
#[test]
fn a_request_that_is_refused_is_asked_without_if_range_and_then_without_range() {
    for status in [304, 400, 403, 404, 412, 501] {
        let mut machine = resumed_at_40();
        assert_eq!(machine.handle_response(head(status, &[])), send_from(40, None), "{status}");
        assert_eq!(machine.handle_response(head(status, &[])), SEND_AFRESH);
        assert_eq!(machine.record().length, ByteCount(40));
        assert_eq!(machine.handle_response(head(status, &[])), READ_ANEW, "it is the answer");
    }
}

#[test]
fn a_server_that_refuses_if_range_is_not_asked_with_it_again() {
    let mut machine = resumed_at_40();
    machine.handle_response(head(412, &[]));
    assert_eq!(machine.handle_response(head(206, &[("content-range", "bytes 40-99/100"), ETAG])), READ);
    machine.handle_bytes(ByteCount(10));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), send_from(50, None));
}

fn film() -> ResponseHead {
    let headers = &[("content-length", "100"), ("content-type", "video/mp4"), ETAG];
    ResponseHead { url: "https://a.example/film".into(), ..head(200, headers) }
}

fn film_at_40() -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(film());
    machine.handle_bytes(ByteCount(40));
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_waited();
    machine
}

/// Regression: a login page took the place of a film.
#[test]
fn another_kind_of_document_from_elsewhere_is_never_the_file() {
    let login = ResponseHead {
        url: "https://a.example/login".into(),
        redirected: true,
        ..head(200, &[("content-type", "text/html; charset=utf-8"), ("content-length", "20")])
    };
    let mut machine = film_at_40();
    for _ in 0..10 {
        assert!(matches!(machine.handle_response(login.clone()), Next::Wait(_)));
        assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    }
    let mut logged_in = film_at_40();
    logged_in.handle_response(login.clone());
    logged_in.handle_waited();
    let rest = head(206, &[("content-range", "bytes 40-99/100"), ETAG]);
    assert_eq!(logged_in.handle_response(rest), READ);
    while let Next::Wait(_) = machine.handle_response(login.clone()) {
        machine.handle_waited();
    }
    assert_eq!(machine.start(), FETCH_ERROR);
}

#[test]
fn another_kind_of_document_at_the_same_address_is_believed_the_third_time() {
    let mut machine = film_at_40();
    let page = || head(200, &[("content-type", "text/html"), ("content-length", "20")]);
    for _ in 0..2 {
        assert!(matches!(machine.handle_response(page()), Next::Wait(_)));
        machine.handle_waited();
    }
    assert_eq!(machine.handle_response(page()), READ_ANEW);
}

#[test]
fn what_is_stored_is_kept_until_a_new_body_is_complete_or_too_long() {
    let newer = || head(200, &[("content-length", "50"), ("etag", "\"2\"")]);
    let mut machine = resumed_at_40();
    assert!(!machine.keeps_stored());
    machine.handle_response(newer());
    machine.handle_bytes(ByteCount(10));
    assert!(machine.keeps_stored());
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_return();
    assert!(!machine.keeps_stored());
    assert_eq!(machine.record().length, ByteCount(40));
    assert_eq!(machine.handle_waited(), send_from(40, Some("\"1\"")));
    machine.handle_response(newer());
    machine.handle_bytes(ByteCount(10));
    machine.handle_replacement();
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_return();
    assert_eq!(machine.handle_waited(), send_from(10, Some("\"2\"")));
}

/// Regression: the parts of a new version were asked for, and put behind the bytes of the old one.
#[test]
fn a_new_version_that_comes_in_parts_takes_the_place_of_what_is_stored() {
    let mut machine = resumed_at_40();
    machine.handle_response(head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"2\"")]));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    let part = head(206, &[("content-range", "bytes 0-9/100"), ("etag", "\"2\"")]);
    assert_eq!(machine.handle_response(part), READ_ANEW);
    machine.handle_bytes(ByteCount(10));
    let next = machine.handle_end(BodyEnd::Unconfirmed);
    assert_eq!(next, send_from(10, Some("\"2\"")));
    assert!(!next.is_another_try(), "the new bytes are stored");
}

#[test]
fn bytes_that_were_distrusted_still_are_when_a_new_body_came_to_nothing() {
    let mut machine = resumed_at_40();
    machine.handle_response(head(206, &[("content-range", "bytes 40-99/100"), ("etag", "\"2\"")]));
    machine.handle_waited();
    machine.handle_response(head(200, &[("content-length", "100"), ("etag", "\"2\"")]));
    assert!(machine.handle_failure(NetworkFailure::Failed).is_another_try());
    machine.handle_return();
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Regression: a whole file in gzip with the length of the file itself was fetched seven times, and failed.
#[test]
fn an_encoded_body_is_whole_with_the_length_of_the_file_or_twice_the_same_end() {
    let encoded = |length| head(200, &[("content-length", length), ("content-encoding", "gzip")]);
    let mut plain_length = machine("GET");
    plain_length.start();
    plain_length.handle_response(encoded("100"));
    plain_length.handle_bytes(ByteCount(100));
    assert_eq!(plain_length.handle_failure(NetworkFailure::Truncated), SUCCESS);

    let mut wrong_length = machine("GET");
    wrong_length.start();
    wrong_length.handle_response(encoded("90"));
    wrong_length.handle_bytes(ByteCount(100));
    assert!(matches!(wrong_length.handle_failure(NetworkFailure::Truncated), Next::Wait(_)));
    wrong_length.handle_waited();
    wrong_length.handle_response(encoded("90"));
    wrong_length.handle_bytes(ByteCount(100));
    assert_eq!(wrong_length.handle_failure(NetworkFailure::Truncated), SUCCESS);
}

#[test]
fn a_server_that_knows_is_asked_about_an_encoded_body_that_ends_twice_at_the_same_byte() {
    let encoded =
        || head(200, &[("content-length", "90"), ("content-encoding", "gzip"), ("last-modified", "today")]);
    let mut machine = machine("GET");
    machine.start();
    for _ in 0..2 {
        machine.handle_response(encoded());
        machine.handle_bytes(ByteCount(80));
        machine.handle_failure(NetworkFailure::Truncated);
        machine.handle_replacement();
        machine.handle_waited();
    }
    assert!(machine.record().seems_whole);
}

#[test]
fn what_only_the_cache_may_give_is_asked_of_no_server() {
    let mut machine = machine_for(StoredRequest { cache: CacheMode::OnlyIfCached, ..request("GET") });
    machine.start();
    assert_eq!(machine.handle_failure(NetworkFailure::Failed), FETCH_ERROR);
}

#[test]
fn the_cache_is_passed_once_there_was_an_answer_unless_the_caller_wants_it() {
    for (cache, bypasses_cache) in [(CacheMode::Default, true), (CacheMode::ForceCache, false)] {
        let mut machine = machine_for(StoredRequest { cache, ..request("GET") });
        assert_eq!(machine.start(), SEND_PLAIN);
        machine.handle_failure(NetworkFailure::Failed);
        machine.handle_probe(Probe::UNREACHABLE);
        assert_eq!(machine.handle_waited(), SEND_PLAIN);
        machine.handle_response(whole_file());
        machine.handle_bytes(ByteCount(40));
        machine.handle_failure(NetworkFailure::Failed);
        let Next::Send(attempt) = machine.handle_waited() else { panic!("nothing is sent") };
        assert_eq!(attempt.bypasses_cache, bypasses_cache);
    }
}

/// A machine whose stored 80 bytes are back, after a body in their place that ended early.
fn returned_to_80() -> CompleteRecord {
    let cors = |headers: &[(&str, &str)]| ResponseHead { kind: ResponseType::Cors, ..head(200, headers) };
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(&[("last-modified", "today")]));
    machine.handle_bytes(ByteCount(80));
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_waited();
    machine.handle_recalled(ByteCount(64));
    assert_eq!(
        machine.handle_response(cors(&[("last-modified", "tomorrow"), ("content-length", "100")])),
        READ_ANEW
    );
    machine.handle_bytes(ByteCount(90));
    assert!(machine.handle_end(BodyEnd::Unconfirmed).is_another_try());
    machine.handle_return();
    machine
}

/// Whether its announced length is that of an encoded representation, only another such end tells.
#[test]
fn the_whole_is_asked_for_again_after_an_early_end_across_origins() {
    let mut machine = returned_to_80();
    assert_eq!(machine.record().length, ByteCount(80));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    assert_eq!(machine.handle_response(head(404, &[("content-length", "9")])), READ_ANEW);
}

#[test]
fn what_is_kept_of_a_body_that_came_to_nothing_is_how_far_it_got() {
    let machine = returned_to_80();
    assert_eq!((machine.record().longest, machine.record().restarts), (ByteCount(90), 0));
    let mut machine = resumed_at_40();
    for restarts in 1..=RetryPolicy::default().restarts {
        assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
        machine.handle_bytes(ByteCount(40));
        machine.handle_failure(NetworkFailure::Failed);
        machine.handle_return();
        assert_eq!(machine.record().restarts, restarts);
        machine.handle_waited();
    }
    assert_eq!(machine.handle_response(whole_file()), FETCH_ERROR);
}

/// A body that seems whole stays the result where another in its place comes to nothing.
#[test]
fn a_body_that_seems_whole_is_not_given_up_for_one_that_ends_early() {
    let kind = ResponseType::Cors;
    let record = Record {
        response: Some(ResponseHead { kind, ..head(200, &[("last-modified", "today")]) }),
        length: ByteCount(60),
        longest: ByteCount(60),
        seems_whole: true,
        ..Record::default()
    };
    let mut machine = CompleteRecord::new(request("GET"), record, RetryPolicy::default());
    assert_eq!(machine.start(), SEND_AFRESH, "too short to be compared");
    let announced = head(200, &[("last-modified", "today"), ("content-length", "100")]);
    machine.handle_response(ResponseHead { kind, ..announced });
    machine.handle_bytes(ByteCount(10));
    assert!(machine.handle_end(BodyEnd::Unconfirmed).is_another_try());
    machine.handle_return();
    assert!(machine.record().seems_whole);
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    assert_eq!(machine.handle_response(head(404, &[])), SUCCESS);
    assert_eq!(machine.record().length, ByteCount(60));
}

/// Nobody asked for a range of what an upload is answered with.
#[test]
fn the_answer_to_an_upload_is_whole_whatever_range_it_names() {
    let mut machine = machine("POST");
    machine.start();
    machine.handle_response(head(200, &[("content-range", "bytes 0-9/100"), ("content-length", "10")]));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn an_answer_without_a_body_is_no_newer_version_of_what_has_begun() {
    for status in [201, 202, 204, 205] {
        let mut machine = resumed_at_40();
        let nothing = head(status, &[("etag", "\"2\"")]);
        assert_eq!(machine.handle_response(nothing), send_from(40, None), "{status}");
        assert_eq!(machine.record().length, ByteCount(40));
    }
}

#[test]
fn a_file_begins_anew_as_often_as_the_policy_says() {
    let policy = RetryPolicy { restarts: 1, ..RetryPolicy::default() };
    let mut machine = CompleteRecord::new(request("GET"), resumed_at_40().record().clone(), policy);
    machine.start();
    assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_return();
    machine.handle_waited();
    assert_eq!(machine.handle_response(whole_file()), FETCH_ERROR);
}

#[test]
fn a_first_answer_with_the_length_of_the_whole_is_the_whole_whatever_range_it_names() {
    for range in ["bytes 0-39/100", "bytes 40-99/100", "bytes"] {
        let mut machine = machine("GET");
        machine.start();
        let answer = head(200, &[("content-range", range), ("content-length", "100"), ETAG]);
        assert_eq!(machine.handle_response(answer), READ, "{range}");
        machine.handle_bytes(ByteCount(100));
        assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    }
}

/// Where no byte has come, none is given up.
#[test]
fn answers_without_a_byte_are_no_restarts() {
    let mut machine = machine("GET");
    machine.start();
    for _ in 0..=RetryPolicy::default().restarts {
        assert!(matches!(machine.handle_response(whole_file()), Next::Read { .. }));
        assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
        machine.handle_waited();
    }
    assert_eq!(machine.record().restarts, 0);
}
