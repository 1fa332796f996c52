mod answers;
mod ends;

use answers::Content;

use super::patience::Patience;
use super::transfer::Transfer;
use super::{
    Attempt, ByteCount, CacheMode, FailureReason, IntegrityCheck, Millis, NetworkFailure, PartialResponse,
    Previous, Probe, Record, RecordResult, ResponseHead, RetryPolicy, StoredRequest,
    validate_partial_response,
};
use crate::broken_rules::Rule;

/// [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record), as a state machine.
///
/// Calling protocol: [`start`](Self::start), then do what the [`Next`] says and report how it went with the `handle_*`
/// function that it names, which gives the next `Next`, until one is `Settle`. [`record`](Self::record) is at any time
/// what is to be stored together with the bytes received up to then.
pub struct CompleteRecord {
    request: StoredRequest,
    record: Record,
    patience: Patience,
    transfer: Transfer,
    /// The next attempt asks for the whole file, since its stored beginning is not to be trusted.
    needs_whole: bool,
    /// The server has refused a request with `If-Range`.
    avoids_if_range: bool,
    /// What is stored, and whether it is distrusted, as long as nothing of the body that would take its place is.
    stored: Option<(Record, bool)>,
    /// A part of a file of unknown length ended where it said it would.
    reached_open_end: bool,
    /// Where a body ended cleanly before its announced length.
    early_end: Option<ByteCount>,
    /// The file was found to be another than the body that looked whole.
    has_changed: bool,
    /// Where the file ends that goes on behind the body.
    told_end: Option<ByteCount>,
    is_offline: bool,
}

/// What to do next, and what to report afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read the end of what is stored, at most so many bytes; `handle_recalled`.
    Recall(ByteCount),
    /// Send the request; `handle_response` or `handle_failure`.
    Send(Attempt),
    /// Read the body: `handle_bytes` for each piece, then `handle_end` or `handle_failure`. With `restart`, all that was
    /// stored of this record before is to be dropped in the transaction that stores the first of the new. Without, the body
    /// begins with what was recalled: `handle_repeated` for bytes that are the same, `handle_mismatch` where one is not.
    Read { restart: bool },
    /// Find out whether the server can be reached at all; `handle_probe`.
    Probe,
    /// Wait at most so long; `handle_waited`, or `handle_encouraged` where something suggested not to wait any longer.
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
    /// What a part has to repeat of the stored bytes, where its headers do not tell enough.
    const OVERLAP: ByteCount = ByteCount(64);

    pub fn new(request: StoredRequest, record: Record, policy: RetryPolicy) -> Self {
        Self {
            request,
            record,
            patience: Patience::new(policy),
            transfer: Transfer::default(),
            needs_whole: false,
            avoids_if_range: false,
            stored: None,
            reached_open_end: false,
            early_end: None,
            has_changed: false,
            told_end: None,
            is_offline: false,
        }
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Only a GET can be sent again, so only of a GET is it asked that it answers in time.
    pub fn is_repeatable(&self) -> bool {
        self.request.is_get()
    }

    pub fn start(&mut self) -> Next {
        if let Some(result) = self.record.result {
            return Next::Settle(result);
        }
        // The announced length may be that of a coded body, which then has more to come, where headers are hidden.
        let is_known = self.record.response.is_some() && !self.hides_headers() && !self.needs_whole;
        if is_known && self.record.total == Some(self.record.length) {
            return self.finish();
        }
        self.send()
    }

    pub fn handle_response(&mut self, head: ResponseHead) -> Next {
        self.transfer.is_answered = true;
        self.is_offline = false;
        self.patience.handle_response();
        if self.is_under_way() && is_temporary(head.status) {
            return if self.record.seems_whole {
                self.confirm_later(head.retry_after())
            } else {
                self.retry_when_asked(head)
            };
        }
        if self.is_of_another_document(&head) || self.may_be_cut(&head) {
            return self.retry();
        }
        let content = self.content_of(&head);
        match (self.transfer.range_start, content) {
            (Some(start), _) if self.transfer.is_question => self.judge_answer(start, head),
            (Some(start), Content::Part) => self.continue_with_part(start, &head),
            // Whatever it is, it is no more of this body, which has come to its end.
            (Some(_), _) if self.record.seems_whole => self.finish(),
            (None, _) if self.record.seems_whole && !head.is_ok() => self.finish(),
            (Some(_), Content::Nothing) if head.status == 416 => self.end_unsatisfied(&head),
            (Some(_), Content::Nothing) => self.ask_otherwise(),
            (Some(_), Content::Unclear) => self.distrust_stored_bytes(),
            (None, Content::Part) if !self.request.has_own_range() => self.begin_with_part(head),
            _ => self.replace(head),
        }
    }

    /// The end of what is stored is at hand, so many bytes.
    pub fn handle_recalled(&mut self, count: ByteCount) -> Next {
        self.transfer.repeated = count;
        if count.is_zero() {
            self.needs_whole = true;
            self.record.seems_whole = false;
            self.transfer.range_start = None;
            self.transfer.is_question = false;
        } else {
            self.transfer.range_start = Some(self.record.length.saturating_sub(count));
        }
        self.send_attempt()
    }

    /// So many bytes of what was recalled came again.
    pub fn handle_repeated(&mut self, count: ByteCount) {
        self.transfer.repeated = self.transfer.repeated.saturating_sub(count);
        self.patience.forgive_parts();
        if self.transfer.repeated.is_zero()
            && let Some(part) = self.transfer.part
        {
            if self.transfer.is_question {
                self.record.seems_whole = false;
                self.needs_whole = true;
                self.patience.handle_answer();
            } else {
                self.record.total = part.total;
                self.record.seems_whole &= part.end <= self.record.length;
            }
        }
    }

    /// Where the recalled bytes should have come again, others came.
    pub fn handle_mismatch(&mut self) -> Next {
        if self.transfer.is_question {
            return self.fetch_changed_file();
        }
        if self.record.seems_whole { self.finish() } else { self.distrust_stored_bytes() }
    }

    /// `None`: the bytes belong to the record, read on. Otherwise they do not.
    pub fn handle_bytes(&mut self, count: ByteCount) -> Option<Next> {
        if count.is_zero() {
            return None;
        }
        let length = self.record.length + count;
        if self.transfer.is_question {
            return Some(self.fetch_cut_file());
        }
        if self.transfer.part.is_some_and(|part| length > part.end) {
            return Some(self.distrust_stored_bytes());
        }
        self.record.length = length;
        self.record.seems_whole = false;
        self.transfer.received += count;
        self.patience.forgive_parts();
        if self.record.total.is_some_and(|total| length > total) {
            // The announced length was that of a coded body: across origins Content-Encoding is hidden.
            self.record.total = None;
        }
        if length > self.record.longest {
            self.record.longest = length;
            self.record.restarts = 0;
            self.patience.handle_progress();
        }
        None
    }

    /// Firefox (153) and Chromium (156, of http: only) take headers that were cut for the whole answer. What is stored is not
    /// given up for one that lacks all that the first had, unless the server stays with it.
    fn may_be_cut(&mut self, head: &ResponseHead) -> bool {
        let names_version =
            if self.transfer.is_question { head.names_version() } else { head.has_validator() };
        let is_bare = !names_version
            && !["content-length", "content-range", "content-encoding"]
                .into_iter()
                .any(|name| head.headers.contains(name));
        let is_doubtful = is_bare || self.has_other_type(head);
        self.patience.doubts_headers(self.transfer.range_start.is_some() && head.is_ok() && is_doubtful)
    }

    pub fn handle_failure(&mut self, failure: NetworkFailure) -> Next {
        if failure == NetworkFailure::Truncated && self.transfer.is_answered {
            return self.end_truncated();
        }
        // Of what only the cache may give, no server is asked.
        let asks_server = self.request.cache != CacheMode::OnlyIfCached;
        if failure == NetworkFailure::Refused || !self.request.is_get() || !asks_server {
            return self.fail();
        }
        self.transfer.is_silent = failure == NetworkFailure::Stalled && !self.transfer.is_answered;
        if self.transfer.is_silent {
            self.patience.handle_silence();
        }
        match failure {
            NetworkFailure::Offline => {
                self.is_offline = true;
                Next::WaitUntilOnline
            }
            NetworkFailure::Abandoned => self.start(),
            _ if self.record.seems_whole || !self.transfer.is_answered => Next::Probe,
            _ if self.may_be_coded_parts() => self.distrust_stored_bytes(),
            _ => self.retry(),
        }
    }

    /// The last attempt failed for want of a network, and nothing was heard of the server since.
    pub fn waits_for_network(&self) -> bool {
        self.is_offline || self.patience.is_unreachable()
    }

    /// For how long silence is borne before there is an answer, where that is `first` for the first time.
    pub fn longest_silence(&self, first: Millis) -> Millis {
        self.patience.longest_silence(first)
    }

    /// Across origins a server's `Content-Encoding` is hidden. If it cuts its parts out of the coded file, they cannot be
    /// decoded: the browser shows their headers, and no byte.
    fn may_be_coded_parts(&mut self) -> bool {
        let Transfer { is_answered, part, received, .. } = &self.transfer;
        let gives_up = self.patience.gives_up_parts(*is_answered && part.is_some() && received.is_zero());
        self.hides_headers() && gives_up
    }

    /// Only what the server says ends a record, and never the network.
    pub fn handle_probe(&mut self, probe: Probe) -> Next {
        self.is_offline = false;
        if !probe.reachable && !Rule::WaitForNetwork.is_broken() {
            return Next::Wait(self.patience.delay_while_unreachable());
        }
        if self.patience.handle_contact() {
            // The request may have failed while the server was not back yet.
            return Next::Wait(self.patience.policy().delay(1));
        }
        if self.record.seems_whole {
            return self.confirm_later(None);
        }
        let may_be_forbidden = probe.policy_may_forbid() && !self.transfer.is_silent;
        if may_be_forbidden && self.patience.seems_forbidden() {
            if self.transfer.range_start.is_none() {
                return self.fail();
            }
            // Perhaps only the answers to ranges lack what CORS needs.
            self.needs_whole = true;
        }
        self.retry()
    }

    pub fn handle_waited(&mut self) -> Next {
        self.start()
    }

    pub fn handle_encouraged(&mut self) -> Next {
        self.patience.handle_encouragement();
        self.start()
    }

    /// Ends the record by a rule of the whole background fetch, or because its bytes cannot be stored.
    pub fn settle(&mut self, result: RecordResult) -> Next {
        self.stored = None;
        self.record.result = Some(result);
        self.record.seems_whole = false;
        Next::Settle(result)
    }

    pub fn handle_verified(&mut self, is_valid: bool) -> Next {
        if is_valid {
            self.settle_by_status()
        } else {
            self.settle(RecordResult::Failure(FailureReason::FetchError))
        }
    }

    /// All bytes are there.
    fn finish(&mut self) -> Next {
        if !self.record.is_withheld {
            return self.settle_by_status();
        }
        // Fetch verifies bodies, so a response that has none is an error.
        let has_body = self.record.response.as_ref().is_some_and(|head| self.has_body(head));
        if has_body { Next::Verify } else { self.handle_verified(false) }
    }

    fn settle_by_status(&mut self) -> Next {
        let is_ok = self.record.response.as_ref().is_some_and(ResponseHead::is_ok);
        self.settle(if is_ok {
            RecordResult::Success
        } else {
            RecordResult::Failure(FailureReason::BadStatus)
        })
    }

    fn send(&mut self) -> Next {
        if self.record.is_sent {
            return self.settle(RecordResult::Failure(FailureReason::FetchError));
        }
        self.record.is_sent = !self.request.is_get() && !Rule::MarkUploads.is_broken();
        let is_resumable = self.is_resumable();
        let is_question = self.record.seems_whole && !is_resumable && self.can_be_asked_about();
        let range_start = Some(self.record.length).filter(|_| is_resumable || is_question);
        self.transfer = Transfer { range_start, is_question, ..Transfer::default() };
        if is_question || range_start.is_some() && self.may_be_of_the_code() {
            Next::Recall(Self::OVERLAP)
        } else {
            self.send_attempt()
        }
    }

    fn send_attempt(&self) -> Next {
        Next::Send(Attempt {
            range_start: self.transfer.range_start,
            if_range: self.if_range(),
            bypasses_cache: self.bypasses_cache(),
        })
    }

    /// Firefox (153) goes on by itself, with an `If-Range` of its own, with what its cache has of a body that broke off, and
    /// Chromium (156) may answer from its memory with less than it says.
    fn bypasses_cache(&self) -> bool {
        let has_begun = self.record.response.is_some() && self.request.cache == CacheMode::Default;
        has_begun || self.needs_whole || self.record.seems_whole
    }

    /// Across origins `Content-Encoding` cannot be read. Of a file that its server keeps coded, and cuts the parts out of
    /// the code, WebKitGTK (2.50) hands such a part out as it is. So a part has to begin with bytes that are known.
    fn may_be_of_the_code(&self) -> bool {
        self.hides_headers() && !Rule::CompareOverlaps.is_broken()
    }

    fn hides_headers(&self) -> bool {
        self.record.response.as_ref().is_some_and(ResponseHead::hides_headers)
    }

    fn is_resumable(&self) -> bool {
        self.can_be_asked_for_more() && self.record.response.as_ref().is_some_and(ResponseHead::has_validator)
    }

    fn can_be_asked_for_more(&self) -> bool {
        let trusts_stored = !self.needs_whole && !self.record.length.is_zero();
        let may_ask_for_range = self.request.is_get() && !self.request.has_own_range();
        // To ask for all of it again is not to resume.
        let has_more_than_overlap = !self.hides_headers() || self.record.length > Self::OVERLAP;
        trusts_stored && may_ask_for_range && has_more_than_overlap && self.is_under_way()
    }

    /// Same-origin only: across origins this header makes the browser ask for permission first.
    fn if_range(&self) -> Option<String> {
        self.transfer.range_start.filter(|_| !self.transfer.is_question && !self.avoids_if_range)?;
        let first = self.record.response.as_ref()?;
        if first.hides_headers() { None } else { first.if_range() }
    }

    /// A good response was seen, now or before a restart of the browser.
    fn is_under_way(&self) -> bool {
        self.record.response.as_ref().is_some_and(ResponseHead::is_ok)
    }

    fn continue_with_part(&mut self, start: ByteCount, head: &ResponseHead) -> Next {
        let previous =
            self.record.response.as_ref().map(|response| Previous { response, total: self.record.total });
        let may_be_of_the_code = head.hides_headers() && !Rule::CompareOverlaps.is_broken();
        // Where a redirect leads to another origin now, nothing was recalled.
        let is_comparable = !may_be_of_the_code || !self.transfer.repeated.is_zero();
        let part = validate_partial_response(start, head, previous)
            .filter(|part| is_comparable && part.end >= self.record.length);
        let anything = PartialResponse { end: ByteCount::MAX, total: self.record.total };
        let Some(part) = part.or_else(|| Rule::ValidateParts.is_broken().then_some(anything)) else {
            return if self.record.seems_whole { self.finish() } else { self.distrust_stored_bytes() };
        };
        self.transfer.part = Some(part);
        if self.transfer.repeated.is_zero() {
            self.record.seems_whole = false;
            self.record.total = part.total;
        }
        Next::Read { restart: false }
    }

    /// Any other answer than a part stands for itself: what was there before is redundant.
    fn replace(&mut self, head: ResponseHead) -> Next {
        let restart = self.record.response.is_some();
        self.stored = (!self.record.length.is_zero()).then(|| (self.record.clone(), self.needs_whole));
        // Where no byte has come, none is given up.
        if restart && !self.record.longest.is_zero() {
            self.record.restarts += 1;
            if self.record.restarts > self.patience.policy().restarts {
                return self.fail();
            }
        }
        self.transfer.is_question = false;
        self.needs_whole = false;
        self.record.seems_whole = false;
        self.reached_open_end = false;
        self.patience.forgive_parts();
        self.record.version = self.record.version.wrapping_add(u32::from(restart));
        self.record.is_withheld = IntegrityCheck::new(&self.request.integrity).is_some();
        self.record.length = ByteCount::ZERO;
        self.record.total = if self.has_body(&head) { head.body_length() } else { None };
        self.record.response = Some(head);
        Next::Read { restart }
    }

    /// [Null body statuses](https://fetch.spec.whatwg.org/#null-body-status) and HEAD have lengths of something else.
    fn has_body(&self, head: &ResponseHead) -> bool {
        self.request.method != "HEAD" && !matches!(head.status, 101 | 103 | 204 | 205 | 304)
    }

    /// The server's file is not the one that the stored bytes are from.
    fn distrust_stored_bytes(&mut self) -> Next {
        self.needs_whole = true;
        self.record.seems_whole = false;
        self.retry()
    }

    fn retry(&mut self) -> Next {
        match self.next_delay() {
            Some(delay) => Next::Wait(delay),
            None => self.fail(),
        }
    }

    /// There is no further attempt. A body that looked whole is believed.
    fn fail(&mut self) -> Next {
        if self.record.seems_whole {
            self.finish()
        } else {
            self.settle(RecordResult::Failure(FailureReason::FetchError))
        }
    }

    /// The last of these answers is the answer: the bytes that are there are not the file.
    fn retry_when_asked(&mut self, head: ResponseHead) -> Next {
        let asked = head.retry_after().unwrap_or_default().min(self.patience.policy().longest_retry_after);
        match self.next_delay() {
            Some(delay) if asked > delay => Next::WaitAsAsked(asked),
            Some(delay) => Next::Wait(delay),
            None => self.replace(head),
        }
    }

    fn next_delay(&mut self) -> Option<Millis> {
        self.patience.delay_after_failure(self.record.response.is_some())
    }
}

/// Statuses that say "not now" ([RFC 9110, 15](https://www.rfc-editor.org/rfc/rfc9110#name-status-codes)) rather than
/// something about the file.
fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
#[path = "complete_record_tests.rs"]
mod tests;
