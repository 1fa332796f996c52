use std::ops::Range;
use std::rc::Rc;

use super::complete_record::{Completion, Connections};
use super::parts::{PartEvent, Parts};
use super::{ByteHandle, Clock, World};
use crate::model::{ByteCount, Next, STREAM, Splitter, StoredRequest, StreamNext};

/// A large file comes in over several connections.
impl<W: World> Completion<'_, W> {
    /// The first piece of a file has come, which is split only where some of it comes once more.
    pub fn take_sample(&mut self, piece: &W::Bytes) {
        if let Some(bytes) = self.sample_to_compare() {
            self.sample.take(bytes, piece);
        }
    }

    pub fn compare_sample(&mut self, request: &Rc<StoredRequest>) {
        if !self.sample.is_taken() {
            return;
        }
        let Some(bytes) = self.sample_to_compare() else { return };
        let Some(connections) = self.free_connections(request) else { return };
        let attempt = self.machine.part_attempt(bytes.start, bytes.end, true);
        self.sample.compare(self.run, request, attempt, connections);
    }

    fn sample_to_compare(&self) -> Option<Range<ByteCount>> {
        let is_large = self.is_large_enough(self.machine.record().total.unwrap_or_default());
        self.machine.sample_to_compare().filter(|_| is_large)
    }

    fn is_large_enough(&self, length: ByteCount) -> bool {
        length >= self.run.settings.split_bytes
    }

    /// Begins to fetch what follows what is on its way, as far as that is of use, and nobody else needs the connections.
    pub fn begin_parts(&mut self, request: &Rc<StoredRequest>, parts: &mut Option<Parts<W>>) {
        let run = self.run;
        let total = self.machine.length_to_split();
        let Some(total) = total.filter(|total| self.is_large_enough(*total)) else { return };
        let (now, at_most) = (run.clock().monotonic(), run.settings.connections_per_origin);
        let parts = parts.get_or_insert_with(|| {
            Parts::new(Splitter::new(self.machine.record(), total, at_most, self.latency))
        });
        if run.own_connections.are_wanted("") || run.connections.are_wanted(request.origin()) {
            if parts.are_on_their_way() {
                parts.give_up_one(now);
            }
            return;
        }
        while parts.may_grow() && parts.splitter.wants_more(now) {
            let Some(connections) = self.free_connections(request) else { return };
            let Some(part) = parts.splitter.next_part(now) else { return };
            let attempt = self.machine.part_attempt(part.start, part.end, part.is_whole);
            parts.begin(part, run, request, attempt, connections);
        }
    }

    fn free_connections(&self, request: &StoredRequest) -> Option<Connections> {
        let (run, settings) = (self.run, &self.run.settings);
        let own = run.own_connections.try_open("", settings.connections)?;
        Some([own, run.connections.try_open(request.origin(), settings.connections_per_origin)?])
    }

    /// Something has come of a part.
    pub fn handle_part(
        &mut self,
        request: &StoredRequest,
        parts: &mut Parts<W>,
        event: PartEvent<W::Bytes>,
    ) -> Option<Next> {
        match event {
            PartEvent::Answered(part, head) => {
                if self.machine.is_part(part.start, part.end, &head) {
                    parts.splitter.handle_answer(part.id);
                } else {
                    if head.asks_for_fewer_requests() {
                        self.run.connections.handle_refusal(request.origin());
                    }
                    parts.refuse(part.id);
                }
            }
            PartEvent::Bytes { part, offset, bytes } => {
                let room = parts.splitter.end_of(part.id).unwrap_or_default().saturating_sub(offset);
                let count = bytes.length().min(room);
                if count.is_zero() {
                    return None;
                }
                let bytes = if count < bytes.length() { bytes.slice(ByteCount::ZERO, count) } else { bytes };
                self.machine.handle_part_bytes(offset, count);
                parts.handle_bytes(part.id, count, self.run.clock().monotonic());
                self.unstored.push_of_part(offset, bytes, part.is_whole);
                if !self.is_admitted() {
                    return Some(self.exceed_download_total());
                }
            }
            PartEvent::NoSlot(id) => parts.handle_no_slot(id, self.run.clock().monotonic()),
            PartEvent::Ended => {}
        }
        None
    }

    /// Where the first response is to stop: what follows is there, or comes over another connection. One that ends there
    /// by itself leaves its connection to the next request.
    pub fn limit(&self, parts: Option<&Parts<W>>) -> Option<ByteCount> {
        let limit = match parts {
            // Not where the length that was told has turned out to be another.
            Some(parts) if self.machine.length_to_split().is_some() => parts.splitter.end_of(STREAM),
            _ => self.machine.next_ahead(),
        };
        limit.filter(|limit| self.machine.body_end() != Some(*limit))
    }

    /// What is to become of the first response.
    pub fn next_of_stream(&self, parts: Option<&mut Parts<W>>) -> StreamNext {
        let position = self.position;
        let is_before_limit = self.limit(parts.as_deref()).is_none_or(|limit| position < limit);
        // Bytes that were there behind a gap may follow now.
        let is_at_front = position == self.machine.record().length;
        if self.machine.body_end() == Some(position) || is_before_limit && is_at_front {
            return StreamNext::GoOn;
        }
        parts.map_or(StreamNext::End, |parts| parts.splitter.next_of_stream())
    }

    /// Whether the first response has ended as it was to, while others bring more.
    pub fn is_through(&self, parts: Option<&Parts<W>>) -> bool {
        self.machine.body_end() == Some(self.position) && parts.is_some_and(Parts::are_on_their_way)
    }
}
