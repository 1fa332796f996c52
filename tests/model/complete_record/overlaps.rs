//! Across origins, where headers are hidden, a part has to begin with the end of what is stored.

use super::*;

const DATE: (&str, &str) = ("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");

fn cors(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead { kind: ResponseType::Cors, ..head(status, headers) }
}

/// A machine whose first attempt broke after 80 of the bytes, of 100 where their number is announced, and that asks for
/// the last ten once more.
fn resumed_at_70(first: &[(&str, &str)]) -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(200, first));
    machine.handle_bytes(ByteCount(80));
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    resume(&mut machine);
    machine
}

fn resume(machine: &mut CompleteRecord) {
    assert_eq!(machine.handle_waited(), Next::Recall(ByteCount(64)));
    let asked = machine.handle_recalled(ByteCount(10));
    assert_eq!(asked, send_from(70, None), "no header that needs permission");
}

fn announced() -> [(&'static str, &'static str); 2] {
    [("content-length", "100"), DATE]
}

#[test]
fn a_part_that_repeats_the_end_of_what_is_stored_is_appended() {
    let mut machine = resumed_at_70(&announced());
    assert_eq!(machine.handle_response(cors(206, &[("content-length", "30"), DATE])), READ);
    machine.handle_repeated(ByteCount(10));
    assert_eq!(machine.handle_bytes(ByteCount(20)), None);
    assert_eq!(machine.record().length, ByteCount(100), "nothing counts twice");
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn a_part_that_begins_with_other_bytes_is_one_of_another_file() {
    let mut machine = resumed_at_70(&announced());
    machine.handle_response(cors(206, &[("content-length", "30"), DATE]));
    assert!(matches!(machine.handle_mismatch(), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn bytes_that_cannot_be_read_again_are_not_continued() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(200, &announced()));
    machine.handle_bytes(ByteCount(80));
    machine.handle_failure(NetworkFailure::Failed);
    machine.handle_waited();
    assert_eq!(machine.handle_recalled(ByteCount::ZERO), SEND_AFRESH);
}

#[test]
fn a_part_that_ends_before_it_is_known_ends_nothing() {
    let mut machine = resumed_at_70(&[DATE]);
    let repeat = cors(206, &[("content-range", "bytes 70-79/80"), DATE]);
    machine.handle_response(repeat.clone());
    machine.handle_repeated(ByteCount(9));
    assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
    resume(&mut machine);
    machine.handle_response(repeat);
    machine.handle_repeated(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// A machine that a part has brought further, to 90, and that asks whether there is more.
fn resumed_at_26() -> CompleteRecord {
    let mut machine = resumed_at_70(&[DATE]);
    assert_eq!(machine.handle_response(cors(206, &[("content-length", "20"), DATE])), READ);
    machine.handle_repeated(ByteCount(10));
    machine.handle_bytes(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
    assert_eq!(machine.handle_recalled(ByteCount(64)), send_from(26, None));
    machine
}

#[test]
fn a_file_of_unknown_length_goes_on_and_ends_where_nothing_follows() {
    let mut machine = resumed_at_26();
    assert_eq!(machine.handle_response(cors(206, &[("content-length", "64"), DATE])), READ);
    machine.handle_repeated(ByteCount(64));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// A machine that has read 80 bytes to what looks like their end, and asks for the last ten once more.
fn ended_at_80() -> CompleteRecord {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(200, &[DATE]));
    machine.handle_bytes(ByteCount(80));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(ByteCount(64)));
    assert_eq!(machine.handle_recalled(ByteCount(10)), send_from(70, None));
    machine
}

#[test]
fn an_end_that_nobody_announced_is_the_end_if_asking_again_brings_nothing_new() {
    let mut machine = ended_at_80();
    assert_eq!(machine.handle_response(cors(206, &[("content-length", "10"), DATE])), READ);
    machine.handle_repeated(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    assert_eq!(ended_at_80().handle_response(cors(200, &[DATE])), SUCCESS, "the server knows no ranges");
    assert_eq!(ended_at_80().handle_response(cors(416, &[])), SUCCESS);
    let mut encoded = ended_at_80();
    encoded.handle_response(cors(206, &[("content-length", "10"), DATE]));
    assert_eq!(encoded.handle_mismatch(), SUCCESS, "a part of the encoded representation says nothing");
}

#[test]
fn what_follows_an_end_that_nobody_announced_is_fetched() {
    let mut machine = ended_at_80();
    assert_eq!(machine.handle_response(cors(206, &[("content-length", "30"), DATE])), READ);
    for _ in 0..2 {
        assert!(
            matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)),
            "there is more, and it has not come"
        );
        resume(&mut machine);
        assert_eq!(machine.handle_response(cors(206, &[("content-length", "30"), DATE])), READ);
    }
    machine.handle_repeated(ByteCount(10));
    machine.handle_bytes(ByteCount(20));
    assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Recall(_)));
    machine.handle_recalled(ByteCount(10));
    machine.handle_response(cors(206, &[("content-length", "10"), DATE]));
    machine.handle_repeated(ByteCount(10));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
    assert_eq!(machine.record().length, ByteCount(100));
}

#[test]
fn a_refusal_of_bytes_that_are_there_is_not_the_end() {
    let mut machine = resumed_at_70(&[DATE]);
    assert!(matches!(machine.handle_response(cors(416, &[("content-range", "bytes */80")])), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Asked for from its first byte, a file that is kept encoded would come whole, and as many bytes as its encoded
/// representation has.
#[test]
fn no_more_than_what_is_compared_is_not_resumed() {
    let mut machine = machine("GET");
    machine.start();
    machine.handle_response(cors(200, &announced()));
    machine.handle_bytes(ByteCount(64));
    machine.handle_failure(NetworkFailure::Failed);
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    machine.handle_response(cors(200, &[DATE]));
    machine.handle_bytes(ByteCount(64));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

/// Regression: that there is more was believed of a part that was not compared yet.
#[test]
fn an_end_is_only_given_up_for_bytes_that_were_compared() {
    let asked = || {
        let mut machine = ended_at_80();
        machine.handle_response(cors(206, &[("content-length", "200"), DATE]));
        machine
    };
    assert_eq!(asked().handle_mismatch(), SUCCESS);
    let mut broken = asked();
    for _ in 1..3 {
        assert_eq!(broken.handle_failure(NetworkFailure::Failed), Next::Probe);
        let probe = Probe { reachable: true, cross_origin: true, redirects: false };
        assert!(matches!(broken.handle_probe(probe), Next::Wait(_)));
        resume(&mut broken);
        broken.handle_response(cors(206, &[("content-length", "200"), DATE]));
    }
    broken.handle_failure(NetworkFailure::Failed);
    let probe = Probe { reachable: true, cross_origin: true, redirects: false };
    assert_eq!(broken.handle_probe(probe), SUCCESS);
}

/// Regression: three broken connections later the stored bytes counted as the whole file.
#[test]
fn compared_bytes_prove_that_there_is_more() {
    let mut machine = ended_at_80();
    machine.handle_response(cors(206, &[("content-range", "bytes 70-99/100"), DATE]));
    machine.handle_repeated(ByteCount(10));
    assert!(!machine.record().seems_whole);
    assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
    resume(&mut machine);
    assert_eq!(machine.handle_response(cors(404, &[])), SEND_AFRESH);
    assert_eq!(machine.handle_response(cors(404, &[])), READ_ANEW);
}

/// Regression: a part that was shorter than asked for made the end that of the file, whatever came next.
#[test]
fn the_end_of_a_part_is_not_known_to_be_that_of_the_file() {
    let another = [("content-length", "74"), ("last-modified", "Tue, 03 Nov 2026 10:00:00 GMT")];
    assert_eq!(resumed_at_26().handle_response(cors(200, &[DATE])), READ_ANEW);
    assert!(matches!(resumed_at_26().handle_response(cors(206, &another)), Next::Wait(_)));
    let mut other_bytes = resumed_at_26();
    assert_eq!(other_bytes.handle_response(cors(206, &[("content-length", "74"), DATE])), READ);
    assert!(matches!(other_bytes.handle_mismatch(), Next::Wait(_)));
}

/// Regression: asked for again and again, it ended before what is new.
#[test]
fn a_part_that_ends_before_the_stored_bytes_do_is_refused() {
    let mut machine = resumed_at_70(&[DATE]);
    assert!(matches!(
        machine.handle_response(cors(206, &[("content-range", "bytes 70-77/100"), DATE])),
        Next::Wait(_)
    ));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

/// Regression: the end of such a part counted as that of the file.
#[test]
fn a_part_that_ends_where_there_is_more_brings_the_whole() {
    let mut machine = ended_at_80();
    machine.handle_response(cors(206, &[("content-range", "bytes 70-79/100"), DATE]));
    machine.handle_repeated(ByteCount(10));
    assert!(matches!(machine.handle_end(BodyEnd::Unconfirmed), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn a_part_that_a_redirect_brings_from_another_origin_is_not_taken_uncompared() {
    let mut machine = broken_at_40();
    machine.handle_waited();
    let part = [("content-length", "60"), ("etag", "\"1\""), ("content-range", "bytes 40-99/100")];
    assert!(matches!(machine.handle_response(cors(206, &part)), Next::Wait(_)));
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn a_part_that_is_not_taken_tells_nothing_of_the_length() {
    let mut machine = resumed_at_70(&[DATE]);
    machine.handle_response(cors(206, &[("content-range", "bytes 70-99/100"), DATE]));
    machine.handle_mismatch();
    assert_eq!(machine.record().total, None);
}

/// The parts may be those of an encoded file, which the browser decodes or refuses after it has shown their headers.
#[test]
fn parts_without_a_byte_are_given_up() {
    let mut machine = resumed_at_70(&announced());
    for attempt in 1.. {
        assert_eq!(machine.handle_response(cors(206, &[("content-length", "30"), DATE])), READ);
        assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
        if attempt == 3 {
            break;
        }
        resume(&mut machine);
    }
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
}

#[test]
fn parts_without_a_byte_are_counted_in_a_row() {
    let mut machine = resumed_at_70(&announced());
    for attempt in 0..9 {
        machine.handle_response(cors(206, &[("content-length", "30"), DATE]));
        if attempt % 2 == 1 {
            machine.handle_repeated(ByteCount(1));
        }
        assert!(matches!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(_)));
        resume(&mut machine);
    }
}

/// There are servers that send what was asked for, and call it the whole.
#[test]
fn the_length_of_the_rest_tells_that_an_answer_is_the_rest() {
    let mut machine = resumed_at_70(&announced());
    assert_eq!(machine.handle_response(cors(200, &[("content-length", "30"), DATE])), READ);
    machine.handle_repeated(ByteCount(10));
    machine.handle_bytes(ByteCount(20));
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), SUCCESS);
}

#[test]
fn an_answer_of_the_same_version_with_another_length_is_asked_for_again() {
    for (first, length) in [(&announced()[..], "50"), (&[DATE], "30")] {
        let mut machine = resumed_at_70(first);
        let answer = cors(200, &[("content-length", length), DATE]);
        assert!(matches!(machine.handle_response(answer), Next::Wait(_)), "{first:?}");
        assert_eq!(machine.handle_waited(), SEND_AFRESH);
    }
    let newer = [("content-length", "50"), ("last-modified", "Tue, 03 Nov 2026 10:00:00 GMT")];
    assert_eq!(resumed_at_70(&announced()).handle_response(cors(200, &newer)), READ_ANEW);
}
