//! What comes in of a body.

use super::{Body, CompleteRecord, Next, State, Stored};
use crate::model::{BodyEnd, ByteCount};

impl CompleteRecord {
    /// So many bytes of what was recalled came again.
    pub fn handle_repeated(&mut self, count: ByteCount) {
        let State::Receiving(body) = self.state else { return };
        if count.is_zero() {
            return;
        }
        self.retries.handle_part_with_bytes();
        match body {
            Body::Overlap { part, missing } if count < missing => {
                let missing = missing.saturating_sub(count);
                self.state = State::Receiving(Body::Overlap { part, missing });
            }
            Body::Overlap { part, .. } => {
                self.state = State::Receiving(Body::Rest { part, has_bytes: false });
                self.record.total = part.total;
                if self.stored.seems_whole() && part.end > self.record.length {
                    self.take_stored_for(Stored::Beginning);
                }
            }
            Body::Comparison { missing } => {
                let missing = missing.saturating_sub(count);
                self.state = State::Receiving(Body::Comparison { missing });
                if missing.is_zero() && self.stored.seems_whole() {
                    // The server has told that the file goes on, and it is the same up to here.
                    self.take_stored_for(Stored::Distrusted);
                    self.retries.handle_answered_question();
                }
            }
            Body::Beginning { .. } | Body::Rest { .. } => {}
        }
    }

    /// Where the recalled bytes should have come again, others came.
    pub fn handle_mismatch(&mut self) -> Next {
        match self.state {
            State::Receiving(Body::Comparison { .. }) => self.fetch_changed_file(),
            State::Receiving(_) if self.stored.seems_whole() => self.finish(),
            State::Receiving(_) => self.distrust_stored_bytes(),
            _ => self.next(),
        }
    }

    /// `None`: the bytes belong to the record, read on. Otherwise they do not.
    pub fn handle_bytes(&mut self, count: ByteCount) -> Option<Next> {
        let State::Receiving(body) = self.state else { return Some(self.next()) };
        if count.is_zero() {
            return None;
        }
        let part = match body {
            Body::Comparison { missing } if missing.is_zero() => return Some(self.fetch_truncated_file()),
            Body::Comparison { .. } | Body::Overlap { .. } => return Some(self.handle_mismatch()),
            Body::Beginning { part, .. } => part,
            Body::Rest { part, .. } => Some(part),
        };
        let start = self.record.length;
        let length = start + count;
        if part.is_some_and(|part| length > part.end) {
            return Some(self.distrust_stored_bytes());
        }
        if let Body::Rest { part, .. } = body {
            self.state = State::Receiving(Body::Rest { part, has_bytes: true });
        }
        self.retries.handle_part_with_bytes();
        self.record.add(start, count);
        if self.record.total.is_some_and(|total| length > total) {
            // The announced length was that of the encoded representation: across origins Content-Encoding is hidden.
            self.record.total = None;
        }
        self.note_progress();
        None
    }

    pub(super) fn note_progress(&mut self) {
        let received = self.record.received();
        if received > self.record.longest {
            self.record.longest = received;
            self.record.restarts = 0;
            self.retries.handle_progress();
        }
    }

    /// The body came to its end. Firefox ends a body cleanly, too, whose connection broke.
    pub fn handle_end(&mut self, end: BodyEnd) -> Next {
        let State::Receiving(body) = self.state else { return self.next() };
        match body {
            Body::Beginning { part: None, .. } => self.end_whole(end),
            Body::Beginning { part: Some(part), .. } => self.end_part(part, true),
            Body::Rest { part, has_bytes } => self.end_part(part, has_bytes),
            Body::Overlap { .. } | Body::Comparison { .. } if self.stored.seems_whole() => {
                self.ask_again(None)
            }
            Body::Overlap { .. } | Body::Comparison { .. } => self.retry(),
        }
    }

    /// Counts parts without a new byte; true where no more parts are to be asked for. Across origins `Content-Encoding`
    /// is hidden. Parts of an encoded representation cannot be decoded: the browser shows their headers, and no byte.
    pub(super) fn count_empty_part(&mut self) -> bool {
        let is_empty = match self.state {
            State::Receiving(Body::Overlap { .. }) => true,
            State::Receiving(Body::Rest { has_bytes, .. }) => !has_bytes,
            _ => false,
        };
        let are_too_many = self.retries.count_empty_part(is_empty);
        self.hides_headers() && are_too_many
    }
}
