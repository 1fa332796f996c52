use super::fetch::reject;
use super::{Engine, Store, World};
use crate::model::{
    CacheQueryOptions, Error, FailureReason, Record, RecordResult, ResponseHead, Stage, StoredRequest,
    UniqueId, request_matches_cached_item,
};

/// A record that a query found.
pub struct MatchedRecord<B> {
    pub index: u32,
    pub request: StoredRequest,
    pub body: Option<B>,
}

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
    ) -> Result<Vec<MatchedRecord<W::Bytes>>, Error> {
        if self.store().fetch(uid).await.map_err(reject)?.is_none() {
            return Err(Error::RecordsUnavailable);
        }
        let requests = self.store().requests(uid).await.map_err(reject)?;
        let records = match query {
            Some(_) => self.store().records(uid).await.map_err(reject)?,
            None => Vec::new(),
        };
        let response = |index: u32| {
            let position = records.binary_search_by_key(&index, |(index, _)| *index).ok()?;
            records.get(position).and_then(|(_, record)| record.response.as_ref())
        };
        let matches = |index: u32, request: &StoredRequest| {
            query.is_none_or(|query| request_matches_cached_item(query, request, response(index), options))
        };
        Ok(requests
            .into_iter()
            .filter(|(index, request, _)| matches(*index, request))
            .map(|(index, request, body)| MatchedRecord { index, request, body })
            .collect())
    }

    /// [responseReady](https://wicg.github.io/background-fetch/#dom-backgroundfetchrecord-responseready), once the
    /// record has its result.
    pub async fn response(&self, uid: &UniqueId, index: u32) -> Result<ReadyResponse<W::Bytes>, Error> {
        loop {
            let progressed = self.0.progressed.wait(uid);
            let Some((fetch, _)) = self.store().fetch(uid).await.map_err(reject)? else {
                return Err(Error::RecordsUnavailable);
            };
            let record = self.store().record(uid, index).await.map_err(reject)?.unwrap_or_default();
            match record.result {
                Some(_) => return self.settled_response(uid, index, record).await,
                // The fetch ended before this record did.
                None if fetch.stage == Stage::Settled => return Err(Error::RecordAborted),
                // A dropped sender is a signal, too.
                None => {
                    let _ = progressed.await;
                }
            }
        }
    }

    async fn settled_response(
        &self,
        uid: &UniqueId,
        index: u32,
        record: Record,
    ) -> Result<ReadyResponse<W::Bytes>, Error> {
        let is_exposable = record.is_exposable();
        match (record.response, record.result) {
            (Some(head), _) if is_exposable => {
                let chunks = self.store().chunks(uid, index).await.map_err(reject)?;
                Ok(ReadyResponse { head, chunks })
            }
            (_, Some(RecordResult::Failure(FailureReason::Aborted))) => Err(Error::RecordAborted),
            _ => Err(Error::RecordFailed),
        }
    }
}
