//! What an answer brings of the file, whatever its status says.

use super::{Body, CompleteRecord, Next, Pause, Purpose, State, Stored};
use crate::model::{
    ByteCount, ContentRange, IntegrityCheck, PartialResponse, Previous, ResponseHead, UnsatisfiedRange,
    validate_partial_response,
};

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Whole,
    Part,
    /// It contradicts itself.
    Unclear,
    /// It is none of the file.
    Nothing,
}

impl CompleteRecord {
    pub fn handle_response(&mut self, head: ResponseHead) -> Next {
        let State::Requesting(purpose) = self.state else { return self.next() };
        self.retries.handle_response();
        if self.is_under_way() && is_temporary(head.status) {
            return if self.stored.seems_whole() {
                self.ask_again(head.retry_after())
            } else {
                self.retry_when_asked(head)
            };
        }
        if self.is_of_another_document(&head) || self.count_head_that_may_be_truncated(purpose, &head) {
            return self.retry();
        }
        match purpose {
            Purpose::Whole => self.handle_answer(head),
            Purpose::Rest { overlap } => self.handle_answer_to_range(overlap, head),
            Purpose::Question { overlap } => self.handle_answered_question(overlap, head),
        }
    }

    fn handle_answer(&mut self, head: ResponseHead) -> Next {
        if self.stored.seems_whole() && !head.is_ok() {
            self.finish()
        } else if self.content_of(Purpose::Whole, &head) == Content::Part && !self.request.has_own_range() {
            self.begin_with_part(head)
        } else {
            self.replace(head)
        }
    }

    fn handle_answer_to_range(&mut self, overlap: ByteCount, head: ResponseHead) -> Next {
        let purpose = Purpose::Rest { overlap };
        match self.content_of(purpose, &head) {
            Content::Part => self.continue_with_part(overlap, &head),
            // Whatever it is, it is no more of this body, which has come to its end.
            _ if self.stored.seems_whole() => self.finish(),
            Content::Nothing if head.status == 416 => self.end_unsatisfied(overlap, &head),
            Content::Nothing => self.ask_otherwise(purpose),
            Content::Unclear => self.distrust_stored_bytes(),
            Content::Whole => self.replace(head),
        }
    }

    /// There are servers that answer a range with that range, and 200.
    fn content_of(&self, purpose: Purpose, head: &ResponseHead) -> Content {
        let range_start = self.range_start(purpose);
        match head.status {
            206 => Content::Part,
            _ if !head.is_ok() => Content::Nothing,
            _ if !self.request.is_get() => Content::Whole,
            // Of what has begun, no answer without a body is a newer version.
            201 | 202 | 204 | 205 if range_start.is_some() => Content::Nothing,
            _ if head.headers.contains("content-range") => content_by_range(range_start, head),
            _ => range_start.map_or(Content::Whole, |start| self.content_by_length(start, head)),
        }
    }

    /// Where no Content-Range can be read, the length of the rest tells that it is the rest.
    fn content_by_length(&self, start: ByteCount, head: &ResponseHead) -> Content {
        let Some(length) = head.body_length() else { return Content::Whole };
        let first = self.record.response.as_ref().filter(|first| first.has_validator());
        let is_same_version = first.is_some_and(|first| first.if_range() == head.if_range());
        match self.record.total {
            // Its first bytes have to be those that are stored.
            Some(total) if head.hides_headers() && length == total.saturating_sub(start) => Content::Part,
            // One version has one length.
            Some(total) if is_same_version && length != total => Content::Unclear,
            None if is_same_version && head.hides_headers() => Content::Unclear,
            _ => Content::Whole,
        }
    }

    fn continue_with_part(&mut self, overlap: ByteCount, head: &ResponseHead) -> Next {
        let length = self.record.length;
        let previous =
            self.record.response.as_ref().map(|response| Previous { response, total: self.record.total });
        // Where a redirect leads to another origin now, nothing was recalled.
        let is_comparable = !head.hides_headers() || !overlap.is_zero();
        let part = validate_partial_response(length.saturating_sub(overlap), head, previous)
            .filter(|part| is_comparable && part.end >= length);
        match part {
            Some(part) if overlap.is_zero() => {
                if self.stored.seems_whole() {
                    self.take_stored_for(Stored::Beginning);
                }
                self.record.total = part.total;
                self.enter(State::Receiving(Body::Rest { part, has_bytes: false }))
            }
            Some(part) => {
                // Nothing is appended, and no part fetched, before its first bytes have been compared.
                self.are_parts_proven = self.tells_total(head);
                self.enter(State::Receiving(Body::Overlap { part, missing: overlap }))
            }
            None if self.stored.seems_whole() => self.finish(),
            None => self.distrust_stored_bytes(),
        }
    }

    /// A part that nobody asked for, if it is the first.
    fn begin_with_part(&mut self, head: ResponseHead) -> Next {
        let is_empty = UnsatisfiedRange::from_headers(&head.headers).map(|range| range.complete)
            == Some(ByteCount::ZERO);
        let part = validate_partial_response(ByteCount::ZERO, &head, None);
        if part.is_none() && !is_empty {
            return self.fail();
        }
        let total = part.map_or(Some(ByteCount::ZERO), |part| part.total);
        // What is put together is the whole file, which is what the caller asked for.
        let status_text = if head.status_text.is_empty() { "" } else { "OK" };
        let head = ResponseHead { status: 200, status_text: status_text.into(), ..head };
        self.replace_by(head, part, total)
    }

    /// Any other answer than a part stands for itself: what was there before is redundant.
    pub(super) fn replace(&mut self, head: ResponseHead) -> Next {
        let total = if self.has_body(&head) { head.body_length() } else { None };
        self.replace_by(head, None, total)
    }

    fn replace_by(
        &mut self,
        head: ResponseHead,
        part: Option<PartialResponse>,
        total: Option<ByteCount>,
    ) -> Next {
        let restart = self.record.response.is_some();
        self.replaced = (!self.record.length.is_zero()).then(|| (self.record.clone(), self.stored));
        // Where no byte has come, none is given up.
        if restart && !self.record.longest.is_zero() {
            self.record.restarts += 1;
            if self.record.restarts > self.retries.policy().restarts {
                return self.fail();
            }
        }
        self.take_stored_for(Stored::Beginning);
        self.are_parts_proven = false;
        self.retries.handle_part_with_bytes();
        self.record.version = self.record.version.wrapping_add(u32::from(restart));
        self.record.is_withheld = IntegrityCheck::new(&self.request.integrity).is_some();
        self.record.length = ByteCount::ZERO;
        self.record.ahead.clear();
        self.record.total = total;
        self.record.response = Some(head);
        self.enter(State::Receiving(Body::Beginning { part, restart }))
    }

    /// [Null body statuses](https://fetch.spec.whatwg.org/#null-body-status) and HEAD have lengths of something else.
    pub(super) fn has_body(&self, head: &ResponseHead) -> bool {
        self.request.method != "HEAD" && !matches!(head.status, 101 | 103 | 204 | 205 | 304)
    }

    /// Waits as long as the server asks. After too many failures the last answer is the result, and the stored bytes
    /// are given up.
    fn retry_when_asked(&mut self, head: ResponseHead) -> Next {
        let asked = head.retry_after().unwrap_or_default().min(self.retries.policy().longest_retry_after);
        match self.delay_after_failure() {
            Some(delay) if asked > delay => self.enter(State::Waiting(Pause::AsAsked(asked))),
            Some(delay) => self.wait(delay),
            None => self.replace(head),
        }
    }

    /// Counts heads that may be truncated; true where the answer is to be ignored. Firefox (153) and Chromium (156, of
    /// http: only) take headers that were truncated for the whole answer. An answer that lacks all that the first had
    /// replaces the stored bytes only if the server stays with it.
    fn count_head_that_may_be_truncated(&mut self, purpose: Purpose, head: &ResponseHead) -> bool {
        let names_version = match purpose {
            Purpose::Question { .. } => head.names_version(),
            Purpose::Whole | Purpose::Rest { .. } => head.has_validator(),
        };
        let tells_nothing = !names_version
            && !["content-length", "content-range", "content-encoding"]
                .into_iter()
                .any(|name| head.headers.contains(name));
        let is_unlike = tells_nothing || self.has_other_type(head);
        self.retries.count_unlike_head(purpose != Purpose::Whole && head.is_ok() && is_unlike)
    }

    /// Whether a redirect led from a file that has begun to another kind of document: a login, or a notice of the
    /// network's. That is never taken for the file. In the draft, too, a fetch whose file has changed fails with
    /// fetch-error.
    fn is_of_another_document(&self, head: &ResponseHead) -> bool {
        let is_elsewhere =
            self.record.response.as_ref().is_some_and(|first| head.redirected && head.url != first.url);
        head.is_ok() && is_elsewhere && !self.stored.seems_whole() && self.has_other_type(head)
    }

    /// Whether an answer has another media type than the bytes that are stored.
    fn has_other_type(&self, head: &ResponseHead) -> bool {
        let media_type = |head: &ResponseHead| {
            let value = head.headers.value("content-type")?;
            value.split(';').next().map(|essence| essence.trim().to_ascii_lowercase())
        };
        let stored = self.record.response.as_ref().filter(|_| !self.record.length.is_zero());
        let (stored, answered) = (stored.and_then(media_type), media_type(head));
        // A part is known by its validators.
        head.status != 206 && stored.is_some() && answered.is_some() && stored != answered
    }
}

fn content_by_range(range_start: Option<ByteCount>, head: &ResponseHead) -> Content {
    let is_asked_for_part = range_start.is_some();
    match ContentRange::from_headers(&head.headers) {
        Some(range) if range.is_whole() => Content::Whole,
        Some(range) if range.complete.is_some() && head.body_length() == range.complete => {
            if is_asked_for_part {
                Content::Unclear
            } else {
                Content::Whole
            }
        }
        Some(_) => Content::Part,
        None if is_asked_for_part => Content::Unclear,
        None => Content::Whole,
    }
}

/// Statuses that say "not now" ([RFC 9110, 15](https://www.rfc-editor.org/rfc/rfc9110#name-status-codes)) rather than
/// something about the file.
fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}
