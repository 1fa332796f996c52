use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use background_fetch_polyfill::engine::ResponseBody;
use background_fetch_polyfill::model::{BodyEnd, Millis, NetworkFailure};
use futures_util::{FutureExt, Stream};

use super::executor::Sleep;
use super::served_file::Break;
use super::{Content, Origin, RealmId, ServedFile};

/// From the request to the last byte, or to where the client lets go.
pub struct Connection {
    origin: Rc<Origin>,
    number: u64,
}

impl Connection {
    pub fn open(origin: &Rc<Origin>, realm: RealmId) -> Self {
        let servers = &origin.servers;
        let number = servers.connection_count.get();
        servers.connection_count.set(number + 1);
        let mut connections = servers.connections.borrow_mut();
        connections.insert(number, realm);
        servers.most_connections.set(servers.most_connections.get().max(connections.len()));
        Self { origin: Rc::clone(origin), number }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.origin.servers.connections.borrow_mut().remove(&self.number);
    }
}

/// The body of an answer, piece by piece. Nothing comes that is not asked for.
pub struct Body {
    connection: Connection,
    url: String,
    rest: Content,
    broken: Option<(u64, Break)>,
    piece: u64,
    bytes_per_milli: u64,
    arrival: Option<Sleep>,
    is_over: bool,
    end: BodyEnd,
}

impl Body {
    pub fn new(
        connection: Connection,
        url: &str,
        content: Content,
        broken: Option<(u64, Break)>,
        file: &ServedFile,
    ) -> Self {
        Self {
            connection,
            url: url.into(),
            rest: content,
            broken,
            piece: file.piece.max(1),
            bytes_per_milli: file.bytes_per_milli.max(1),
            arrival: None,
            is_over: false,
            end: if file.signals_end { BodyEnd::Complete } else { BodyEnd::Unconfirmed },
        }
    }

    fn next_length(&self) -> u64 {
        let until_break = self.broken.map_or(u64::MAX, |(count, _)| count);
        self.piece.min(self.rest.len()).min(until_break)
    }

    fn end_with(&mut self, failure: Option<NetworkFailure>) -> Poll<Option<Result<Content, NetworkFailure>>> {
        self.is_over = true;
        Poll::Ready(failure.map(Err))
    }
}

impl ResponseBody<Content> for Body {
    fn end(&self) -> BodyEnd {
        self.end
    }
}

impl Stream for Body {
    type Item = Result<Content, NetworkFailure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let origin = Rc::clone(&self.connection.origin);
        if self.is_over {
            return Poll::Ready(None);
        }
        let length = self.next_length();
        if length == 0 {
            return match self.broken {
                Some((0, Break::Silence)) => Poll::Pending,
                Some((0, Break::Error)) => self.end_with(Some(NetworkFailure::Failed)),
                _ => self.end_with(None),
            };
        }
        let time = Millis(length.div_ceil(self.bytes_per_milli));
        let arrival = self.arrival.get_or_insert_with(|| origin.executor.sleep(time));
        ready!(arrival.poll_unpin(context));
        self.arrival = None;
        if origin.servers.is_offline() {
            return self.end_with(Some(NetworkFailure::Offline));
        }
        if origin.servers.are_unreachable.get() {
            return self.end_with(Some(NetworkFailure::Failed));
        }
        if let Some((count, _)) = &mut self.broken {
            *count -= length;
        }
        if let Some(resource) = origin.servers.resources.borrow_mut().get_mut(&self.url) {
            resource.sent += length;
        }
        Poll::Ready(Some(Ok(self.rest.split_off_front(length))))
    }
}
