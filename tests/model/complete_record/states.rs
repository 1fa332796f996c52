//! Every state with every input: none panics, what does not fit changes nothing, and from everywhere the record ends.

use background_fetch_polyfill::model::{Body, Continuation, Pause, Purpose, State};

use super::*;

const DATE: (&str, &str) = ("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");
const ENCODED: [(&str, &str); 2] = [("etag", "\"1-gzip\""), ("content-encoding", "gzip")];

#[derive(Clone, Debug)]
enum Input {
    Start,
    Recalled(u64),
    Response(ResponseHead),
    Failure(NetworkFailure),
    Repeated(u64),
    Mismatch,
    Bytes(u64),
    End(BodyEnd),
    Probed(Probe),
    Waited,
    RetrySignal,
    Verified(bool),
    Replacement,
    Return,
    Settle,
}

use Input::*;

fn give(machine: &mut CompleteRecord, input: &Input) -> Option<Next> {
    match input.clone() {
        Start => Some(machine.start()),
        Recalled(count) => Some(machine.handle_recalled(ByteCount(count))),
        Response(head) => Some(machine.handle_response(head)),
        Failure(failure) => Some(machine.handle_failure(failure)),
        Repeated(count) => {
            machine.handle_repeated(ByteCount(count));
            None
        }
        Mismatch => Some(machine.handle_mismatch()),
        Bytes(count) => machine.handle_bytes(ByteCount(count)),
        End(end) => Some(machine.handle_end(end)),
        Probed(probe) => Some(machine.handle_probe(probe)),
        Waited => Some(machine.handle_waited()),
        RetrySignal => Some(machine.handle_retry_signal()),
        Verified(is_valid) => Some(machine.handle_verified(is_valid)),
        Replacement => {
            machine.handle_replacement();
            None
        }
        Return => {
            machine.handle_return();
            None
        }
        Settle => Some(machine.settle(RecordResult::Failure(FailureReason::QuotaExceeded))),
    }
}

/// Whether the machine's documentation has the input for the state.
fn fits(state: State, input: &Input) -> bool {
    match input {
        Start | Replacement | Return | Settle => true,
        Recalled(_) => matches!(state, State::Recalling(_)),
        Response(_) => matches!(state, State::Requesting(_)),
        Failure(_) => matches!(state, State::Requesting(_) | State::Receiving(_)),
        Repeated(_) | Mismatch | Bytes(_) | End(_) => matches!(state, State::Receiving(_)),
        Probed(_) => matches!(state, State::Probing { .. }),
        Waited | RetrySignal => matches!(state, State::Waiting(_)),
        Verified(_) => matches!(state, State::Verifying),
    }
}

/// A new state has to be named here, and reached below.
fn name(state: State) -> &'static str {
    match state {
        State::Initial => "initial",
        State::Recalling(Continuation::Rest) => "recalling for the rest",
        State::Recalling(Continuation::Question) => "recalling for a question",
        State::Requesting(Purpose::Whole) => "requesting the whole",
        State::Requesting(Purpose::Rest { overlap: ByteCount::ZERO }) => "requesting the rest",
        State::Requesting(Purpose::Rest { .. }) => "requesting the rest with an overlap",
        State::Requesting(Purpose::Question { .. }) => "requesting an answer about the end",
        State::Receiving(Body::Beginning { part: None, restart: false }) => "receiving the whole",
        State::Receiving(Body::Beginning { part: None, restart: true }) => "receiving another whole",
        State::Receiving(Body::Beginning { part: Some(_), .. }) => "receiving a first part",
        State::Receiving(Body::Overlap { .. }) => "receiving an overlap",
        State::Receiving(Body::Rest { has_bytes: false, .. }) => "receiving the rest, and no byte yet",
        State::Receiving(Body::Rest { has_bytes: true, .. }) => "receiving the rest",
        State::Receiving(Body::Comparison { missing: ByteCount::ZERO }) => "comparing, through the overlap",
        State::Receiving(Body::Comparison { .. }) => "comparing",
        State::Probing { is_silent: false, .. } => "probing",
        State::Probing { is_silent: true, .. } => "probing after silence",
        State::Waiting(Pause::AtMost(_)) => "waiting",
        State::Waiting(Pause::AsAsked(_)) => "waiting as asked",
        State::Waiting(Pause::UntilOnline) => "waiting for the network",
        State::Verifying => "verifying",
        State::Settled(_) => "settled",
    }
}

const STATES: usize = 22;

fn cors(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead { kind: ResponseType::Cors, ..head(status, headers) }
}

fn part(range: &str) -> ResponseHead {
    head(206, &[("etag", "\"1\""), ("content-range", range)])
}

/// The states on a way through the machine, each as a machine that is in it.
fn along(mut machine: CompleteRecord, inputs: impl IntoIterator<Item = Input>) -> Vec<CompleteRecord> {
    let mut passed = vec![machine.clone()];
    for input in inputs {
        assert!(fits(machine.state(), &input), "{input:?} in {:?}", machine.state());
        give(&mut machine, &input);
        passed.push(machine.clone());
    }
    passed
}

fn all_states() -> Vec<CompleteRecord> {
    let failed = || Failure(NetworkFailure::Failed);
    let resumed = [Start, Response(whole_file()), Bytes(40), failed(), Waited];
    let resumed_and = |inputs: &[Input]| [&resumed[..], inputs].concat();
    let later = head(503, &[("retry-after", "7")]);
    let crossing = [
        Start,
        Response(cors(200, &[DATE])),
        Bytes(80),
        failed(),
        Waited,
        Recalled(64),
        Response(cors(206, &[("content-length", "84"), DATE])),
        Repeated(60),
        Repeated(4),
        Bytes(20),
        End(BodyEnd::Unconfirmed),
    ];
    let questioning = [
        Start,
        Response(head(200, &ENCODED)),
        Bytes(80),
        End(BodyEnd::Unconfirmed),
        Recalled(64),
        Response(part("bytes 16-99/100")),
        Repeated(64),
        Bytes(1),
    ];
    let changed = [&questioning[..6], &[Mismatch, Waited, Response(head(200, &ENCODED)), Bytes(10)]].concat();
    let promised = StoredRequest { integrity: format!("sha256-{}=", "A".repeat(43)), ..request("GET") };
    [
        along(machine("GET"), [Start, Response(whole_file()), Bytes(100), End(BodyEnd::Unconfirmed)]),
        along(
            machine("GET"),
            [Start, Response(part("bytes 0-39/100")), Bytes(40), End(BodyEnd::Unconfirmed)],
        ),
        along(machine("POST"), [Start, Response(whole_file()), failed()]),
        along(machine("GET"), resumed_and(&[Response(part("bytes 40-99/100")), Bytes(10), failed()])),
        along(machine("GET"), resumed_and(&[Response(whole_file()), Bytes(10), failed(), Return])),
        along(machine("GET"), resumed_and(&[Response(later), Waited, Failure(NetworkFailure::Offline)])),
        along(machine("GET"), [Start, Failure(NetworkFailure::Stalled), Probed(Probe::UNREACHABLE)]),
        along(machine("GET"), [Start, failed()]),
        along(machine("GET"), crossing),
        along(machine("GET"), questioning),
        along(machine("GET"), changed),
        along(
            machine_for(promised),
            [Start, Response(whole_file()), Bytes(100), End(BodyEnd::Complete), Verified(true)],
        ),
    ]
    .concat()
}

fn all_inputs() -> Vec<Input> {
    let probes = [false, true].map(|cross_origin| Probe { reachable: true, cross_origin, redirects: false });
    let heads = [
        head(0, &[]),
        head(200, &[]),
        whole_file(),
        head(200, &ENCODED),
        cors(200, &[DATE]),
        head(204, &[]),
        part("bytes 0-39/100"),
        part("bytes 40-99/100"),
        part("bytes 16-99/100"),
        part("bytes 16-99/*"),
        cors(206, &[("content-length", "84"), DATE]),
        head(404, &[("content-length", "9")]),
        head(416, &[]),
        head(503, &[("retry-after", "9999999999")]),
    ];
    let failures = [
        NetworkFailure::Offline,
        NetworkFailure::Refused,
        NetworkFailure::Failed,
        NetworkFailure::Stalled,
        NetworkFailure::Truncated,
        NetworkFailure::Abandoned,
    ];
    let mut inputs = vec![
        Start,
        Mismatch,
        End(BodyEnd::Unconfirmed),
        End(BodyEnd::Complete),
        Probed(Probe::UNREACHABLE),
        Waited,
        RetrySignal,
        Verified(false),
        Verified(true),
        Replacement,
        Return,
        Settle,
    ];
    inputs.extend([0, 10, 64, u64::MAX].into_iter().flat_map(|n| [Recalled(n), Repeated(n), Bytes(n)]));
    inputs.extend(probes.map(Probed));
    inputs.extend(heads.map(Response));
    inputs.extend(failures.map(Failure));
    inputs
}

/// Goes on with a server that sends a file of 100 bytes whatever it is asked for.
fn end(machine: &mut CompleteRecord) -> RecordResult {
    let mut next = machine.start();
    for _ in 0..100 {
        next = match next {
            Next::Recall(count) => machine.handle_recalled(count.min(machine.record().length)),
            Next::Send(_) => machine.handle_response(whole_file()),
            Next::Read { .. } => {
                machine.handle_replacement();
                machine.handle_bytes(ByteCount(100)).unwrap_or_else(|| machine.handle_end(BodyEnd::Complete))
            }
            Next::Probe => machine.handle_probe(Probe::UNREACHABLE),
            Next::Wait(_) | Next::WaitAsAsked(_) | Next::WaitUntilOnline => machine.handle_waited(),
            Next::Verify => machine.handle_verified(true),
            Next::Settle(result) => return result,
        };
    }
    panic!("it goes on in {:?}", machine.state());
}

#[test]
fn every_state_is_among_those_that_are_tried() {
    let names: std::collections::BTreeSet<_> =
        all_states().iter().map(|machine| name(machine.state())).collect();
    assert_eq!(names.len(), STATES, "{names:?}");
}

#[test]
fn an_input_that_does_not_fit_the_state_changes_nothing() {
    for machine in all_states().into_iter().filter(|machine| machine.state() != State::Initial) {
        for input in all_inputs().iter().filter(|input| !fits(machine.state(), input)) {
            let mut asked = machine.clone();
            let next = give(&mut asked, input);
            assert_eq!(asked.state(), machine.state(), "{input:?}");
            assert_eq!(asked.record(), machine.record(), "{input:?}");
            let again = give(&mut asked, input);
            assert_eq!(next, again, "it is answered with what is to be done");
        }
    }
}

#[test]
fn from_every_state_a_record_ends_whatever_comes() {
    let inputs = all_inputs();
    for machine in all_states() {
        for first in &inputs {
            let mut after_first = machine.clone();
            give(&mut after_first, first);
            for second in &inputs {
                let mut after_second = after_first.clone();
                give(&mut after_second, second);
                let record = after_second.record();
                assert!(record.total.is_none_or(|total| record.length <= total), "{first:?}, {second:?}");
                assert!(record.length <= record.longest, "{first:?}, {second:?}");
                let result = end(&mut after_second);
                assert_eq!(after_second.state(), State::Settled(result));
                assert!(!after_second.record().seems_whole, "{first:?}, {second:?}");
            }
        }
    }
}
