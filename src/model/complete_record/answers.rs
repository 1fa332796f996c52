//! What an answer brings of the file, whatever its status says.

use super::{CompleteRecord, Next};
use crate::model::{
    ByteCount, ContentRange, Record, ResponseHead, UnsatisfiedRange, validate_partial_response,
};

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Whole,
    Part,
    /// It contradicts itself.
    Unclear,
    /// It is none of the file.
    Nothing,
}

impl CompleteRecord {
    /// There are servers that answer a range with that range, and 200.
    pub(super) fn content_of(&self, head: &ResponseHead) -> Content {
        let is_asked_for_part = self.transfer.range_start.is_some();
        match head.status {
            206 => Content::Part,
            _ if !head.is_ok() => Content::Nothing,
            _ if !self.request.is_get() => Content::Whole,
            // Of what has begun, no answer without a body is a newer version.
            201 | 202 | 204 | 205 if is_asked_for_part => Content::Nothing,
            _ if head.headers.contains("content-range") => self.content_by_range(head),
            _ if is_asked_for_part => self.content_by_length(head),
            _ => Content::Whole,
        }
    }

    fn content_by_range(&self, head: &ResponseHead) -> Content {
        let is_asked_for_part = self.transfer.range_start.is_some();
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

    /// Where no Content-Range can be read, the length of the rest tells that it is the rest.
    fn content_by_length(&self, head: &ResponseHead) -> Content {
        let (Some(start), Some(length)) = (self.transfer.range_start, head.body_length()) else {
            return Content::Whole;
        };
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

    /// A part that nobody asked for, if it is the first.
    pub(super) fn begin_with_part(&mut self, head: ResponseHead) -> Next {
        let is_empty = UnsatisfiedRange::from_headers(&head.headers).map(|range| range.complete)
            == Some(ByteCount::ZERO);
        let part = validate_partial_response(ByteCount::ZERO, &head, None);
        if part.is_none() && !is_empty {
            return self.fail();
        }
        // What is put together is the whole file, which is what the caller asked for.
        let status_text = if head.status_text.is_empty() { "" } else { "OK" };
        let next = self.replace(ResponseHead { status: 200, status_text: status_text.into(), ..head });
        self.transfer.part = part;
        self.record.total = part.map_or(Some(ByteCount::ZERO), |part| part.total);
        next
    }

    /// The server refuses what it was asked for, and perhaps only how: not every server knows `If-Range`, or ranges. What
    /// is stored is kept until there is something better.
    pub(super) fn ask_otherwise(&mut self) -> Next {
        if self.if_range().is_some() {
            self.avoids_if_range = true;
        } else {
            self.needs_whole = true;
        }
        self.send()
    }

    /// Of a file that has begun, a redirect elsewhere leads to another kind of document: a login, or a notice of the
    /// network's. That is never taken for the file. The draft, too, ends a fetch whose file has become another with
    /// fetch-error.
    pub(super) fn is_of_another_document(&self, head: &ResponseHead) -> bool {
        let is_elsewhere =
            self.record.response.as_ref().is_some_and(|first| head.redirected && head.url != first.url);
        head.is_ok() && is_elsewhere && !self.record.seems_whole && self.has_other_type(head)
    }

    /// Whether an answer has another media type than the bytes that are stored.
    pub(super) fn has_other_type(&self, head: &ResponseHead) -> bool {
        let media_type = |head: &ResponseHead| {
            let value = head.headers.value("content-type")?;
            value.split(';').next().map(|essence| essence.trim().to_ascii_lowercase())
        };
        let stored = self.record.response.as_ref().filter(|_| !self.record.length.is_zero());
        let (stored, answered) = (stored.and_then(media_type), media_type(head));
        // A part is known by its validators.
        head.status != 206 && stored.is_some() && answered.is_some() && stored != answered
    }

    /// Whether what is stored is that of a body before the one that comes in. It is kept until the new one is complete, or
    /// too much to wait for.
    pub fn keeps_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// Bytes of the new body are about to take the place of those that are stored.
    pub fn handle_replacement(&mut self) {
        self.stored = None;
    }

    /// The new body came to nothing: back to what is stored.
    pub fn handle_return(&mut self) {
        if let Some((stored, needs_whole)) = self.stored.take() {
            self.needs_whole |= needs_whole;
            // Or a server that begins anew each time would never be given up.
            let Record { longest, restarts, .. } = self.record;
            self.record = Record { longest, restarts, ..stored };
        }
    }
}
