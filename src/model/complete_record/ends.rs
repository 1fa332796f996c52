//! Where a file ends, and what only looks like its end.

use super::{CompleteRecord, Next};
use crate::broken_rules::Rule;
use crate::model::{BodyEnd, ByteCount, Millis, ResponseHead, UnsatisfiedRange, validate_partial_response};

impl CompleteRecord {
    /// The body came to its end. Firefox ends a body cleanly, too, whose connection broke.
    pub fn handle_end(&mut self, end: BodyEnd) -> Next {
        let length = self.record.length;
        if let Some(part) = self.transfer.part {
            return if length < part.end || !self.transfer.repeated.is_zero() {
                if self.record.seems_whole { self.confirm_later(None) } else { self.retry() }
            } else {
                self.end_part()
            };
        }
        if self.record.total.is_some_and(|total| length < total) {
            // Twice the same clean end is the end: the announced length was that of a coded body.
            if self.hides_headers() && self.early_end == Some(length) {
                return self.finish();
            }
            self.early_end = Some(length);
            self.needs_whole = self.hides_headers();
            return self.retry();
        }
        if self.may_lack_its_body() {
            return self.ask_for_its_body();
        }
        if end == BodyEnd::Unconfirmed && self.may_be_cut_unseen() {
            self.ask_about_end()
        } else {
            self.finish()
        }
    }

    fn ask_about_end(&mut self) -> Next {
        self.record.seems_whole = true;
        // From here on it is stored, and looked at.
        self.handle_replacement();
        self.patience.handle_answer();
        self.send()
    }

    /// All of a part is there.
    fn end_part(&mut self) -> Next {
        let total = self.record.total;
        if total == Some(self.record.length) {
            self.finish()
        } else if !self.transfer.received.is_zero() {
            self.reached_open_end = total.is_none();
            self.send()
        } else if total.is_some() {
            // There is more, and asked for in this way it does not come.
            self.distrust_stored_bytes()
        } else if self.record.seems_whole || self.reached_open_end {
            self.finish()
        } else {
            self.reached_open_end = true;
            self.retry()
        }
    }

    /// Less came of a coded body than its length says. Either its connection broke, which Firefox (153) does not show, or
    /// the length is not that of the code: some servers announce that of the file itself.
    pub(super) fn end_truncated(&mut self) -> Next {
        let length = self.record.length;
        let announced = self.record.response.as_ref().and_then(ResponseHead::coded_length);
        if announced == Some(length) {
            return self.finish();
        }
        if !self.request.is_get() {
            return self.fail();
        }
        if self.early_end.replace(length) != Some(length) {
            return self.retry();
        }
        // A connection seldom breaks twice at the same byte.
        if self.can_be_asked_about() { self.ask_about_end() } else { self.finish() }
    }

    /// WebKit (2.50) takes a chunked body whose connection broke for whole, and every browser one that only the end of the
    /// connection ends. The server knows whether there is more.
    fn may_be_cut_unseen(&self) -> bool {
        // A coded body's length is compared with what came, where it can be read.
        let is_counted = self
            .record
            .response
            .as_ref()
            .is_some_and(|head| head.coded_length().is_some() && !head.hides_headers());
        self.record.total.is_none()
            && (self.is_resumable() || self.can_be_asked_about())
            && !is_counted
            && !Rule::ConfirmEnds.is_broken()
    }

    /// The server was there, and did not say whether there is more.
    pub(super) fn confirm_later(&mut self, asked: Option<Millis>) -> Next {
        let asked = asked.unwrap_or_default().min(self.patience.policy().longest_delay);
        match self.patience.delay_of_question() {
            Some(delay) if asked > delay => Next::WaitAsAsked(asked),
            Some(delay) => Next::Wait(delay),
            None => self.finish(),
        }
    }

    /// An answer without a byte, and without anything that says that there is none, may be headers that were cut, too.
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
        match self.patience.count_empty_answer() {
            _ if !self.record.longest.is_zero() => self.retry(),
            1 => self.send(),
            2..BELIEVED_AT => self.next_delay().map_or_else(|| self.finish(), Next::Wait),
            _ => self.finish(),
        }
    }

    /// Whether the file goes on after the last bytes that are stored of it.
    pub(super) fn judge_answer(&mut self, start: ByteCount, head: ResponseHead) -> Next {
        let length = self.record.length;
        match head.status {
            206 => {
                let part = validate_partial_response(start, &head, None);
                let end = part.map_or(ByteCount::ZERO, |part| part.total.unwrap_or(part.end));
                if end <= length {
                    return self.finish();
                }
                // It grows, or it would be what was told before.
                let told_before = self.told_end.replace(end);
                if told_before.is_some_and(|told| end != told || length >= told) {
                    return self.fetch_changed_file();
                }
                self.transfer.part = part;
                Next::Read { restart: false }
            }
            200 if self.is_longer_file(&head) => {
                // Whatever becomes of the answer, the body is known to be cut.
                self.record.seems_whole = false;
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

    /// Once, as it may have changed while the body was cut; the second time the body is believed. What is there is kept
    /// until another answer begins.
    pub(super) fn fetch_changed_file(&mut self) -> Next {
        if std::mem::replace(&mut self.has_changed, true) {
            return self.finish();
        }
        self.patience.handle_answer();
        self.needs_whole = true;
        self.retry()
    }

    /// The file goes on where its body ended. A body that gets further each time is fetched from its first byte, so that
    /// is no progress.
    pub(super) fn fetch_cut_file(&mut self) -> Next {
        if self.patience.gives_up_cut_bodies() {
            return self.fail();
        }
        self.distrust_stored_bytes()
    }

    /// 416: there is nothing after the stored bytes. That is the end, if they are all there were.
    pub(super) fn end_unsatisfied(&mut self, head: &ResponseHead) -> Next {
        if !self.transfer.repeated.is_zero() {
            // Stored bytes, too, were asked for.
            return self.distrust_stored_bytes();
        }
        let complete = UnsatisfiedRange::from_headers(&head.headers).map(|range| range.complete);
        let is_end = match (complete, self.record.total) {
            // Another file may have just this length.
            (Some(complete), Some(total)) => complete == total && total == self.record.length,
            (Some(length), None) | (None, Some(length)) => length == self.record.length,
            (None, None) => self.reached_open_end,
        };
        if is_end { self.finish() } else { self.distrust_stored_bytes() }
    }

    /// A coded body cannot be put together with a part of the file, but it can be compared with one.
    pub(super) fn can_be_asked_about(&self) -> bool {
        self.can_be_asked_for_more() && self.record.response.as_ref().is_some_and(ResponseHead::names_version)
    }
}
