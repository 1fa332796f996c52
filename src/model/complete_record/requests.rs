//! What the next request asks for.

use super::{CompleteRecord, Continuation, Next, Purpose, State, Stored};
use crate::model::{Attempt, ByteCount, CacheMode, FailureReason, RecordResult, ResponseHead};

impl CompleteRecord {
    /// What a part has to repeat of the stored bytes, where its headers do not tell enough.
    pub(super) const OVERLAP: ByteCount = ByteCount(64);

    pub(super) fn send(&mut self) -> Next {
        if self.record.is_sent {
            return self.settle(RecordResult::Failure(FailureReason::FetchError));
        }
        self.record.is_sent = !self.request.is_get();
        let state = match self.continuation() {
            None => State::Requesting(Purpose::Whole),
            Some(Continuation::Rest) if !self.hides_headers() => {
                State::Requesting(Purpose::Rest { overlap: ByteCount::ZERO })
            }
            // Across origins `Content-Encoding` cannot be read. Some servers cut parts out of an encoded
            // representation, and WebKitGTK (2.50) hands such a part out without decoding it. So a part has to begin
            // with bytes that are known.
            Some(continuation) => State::Recalling(continuation),
        };
        self.enter(state)
    }

    /// The end of what is stored is at hand, so many bytes.
    pub fn handle_recalled(&mut self, count: ByteCount) -> Next {
        let State::Recalling(continuation) = self.state else { return self.next() };
        if count.is_zero() {
            self.take_stored_for(Stored::Distrusted);
            return self.enter(State::Requesting(Purpose::Whole));
        }
        let overlap = count.min(self.record.length);
        self.enter(State::Requesting(Purpose::of(continuation, overlap)))
    }

    /// `None` where the whole is to be asked for.
    fn continuation(&self) -> Option<Continuation> {
        let head = self.record.response.as_ref().filter(|_| self.can_be_asked_for_more())?;
        if head.has_validator() {
            Some(Continuation::Rest)
        } else {
            (self.stored == Stored::Unconfirmed && head.names_version()).then_some(Continuation::Question)
        }
    }

    /// A body that was decoded cannot be put together with a part of the file, but it can be compared with one.
    pub(super) fn can_be_asked_about(&self) -> bool {
        self.can_be_asked_for_more() && self.record.response.as_ref().is_some_and(ResponseHead::names_version)
    }

    fn can_be_asked_for_more(&self) -> bool {
        let trusts_stored = self.stored.is_trusted() && !self.record.length.is_zero();
        let may_ask_for_range = self.request.is_get() && !self.request.has_own_range();
        // To ask for all of it again is not to resume.
        let has_more_than_overlap = !self.hides_headers() || self.record.length > Self::OVERLAP;
        trusts_stored && may_ask_for_range && has_more_than_overlap && self.is_under_way()
    }

    pub(super) fn attempt(&self, purpose: Purpose) -> Attempt {
        let range_start = self.range_start(purpose);
        Attempt {
            range_start,
            range_end: range_start.and_then(|_| self.next_ahead()),
            if_range: self.if_range(purpose),
            bypasses_cache: self.bypasses_cache(),
            is_whole: false,
        }
    }

    pub(super) fn range_start(&self, purpose: Purpose) -> Option<ByteCount> {
        purpose.overlap().map(|overlap| self.record.length.saturating_sub(overlap))
    }

    /// Same-origin only: across origins this header makes the browser ask for permission first. A question goes without
    /// it: the validator at hand may be that of the encoded representation.
    pub(super) fn if_range(&self, purpose: Purpose) -> Option<String> {
        let first = self.record.response.as_ref().filter(|first| !first.hides_headers())?;
        match purpose {
            Purpose::Rest { .. } if !self.avoids_if_range => first.if_range(),
            _ => None,
        }
    }

    /// Firefox (153) continues an incomplete body of its cache by itself, with an `If-Range` of its own
    /// (<https://github.com/whatwg/fetch/issues/38>). Chromium (156) may answer from its memory with less than it
    /// says.
    fn bypasses_cache(&self) -> bool {
        let has_begun = self.record.response.is_some() && self.request.cache == CacheMode::Default;
        has_begun || !self.stored.is_trusted() || self.stored.seems_whole()
    }

    /// The server refused the request, perhaps only for its form: not every server knows `If-Range`, or ranges. What is
    /// stored is kept until there is something better.
    pub(super) fn ask_otherwise(&mut self, purpose: Purpose) -> Next {
        if self.if_range(purpose).is_some() {
            self.avoids_if_range = true;
        } else {
            self.take_stored_for(Stored::Distrusted);
        }
        self.send()
    }
}
