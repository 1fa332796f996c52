use std::rc::Rc;

use background_fetch_polyfill::engine::{Engine, ReadyBody, ReadyResponse};
use background_fetch_polyfill::model::{
    CacheQueryOptions, Error, EventKind, Millis, RegistrationState, UniqueId,
};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{Content, Origin, Port};

/// What the app does in its worker. The number is that of the event in [`Origin::told`].
pub type Handler = Rc<dyn Fn(Rc<Origin>, Engine<Port>, usize) -> LocalBoxFuture<'static, ()>>;

/// An event that was dispatched in a worker.
#[derive(Clone, Debug)]
pub struct Told {
    pub kind: EventKind,
    pub uid: UniqueId,
    pub state: RegistrationState,
    pub at: Millis,
    /// What the handler read of each record.
    pub responses: Vec<Result<Read, Error>>,
    pub is_handled: bool,
}

/// A response that was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    pub status: u16,
    pub content: Option<Content>,
    pub is_whole: bool,
}

impl Told {
    pub fn new(kind: EventKind, uid: &UniqueId, state: &RegistrationState, at: Millis) -> Self {
        let (uid, state) = (uid.clone(), state.clone());
        Self { kind, uid, state, at, responses: Vec::new(), is_handled: false }
    }

    /// Bytes of each response. Panics unless all are there, each from the first byte to the last.
    pub fn lengths(&self) -> Vec<u64> {
        let length = |response: &Result<Read, Error>| {
            let read = response.expect("the response is there");
            assert!(read.is_whole, "the file is cut short: {read:?}");
            read.content.map_or(0, Content::len)
        };
        self.responses.iter().map(length).collect()
    }
}

/// Takes so long for each piece of a body. Bytes of two versions, or ones out of order, are found here.
pub async fn read(origin: &Origin, ready: ReadyResponse<Port>, takes: Millis) -> Result<Read, Error> {
    let chunks = match ready.body {
        ReadyBody::Complete(bytes) => bytes.into_iter().collect(),
        ReadyBody::Live(reader) => {
            let mut chunks = Vec::new();
            while let Some(chunk) = reader.next().await? {
                if chunk.is_torn {
                    return Err(Error::RecordRestarted);
                }
                chunks.push(chunk);
                origin.executor.sleep(takes).await;
            }
            chunks
        }
    };
    // A page may read before the damage of a crash is found. It gets an error then, and no byte of the chunk, which is
    // fetched anew.
    if chunks.iter().any(|chunk| chunk.is_torn) {
        return Err(Error::RecordRestarted);
    }
    let content = Content::join(chunks);
    if let Some(content) = content {
        assert_eq!(content.start, 0, "the file does not begin at its beginning");
    }
    let is_whole = content.is_none_or(|content| content.end == origin.servers.length_of(content.version));
    Ok(Read { status: ready.head.status, content, is_whole })
}

/// Another time it may work.
pub fn is_of_store(error: &Error) -> bool {
    matches!(error, Error::StorageFailed | Error::StorageUnanswered)
}

fn is_of_broken_store(read: &Result<Vec<Result<Read, Error>>, Error>) -> bool {
    match read {
        Ok(responses) => responses.iter().any(|read| read.as_ref().is_err_and(is_of_store)),
        Err(error) => is_of_store(error),
    }
}

/// Reads everything, and takes its time.
pub fn reads_all(takes: Millis) -> Handler {
    Rc::new(move |origin, engine, number| {
        async move {
            let uid = origin.told.borrow()[number].uid.clone();
            let read_all = async || -> Result<_, Error> {
                let mut responses = Vec::new();
                for record in engine.match_all(&uid, None, CacheQueryOptions::default()).await? {
                    responses.push(match engine.response(&uid, record.index).await {
                        Ok(ready) => read(&origin, ready, Millis(0)).await,
                        Err(error) => Err(error),
                    });
                }
                Ok(responses)
            };
            let mut read = read_all().await;
            while is_of_broken_store(&read) {
                origin.executor.sleep(Millis(1000)).await;
                read = read_all().await;
            }
            let responses = read.expect("the records are there as long as the event is handled");
            origin.executor.sleep(takes).await;
            origin.told.borrow_mut()[number].responses = responses;
        }
        .boxed_local()
    })
}

pub fn never_settles() -> Handler {
    Rc::new(|_, _, _| std::future::pending().boxed_local())
}
