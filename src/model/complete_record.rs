mod answers;
mod bodies;
mod ends;
mod parts;
mod requests;
mod state;

use std::rc::Rc;

pub use state::{Body, Continuation, Pause, Purpose, State, Stored};

use super::retries::Retries;
use super::{
    Attempt, ByteCount, CacheMode, FailureReason, Millis, NetworkFailure, Probe, Record, RecordResult,
    ResponseHead, RetryPolicy, StoredRequest,
};

/// [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record), as a state machine.
///
/// Calling protocol: call [`start`](Self::start), and do what the [`Next`] says. Report how it went with the `handle_*`
/// function that it names, which gives the next `Next`, until one is `Settle`. At any time [`record`](Self::record) is
/// what is to be stored together with the bytes received up to then.
///
/// The main transitions:
///
/// | [`State`]    | [`Next`]  | input                               | leads to                                      |
/// | ------------ | --------- | ----------------------------------- | --------------------------------------------- |
/// | `Initial`    |           | `start`                             | `Recalling`, `Requesting`; `Settled` if whole |
/// | `Recalling`  | `Recall`  | `handle_recalled`                   | `Requesting`, of all if nothing was read      |
/// | `Requesting` | `Send`    | `handle_response`: the file         | `Receiving`                                   |
/// |              |           | a part that does not fit, "not now" | `Waiting`                                     |
/// |              |           | a refusal of a range                | `Recalling`, `Requesting`: for less           |
/// |              |           | a refusal of the whole              | `Receiving` its body; `Settled`, `Verifying`  |
/// |              |           | nothing after the stored bytes      | `Settled`, `Verifying`; `Waiting` if no end   |
/// |              |           | `handle_failure`                    | `Probing`; `Waiting` without a network        |
/// |              |           | `Abandoned`                         | as `start`                                    |
/// |              |           | `Refused`, or of no GET             | `Settled`                                     |
/// | `Receiving`  | `Read`    | `handle_repeated`, `handle_bytes`   | the same; `Waiting` if not of the file        |
/// |              |           | `handle_mismatch`                   | `Waiting`; `Settled` if the stored seem whole |
/// |              |           | `handle_end`: complete              | `Settled`, `Verifying`                        |
/// |              |           | of a part, or perhaps truncated     | `Recalling`, `Requesting`: for more           |
/// |              |           | truncated                           | `Waiting`                                     |
/// |              |           | `handle_failure`                    | `Waiting`; `Probing` if the stored seem whole |
/// |              |           | of no GET                           | `Settled`                                     |
/// | `Probing`    | `Probe`   | `handle_probe`                      | `Waiting`; `Settled` after too many failures  |
/// | `Waiting`    | `Wait`, … | `handle_waited`, `…_retry_signal`   | as `start`                                    |
/// | `Verifying`  | `Verify`  | `handle_verified`                   | `Settled`                                     |
/// | `Settled`    | `Settle`  |                                     |                                               |
///
/// In every state `start` begins another attempt, and `settle` ends the record. Any other input that the table does not
/// have for a state changes nothing, and is answered with what is to be done in that state.
///
/// A GET is settled by what the server says, by what server or browser forbids, and by a failure that repeats while the
/// server can be reached. The network alone never settles it. Any other request is settled by every failure, as it must
/// not be sent again.
#[derive(Clone, Debug)]
pub struct CompleteRecord {
    request: Rc<StoredRequest>,
    record: Record,
    state: State,
    stored: Stored,
    retries: Retries,
    /// What was stored, as long as nothing is of the body that takes its place.
    replaced: Option<(Record, Stored)>,
    ends: KnownEnds,
    /// The server has refused a request with `If-Range`.
    avoids_if_range: bool,
    /// Bytes of the file that comes in have come again as a part of it.
    are_parts_proven: bool,
}

/// Where the file has ended before, for those who have to know whether it ends there again.
#[derive(Clone, Debug, Default)]
struct KnownEnds {
    /// Length at which a body ended cleanly before its announced length.
    early: Option<ByteCount>,
    /// Length of the file that goes on after the stored bytes, as its server told it last.
    told: Option<ByteCount>,
    /// The file was found to be another than the one that is stored.
    has_changed: bool,
}

/// What to do next, and what to report afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read the end of what is stored, at most so many bytes; `handle_recalled`.
    Recall(ByteCount),
    /// Send the request; `handle_response` or `handle_failure`.
    Send(Attempt),
    /// Read the body: `handle_bytes` for each piece, then `handle_end` or `handle_failure`. With `restart`, the
    /// transaction that stores the first new bytes drops all that was stored before. Without, the body begins with what
    /// was recalled: `handle_repeated` for bytes that are the same, `handle_mismatch` where one is not.
    Read { restart: bool },
    /// Find out whether the server can be reached at all, by a request that needs no permission; `handle_probe`.
    Probe,
    /// Wait at most so long; `handle_waited`, or `handle_retry_signal` where something suggested not to wait any
    /// longer.
    Wait(Millis),
    /// Wait no less than that, as the server asked for it; `handle_waited`.
    WaitAsAsked(Millis),
    /// Wait for the network; `handle_waited`.
    WaitUntilOnline,
    /// Verify all bytes, which are stored by then, against the request's integrity metadata; `handle_verified`.
    Verify,
    /// The record has its result.
    Settle(RecordResult),
}

impl Next {
    /// Whether it begins with another request, after a failure of the last.
    pub fn is_another_try(&self) -> bool {
        matches!(self, Self::Probe | Self::Wait(_) | Self::WaitAsAsked(_) | Self::WaitUntilOnline)
    }
}

impl CompleteRecord {
    pub fn new(request: impl Into<Rc<StoredRequest>>, record: Record, policy: RetryPolicy) -> Self {
        Self {
            stored: if record.seems_whole { Stored::Unconfirmed } else { Stored::Beginning },
            request: request.into(),
            record,
            state: State::Initial,
            retries: Retries::new(policy),
            replaced: None,
            ends: KnownEnds::default(),
            avoids_if_range: false,
            are_parts_proven: false,
        }
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the request may be sent again, and so be interrupted: only a GET may.
    pub fn is_repeatable(&self) -> bool {
        self.request.is_get()
    }

    /// The last attempt failed for want of a network, and nothing was heard of the server since.
    pub fn waits_for_network(&self) -> bool {
        self.retries.is_out_of_contact()
    }

    /// How long an answer is waited for, where that is `base` for the first attempt.
    pub fn answer_timeout(&self, base: Millis) -> Millis {
        self.retries.answer_timeout(base)
    }

    pub fn start(&mut self) -> Next {
        if let Some(result) = self.record.result {
            return self.enter(State::Settled(result));
        }
        // The announced length may be that of an encoded representation, where headers are hidden.
        let is_known = self.record.response.is_some() && !self.hides_headers() && self.stored.is_trusted();
        if is_known && self.record.total == Some(self.record.length) {
            return self.finish();
        }
        self.send()
    }

    /// The request came to nothing, or the body did before its end.
    pub fn handle_failure(&mut self, failure: NetworkFailure) -> Next {
        let is_answered = match self.state {
            State::Requesting(_) => false,
            State::Receiving(_) => true,
            _ => return self.next(),
        };
        if is_answered && failure == NetworkFailure::Truncated {
            return self.end_truncated();
        }
        // Of what only the cache may give, no server is asked.
        let asks_server = self.request.cache != CacheMode::OnlyIfCached;
        if failure == NetworkFailure::Refused || !self.request.is_get() || !asks_server {
            return self.fail();
        }
        let is_silent = failure == NetworkFailure::Stalled && !is_answered;
        if is_silent {
            self.retries.handle_silence();
        }
        match failure {
            NetworkFailure::Offline => {
                self.retries.handle_offline();
                self.enter(State::Waiting(Pause::UntilOnline))
            }
            NetworkFailure::Abandoned => self.start(),
            _ if self.stored.seems_whole() || !is_answered => {
                let asked_for_range =
                    matches!(self.state, State::Requesting(purpose) if purpose != Purpose::Whole);
                self.enter(State::Probing { asked_for_range, is_silent })
            }
            _ if self.count_empty_part() => self.distrust_stored_bytes(),
            _ => self.retry(),
        }
    }

    /// A server that cannot be reached never ends a record.
    pub fn handle_probe(&mut self, probe: Probe) -> Next {
        let State::Probing { asked_for_range, is_silent } = self.state else { return self.next() };
        if !probe.reachable {
            let delay = self.retries.delay_while_unreachable();
            return self.wait(delay);
        }
        if self.retries.handle_contact() {
            // The request may have failed while the server was not back yet.
            let delay = self.retries.policy().delay(1);
            return self.wait(delay);
        }
        if self.stored.seems_whole() {
            return self.ask_again(None);
        }
        // What a policy forbids fails at once.
        if probe.policy_may_forbid() && !is_silent && self.retries.count_forbidden() {
            if !asked_for_range {
                return self.fail();
            }
            // Perhaps only the answers to ranges lack what CORS needs.
            self.take_stored_for(Stored::Distrusted);
        }
        self.retry()
    }

    pub fn handle_waited(&mut self) -> Next {
        if matches!(self.state, State::Waiting(_)) { self.start() } else { self.next() }
    }

    pub fn handle_retry_signal(&mut self) -> Next {
        if !matches!(self.state, State::Waiting(_)) {
            return self.next();
        }
        self.retries.handle_retry_signal();
        self.start()
    }

    pub fn handle_verified(&mut self, is_valid: bool) -> Next {
        match self.state {
            State::Verifying if is_valid => self.settle_by_status(),
            State::Verifying => self.settle(RecordResult::Failure(FailureReason::FetchError)),
            _ => self.next(),
        }
    }

    /// Ends the record by a rule of the whole background fetch, or because its bytes cannot be stored.
    pub fn settle(&mut self, result: RecordResult) -> Next {
        self.replaced = None;
        self.record.result = Some(result);
        self.take_stored_for(Stored::Beginning);
        self.enter(State::Settled(result))
    }

    /// Whether the stored bytes are those of an earlier body than the one that comes in. They are kept until the new
    /// one is complete, or too much to wait for.
    pub fn keeps_stored(&self) -> bool {
        self.replaced.is_some()
    }

    /// Bytes of the new body are about to take the place of those that are stored.
    pub fn handle_replacement(&mut self) {
        self.replaced = None;
    }

    /// The new body came to nothing: back to what is stored.
    pub fn handle_return(&mut self) {
        let Some((record, stored)) = self.replaced.take() else { return };
        let stored = match stored {
            stored if self.stored.is_trusted() => stored,
            // The whole is to be fetched again all the same.
            stored if stored.seems_whole() => Stored::Outdated,
            _ => Stored::Distrusted,
        };
        // Or a server that begins anew each time would never be given up.
        let Record { longest, restarts, .. } = self.record;
        self.record = Record { longest, restarts, ..record };
        self.take_stored_for(stored);
    }

    /// What is to be done in this state.
    fn next(&mut self) -> Next {
        match self.state {
            State::Initial => self.start(),
            State::Recalling(_) => Next::Recall(Self::OVERLAP),
            State::Requesting(purpose) => Next::Send(self.attempt(purpose)),
            State::Receiving(Body::Beginning { restart, .. }) => Next::Read { restart },
            State::Receiving(_) => Next::Read { restart: false },
            State::Probing { .. } => Next::Probe,
            State::Waiting(pause) => pause.into(),
            State::Verifying => Next::Verify,
            State::Settled(result) => Next::Settle(result),
        }
    }

    fn enter(&mut self, state: State) -> Next {
        self.state = state;
        self.next()
    }

    fn wait(&mut self, time: Millis) -> Next {
        self.enter(State::Waiting(Pause::AtMost(time)))
    }

    fn take_stored_for(&mut self, stored: Stored) {
        self.stored = stored;
        self.record.seems_whole = stored.seems_whole();
    }

    fn hides_headers(&self) -> bool {
        self.record.response.as_ref().is_some_and(ResponseHead::hides_headers)
    }

    /// A good response was seen, now or before a restart of the browser.
    fn is_under_way(&self) -> bool {
        self.record.response.as_ref().is_some_and(ResponseHead::is_ok)
    }

    /// All bytes are there.
    fn finish(&mut self) -> Next {
        if !self.record.is_withheld {
            return self.settle_by_status();
        }
        // Fetch verifies bodies, so a response that has none is an error.
        let has_body = self.record.response.as_ref().is_some_and(|head| self.has_body(head));
        if has_body {
            self.enter(State::Verifying)
        } else {
            self.settle(RecordResult::Failure(FailureReason::FetchError))
        }
    }

    fn settle_by_status(&mut self) -> Next {
        let is_ok = self.record.response.as_ref().is_some_and(ResponseHead::is_ok);
        self.settle(if is_ok {
            RecordResult::Success
        } else {
            RecordResult::Failure(FailureReason::BadStatus)
        })
    }

    /// The server's file is not the one that the stored bytes are from.
    fn distrust_stored_bytes(&mut self) -> Next {
        self.take_stored_for(Stored::Distrusted);
        self.retry()
    }

    fn retry(&mut self) -> Next {
        match self.delay_after_failure() {
            Some(delay) => self.wait(delay),
            None => self.fail(),
        }
    }

    fn delay_after_failure(&mut self) -> Option<Millis> {
        self.retries.delay_after_failure(self.record.response.is_some())
    }

    /// There is no further attempt. Bytes that seem to be the whole are the result.
    fn fail(&mut self) -> Next {
        if self.stored.seems_whole() {
            self.finish()
        } else {
            self.settle(RecordResult::Failure(FailureReason::FetchError))
        }
    }
}
