use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use futures_core::Stream;

use super::complete_record::{Completion, Connections, Incoming};
use super::notify::Task;
use super::overlap::Overlap;
use super::parts::{PartEvent, Parts};
use super::sample::{Sample, SampleAnswer};
use super::silence::Silence;
use super::{ByteHandle, Clock, ResponseBody, StoreError, World};
use crate::model::{
    ByteCount, FailureReason, Millis, NetworkFailure, Next, RecordResult, STREAM, StoredRequest, StreamNext,
};

/// What may happen while a body is read.
enum Event<B> {
    Piece(Option<Result<B, NetworkFailure>>),
    Part(PartEvent<B>),
    Sample(Option<SampleAnswer>),
    Stored(Result<(), StoreError>),
    Tick,
    Interrupted,
}

/// What is next, and the connections of the body where it was read to its end.
type Read = (Option<Next>, Option<Connections>);

/// The body of a record, from the network into the database.
impl<W: World> Completion<'_, W> {
    /// Reads on while a chunk is being stored, but not further than one more chunk.
    pub async fn read_body(
        &mut self,
        request: &Rc<StoredRequest>,
        incoming: Incoming<W>,
        restart: bool,
    ) -> Result<Read, StoreError> {
        let seemed_whole = self.machine.record().seems_whole;
        self.unstored.begin(restart);
        if restart {
            self.overlap = Overlap::default();
        }
        self.position = self.machine.record().length;
        self.rest = None;
        self.run.note_received(self.index, self.machine.record().received());
        if !self.admits_total() {
            return Ok((Some(self.exceed_download_total()), None));
        }
        let run = self.run;
        let (clock, settings) = (run.clock(), &run.settings);
        // What comes over the first connection is not read any further where others have fetched what follows.
        let mut incoming = Some(incoming);
        let mut parts = None;
        let mut storing: Option<Task<Result<(), StoreError>>> = None;
        // The head is stored early, for who waits for it. A small file is through by then.
        let mut interval = settings.progress_interval.min(settings.unstored_time).max(Millis(1));
        let mut tick = Box::pin(clock.sleep(interval));
        let timeout = self.base_timeout();
        let is_interruptible = self.machine.is_repeatable();
        let mut interrupted = pin!(run.interrupted.until(true));
        let mut stored_at = clock.monotonic();
        let mut silence = Silence::since(stored_at);
        // So many chunks are to be stored, whatever their lengths.
        let mut due = 0;
        let next = loop {
            let limit = self.chunk_limit();
            let is_full = self.unstored.streamed_length() >= limit;
            // Timers of hidden pages come late, so the clock is asked, too.
            let is_late = clock.monotonic().saturating_sub(stored_at) >= interval;
            if is_late && !self.machine.keeps_stored() {
                stored_at = clock.monotonic();
                interval = settings.unstored_time.max(Millis(1));
                due = self.unstored.chunk_count().max(1);
            }
            if storing.is_none() && (is_full || due > 0 || self.unstored.whole_count() > 0) {
                due = due.saturating_sub(1);
                if !self.unstored.is_empty() {
                    self.machine.handle_replacement();
                    storing = Some(self.store_unstored());
                }
                continue;
            }
            let takes_parts = !is_full && self.unstored.whole_count() < settings.connections as usize;
            if takes_parts {
                self.compare_sample(request);
                self.begin_parts(request, &mut parts);
            }
            let stream = match &incoming {
                Some(_) => self.next_of_stream(parts.as_mut()),
                None => StreamNext::End,
            };
            if stream == StreamNext::End && incoming.take().is_some() {
                parts.iter_mut().for_each(|parts| parts.splitter.handle_end_of_stream());
            }
            if incoming.is_none() && !parts.as_ref().is_some_and(Parts::are_on_their_way) {
                break Some(self.machine.handle_stop());
            }
            let event = poll_fn(|context| {
                if !is_full
                    && stream == StreamNext::GoOn
                    && let Some((body, _)) = &mut incoming
                {
                    if let Some(rest) = self.rest.take() {
                        return Poll::Ready(Event::Piece(Some(Ok(rest))));
                    }
                    if let Poll::Ready(piece) = Pin::new(body).poll_next(context) {
                        return Poll::Ready(Event::Piece(piece));
                    }
                }
                if let Poll::Ready(answer) = self.sample.poll(context) {
                    return Poll::Ready(Event::Sample(answer));
                }
                if takes_parts
                    && let Some(parts) = &mut parts
                    && let Poll::Ready(event) = parts.poll(context)
                {
                    return Poll::Ready(Event::Part(event));
                }
                if let Some(task) = &mut storing
                    && let Poll::Ready(stored) = task.as_mut().poll(context)
                {
                    storing = None;
                    return Poll::Ready(Event::Stored(stored));
                }
                if tick.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Event::Tick);
                }
                if is_interruptible && interrupted.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Event::Interrupted);
                }
                Poll::Pending
            })
            .await;
            match event {
                Event::Piece(Some(Ok(piece))) => {
                    silence = Silence::since(clock.monotonic());
                    let limit = self.limit(parts.as_ref());
                    match self.receive(piece, limit).await {
                        Ok(count) => {
                            if let Some(parts) = &mut parts {
                                parts.handle_bytes(STREAM, count, clock.monotonic());
                            }
                        }
                        Err(next) => break Some(next),
                    }
                }
                Event::Piece(Some(Err(failure))) => break Some(self.machine.handle_failure(failure)),
                // What follows comes over other connections.
                Event::Piece(None) if self.is_through(parts.as_ref()) => {
                    incoming = None;
                    parts.iter_mut().for_each(|parts| parts.splitter.handle_end_of_stream());
                }
                Event::Piece(None) => {
                    let end = incoming.as_ref().map(|(body, _)| body.end());
                    break Some(self.machine.handle_end(end.unwrap_or_default()));
                }
                Event::Part(event) => {
                    silence = Silence::since(clock.monotonic());
                    if let Some(parts) = &mut parts
                        && let Some(next) = self.handle_part(request, parts, event)
                    {
                        break Some(next);
                    }
                }
                Event::Sample(answer) => {
                    answer.iter().for_each(|(head, is_same)| self.machine.handle_sample(head, *is_same));
                }
                Event::Interrupted => break None,
                Event::Stored(Err(StoreError::QuotaExceeded)) => {
                    return Ok((Some(self.exceed_quota()), None));
                }
                Event::Stored(result) => result?,
                Event::Tick => {
                    tick = Box::pin(clock.sleep(interval));
                    // While it is us who do not read, silence says nothing of the server.
                    if is_full {
                        silence = Silence::since(clock.monotonic());
                    } else if silence.is_longer_than(timeout, clock.monotonic()) {
                        break Some(self.machine.handle_failure(NetworkFailure::Stalled));
                    }
                }
            }
        };
        let connections = incoming.map(|(_, connections)| connections);
        drop(parts);
        self.sample = Sample::Missing;
        if let Some(storing) = storing {
            match storing.await {
                Err(StoreError::QuotaExceeded) => return Ok((Some(self.exceed_quota()), None)),
                result => result?,
            }
        }
        if self.machine.keeps_stored() && next.as_ref().is_none_or(Next::is_another_try) {
            // Nothing of the new body is stored, and nothing more comes of it.
            self.machine.handle_return();
            self.unstored.handle_return();
            self.run.note_received(self.index, self.machine.record().received());
            return Ok((next, None));
        }
        self.machine.handle_replacement();
        if self.machine.record().seems_whole || seemed_whole {
            // Whoever goes on has to know.
            self.unstored.handle_news();
        }
        Ok((self.keep_what_came(next).await?, connections))
    }

    /// Stores what came before the next request is made. Bytes that come with a result are stored together with it.
    async fn keep_what_came(&mut self, next: Option<Next>) -> Result<Option<Next>, StoreError> {
        if matches!(next, Some(Next::Settle(_))) || self.unstored.is_empty() {
            return Ok(next);
        }
        match self.store_all().await {
            Err(StoreError::QuotaExceeded) => Ok(Some(self.exceed_quota())),
            result => result.map(|()| next),
        }
    }

    /// How many bytes were taken. No byte from `limit` on is: it is there, or comes over another connection.
    async fn receive(&mut self, piece: W::Bytes, limit: Option<ByteCount>) -> Result<ByteCount, Next> {
        let Some(repeated) = self.overlap.compare(&piece).await else {
            return Err(self.machine.handle_mismatch());
        };
        self.machine.handle_repeated(repeated);
        let offset = self.machine.record().length;
        let most = limit.map_or(ByteCount::MAX, |limit| limit.saturating_sub(offset) + repeated);
        let end = piece.length().min(most);
        self.rest = (end < piece.length()).then(|| piece.slice(end, piece.length()));
        let piece =
            if repeated.is_zero() && end == piece.length() { piece } else { piece.slice(repeated, end) };
        let count = piece.length();
        if let Some(next) = self.machine.handle_bytes(count) {
            return Err(next);
        }
        if !self.is_admitted() {
            return Err(self.exceed_download_total());
        }
        if offset.is_zero() {
            self.take_sample(&piece);
        }
        self.unstored.push(offset, piece);
        self.position = offset + count;
        Ok(count)
    }

    /// Whether what has come is admitted.
    pub fn is_admitted(&self) -> bool {
        self.run.note_received(self.index, self.machine.record().received())
    }

    /// Whether the announced length is admitted: one that is too much is refused before the download.
    fn admits_total(&self) -> bool {
        self.machine.record().total.is_none_or(|total| self.run.would_admit(self.index, total))
    }

    pub fn exceed_download_total(&mut self) -> Next {
        self.unstored.discard();
        self.machine.settle(RecordResult::Failure(FailureReason::DownloadTotalExceeded))
    }

    pub fn exceed_quota(&mut self) -> Next {
        self.unstored.handle_not_stored();
        self.unstored.discard();
        self.machine.settle(RecordResult::Failure(FailureReason::QuotaExceeded))
    }

    /// Each connection may hold its share of the bytes that may be unstored: half received, half on the way into the
    /// database.
    fn chunk_limit(&self) -> ByteCount {
        const SMALLEST: ByteCount = ByteCount(256 << 10);
        let settings = &self.run.settings;
        // The share is fixed: one that grew while other connections are idle would be too large once they read.
        let connections = settings.connections.min(self.run.row.request_count).max(1);
        ByteCount(settings.unstored_bytes.0 / (2 * u64::from(connections))).max(SMALLEST)
    }
}
