use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_core::Stream;

use super::complete_record::{Body, Completion};
use super::notify::Task;
use super::overlap::Overlap;
use super::silence::Silence;
use super::{ByteHandle, Clock, ResponseBody, StoreError, World};
use crate::model::{ByteCount, FailureReason, Millis, NetworkFailure, Next, RecordResult};

/// What may happen while a body is read.
enum Event<B> {
    Piece(Option<Result<B, NetworkFailure>>),
    Stored(Result<(), StoreError>),
    Tick,
    Interrupted,
}

/// The body of a record, from the network into the database.
impl<W: World> Completion<'_, W> {
    /// Reads on while the last chunk is being stored, but not further than one more chunk.
    pub async fn read_body(&mut self, mut body: Body<W>, restart: bool) -> Result<Option<Next>, StoreError> {
        let seemed_whole = self.machine.record().seems_whole;
        self.unstored.begin(restart);
        if restart {
            self.overlap = Overlap::default();
        }
        self.run.note_received(self.index, self.machine.record().length);
        if !self.admits_total() {
            return Ok(Some(self.exceed_download_total()));
        }
        let run = self.run;
        let (clock, settings) = (run.clock(), &run.settings);
        let mut storing: Option<Task<Result<(), StoreError>>> = None;
        // The head is stored early, for who waits for it. A small file is through by then.
        let mut interval = settings.progress_interval.min(settings.unstored_time).max(Millis(1));
        let mut tick = Box::pin(clock.sleep(interval));
        let timeout = self.base_timeout();
        let is_interruptible = self.machine.is_repeatable();
        let mut interrupted = pin!(run.interrupted.until(true));
        let mut stored_at = clock.monotonic();
        let mut silence = Silence::since(stored_at);
        let next = loop {
            let limit = self.chunk_limit();
            let is_full = self.unstored.length() >= limit;
            // Timers of hidden pages come late, so the clock is asked, too.
            let is_late = clock.monotonic().saturating_sub(stored_at) >= interval;
            if storing.is_none() && (is_full || is_late && !self.machine.keeps_stored()) {
                stored_at = clock.monotonic();
                interval = settings.unstored_time.max(Millis(1));
                if !self.unstored.is_empty() {
                    self.machine.handle_replacement();
                    storing = Some(self.store_unstored());
                }
                continue;
            }
            let event = poll_fn(|context| {
                if !is_full && let Poll::Ready(piece) = pin!(&mut body).poll_next(context) {
                    return Poll::Ready(Event::Piece(piece));
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
                    if let Some(next) = self.receive(piece).await {
                        break Some(next);
                    }
                }
                Event::Piece(Some(Err(failure))) => break Some(self.machine.handle_failure(failure)),
                Event::Piece(None) => break Some(self.machine.handle_end(body.end())),
                Event::Interrupted => break None,
                Event::Stored(Err(StoreError::QuotaExceeded)) => return Ok(Some(self.exceed_quota())),
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
        drop(body);
        if let Some(storing) = storing {
            match storing.await {
                Err(StoreError::QuotaExceeded) => return Ok(Some(self.exceed_quota())),
                result => result?,
            }
        }
        if self.machine.keeps_stored() && next.as_ref().is_none_or(Next::is_another_try) {
            // Nothing of the new body is stored, and nothing more comes of it.
            self.machine.handle_return();
            self.unstored.handle_return();
            self.run.note_received(self.index, self.machine.record().length);
            return Ok(next);
        }
        self.machine.handle_replacement();
        if self.machine.record().seems_whole || seemed_whole {
            // Whoever goes on has to know.
            self.unstored.handle_news();
        }
        self.keep_what_came(next).await
    }

    /// Stores what came before the next request is made. Bytes that come with a result are stored together with it.
    async fn keep_what_came(&mut self, next: Option<Next>) -> Result<Option<Next>, StoreError> {
        if matches!(next, Some(Next::Settle(_))) || self.unstored.is_empty() {
            return Ok(next);
        }
        match self.store_unstored().await {
            Err(StoreError::QuotaExceeded) => Ok(Some(self.exceed_quota())),
            result => result.map(|()| next),
        }
    }

    async fn receive(&mut self, piece: W::Bytes) -> Option<Next> {
        let Some(repeated) = self.overlap.compare(&piece).await else {
            return Some(self.machine.handle_mismatch());
        };
        let piece = if repeated.is_zero() {
            piece
        } else {
            self.machine.handle_repeated(repeated);
            piece.skip(repeated)
        };
        if let Some(next) = self.machine.handle_bytes(piece.length()) {
            return Some(next);
        }
        let is_admitted = self.run.note_received(self.index, self.machine.record().length);
        if !is_admitted {
            return Some(self.exceed_download_total());
        }
        self.unstored.push(piece);
        None
    }

    /// Whether the announced length is admitted: one that is too much is refused before the download.
    fn admits_total(&self) -> bool {
        self.machine.record().total.is_none_or(|total| self.run.would_admit(self.index, total))
    }

    fn exceed_download_total(&mut self) -> Next {
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
