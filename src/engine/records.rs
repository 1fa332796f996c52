use super::body_reader::BodyReader;
use super::fetch::reject;
use super::{ByteHandle, Engine, RequestedRecord, StoredResponse, World};
use crate::model::{
    ByteCount, CacheQueryOptions, Error, FailureReason, RecordResult, ResponseHead, Stage, StoredRequest,
    UniqueId, matching_addresses, request_matches_cached_item,
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

/// A complete body of one chunk up to this length is handed out at once. Others are read chunk by chunk, so that nobody has a
/// large file, or thousands of them, in memory.
const SMALL: ByteCount = ByteCount(256 << 10);

impl<W: World> Engine<W> {
    /// [matchAll()](https://wicg.github.io/background-fetch/#background-fetch-registration-matchall), in the order of
    /// the requests.
    pub async fn match_all(
        &self,
        uid: &UniqueId,
        query: Option<&StoredRequest>,
        options: CacheQueryOptions,
    ) -> Result<Vec<RequestedRecord<W::Bytes>>, Error> {
        let addresses = query.map(|query| matching_addresses(query, options));
        let found = self.store().requested_records(uid, addresses.as_ref()).await.map_err(reject)?;
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
    pub async fn response(&self, uid: &UniqueId, index: u32) -> Result<ReadyResponse<W>, Error> {
        let mut gone = Error::RecordsUnavailable;
        loop {
            let news = self.0.progressed.wait_for_record(uid, index);
            let stored = self.store().stored_response(uid, index, ByteCount::ZERO, 1).await;
            let stored = stored.map_err(reject)?;
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
                    None => ReadyBody::Live(self.read_body(uid, index, version)),
                };
                return Ok(ReadyResponse { head, body });
            }
            let _ = news.await;
            gone = Error::RecordAborted;
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
pub(super) fn unexposable(result: RecordResult) -> Option<Error> {
    match result {
        RecordResult::Failure(FailureReason::Aborted) => Some(Error::RecordAborted),
        result if !result.is_exposable() => Some(Error::RecordFailed),
        _ => None,
    }
}
