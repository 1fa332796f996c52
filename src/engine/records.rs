use super::fetch::reject;
use super::{ByteLength, Engine, RequestedRecord, Store, StoredResponse, World};
use crate::model::{
    ByteCount, CacheQueryOptions, Error, FailureReason, RecordResult, ResponseHead, Stage, StoredRequest,
    UniqueId, request_matches_cached_item,
};

/// A response whose head and body are there.
pub struct ReadyResponse<B> {
    pub head: ResponseHead,
    pub chunks: Vec<B>,
}

impl<W: World> Engine<W> {
    /// [matchAll()](https://wicg.github.io/background-fetch/#background-fetch-registration-matchall), in the order of
    /// the requests.
    pub async fn match_all(
        &self,
        uid: &UniqueId,
        query: Option<&StoredRequest>,
        options: CacheQueryOptions,
    ) -> Result<Vec<RequestedRecord<W::Bytes>>, Error> {
        let records = self.store().requested_records(uid).await.map_err(reject)?;
        let mut records = records.ok_or(Error::RecordsUnavailable)?;
        if let Some(query) = query {
            records.retain(|record| {
                request_matches_cached_item(query, &record.request, record.response.as_ref(), options)
            });
        }
        Ok(records)
    }

    /// [responseReady](https://wicg.github.io/background-fetch/#dom-backgroundfetchrecord-responseready), once the
    /// record has its result.
    pub async fn response(&self, uid: &UniqueId, index: u32) -> Result<ReadyResponse<W::Bytes>, Error> {
        loop {
            let progressed = self.0.progressed.wait(uid);
            let stored = self.store().stored_response(uid, index).await.map_err(reject)?;
            let stored = stored.ok_or(Error::RecordsUnavailable)?;
            match (stored.record.result, stored.stage) {
                (Some(result), _) => return ready_response(stored, result),
                // The fetch ended before this record did.
                (None, Stage::Settled) => return Err(Error::RecordAborted),
                (None, Stage::Running) => {
                    let _ = progressed.await;
                }
            }
        }
    }
}

fn ready_response<B: ByteLength>(
    stored: StoredResponse<B>,
    result: RecordResult,
) -> Result<ReadyResponse<B>, Error> {
    let StoredResponse { record, chunks, .. } = stored;
    if result == RecordResult::Failure(FailureReason::Aborted) {
        return Err(Error::RecordAborted);
    }
    if !record.is_exposable() {
        return Err(Error::RecordFailed);
    }
    // Better no bytes than some of them.
    let length: ByteCount = chunks.iter().map(ByteLength::length).sum();
    if length != record.length {
        return Err(Error::StorageFailed);
    }
    record.response.map(|head| ReadyResponse { head, chunks }).ok_or(Error::RecordFailed)
}
