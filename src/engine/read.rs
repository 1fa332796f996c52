//! What is there of the responses of a fetch.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::context::Guard;
use super::local_fetch::{Hold, LocalFetch};
use super::{ByteHandle, RequestedRecord, StoreError, StoredResponse, World};
use crate::model::{
    ByteCount, CacheQueryOptions, Error, FailureReason, RecordResult, ResponseHead, Stage, StoredRequest,
    matching_urls, request_matches_cached_item,
};

/// A response whose head is there.
pub struct ReadyResponse<W: World> {
    pub head: ResponseHead,
    pub body: ReadyBody<W>,
}

pub enum ReadyBody<W: World> {
    /// All of a small one that is complete; `None` where it is empty.
    Complete(Option<W::Bytes>),
    /// To be read piece by piece. It may still be coming in.
    Live(BodyReader<W>),
}

/// A complete body of one chunk up to this length is handed out at once. Others are read chunk by chunk, so that no
/// large file, and no thousands of files, are in memory.
const SMALL: ByteCount = ByteCount(256 << 10);

impl<W: World> LocalFetch<W> {
    /// [matchAll()](https://wicg.github.io/background-fetch/#background-fetch-registration-matchall), in the order of
    /// the requests.
    pub async fn match_all(
        &self,
        query: Option<&StoredRequest>,
        options: CacheQueryOptions,
    ) -> Result<Vec<RequestedRecord<W::Bytes>>, Error> {
        let urls = query.map(|query| matching_urls(query, options));
        let found = self.context.store().requested_records(&self.uid, urls.as_ref()).await?;
        let found = found.filter(|(stage, _)| *stage != Stage::Delivered);
        let (_, mut records) = found.ok_or(Error::RecordsUnavailable)?;
        if let Some(query) = query {
            records.retain(|record| {
                request_matches_cached_item(query, &record.request, record.response.as_ref(), options)
            });
        }
        Ok(records)
    }

    /// [responseReady](https://wicg.github.io/background-fetch/#dom-backgroundfetchrecord-responseready): as soon as
    /// there is a response to show, or none can come any more.
    pub async fn response(self: &Rc<Self>, index: u32) -> Result<ReadyResponse<W>, Error> {
        let mut gone = Error::RecordsUnavailable;
        loop {
            let news = self.next_news_of(index);
            let stored = self.context.store().stored_response(&self.uid, index, ByteCount::ZERO, 1).await?;
            let stored = stored.filter(|stored| stored.stage != Stage::Delivered);
            let stored = stored.ok_or(gone)?;
            match (stored.record.result, stored.stage) {
                (Some(result), _) => {
                    if let Some(error) = unexposable(result) {
                        return Err(error);
                    }
                }
                (None, Stage::Running) => {}
                // The fetch ended before this record did.
                (None, _) => return Err(Error::RecordAborted),
            }
            let small = small_body(&stored);
            let version = stored.record.version;
            if let Some(head) = stored.record.into_shown_response() {
                let body = match small {
                    Some(bytes) => ReadyBody::Complete(bytes),
                    None => ReadyBody::Live(self.read_body(index, version)),
                };
                return Ok(ReadyResponse { head, body });
            }
            news.await;
            gone = Error::RecordAborted;
        }
    }

    fn read_body(self: &Rc<Self>, index: u32, version: u32) -> BodyReader<W> {
        BodyReader {
            fetch: Rc::clone(self),
            index,
            version,
            offset: Cell::default(),
            has_begun: Cell::default(),
            hold: RefCell::default(),
        }
    }
}

/// The body, where it is complete and small.
fn small_body<B: ByteHandle>(stored: &StoredResponse<B>) -> Option<Option<B>> {
    let StoredResponse { record, chunks, .. } = stored;
    let chunk = chunks.first();
    let length = chunk.map_or(ByteCount::ZERO, ByteHandle::length);
    let is_whole = record.result.is_some() && record.length == length;
    (is_whole && length <= SMALL).then(|| chunk.cloned())
}

/// What those are told who want to read a record with this result; `None` where they may.
fn unexposable(result: RecordResult) -> Option<Error> {
    match result {
        RecordResult::Failure(FailureReason::Aborted) => Some(Error::RecordAborted),
        result if !result.is_exposable() => Some(Error::RecordFailed),
        _ => None,
    }
}

/// Reads the body of one response, in any realm: what is stored, and then what is stored next, while it is coming in.
/// From its first read on, it keeps the bytes in the database. A response that nobody reads keeps nothing.
pub struct BodyReader<W: World> {
    fetch: Rc<LocalFetch<W>>,
    index: u32,
    /// Of the record: the bytes of another version are those of another body.
    version: u32,
    offset: Cell<ByteCount>,
    has_begun: Cell<bool>,
    hold: RefCell<Option<Rc<Hold<Guard<W>>>>>,
}

impl<W: World> BodyReader<W> {
    /// The next bytes, as soon as there are some; `None` at the end. Ask for one at a time.
    pub async fn next(&self) -> Result<Option<W::Bytes>, Error> {
        const MOST_UNANSWERED: u32 = 20;
        let mut unanswered = 0;
        loop {
            self.ensure_hold().await?;
            let news = self.fetch.next_news_of(self.index);
            let store = self.fetch.context.store();
            let stored = store.stored_response(&self.fetch.uid, self.index, self.offset.get(), 1).await;
            if matches!(stored, Err(StoreError::Unanswered)) && unanswered < MOST_UNANSWERED {
                // Another realm may have much to write. What fails in a handler is lost with it.
                unanswered += 1;
                continue;
            }
            let stored = stored?;
            let is_there = stored.as_ref().is_some_and(|stored| stored.stage != Stage::Delivered);
            if !self.has_begun.get() && !is_there {
                return Err(Error::RecordsUnavailable);
            }
            self.has_begun.set(true);
            let stored = stored.ok_or(Error::RecordAborted)?;
            if let Some(error) = stored.record.result.and_then(unexposable) {
                return Err(error);
            }
            if stored.record.version != self.version {
                return Err(Error::RecordRestarted);
            }
            let is_complete = stored.record.result.is_some();
            if !is_complete && stored.stage != Stage::Running {
                // The fetch ended before this record did.
                return Err(Error::RecordAborted);
            }
            if let Some(bytes) = stored.chunks.into_iter().next() {
                self.offset.set(self.offset.get() + bytes.length());
                return Ok(Some(bytes));
            }
            if is_complete {
                let is_whole = self.offset.get() == stored.record.length;
                return if is_whole { Ok(None) } else { Err(Error::StorageFailed) };
            }
            news.await;
        }
    }

    async fn ensure_hold(&self) -> Result<(), Error> {
        if self.hold.borrow().as_ref().is_some_and(|hold| !hold.is_released()) {
            return Ok(());
        }
        let fetch = &self.fetch;
        if !self.has_begun.get() && fetch.held().is_none() {
            // A new reader of a delivered fetch would queue behind the owner, which waits for the last reader.
            let found = fetch.context.store().fetch(&fetch.uid).await?;
            found.filter(|(row, _)| row.stage != Stage::Delivered).ok_or(Error::RecordsUnavailable)?;
        }
        let hold = fetch.hold().await;
        self.hold.replace(Some(hold));
        Ok(())
    }
}
