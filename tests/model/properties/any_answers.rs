use background_fetch_polyfill::model::{
    BodyEnd, ByteCount, CompleteRecord, FailureReason, Millis, NetworkFailure, Next, Previous, Probe, Record,
    RecordResult, ResponseHead, ResponseType, RetryPolicy, StoredRequest, validate_partial_response,
};
use proptest::prelude::*;

use super::config;

/// What becomes of one request.
#[derive(Clone, Debug)]
struct Step {
    answer: Result<ResponseHead, NetworkFailure>,
    pieces: Vec<u64>,
    broken: Option<NetworkFailure>,
    probe: Probe,
    /// The realm dies, and another takes over, before this request.
    dies: bool,
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let header = prop_oneof![
        ("content-length", "[0-9]{1,2}|x|[0-9]{25}"),
        ("content-range", "bytes [0-9]{1,2}-[0-9]{1,2}/([0-9]{1,2}|\\*)|bytes \\*/[0-9]{1,2}|bytes"),
        ("etag", "\"[ab]\"|W/\"a\"|"),
        ("last-modified", "[ab]"),
        ("content-encoding", "gzip"),
        ("retry-after", "[0-9]{1,3}|[0-9]{25}|soon"),
    ];
    prop::collection::vec(header, 0..5)
}

fn head() -> impl Strategy<Value = ResponseHead> {
    let status = prop_oneof![
        4 => Just(200_u16),
        6 => Just(206),
        1 => prop::sample::select(vec![0, 204, 304, 404, 408, 416, 429, 500, 503]),
        1 => 100..600_u16,
    ];
    let kind = prop::sample::select(vec![ResponseType::Basic, ResponseType::Cors]);
    (status, headers(), kind).prop_map(|(status, headers, kind)| ResponseHead {
        status,
        kind,
        headers: headers.into_iter().collect(),
        ..ResponseHead::default()
    })
}

fn failure() -> impl Strategy<Value = NetworkFailure> {
    use NetworkFailure::*;
    prop::sample::select(vec![Offline, Failed, Failed, Stalled, Abandoned, Refused, Truncated])
}

fn step() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![8 => head().prop_map(Ok), 1 => failure().prop_map(Err)];
    let pieces = prop::collection::vec(prop_oneof![0..40_u64, Just(u64::MAX)], 0..4);
    let broken = prop::option::of(failure());
    (answer, pieces, broken, any::<(bool, bool, bool)>(), prop::bool::weighted(0.1)).prop_map(
        |(answer, pieces, broken, (reachable, cross_origin, redirects), dies)| Step {
            answer,
            pieces,
            broken,
            probe: Probe { reachable, cross_origin, redirects },
            dies,
        },
    )
}

fn request() -> impl Strategy<Value = StoredRequest> {
    ("GET|GET|GET|POST|HEAD", any::<bool>(), any::<bool>()).prop_map(|(method, has_range, has_integrity)| {
        let mut request =
            StoredRequest { method, url: "https://a.example/".into(), ..StoredRequest::default() };
        if has_range {
            request.headers.append("range", "bytes=3-9");
        }
        request.integrity = if has_integrity { "sha256-x".into() } else { String::new() };
        request
    })
}

/// Nothing but failures, of a server that is there.
fn failing() -> Step {
    Step {
        answer: Err(NetworkFailure::Failed),
        pieces: Vec::new(),
        broken: None,
        probe: Probe { reachable: true, cross_origin: false, redirects: false },
        dies: false,
    }
}

/// Drives the machine by its calling protocol, and checks it after each call.
struct Driver {
    machine: CompleteRecord,
    request: StoredRequest,
    sent: u32,
    /// What has to come again before anything new.
    recalled: ByteCount,
}

impl Driver {
    fn new(request: StoredRequest) -> Self {
        let machine = CompleteRecord::new(request.clone(), Record::default(), RetryPolicy::default());
        Self { machine, request, sent: 0, recalled: ByteCount::ZERO }
    }

    /// The result, and how many requests were made after the last of the steps.
    fn run(&mut self, steps: Vec<Step>) -> (RecordResult, u32) {
        let mut steps = steps.into_iter();
        let mut extra = 0;
        let mut next = self.machine.start();
        let mut step = failing();
        loop {
            self.check();
            next = match next {
                Next::Recall(at_most) => {
                    // Sometimes it cannot be read.
                    let can_read = step.probe != Probe::UNREACHABLE || step.broken.is_some();
                    let stored = self.machine.record().length;
                    assert!(!stored.is_zero(), "there is nothing to recall");
                    self.recalled = if can_read { stored.min(at_most) } else { ByteCount::ZERO };
                    self.machine.handle_recalled(self.recalled)
                }
                Next::Send(attempt) => {
                    self.sent += 1;
                    assert!(self.request.is_get() || self.sent == 1, "sent twice");
                    assert!(attempt.if_range.is_none() || attempt.range_start.is_some());
                    step = steps.next().unwrap_or_else(|| {
                        extra += 1;
                        failing()
                    });
                    if std::mem::take(&mut step.dies) {
                        let record = self.machine.record().clone();
                        self.machine =
                            CompleteRecord::new(self.request.clone(), record, RetryPolicy::default());
                        self.machine.start()
                    } else {
                        match step.answer.clone() {
                            Ok(head) => self.machine.handle_response(head),
                            Err(failure) => self.machine.handle_failure(failure),
                        }
                    }
                }
                Next::Read { restart } => {
                    let next = self.read(&step, restart);
                    if next.is_another_try() {
                        self.machine.handle_return();
                    }
                    self.machine.handle_replacement();
                    next
                }
                Next::Probe => self.machine.handle_probe(step.probe),
                Next::Wait(time) | Next::WaitAsAsked(time) => {
                    assert!(time <= RetryPolicy::default().longest_retry_after && time > Millis(0));
                    self.machine.handle_waited()
                }
                Next::WaitUntilOnline => self.machine.handle_waited(),
                Next::Verify => self.machine.handle_verified(step.probe.reachable),
                Next::Settle(result) => return (result, extra),
            };
        }
    }

    fn read(&mut self, step: &Step, restart: bool) -> Next {
        let mut recalled = std::mem::take(&mut self.recalled);
        if restart {
            recalled = ByteCount::ZERO;
        }
        for piece in &step.pieces {
            let repeated = recalled.min(ByteCount(*piece));
            if !repeated.is_zero() && step.probe.redirects {
                return self.machine.handle_mismatch();
            }
            self.machine.handle_repeated(repeated);
            recalled = recalled.saturating_sub(repeated);
            let next = self.machine.handle_bytes(ByteCount(*piece).saturating_sub(repeated));
            self.check();
            if let Some(next) = next {
                return next;
            }
            if step.probe.cross_origin {
                self.machine.handle_replacement();
            }
        }
        match step.broken {
            Some(failure) => self.machine.handle_failure(failure),
            None => self.machine.handle_end(BodyEnd::Unconfirmed),
        }
    }

    fn check(&self) {
        let record = self.machine.record();
        assert!(record.total.is_none_or(|total| record.length <= total), "{record:?}");
        assert!(record.length.is_zero() || record.response.is_some(), "bytes of no response: {record:?}");
        assert!(record.longest >= record.length);
        assert!(!record.is_sent || !self.request.is_get());
        assert!(record.restarts <= RetryPolicy::default().restarts + 1);
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn whatever_a_server_answers_the_record_settles_as_the_draft_allows(
        request in request(),
        steps in prop::collection::vec(step(), 0..30),
    ) {
        let policy = RetryPolicy::default();
        let mut driver = Driver::new(request);
        let (result, extra) = driver.run(steps);
        // The first of them may have failed while the server was not back yet, and is not counted.
        let most = 1 + policy.attempts_to_resume.max(policy.attempts_to_connect);
        prop_assert!(extra <= most, "{} attempts", extra);
        let record = driver.machine.record();
        prop_assert_eq!(record.result, Some(result));
        let status = record.response.as_ref().map(|head| head.status);
        match result {
            RecordResult::Success => prop_assert!(status.is_some_and(|status| (200..300).contains(&status))),
            RecordResult::Failure(FailureReason::BadStatus) => prop_assert!(status.is_some()),
            RecordResult::Failure(FailureReason::FetchError) => {}
            RecordResult::Failure(other) => prop_assert!(false, "{:?} is not for a server to cause", other),
        }
        prop_assert_eq!(driver.machine.start(), Next::Settle(result), "it stays settled");
    }

    #[test]
    fn a_part_that_is_taken_continues_the_stored_bytes(
        start in 0..50_u64,
        total in prop::option::of(0..99_u64),
        first in head(),
        part in head(),
    ) {
        let previous = Previous { response: &first, total: total.map(ByteCount) };
        let Some(valid) = validate_partial_response(ByteCount(start), &part, Some(previous)) else { return Ok(()) };
        prop_assert!(valid.end >= ByteCount(start), "{:?}", valid);
        prop_assert!(valid.total.is_none_or(|all| valid.end <= all));
        prop_assert!(total.is_none_or(|total| valid.total == Some(ByteCount(total))));
        for validator in ["etag", "last-modified"] {
            let known = first.headers.value(validator);
            prop_assert!(known.is_none() || known == part.headers.value(validator));
        }
        prop_assert!(!part.headers.contains("content-encoding"));
    }
}
