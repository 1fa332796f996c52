use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::complete_record::Connections;
use super::notify::Task;
use super::parts::send;
use super::run::Run;
use super::{ByteHandle, World};
use crate::model::{Attempt, ByteCount, ResponseHead, StoredRequest};

/// A few bytes of a file, which are fetched once more: it is split only where a part of it is what it seems to be.
pub enum Sample<B> {
    /// The file has not begun, or does not need it.
    Missing,
    /// The bytes, as they came at the beginning of the file.
    Taken(B),
    Compared(Task<'static, Option<SampleAnswer>>),
}

/// The head of an answer, and whether its body is the sample.
pub type SampleAnswer = (ResponseHead, bool);

impl<B: ByteHandle> Sample<B> {
    /// The first piece of a file has come.
    pub fn take(&mut self, bytes: Range<ByteCount>, piece: &B) {
        if piece.length() >= bytes.end {
            *self = Self::Taken(piece.slice(bytes.start, bytes.end));
        }
    }

    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
    }

    pub fn compare<W: World<Bytes = B>>(
        &mut self,
        run: &Rc<Run<W>>,
        request: &Rc<StoredRequest>,
        attempt: Attempt,
        connections: Connections,
    ) {
        let Self::Taken(taken) = std::mem::replace(self, Self::Missing) else { return };
        let answer = send(Rc::clone(run), Rc::clone(request), attempt);
        *self = Self::Compared(Box::pin(async move {
            let _connections = connections;
            let (head, mut body) = answer.await?;
            // It is taken as a whole.
            let came = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await?.ok()?;
            let length = taken.length();
            let is_same = came.length() == length
                && taken.copy(ByteCount::ZERO, length).await.ok()?
                    == came.copy(ByteCount::ZERO, length).await.ok()?;
            Some((head, is_same))
        }));
    }

    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<SampleAnswer>> {
        let Self::Compared(task) = self else { return Poll::Pending };
        let answer = task.as_mut().poll(context);
        if answer.is_ready() {
            *self = Self::Missing;
        }
        answer
    }
}
