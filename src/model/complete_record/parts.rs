//! What other connections fetch of the file, while its beginning comes in.

use std::ops::Range;

use super::{Body, CompleteRecord, Next, Purpose, State, Stored};
use crate::model::{Attempt, ByteCount, ContentRange, Previous, ResponseHead, validate_partial_response};

/// What is compared of a file of another origin. Its first byte is not: a part of the code that begins there may be
/// decoded, and be the same.
const SAMPLE: Range<ByteCount> = ByteCount(1)..ByteCount(65);

impl CompleteRecord {
    /// The length of the file of which parts may be fetched ahead of the body that comes in: it is known for certain,
    /// and so is whether an answer has a part of this file.
    pub fn length_to_split(&self) -> Option<ByteCount> {
        self.length_if_proven().filter(|_| self.are_parts_proven || !self.hides_headers())
    }

    /// What has to come once more before the file may be split. Across origins `Content-Encoding` is hidden: the length
    /// may be that of the code, and parts some of it. Where the server shows none of its headers, a part could not be
    /// told from another.
    pub fn sample_to_compare(&self) -> Option<Range<ByteCount>> {
        let head = self.record.response.as_ref()?;
        let shows_more = ["etag", "accept-ranges"].into_iter().any(|name| head.headers.contains(name));
        let lacks_proof = head.hides_headers() && !self.are_parts_proven && shows_more;
        (lacks_proof && self.length_if_proven().is_some()).then_some(SAMPLE)
    }

    /// The answer to the request for the sample; whether it brought what the file has there.
    pub fn handle_sample(&mut self, head: &ResponseHead, is_same: bool) {
        self.are_parts_proven =
            is_same && self.is_answer_with(SAMPLE.start, SAMPLE.end, head) && self.tells_total(head);
    }

    /// Whether a part is one of a file as long as the one that comes in.
    pub(super) fn tells_total(&self, head: &ResponseHead) -> bool {
        let told = ContentRange::from_headers(&head.headers).and_then(|range| range.complete);
        told.is_some() && told == self.record.total
    }

    fn length_if_proven(&self) -> Option<ByteCount> {
        let is_of_file = match self.state {
            State::Receiving(Body::Beginning { part: None, .. }) => true,
            State::Receiving(Body::Rest { .. }) => self.stored == Stored::Beginning,
            _ => false,
        };
        let head = self.record.response.as_ref().filter(|_| is_of_file && self.replaced.is_none())?;
        let can_be_proven = head.is_ok()
            && self.request.is_get()
            && !self.request.has_own_range()
            && !head.has_content_coding()
            && head.has_validator()
            && !refuses_ranges(head);
        self.record.total.filter(|_| can_be_proven)
    }

    /// The request for a part.
    pub fn part_attempt(&self, start: ByteCount, end: ByteCount, is_whole: bool) -> Attempt {
        let purpose = Purpose::Rest { overlap: ByteCount::ZERO };
        Attempt {
            range_start: Some(start),
            range_end: Some(end),
            if_range: self.if_range(purpose),
            bypasses_cache: true,
            is_whole,
        }
    }

    /// Whether an answer brings the part that was asked for, or its beginning.
    pub fn is_part(&self, start: ByteCount, end: ByteCount, head: &ResponseHead) -> bool {
        // As of the rest of a file: where a redirect leads to another origin now, nothing was compared.
        (self.are_parts_proven || !head.hides_headers()) && self.is_answer_with(start, end, head)
    }

    fn is_answer_with(&self, start: ByteCount, end: ByteCount, head: &ResponseHead) -> bool {
        let response = self.record.response.as_ref();
        let previous = response.map(|response| Previous { response, total: self.record.total });
        previous.is_some()
            && head.status == 206
            && head.headers.contains("content-range")
            && validate_partial_response(start, head, previous).is_some_and(|part| part.end <= end)
    }

    /// Bytes of a part have come, which do not follow those that are there.
    pub fn handle_part_bytes(&mut self, start: ByteCount, count: ByteCount) {
        self.retries.handle_part_with_bytes();
        self.record.add(start, count);
        self.note_progress();
    }

    /// Where the body that comes in meets what is there.
    pub fn next_ahead(&self) -> Option<ByteCount> {
        self.record.ahead.first().map(|ahead| ahead.start)
    }

    /// Where the body that comes in ends by itself.
    pub fn body_end(&self) -> Option<ByteCount> {
        match self.state {
            State::Receiving(Body::Beginning { part, .. }) => part.map(|part| part.end).or(self.record.total),
            State::Receiving(Body::Rest { part, .. }) => Some(part.end),
            _ => None,
        }
    }

    /// The body is not read any further: what comes next is there.
    pub fn handle_stop(&mut self) -> Next {
        let State::Receiving(_) = self.state else { return self.next() };
        if self.record.total == Some(self.record.length) {
            return self.finish();
        }
        self.take_stored_for(Stored::Beginning);
        self.send()
    }
}

/// [Accept-Ranges](https://www.rfc-editor.org/rfc/rfc9110#name-accept-ranges)
fn refuses_ranges(head: &ResponseHead) -> bool {
    head.headers.value("accept-ranges").is_some_and(|value| value == "none")
}
