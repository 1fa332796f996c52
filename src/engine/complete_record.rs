use std::pin::pin;
use std::rc::Rc;

use super::connections::Connection;
use super::notify::{First, Task, race};
use super::overlap::Overlap;
use super::run::Run;
use super::sample::Sample;
use super::silence::{Silence, silent_for};
use super::unstored::Unstored;
use super::{ByteHandle, Clock, Network, RequestAndBody, SMALLEST_FILE, StoreError, World};
use crate::model::{
    Attempt, ByteCount, CompleteRecord, FailureReason, IntegrityCheck, Millis, NetworkFailure, Next, Probe,
    Record, RecordResult, ResponseHead, StoredRequest,
};

type Answer<W> = Result<(ResponseHead, Body<W>), NetworkFailure>;
pub type Incoming<W> = (Body<W>, Connections);
/// One of the fetch, and one of the origin.
pub type Connections = [Connection; 2];
pub type Body<W> = <<W as World>::Network as Network<<W as World>::Bytes>>::Body;

/// Who keeps a connection no longer than that takes it from nobody.
const QUICK: Millis = Millis(500);

/// One record on its way, and the steps that its state machine asks for.
pub struct Completion<'a, W: World> {
    pub run: &'a Rc<Run<W>>,
    pub index: u32,
    pub machine: CompleteRecord,
    pub unstored: Unstored<W::Bytes>,
    pub overlap: Overlap,
    pub sample: Sample<W::Bytes>,
    /// Where the next byte of the body belongs that comes in.
    pub position: ByteCount,
    /// The end of its last piece, which others may bring.
    pub rest: Option<W::Bytes>,
    /// From the last request to its answer.
    pub latency: Millis,
    waits_for_network: bool,
}

/// [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record). `None` where it was interrupted
/// before it had a result.
pub async fn complete_record<W: World>(
    run: &Rc<Run<W>>,
    index: u32,
    record: Record,
    (request, body): RequestAndBody<W::Bytes>,
) -> Result<Option<RecordResult>, StoreError> {
    let mut completion = Completion {
        run,
        index,
        unstored: Unstored::new(index, &record),
        overlap: Overlap::default(),
        sample: Sample::Missing,
        position: ByteCount::ZERO,
        rest: None,
        latency: Millis::default(),
        waits_for_network: false,
        machine: CompleteRecord::new(Rc::clone(&request), record, run.settings.retry.clone()),
    };
    let completed = completion.complete(&request, body.as_ref()).await;
    completion.note_waiting(false).await;
    if matches!(completed, Ok(Some(_))) {
        run.count_finished().await;
    }
    completed
}

impl<W: World> Completion<'_, W> {
    async fn complete(
        &mut self,
        request: &Rc<StoredRequest>,
        body: Option<&W::Bytes>,
    ) -> Result<Option<RecordResult>, StoreError> {
        let mut next = self.machine.start();
        let mut incoming: Option<Incoming<W>> = None;
        // Of bytes that wait to be stored.
        let mut _kept = None;
        let mut sent_at = Millis::default();
        loop {
            let done = match next {
                Next::Recall(at_most) => {
                    let (store, uid) = (self.run.store(), &self.run.fetch.uid);
                    self.overlap = Overlap::recall(store, uid, self.index, at_most).await?;
                    Some(self.machine.handle_recalled(self.overlap.length()))
                }
                Next::Send(attempt) => {
                    // A refused answer does not keep its connection.
                    incoming = None;
                    let Some(connections) = self.connections(request).await else { return Ok(None) };
                    sent_at = self.run.clock().monotonic();
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
                            self.latency = self.run.clock().monotonic().saturating_sub(sent_at);
                            incoming = Some((body, connections));
                            let next = self.machine.handle_response(head);
                            if !self.is_small() {
                                self.run.is_quick.set(false);
                            }
                            next
                        }
                        Err(failure) => self.machine.handle_failure(failure),
                    })
                }
                Next::Read { restart } => match incoming.take() {
                    Some(body) => {
                        let (next, connections) = self.read_body(request, body, restart).await?;
                        let is_through = next.as_ref().is_some_and(|next| !next.is_another_try());
                        let time = self.run.clock().monotonic().saturating_sub(sent_at);
                        self.run.is_quick.set(is_through && self.is_small() && time < QUICK);
                        // While the result of a small file is being stored, the next file is fetched.
                        _kept = connections.filter(|_| self.unstored.length() >= SMALLEST_FILE);
                        next
                    }
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
                    waited.map(|is_signalled| {
                        if is_signalled {
                            self.machine.handle_retry_signal()
                        } else {
                            self.machine.handle_waited()
                        }
                    })
                }
                Next::WaitAsAsked(time) => {
                    incoming = None;
                    let time = self.with_delay(time);
                    let waited = self.unless_interrupted(self.run.clock().sleep(time)).await;
                    waited.map(|()| self.machine.handle_waited())
                }
                Next::WaitUntilOnline => {
                    let waited = self.unless_interrupted(self.run.network().online()).await;
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

    /// As far as is known.
    fn is_small(&self) -> bool {
        let record = self.machine.record();
        record.total.unwrap_or_default().max(record.received()) < SMALLEST_FILE
    }

    async fn note_waiting(&mut self, waits: bool) {
        if std::mem::replace(&mut self.waits_for_network, waits) != waits {
            self.run.count_waiting(waits).await;
        }
    }

    /// `None` where the fetch is interrupted first. A request that cannot be sent again is not interrupted.
    async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.machine.is_repeatable() {
            return Some(work.await);
        }
        match race(self.run.interrupted.until(true), work).await {
            First::Left(()) => None,
            First::Right(done) => Some(done),
        }
    }

    /// `None` where the fetch is interrupted before there are both.
    async fn connections(&self, request: &StoredRequest) -> Option<Connections> {
        let run = self.run;
        // Browsers open six to a host, of which files that keep one for long leave two to the page.
        let at_most = |number: u32| number.saturating_mul(if run.is_quick.get() { 3 } else { 2 }) / 2;
        let settings = &run.settings;
        let connections = async {
            let own = run.own_connections.open("", || at_most(settings.connections)).await;
            let at_most = || at_most(settings.connections_per_origin);
            [own, run.connections.open(request.origin(), at_most).await]
        };
        match race(run.interrupted.until(true), connections).await {
            First::Left(()) => None,
            First::Right(connections) => Some(connections),
        }
    }

    /// Waits for a part of the time, so that clients do not come back all at once. Ends early, with true, where
    /// something suggests that another attempt may work.
    async fn wait(&self, time: Millis) -> bool {
        self.run.within(self.with_jitter(time), self.run.network().retry_signal()).await.is_some()
    }

    async fn probe(&self, request: &StoredRequest) -> Probe {
        let silent = silent_for(self.run.clock(), self.run.settings.stall_time);
        match race(self.run.network().probe(request), silent).await {
            First::Left(probe) => probe,
            First::Right(()) => Probe::UNREACHABLE,
        }
    }

    /// Sends a request with a body, and stores how much of the body has left, as often as progress is shown. The server
    /// counts as silent from when all has left. Before, or where the browser does not tell, a day of silence is
    /// allowed: giving up earlier might lose what is on its way.
    async fn upload(
        &mut self,
        request: &StoredRequest,
        body: &W::Bytes,
        attempt: &Attempt,
    ) -> Result<Answer<W>, StoreError> {
        const LONGEST: Millis = Millis::from_seconds(24 * 3600);
        let run = self.run;
        let answer_time = run.settings.answer_time;
        let (uploaded, mut counted) = (Rc::default(), ByteCount::ZERO);
        let mut silence = Silence::since(run.clock().monotonic());
        let mut answer = pin!(run.network().send(request, Some(body), attempt, &uploaded));
        loop {
            let answer = run.within(run.settings.progress_interval, answer.as_mut()).await;
            // The server has read the request before it answers it.
            let is_answered = matches!(answer, Some(Ok(_)));
            let count =
                if is_answered { request.body_length } else { uploaded.get().min(request.body_length) };
            self.unstored.handle_uploaded(count.saturating_sub(counted));
            if let Some(answer) = answer {
                return Ok(answer);
            }
            let limit = if counted >= request.body_length { answer_time } else { answer_time.max(LONGEST) };
            let now = run.clock().monotonic();
            if count > counted {
                silence = Silence::since(now);
                counted = count;
            } else if silence.is_longer_than(limit, now) {
                return Ok(Err(NetworkFailure::Stalled));
            }
            self.store_uploaded().await?;
        }
    }

    /// Stores how much of the body has left; later, where that fails. The upload goes on, as it could not be sent
    /// again.
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
        let (clock, network) = (self.run.clock(), self.run.network());
        let uploaded = Rc::default();
        let mut answer = pin!(network.send(request, None, attempt, &uploaded));
        let base = self.base_timeout();
        if let First::Left(answer) = race(answer.as_mut(), silent_for(clock, base)).await {
            return answer;
        }
        if !self.machine.is_repeatable() {
            return Err(NetworkFailure::Stalled);
        }
        // It may still be in the browser's queue. Or its connection may have died, and no browser tells that.
        let rest = self.machine.answer_timeout(base).saturating_sub(base);
        match race(answer, race(silent_for(clock, rest), network.retry_signal())).await {
            First::Left(answer) => answer,
            First::Right(First::Left(())) => Err(NetworkFailure::Stalled),
            First::Right(First::Right(())) => Err(NetworkFailure::Abandoned),
        }
    }

    /// Reads all bytes back from the store: what came before a restart of the browser counts as well.
    async fn verify(&self, metadata: &str) -> Result<bool, StoreError> {
        const PIECE: ByteCount = ByteCount::from_mebibytes(1);
        let Some(mut check) = IntegrityCheck::new(metadata) else { return Ok(true) };
        let (uid, store) = (&self.run.fetch.uid, self.run.store());
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

    async fn settle(&mut self, result: RecordResult) -> Result<RecordResult, StoreError> {
        if !result.is_exposable() {
            self.unstored.discard();
        }
        match self.store_all().await {
            Err(StoreError::QuotaExceeded) => self.settle_without_room().await,
            stored => stored.map(|()| result),
        }
    }

    /// Gives up the bytes to make room for the result. Where there is no room for the result either, waits for it.
    /// Nothing is received meanwhile, as it could not be stored.
    async fn settle_without_room(&mut self) -> Result<RecordResult, StoreError> {
        const PAUSE: Millis = Millis::from_seconds(5);
        self.exceed_quota();
        loop {
            match self.store_unstored().await {
                Err(StoreError::QuotaExceeded) => {
                    self.unstored.handle_not_stored();
                    self.unstored.discard();
                    self.run.clock().sleep(PAUSE).await;
                }
                stored => {
                    return stored.map(|()| RecordResult::Failure(FailureReason::QuotaExceeded));
                }
            }
        }
    }

    /// Stores one chunk after the other.
    pub async fn store_all(&mut self) -> Result<(), StoreError> {
        loop {
            self.store_unstored().await?;
            if self.unstored.is_empty() {
                return Ok(());
            }
        }
    }

    /// Begins a transaction with one chunk, and what else is not stored.
    pub fn store_unstored(&mut self) -> Task<'static, Result<(), StoreError>> {
        let change = self.unstored.take(self.machine.record().clone());
        let run = Rc::clone(self.run);
        Box::pin(async move { run.commit(change).await })
    }

    /// How long nothing may come before a request is given up. Of a request that cannot be sent again, the answer may
    /// take its time.
    pub fn base_timeout(&self) -> Millis {
        let settings = &self.run.settings;
        if self.machine.is_repeatable() { settings.stall_time } else { settings.answer_time }
    }

    /// Not less than what a server asked for.
    fn with_delay(&self, time: Millis) -> Millis {
        Millis(time.0 + u64::from(self.run.clock().random()) % (time.0 / 8 + 1))
    }

    /// Half of the time to all of it.
    fn with_jitter(&self, time: Millis) -> Millis {
        let half = time.0 / 2;
        Millis(half + u64::from(self.run.clock().random()) % (half + 1))
    }
}
