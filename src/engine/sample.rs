use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::complete_record::{Body, Connections};
use super::notify::{First, Task, race};
use super::overlap::Overlap;
use super::run::Run;
use super::silence::silent_for;
use super::{ByteHandle, Network, World};
use crate::model::{Attempt, ByteCount, NetworkFailure, ResponseHead, StoredRequest};

/// A few bytes of a file, which are fetched once more: it is split only where a part of it is what it seems to be.
#[derive(Default)]
pub enum Sample {
    /// The file has not begun, or does not need it.
    #[default]
    Missing,
    /// The bytes, as they came at the beginning of the file.
    Taken(Overlap),
    Compared(Task<'static, Option<SampleAnswer>>),
    /// There is nothing to compare any more.
    Done,
}

/// The head of an answer, and whether its body is the sample.
pub type SampleAnswer = (ResponseHead, bool);

impl Sample {
    /// The first piece of a file has come.
    pub async fn take(&mut self, bytes: Range<ByteCount>, piece: &impl ByteHandle) {
        let length = bytes.end.saturating_sub(bytes.start);
        let taken = Overlap::of_piece(piece, bytes).await;
        *self = if taken.length() == length { Self::Taken(taken) } else { Self::Done };
    }

    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
    }

    pub fn compare<W: World>(
        &mut self,
        run: &Rc<Run<W>>,
        request: &Rc<StoredRequest>,
        attempt: Attempt,
        connections: Connections,
    ) {
        let Self::Taken(taken) = std::mem::take(self) else { return };
        let (run, request) = (Rc::clone(run), Rc::clone(request));
        *self = Self::Compared(Box::pin(async move {
            let _connections = connections;
            let silent = silent_for(run.clock(), run.settings.stall_time);
            match race(fetch_and_compare(&run, &request, &attempt, taken), silent).await {
                First::Left(answer) => answer.ok(),
                First::Right(()) => None,
            }
        }));
    }

    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<SampleAnswer>> {
        let Self::Compared(task) = self else { return Poll::Pending };
        let answer = task.as_mut().poll(context);
        if answer.is_ready() {
            *self = Self::Done;
        }
        answer
    }
}

async fn fetch_and_compare<W: World>(
    run: &Run<W>,
    request: &StoredRequest,
    attempt: &Attempt,
    mut sample: Overlap,
) -> Result<SampleAnswer, NetworkFailure> {
    let (head, mut body): (_, Body<W>) =
        run.world().network().send(request, None, attempt, &Rc::default()).await?;
    let mut is_same = head.status == 206;
    while is_same && let Some(piece) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
        let piece = piece?;
        is_same = sample.compare(&piece).await == Some(piece.length());
    }
    Ok((head, is_same && sample.length().is_zero()))
}
