use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::complete_record::{Body, Connections};
use super::notify::{First, Task, race};
use super::run::Run;
use super::silence::silent_for;
use super::slots::{Slot, free_slot};
use super::{ByteHandle, Network, World};
use crate::model::{Attempt, ByteCount, Millis, Part, PartId, ResponseHead, Splitter, StoredRequest};

const MOST_FAILURES: u32 = 3;

/// What other connections fetch of a record, while its body comes in over the first.
pub struct Parts<W: World> {
    pub splitter: Splitter,
    on_their_way: Vec<PartOnItsWay<W>>,
    failures: u32,
}

struct PartOnItsWay<W: World> {
    part: Part,
    /// Where its next byte belongs.
    offset: ByteCount,
    state: State<W>,
}

enum State<W: World> {
    Requested(Task<'static, Result<Answer<W>, Unanswered>>),
    Coming { body: Body<W>, _held: (Connections, Slot<W>) },
}

type Answer<W> = (ResponseHead, Body<W>, (Connections, Slot<W>));

enum Unanswered {
    /// It was not sent: the connections of the website are in use.
    NoSlot,
    Failed,
}

/// What has become of a part.
pub enum PartEvent<B> {
    Answered(Part, ResponseHead),
    Bytes { part: Part, offset: ByteCount, bytes: B },
    NoSlot(PartId),
    Ended,
}

impl<W: World> Parts<W> {
    pub fn new(splitter: Splitter) -> Self {
        Self { splitter, on_their_way: Vec::new(), failures: 0 }
    }

    pub fn are_on_their_way(&self) -> bool {
        !self.on_their_way.is_empty()
    }

    /// Whether another may be begun.
    pub fn may_grow(&self) -> bool {
        self.failures < MOST_FAILURES
    }

    pub fn begin(
        &mut self,
        part: Part,
        run: &Rc<Run<W>>,
        request: &Rc<StoredRequest>,
        attempt: Attempt,
        connections: Connections,
    ) {
        let (run, request) = (Rc::clone(run), Rc::clone(request));
        let answer = Box::pin(async move {
            // The first connection has none.
            let slots = run.settings.connections_per_origin.saturating_sub(1);
            let slot = free_slot(&run, request.origin(), slots).await.ok_or(Unanswered::NoSlot)?;
            let (head, body) = send(run, request, attempt).await.ok_or(Unanswered::Failed)?;
            Ok((head, body, (connections, slot)))
        });
        self.on_their_way.push(PartOnItsWay { part, offset: part.start, state: State::Requested(answer) });
    }

    /// The answer to a part is not that part: the server does not want so many connections, or the file is another.
    pub fn refuse(&mut self, id: PartId) {
        self.splitter.handle_refusal(id);
        self.drop_released();
        // Where nothing is on its way, the next request has to be one that waits as the server asks, and takes another file.
        if self.on_their_way.is_empty() {
            self.failures = MOST_FAILURES;
        }
    }

    /// Other contexts of the website have the connections.
    pub fn handle_no_slot(&mut self, id: PartId, now: Millis) {
        self.splitter.handle_no_connection(id, now);
        self.drop_released();
    }

    /// Somebody else needs a connection.
    pub fn give_up_one(&mut self, now: Millis) {
        self.splitter.handle_want(now);
        self.drop_released();
    }

    /// Those whose part is through, or has been given to others.
    fn drop_released(&mut self) {
        let splitter = &self.splitter;
        self.on_their_way.retain(|part| splitter.end_of(part.part.id).is_some());
    }

    /// So many bytes of a part were taken.
    pub fn handle_bytes(&mut self, id: PartId, count: ByteCount, now: Millis) {
        self.splitter.handle_bytes(id, count, now);
        let splitter = &self.splitter;
        // One that is through as it was asked for ends by itself, which keeps its connection for the next.
        self.on_their_way.retain(|part| {
            splitter.end_of(part.part.id).is_some() || part.part.id == id && part.offset == part.part.end
        });
    }

    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<PartEvent<W::Bytes>> {
        for position in 0..self.on_their_way.len() {
            let Some(part) = self.on_their_way.get_mut(position) else { break };
            if let Poll::Ready(event) = part.poll(context) {
                if matches!(event, PartEvent::Ended) {
                    let part = self.on_their_way.swap_remove(position);
                    if self.splitter.end_of(part.part.id).is_some() {
                        self.splitter.handle_failure(part.part.id);
                        self.failures += 1;
                    }
                }
                return Poll::Ready(event);
            }
        }
        Poll::Pending
    }
}

/// A request for a part. `None` where it fails, or nothing comes for long.
pub fn send<W: World>(
    run: Rc<Run<W>>,
    request: Rc<StoredRequest>,
    attempt: Attempt,
) -> Task<'static, Option<(ResponseHead, Body<W>)>> {
    Box::pin(async move {
        let uploaded = Rc::default();
        let sent = run.world().network().send(&request, None, &attempt, &uploaded);
        match race(sent, silent_for(run.clock(), run.settings.stall_time)).await {
            First::Left(answer) => answer.ok(),
            First::Right(()) => None,
        }
    })
}

impl<W: World> PartOnItsWay<W> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<PartEvent<W::Bytes>> {
        let part = self.part;
        match &mut self.state {
            State::Requested(answer) => answer.as_mut().poll(context).map(|answer| match answer {
                Ok((head, body, held)) => {
                    self.state = State::Coming { body, _held: held };
                    PartEvent::Answered(part, head)
                }
                Err(Unanswered::NoSlot) => PartEvent::NoSlot(part.id),
                Err(Unanswered::Failed) => PartEvent::Ended,
            }),
            State::Coming { body, .. } => Pin::new(body).poll_next(context).map(|piece| match piece {
                Some(Ok(bytes)) => {
                    let offset = self.offset;
                    self.offset += bytes.length();
                    PartEvent::Bytes { part, offset, bytes }
                }
                Some(Err(_)) | None => PartEvent::Ended,
            }),
        }
    }
}
