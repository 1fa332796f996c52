//! What is tried again, how often, and what is not.

use super::*;

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
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), BAD_STATUS);
    assert_eq!(machine.record().response.as_ref().map(|head| head.status), Some(503));
}

#[test]
fn the_first_answer_of_a_server_in_trouble_is_its_answer() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_response(head(503, &[("content-length", "0")])), READ);
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), BAD_STATUS);
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

/// Nobody knows whether there is more.
#[test]
fn an_upload_whose_answer_is_a_part_without_a_total_is_not_sent_again() {
    let mut machine = machine("POST");
    machine.start();
    machine.handle_response(head(206, &[("content-range", "bytes 0-6/*")]));
    assert_eq!(machine.handle_bytes(ByteCount(7)), None);
    assert_eq!(machine.handle_end(BodyEnd::Unconfirmed), FETCH_ERROR);
}

#[test]
fn an_upload_that_a_crash_interrupted_is_not_sent_again() {
    let mut machine = machine("POST");
    assert_eq!(machine.start(), SEND_PLAIN);
    let record = machine.record().clone();
    assert_eq!(CompleteRecord::new(request("POST"), record, RetryPolicy::default()).start(), FETCH_ERROR);
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
fn an_unreliable_server_is_tried_for_longer() {
    let probe = Probe { reachable: true, cross_origin: false, redirects: false };
    assert_eq!(attempts_until_fetch_error(probe), RetryPolicy::default().attempts_to_connect);
}

/// Regression: a server that was restarted, or a lift, ended a fetch within a minute.
#[test]
fn an_unreachable_server_is_waited_for_without_counting_and_less_and_less_often() {
    let policy = RetryPolicy::default();
    for mut machine in [machine("GET"), broken_at_40()] {
        let expected = machine.start();
        let mut last = Millis(0);
        for failure in [NetworkFailure::Failed, NetworkFailure::Stalled].repeat(500) {
            assert_eq!(machine.handle_failure(failure), Next::Probe);
            let Next::Wait(pause) = machine.handle_probe(Probe::UNREACHABLE) else { panic!("it is counted") };
            assert!(pause >= last);
            last = pause;
            assert_eq!(machine.handle_waited(), expected);
        }
        assert_eq!(last, policy.longest_delay);
    }
}

/// Regression: the request failed before the server was back, the probe came after it, and the failure was counted.
#[test]
fn a_failure_while_the_server_comes_back_does_not_count() {
    for (mut machine, cross_origin) in
        [(machine("GET"), false), (broken_at_40(), false), (machine("GET"), true)]
    {
        machine.start();
        for _ in 0..100 {
            for probe in [Probe::UNREACHABLE, Probe { reachable: true, cross_origin, redirects: false }] {
                assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
                assert!(matches!(machine.handle_probe(probe), Next::Wait(_)));
                assert!(matches!(machine.handle_waited(), Next::Send(_)));
            }
        }
    }
}

#[test]
fn pauses_begin_small_again_when_anything_was_heard() {
    const SAME_ORIGIN: Probe = Probe { reachable: true, ..Probe::UNREACHABLE };
    let first = Next::Wait(RetryPolicy::default().first_delay);
    let heard: [fn(&mut CompleteRecord); 3] = [
        |machine| drop((machine.handle_probe(SAME_ORIGIN), machine.handle_waited())),
        |machine| drop((machine.handle_probe(Probe::UNREACHABLE), machine.handle_retry_signal())),
        |machine| {
            machine.handle_probe(Probe::UNREACHABLE);
            machine.handle_waited();
            machine.handle_response(whole_file());
            machine.start();
        },
    ];
    for hear in heard {
        let mut machine = machine("GET");
        machine.start();
        for _ in 0..5 {
            machine.handle_failure(NetworkFailure::Failed);
            machine.handle_probe(Probe::UNREACHABLE);
            assert!(machine.waits_for_network());
            machine.handle_waited();
        }
        machine.handle_failure(NetworkFailure::Failed);
        hear(&mut machine);
        assert!(!machine.waits_for_network());
        machine.handle_failure(NetworkFailure::Failed);
        assert_eq!(machine.handle_probe(Probe::UNREACHABLE), first);
    }
}

/// Regression: each look at the page used an attempt up.
#[test]
fn an_attempt_before_its_time_is_none_of_those_that_count() {
    for cross_origin in [false, true] {
        let mut machine = machine("GET");
        machine.start();
        for _ in 0..1000 {
            assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Probe);
            let probe = Probe { reachable: true, cross_origin, redirects: false };
            assert!(matches!(machine.handle_probe(probe), Next::Wait(_)));
            assert_eq!(machine.handle_retry_signal(), SEND_PLAIN);
        }
    }
}

/// Regression: requests that waited in the browser's queue, behind those of another tab, failed after eight minutes.
#[test]
fn silence_is_borne_longer_each_time_and_is_no_sign_of_a_policy() {
    const MINUTE: Millis = Millis::from_seconds(60);
    let policy = RetryPolicy::default();
    let mut machine = machine("GET");
    let mut next = machine.start();
    let mut borne = Vec::new();
    while next == SEND_PLAIN {
        borne.push(machine.answer_timeout(MINUTE).0 / MINUTE.0);
        assert_eq!(machine.handle_failure(NetworkFailure::Stalled), Next::Probe);
        next = machine.handle_probe(Probe { reachable: true, cross_origin: true, redirects: false });
        if matches!(next, Next::Wait(_)) {
            next = machine.handle_waited();
        }
    }
    assert_eq!(next, FETCH_ERROR);
    assert_eq!(borne, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(borne.len() as u32, policy.attempts_to_connect);
    let mut machine = broken_at_40();
    machine.handle_waited();
    machine.handle_failure(NetworkFailure::Stalled);
    assert_eq!(machine.answer_timeout(MINUTE).0, 2 * MINUTE.0);
    machine.handle_probe(Probe::UNREACHABLE);
    machine.handle_waited();
    machine.handle_response(whole_file());
    assert_eq!(machine.answer_timeout(MINUTE), MINUTE, "it begins anew after an answer");
}

#[test]
fn a_gateway_that_has_no_server_is_no_server() {
    let answer = |status| head(status, &[]);
    for status in [200, 404, 405, 500] {
        assert!(Probe::from_answer(false, Some(&answer(status))).reachable);
    }
    for status in [502, 503, 504] {
        assert!(!Probe::from_answer(false, Some(&answer(status))).reachable);
    }
    let redirect = ResponseHead { kind: ResponseType::OpaqueRedirect, ..answer(0) };
    assert!(Probe::from_answer(false, Some(&redirect)).redirects);
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
    assert_eq!(machine.handle_waited(), SEND_AFRESH);
    assert_eq!(machine.handle_response(whole_file()), READ_ANEW);
}

#[test]
fn no_network_is_waited_for_without_counting() {
    let mut machine = machine("GET");
    machine.start();
    for _ in 0..1000 {
        assert_eq!(machine.handle_failure(NetworkFailure::Offline), Next::WaitUntilOnline);
        assert!(machine.waits_for_network());
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
fn what_is_given_up_for_a_better_chance_is_sent_at_once() {
    let mut machine = machine("GET");
    machine.start();
    assert_eq!(machine.handle_failure(NetworkFailure::Abandoned), SEND_PLAIN);
}

#[test]
fn bytes_begin_the_count_of_failures_anew() {
    let policy = RetryPolicy { attempts_to_resume: 3, first_delay: Millis(7), ..RetryPolicy::default() };
    let mut machine = CompleteRecord::new(request("GET"), Record::default(), policy);
    machine.start();
    machine.handle_response(head(200, &[("content-length", "1000"), ("etag", "\"1\"")]));
    for length in 1..10 {
        assert_eq!(machine.handle_bytes(ByteCount(1)), None);
        assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(Millis(7)), "the first");
        machine.handle_waited();
        let rest = format!("bytes {length}-999/1000");
        assert_eq!(machine.handle_response(head(206, &[("content-range", &rest), ("etag", "\"1\"")])), READ);
    }
    assert_eq!(machine.handle_failure(NetworkFailure::Failed), Next::Wait(Millis(14)), "no byte has come");
    machine.handle_waited();
    machine.handle_response(head(206, &[("content-range", "bytes 9-999/1000"), ("etag", "\"1\"")]));
    assert_eq!(machine.handle_failure(NetworkFailure::Failed), FETCH_ERROR);
}

/// A failure that follows a contact counts, however often there was none before.
#[test]
fn what_fails_while_the_server_can_be_reached_counts() {
    let mut machine = machine("GET");
    machine.start();
    let reachable = Probe { reachable: true, ..Probe::UNREACHABLE };
    for probe in [Probe::UNREACHABLE, reachable, reachable, reachable] {
        machine.handle_failure(NetworkFailure::Failed);
        machine.handle_probe(probe);
        machine.handle_waited();
    }
    machine.handle_failure(NetworkFailure::Failed);
    let third = RetryPolicy::default().delay(3);
    assert_eq!(machine.handle_probe(reachable), Next::Wait(third));
}
