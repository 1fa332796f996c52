use std::rc::Rc;

use futures_util::future::{Either, Fuse, FusedFuture, LocalBoxFuture, pending, select};
use futures_util::{FutureExt, StreamExt};

use super::connections::Connection;
use super::overlap::Overlap;
use super::performance::Performance;
use super::silence::{Silence, silent_for};
use super::unstored::Unstored;
use super::{ByteHandle, Clock, Engine, Network, Store, StoreError, World};
use crate::broken_rules::Rule;
use crate::model::{
    Attempt, ByteCount, CompleteRecord, FailureReason, IntegrityCheck, Millis, NetworkFailure, Next, Probe,
    Record, RecordResult, ResponseHead, StoredRequest,
};

type Answer<W> = Result<(ResponseHead, Body<W>), NetworkFailure>;
type Incoming<W> = (Body<W>, Connection);
type Body<W> = <<W as World>::Network as Network<<W as World>::Bytes>>::Body;

/// One record on its way, and the steps that its state machine asks for.
struct Completion<'a, W: World> {
    engine: &'a Engine<W>,
    performance: &'a Rc<Performance>,
    index: u32,
    machine: CompleteRecord,
    unstored: Unstored<W::Bytes>,
    overlap: Overlap,
    waits_for_network: bool,
}

/// What may happen while a body is read.
enum Event<B> {
    Piece(Option<Result<B, NetworkFailure>>),
    Stored(Result<(), StoreError>),
    Tick,
    Interrupted,
}

impl<W: World> Engine<W> {
    /// [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record). `None` where it was interrupted
    /// before it had a result.
    pub(super) async fn complete_record(
        &self,
        performance: &Rc<Performance>,
        index: u32,
        record: Record,
    ) -> Result<Option<RecordResult>, StoreError> {
        if performance.is_interrupted() && !record.is_sent {
            return Ok(None);
        }
        let stored = self.store().request(&performance.fetch.uid, index).await?;
        let (request, body) = stored.unwrap_or_default();
        let mut completion = Completion {
            engine: self,
            performance,
            index,
            unstored: Unstored::new(index, record.length),
            overlap: Overlap::default(),
            waits_for_network: false,
            machine: CompleteRecord::new(request.clone(), record, self.settings().retry.clone()),
        };
        let completed = completion.run(&request, body.as_ref()).await;
        completion.note_waiting(false).await;
        if matches!(completed, Ok(Some(_))) {
            performance.count_finished();
            self.tell_waiting(performance).await;
        }
        completed
    }
}

impl<W: World> Completion<'_, W> {
    async fn run(
        &mut self,
        request: &StoredRequest,
        body: Option<&W::Bytes>,
    ) -> Result<Option<RecordResult>, StoreError> {
        let mut next = self.machine.start();
        let mut incoming: Option<Incoming<W>> = None;
        loop {
            let done = match next {
                Next::Recall(at_most) => {
                    let (store, uid) = (self.engine.store(), &self.performance.fetch.uid);
                    self.overlap = Overlap::recall(store, uid, self.index, at_most).await?;
                    Some(self.machine.handle_recalled(self.overlap.length()))
                }
                Next::Send(attempt) => {
                    // A refused answer does not keep its connection.
                    incoming = None;
                    let Some(connection) = self.connection(request).await else { return Ok(None) };
                    if !self.machine.is_repeatable() {
                        // Stored before it is sent: after a crash it must not be sent a second time.
                        self.store_unstored().await?;
                    }
                    let answer = match body {
                        Some(body) => Some(self.upload(request, body, &attempt).await?),
                        None => self.unless_interrupted(self.send(request, &attempt)).await,
                    };
                    answer.map(|answer| match answer {
                        Ok((head, body)) => {
                            incoming = Some((body, connection));
                            self.machine.handle_response(head)
                        }
                        Err(failure) => self.machine.handle_failure(failure),
                    })
                }
                Next::Read { restart } => match incoming.take() {
                    Some((body, _connection)) => self.read_body(body, restart).await?,
                    None => Some(self.machine.handle_failure(NetworkFailure::Failed)),
                },
                Next::Probe => {
                    let probe = self.unless_interrupted(self.probe(request)).await;
                    probe.map(|probe| self.machine.handle_probe(probe))
                }
                Next::Wait(time) => {
                    // The connection is not kept while nothing is read from it.
                    incoming = None;
                    let waited = self.unless_interrupted(self.wait(time)).await;
                    waited.map(|is_encouraged| {
                        if is_encouraged {
                            self.machine.handle_encouraged()
                        } else {
                            self.machine.handle_waited()
                        }
                    })
                }
                Next::WaitAsAsked(time) => {
                    incoming = None;
                    let time = self.with_delay(time);
                    let waited = self.unless_interrupted(self.engine.clock().sleep(time)).await;
                    waited.map(|()| self.machine.handle_waited())
                }
                Next::WaitUntilOnline => {
                    let waited = self.unless_interrupted(self.engine.network().online()).await;
                    waited.map(|()| self.machine.handle_waited())
                }
                Next::Verify => {
                    let is_valid = self.verify(&request.integrity).await?;
                    Some(self.machine.handle_verified(is_valid))
                }
                Next::Settle(result) => return self.settle(result).await.map(Some),
            };
            self.note_waiting(self.machine.waits_for_network()).await;
            match done {
                Some(then) => next = then,
                None => return Ok(None),
            }
        }
    }

    async fn note_waiting(&mut self, waits: bool) {
        if std::mem::replace(&mut self.waits_for_network, waits) != waits {
            self.performance.count_waiting(waits);
            self.engine.tell_waiting(self.performance).await;
        }
    }

    /// `None` where the fetch is interrupted first. What cannot be sent again is waited for.
    async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.machine.is_repeatable() {
            return Some(work.await);
        }
        if self.performance.is_interrupted() {
            return None;
        }
        match select(std::pin::pin!(work), self.performance.interrupted()).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// `None` where the fetch is interrupted before there is one.
    async fn connection(&self, request: &StoredRequest) -> Option<Connection> {
        let at_most = self.engine.settings().connections_per_origin;
        let connection = self.engine.0.connections.open(request.origin().into(), at_most);
        match select(self.performance.interrupted(), std::pin::pin!(connection)).await {
            Either::Left(_) => None,
            Either::Right((connection, _)) => Some(connection),
        }
    }

    /// Part of the time, so that clients do not come back all at once; less where something tells that it is worth it.
    /// Whether it did.
    async fn wait(&self, time: Millis) -> bool {
        let sleep = std::pin::pin!(self.engine.clock().sleep(self.with_jitter(time)));
        let encouraged = std::pin::pin!(self.engine.network().encouraged());
        matches!(select(sleep, encouraged).await, Either::Right(_))
    }

    async fn probe(&self, request: &StoredRequest) -> Probe {
        let answer = std::pin::pin!(self.engine.network().probe(request));
        let stalled = std::pin::pin!(silent_for(self.engine.clock(), self.engine.settings().stall_time));
        match select(answer, stalled).await {
            Either::Left((probe, _)) => probe,
            Either::Right(_) => Probe::UNREACHABLE,
        }
    }

    /// Stores how much of the request's body has left, as progress is shown. The server is silent from when all of it has
    /// left. Where nothing tells that, any amount may be on its way, which is lost if it is given up.
    async fn upload(
        &mut self,
        request: &StoredRequest,
        body: &W::Bytes,
        attempt: &Attempt,
    ) -> Result<Answer<W>, StoreError> {
        const LONGEST: Millis = Millis::from_seconds(24 * 3600);
        let engine = self.engine;
        let answer_time = engine.settings().answer_time;
        let (uploaded, mut counted) = (Rc::default(), ByteCount::ZERO);
        let mut silence = Silence::since(engine.clock().monotonic());
        let mut answer = std::pin::pin!(engine.network().send(request, Some(body), attempt, &uploaded));
        loop {
            let tick = std::pin::pin!(engine.clock().sleep(engine.settings().progress_interval));
            let answer = match select(answer.as_mut(), tick).await {
                Either::Left((answer, _)) => Some(answer),
                Either::Right(_) => None,
            };
            // The server has read the request before it answers it.
            let is_answered = matches!(answer, Some(Ok(_)));
            let count =
                if is_answered { request.body_length } else { uploaded.get().min(request.body_length) };
            self.unstored.handle_uploaded(count.saturating_sub(counted));
            if let Some(answer) = answer {
                return Ok(answer);
            }
            let limit = if counted >= request.body_length { answer_time } else { answer_time.max(LONGEST) };
            let now = engine.clock().monotonic();
            if count > counted {
                silence = Silence::since(now);
                counted = count;
            } else if silence.is_longer_than(limit, now) {
                return Ok(Err(NetworkFailure::Stalled));
            }
            self.store_uploaded().await?;
        }
    }

    /// Where that fails it is stored later: what is on its way could not be sent again.
    async fn store_uploaded(&mut self) -> Result<(), StoreError> {
        let uploaded = self.unstored.uploaded();
        if uploaded.is_zero() {
            return Ok(());
        }
        match self.store_unstored().await {
            Err(error) if error == StoreError::QuotaExceeded || error.may_pass() => {
                self.unstored.handle_not_stored();
                self.unstored.handle_uploaded(uploaded);
                Ok(())
            }
            stored => stored,
        }
    }

    async fn send(&self, request: &StoredRequest, attempt: &Attempt) -> Answer<W> {
        let (clock, network) = (self.engine.clock(), self.engine.network());
        let uploaded = Rc::default();
        let mut answer = std::pin::pin!(network.send(request, None, attempt, &uploaded));
        let usual = self.longest_silence();
        if let Either::Left((answer, _)) =
            select(answer.as_mut(), std::pin::pin!(silent_for(clock, usual))).await
        {
            return answer;
        }
        if !self.machine.is_repeatable() {
            return Err(NetworkFailure::Stalled);
        }
        // It may still be in the browser's queue; or its connection may have died, of which nothing tells.
        let rest = self.machine.longest_silence(usual).saturating_sub(usual);
        let (rest, encouraged) =
            (std::pin::pin!(silent_for(clock, rest)), std::pin::pin!(network.encouraged()));
        match select(answer, select(rest, encouraged)).await {
            Either::Left((answer, _)) => answer,
            Either::Right((Either::Left(_), _)) => Err(NetworkFailure::Stalled),
            Either::Right((Either::Right(_), _)) => Err(NetworkFailure::Abandoned),
        }
    }

    /// Reads on while the last chunk is being stored, but not further than one more chunk.
    async fn read_body(&mut self, mut body: Body<W>, restart: bool) -> Result<Option<Next>, StoreError> {
        let seemed_whole = self.machine.record().seems_whole;
        self.unstored.begin(restart && !Rule::DropOldVersions.is_broken());
        if restart {
            self.overlap = Overlap::default();
        }
        self.performance.admits(self.index, self.machine.record().length);
        if !self.admits_total() {
            return Ok(Some(self.exceed_download_total()));
        }
        let clock = self.engine.clock();
        let settings = self.engine.settings();
        let mut storing: Fuse<LocalBoxFuture<Result<(), StoreError>>> = Fuse::terminated();
        // The head is stored early, for who waits for it. A small file is through by then.
        let mut patience = settings.progress_interval.min(settings.unstored_time).max(Millis(1));
        let mut tick = Box::pin(clock.sleep(patience));
        let stall_time = self.longest_silence();
        let mut interrupted = if self.machine.is_repeatable() {
            self.performance.interrupted().left_future()
        } else {
            pending().right_future()
        };
        let mut stored_at = clock.monotonic();
        let mut silence = Silence::since(stored_at);
        let next = loop {
            let limit = self.chunk_limit();
            let is_full = self.unstored.length() >= limit;
            // Timers of hidden pages come late, so the clock is asked, too.
            let is_late = clock.monotonic().saturating_sub(stored_at) >= patience;
            if storing.is_terminated() && (is_full || is_late && !self.machine.keeps_stored()) {
                stored_at = clock.monotonic();
                patience = settings.unstored_time.max(Millis(1));
                if !self.unstored.is_empty() {
                    self.machine.handle_replacement();
                    storing = self.store_unstored().fuse();
                }
                continue;
            }
            let piece = async { if is_full { pending().await } else { body.next().await } };
            let event = {
                let piece = std::pin::pin!(piece);
                let signals = select(&mut tick, &mut interrupted);
                match select(piece, select(&mut storing, signals)).await {
                    Either::Left((piece, _)) => Event::Piece(piece),
                    Either::Right((Either::Left((result, _)), _)) => Event::Stored(result),
                    Either::Right((Either::Right((Either::Left(_), _)), _)) => Event::Tick,
                    Either::Right((Either::Right((Either::Right(_), _)), _)) => Event::Interrupted,
                }
            };
            match event {
                Event::Piece(Some(Ok(piece))) => {
                    silence = Silence::since(clock.monotonic());
                    if let Some(next) = self.receive(piece).await {
                        break Some(next);
                    }
                }
                Event::Piece(Some(Err(failure))) => break Some(self.machine.handle_failure(failure)),
                Event::Piece(None) => break Some(self.machine.handle_end()),
                Event::Interrupted => break None,
                Event::Stored(Err(StoreError::QuotaExceeded)) => return Ok(Some(self.exceed_quota())),
                Event::Stored(result) => result?,
                Event::Tick => {
                    tick = Box::pin(clock.sleep(patience));
                    // While it is us who do not read, silence says nothing of the server.
                    if is_full {
                        silence = Silence::since(clock.monotonic());
                    } else if silence.is_longer_than(stall_time, clock.monotonic())
                        && !Rule::WatchForStalls.is_broken()
                    {
                        break Some(self.machine.handle_failure(NetworkFailure::Stalled));
                    }
                }
            }
        };
        drop(body);
        if !storing.is_terminated() {
            match storing.await {
                Err(StoreError::QuotaExceeded) => return Ok(Some(self.exceed_quota())),
                result => result?,
            }
        }
        if self.machine.keeps_stored() && next.as_ref().is_none_or(Next::is_another_try) {
            // Nothing of the new body is stored, and nothing more comes of it.
            self.machine.handle_return();
            self.unstored.handle_return();
            self.performance.admits(self.index, self.machine.record().length);
            return Ok(next);
        }
        self.machine.handle_replacement();
        if self.machine.record().seems_whole || seemed_whole {
            // Whoever goes on has to know.
            self.unstored.handle_news();
        }
        self.keep_what_came(next).await
    }

    /// What came before the connection broke is stored before the next is tried. A result is stored with its last bytes.
    async fn keep_what_came(&mut self, next: Option<Next>) -> Result<Option<Next>, StoreError> {
        if matches!(next, Some(Next::Settle(_))) || self.unstored.is_empty() {
            return Ok(next);
        }
        match self.store_unstored().await {
            Err(StoreError::QuotaExceeded) => Ok(Some(self.exceed_quota())),
            result => result.map(|()| next),
        }
    }

    /// Reads all bytes back from the store: what came before a restart of the browser counts as well.
    async fn verify(&self, metadata: &str) -> Result<bool, StoreError> {
        const PIECE: ByteCount = ByteCount::from_mebibytes(1);
        let Some(mut check) = IntegrityCheck::new(metadata) else { return Ok(true) };
        let (uid, store) = (&self.performance.fetch.uid, self.engine.store());
        let mut offset = ByteCount::ZERO;
        while let Some(stored) = store.stored_response(uid, self.index, offset, 1).await? {
            let Some(chunk) = stored.chunks.first() else { break };
            let (mut start, length) = (ByteCount::ZERO, chunk.length());
            while start < length {
                let end = (start + PIECE).min(length);
                // What cannot be read now cannot be read later.
                let Ok(bytes) = chunk.copy(start, end).await else { return Ok(false) };
                check.handle_bytes(&bytes);
                start = end;
            }
            offset += length;
        }
        Ok(offset == self.machine.record().length && check.is_valid())
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
        if !self.performance.admits(self.index, self.machine.record().length) {
            return Some(self.exceed_download_total());
        }
        self.unstored.push(piece);
        None
    }

    /// An announced length that is too much needs no download to be found out.
    fn admits_total(&self) -> bool {
        self.machine.record().total.is_none_or(|total| self.performance.would_admit(self.index, total))
    }

    fn exceed_download_total(&mut self) -> Next {
        self.unstored.discard();
        self.machine.settle(RecordResult::Failure(FailureReason::DownloadTotalExceeded))
    }

    fn exceed_quota(&mut self) -> Next {
        self.unstored.handle_not_stored();
        self.unstored.discard();
        self.machine.settle(RecordResult::Failure(FailureReason::QuotaExceeded))
    }

    async fn settle(&mut self, result: RecordResult) -> Result<RecordResult, StoreError> {
        if !result.is_exposable() {
            self.unstored.discard();
        }
        match self.store_unstored().await {
            Err(StoreError::QuotaExceeded) => self.settle_without_room().await,
            stored => stored.map(|()| result),
        }
    }

    /// The bytes are given up to make room for the result. Where there is none for that either, it is waited for: with
    /// the network at rest, for what comes could not be stored.
    async fn settle_without_room(&mut self) -> Result<RecordResult, StoreError> {
        const PAUSE: Millis = Millis::from_seconds(5);
        self.exceed_quota();
        loop {
            match self.store_unstored().await {
                Err(StoreError::QuotaExceeded) => {
                    self.unstored.handle_not_stored();
                    self.unstored.discard();
                    self.engine.clock().sleep(PAUSE).await;
                }
                stored => {
                    return stored.map(|()| RecordResult::Failure(FailureReason::QuotaExceeded));
                }
            }
        }
    }

    /// Begins a transaction with all that is not stored.
    fn store_unstored(&mut self) -> LocalBoxFuture<'static, Result<(), StoreError>> {
        let change = self.unstored.take(self.machine.record().clone());
        let (engine, performance) = (self.engine.clone(), Rc::clone(self.performance));
        async move { engine.commit(&performance, change).await }.boxed_local()
    }

    /// One connection may hold its part of what may be unstored, half of it on its way into the database.
    fn chunk_limit(&self) -> ByteCount {
        const SMALLEST: ByteCount = ByteCount(256 << 10);
        let settings = self.engine.settings();
        // A share that grew while others are not yet reading would have to be given back when they do.
        let connections = settings.connections.min(self.performance.fetch.request_count).max(1);
        ByteCount(settings.unstored_bytes.0 / (2 * u64::from(connections))).max(SMALLEST)
    }

    /// The answer to an upload may take its time, and come as a whole.
    fn longest_silence(&self) -> Millis {
        let settings = self.engine.settings();
        if self.machine.is_repeatable() { settings.stall_time } else { settings.answer_time }
    }

    /// Not less than what a server asked for.
    fn with_delay(&self, time: Millis) -> Millis {
        Millis(time.0 + u64::from(self.engine.clock().random()) % (time.0 / 8 + 1))
    }

    /// Half of the time to all of it.
    fn with_jitter(&self, time: Millis) -> Millis {
        let half = time.0 / 2;
        Millis(half + u64::from(self.engine.clock().random()) % (half + 1))
    }
}
