//! Where a file ends, and what only looks like its end.

use super::{Body, CompleteRecord, Next, Pause, State, Stored};
use crate::model::{
    BodyEnd, ByteCount, Millis, PartialResponse, ResponseHead, UnsatisfiedRange, validate_partial_response,
};

impl CompleteRecord {
    /// The end of a body that began with the first byte of the file, and was to bring all of it.
    pub(super) fn end_whole(&mut self, end: BodyEnd) -> Next {
        let length = self.record.length;
        if self.record.total.is_some_and(|total| length < total) {
            // Twice the same clean end is the end: the announced length was that of the encoded representation.
            if self.hides_headers() && self.ends.early == Some(length) {
                return self.finish();
            }
            self.ends.early = Some(length);
            if self.hides_headers() {
                self.take_stored_for(Stored::Distrusted);
            }
            return self.retry();
        }
        if self.may_lack_its_body() {
            return self.ask_for_its_body();
        }
        if end == BodyEnd::Unconfirmed && self.may_be_truncated_unseen() {
            self.ask_about_end()
        } else {
            self.finish()
        }
    }

    fn ask_about_end(&mut self) -> Next {
        self.take_stored_for(Stored::Unconfirmed);
        // From here on it is stored, and looked at.
        self.handle_replacement();
        self.retries.handle_answered_question();
        self.send()
    }

    /// The end of a part.
    pub(super) fn end_part(&mut self, part: PartialResponse, has_bytes: bool) -> Next {
        let total = self.record.total;
        if self.record.length < part.end {
            self.retry()
        } else if total == Some(self.record.length) {
            self.finish()
        } else if has_bytes {
            let is_open = total.is_none();
            self.take_stored_for(if is_open { Stored::OpenEnd } else { Stored::Beginning });
            self.send()
        } else if total.is_some() {
            // There is more, and asked for in this way it does not come.
            self.distrust_stored_bytes()
        } else if self.stored == Stored::Beginning {
            self.take_stored_for(Stored::OpenEnd);
            self.retry()
        } else {
            self.finish()
        }
    }

    /// Less came of an encoded representation than its length says. Either its connection broke, which Firefox (153)
    /// does not show (<https://bugzilla.mozilla.org/show_bug.cgi?id=237623>). Or the length is another one: some
    /// servers announce that of the file itself.
    pub(super) fn end_truncated(&mut self) -> Next {
        let length = self.record.length;
        let announced = self.record.response.as_ref().and_then(ResponseHead::encoded_length);
        if announced == Some(length) {
            return self.finish();
        }
        if !self.request.is_get() {
            return self.fail();
        }
        if self.ends.early.replace(length) != Some(length) {
            return self.retry();
        }
        // A connection seldom breaks twice at the same byte.
        if self.can_be_asked_about() { self.ask_about_end() } else { self.finish() }
    }

    /// Whether the body may be truncated although it seems complete. WebKit (2.50) does not notice it where a chunked
    /// body's connection broke. No browser does where only the end of the connection ends the body. The server can be
    /// asked.
    fn may_be_truncated_unseen(&self) -> bool {
        // The length of an encoded representation is compared with what came, where it can be read.
        let is_counted = self
            .record
            .response
            .as_ref()
            .is_some_and(|head| head.encoded_length().is_some() && !head.hides_headers());
        self.record.total.is_none() && self.can_be_asked_about() && !is_counted
    }

    /// The server was there, and did not say whether there is more.
    pub(super) fn ask_again(&mut self, asked: Option<Millis>) -> Next {
        let asked = asked.unwrap_or_default().min(self.retries.policy().longest_delay);
        match self.retries.delay_of_question() {
            Some(delay) if asked > delay => self.enter(State::Waiting(Pause::AsAsked(asked))),
            Some(delay) => self.wait(delay),
            None => self.finish(),
        }
    }

    /// An answer without a byte, and without anything that says that there is none, may be truncated headers, too.
    fn may_lack_its_body(&self) -> bool {
        let is_empty = self.record.length.is_zero() && self.record.total.is_none();
        let expects_body = self.record.response.as_ref().is_some_and(|head| {
            let is_chunked = head.headers.value("transfer-encoding").is_some_and(|value| value == "chunked");
            head.is_ok() && self.has_body(head) && !is_chunked
        });
        self.request.is_get() && is_empty && expects_body
    }

    /// A file that had bytes does not end so. Another is empty if it ends so time and again.
    fn ask_for_its_body(&mut self) -> Next {
        const BELIEVED_AT: u32 = 4;
        match self.retries.count_empty_body() {
            _ if !self.record.longest.is_zero() => self.retry(),
            1 => self.send(),
            2..BELIEVED_AT => match self.delay_after_failure() {
                Some(delay) => self.wait(delay),
                None => self.finish(),
            },
            _ => self.finish(),
        }
    }

    /// Whether the file goes on after the last bytes that are stored of it.
    pub(super) fn handle_answered_question(&mut self, overlap: ByteCount, head: ResponseHead) -> Next {
        let length = self.record.length;
        match head.status {
            206 => {
                let part = validate_partial_response(length.saturating_sub(overlap), &head, None);
                let end = part.map_or(ByteCount::ZERO, |part| part.total.unwrap_or(part.end));
                if end <= length {
                    return self.finish();
                }
                // It grows, or it would be what was told before.
                let told_before = self.ends.told.replace(end);
                if told_before.is_some_and(|told| end != told || length >= told) {
                    return self.fetch_changed_file();
                }
                self.enter(State::Receiving(Body::Comparison { missing: overlap }))
            }
            200 if self.is_longer_file(&head) => {
                // Whatever becomes of the answer, the body is known to be truncated.
                self.take_stored_for(Stored::Distrusted);
                self.replace(head)
            }
            _ => self.finish(),
        }
    }

    /// Another page, that of a login perhaps, is no reason to give up what is there.
    fn is_longer_file(&self, head: &ResponseHead) -> bool {
        let is_same = |name| {
            let first = self.record.response.as_ref().and_then(|first| first.headers.value(name));
            first == head.headers.value(name)
        };
        !head.hides_headers()
            && head.body_length() > Some(self.record.length)
            && head.names_version()
            && is_same("content-type")
            && is_same("last-modified")
    }

    /// Fetches the file once more, as it may have changed while the body came to its end. The second time the body is
    /// believed. What is there is kept until another answer begins.
    pub(super) fn fetch_changed_file(&mut self) -> Next {
        if std::mem::replace(&mut self.ends.has_changed, true) {
            return self.finish();
        }
        self.retries.handle_answered_question();
        self.take_stored_for(Stored::Outdated);
        self.retry()
    }

    /// The file goes on where its body ended, so it is fetched anew. That is no progress, even if the body gets further
    /// each time: each time it begins with its first byte.
    pub(super) fn fetch_truncated_file(&mut self) -> Next {
        if self.retries.count_truncated_body() {
            return self.fail();
        }
        self.distrust_stored_bytes()
    }

    /// 416: there is nothing after the stored bytes. That is the end, if they are all there were.
    pub(super) fn end_unsatisfied(&mut self, overlap: ByteCount, head: &ResponseHead) -> Next {
        if !overlap.is_zero() {
            // Stored bytes, too, were asked for.
            return self.distrust_stored_bytes();
        }
        let complete = UnsatisfiedRange::from_headers(&head.headers).map(|range| range.complete);
        let is_end = match (complete, self.record.total) {
            // Another file may have just this length.
            (Some(complete), Some(total)) => complete == total && total == self.record.length,
            (Some(length), None) | (None, Some(length)) => length == self.record.length,
            (None, None) => self.stored == Stored::OpenEnd,
        };
        if is_end { self.finish() } else { self.distrust_stored_bytes() }
    }
}
