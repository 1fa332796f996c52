use std::cell::Cell;

use background_fetch_polyfill::engine::{
    Connection, Interruption, RecordChange, RequestedRecord, Store, StoreError, StoredResponse, StoredRun,
    call, unanswered,
};
use background_fetch_polyfill::model::{
    BackgroundFetch, ByteCount, Progress, Stage, StoredRequest, UniqueId,
};

use super::database::Tables;
use super::transactions::Transaction;
use super::{Content, Port};

impl Port {
    async fn begin(&self) -> Result<Transaction, StoreError> {
        Transaction::begin(&self.origin, self.realm).await
    }

    async fn read<T>(&self, read: impl Fn(&Tables) -> T) -> Result<T, StoreError> {
        call(self, &Cell::new(false), async || Ok(self.begin().await?.read(&read))).await
    }

    async fn write<T: 'static>(
        &self,
        write: impl Fn(&mut Tables) -> Result<T, StoreError> + Clone + 'static,
    ) -> Result<T, StoreError> {
        call(self, &Cell::new(false), async || self.begin().await?.commit(write.clone()).await).await
    }
}

impl Connection for Port {
    async fn usable(&self) {}

    async fn interrupted(&self) -> Interruption {
        unanswered(self, || ByteCount::ZERO).await;
        Interruption::Unanswered
    }

    fn number(&self) -> u32 {
        self.origin.transactions.connection_number(self.realm)
    }

    fn give_up(&self, number: u32, aborts: bool) {
        self.origin.transactions.give_up_connection(self.realm, number, aborts);
    }
}

/// What IndexedDbStore does in src/web/store.rs, step by step.
impl Store<Content> for Port {
    async fn register(
        &self,
        fetch: &BackgroundFetch,
        requests: &[(StoredRequest, Option<Content>)],
    ) -> Result<(), StoreError> {
        let (fetch, requests) = (fetch.clone(), requests.to_vec());
        self.write(move |tables| {
            // Stored at the first attempt.
            let is_there = tables.fetches.contains_key(&fetch.uid);
            if is_there { Ok(()) } else { tables.register(fetch.clone(), requests.clone()) }
        })
        .await
    }

    async fn find(&self, scope: &str, id: &str) -> Result<Option<UniqueId>, StoreError> {
        self.read(|tables| tables.find(scope, id).cloned()).await
    }

    async fn active(&self, scope: &str) -> Result<Vec<BackgroundFetch>, StoreError> {
        let is_active =
            |fetch: &&BackgroundFetch| fetch.active.as_ref().is_some_and(|(other, _)| other == scope);
        self.read(|tables| {
            tables.fetches.values().map(|rows| &rows.fetch).filter(is_active).cloned().collect()
        })
        .await
    }

    async fn all(&self) -> Result<Vec<BackgroundFetch>, StoreError> {
        self.read(|tables| tables.fetches.values().map(|rows| rows.fetch.clone()).collect()).await
    }

    async fn fetch(&self, uid: &UniqueId) -> Result<Option<(BackgroundFetch, Progress)>, StoreError> {
        self.read(|tables| tables.fetches.get(uid).map(|rows| (rows.fetch.clone(), rows.progress))).await
    }

    async fn update<T: 'static>(
        &self,
        uid: &UniqueId,
        change: impl Fn(&mut BackgroundFetch, &mut Progress) -> T,
    ) -> Result<Option<T>, StoreError> {
        let is_written = Cell::new(false);
        let work = async || {
            let transaction = self.begin().await?;
            let found = transaction
                .read(|tables| tables.fetches.get(uid).map(|rows| (rows.fetch.clone(), rows.progress)));
            let Some((mut fetch, mut progress)) = found else { return Ok(None) };
            let changed = change(&mut fetch, &mut progress);
            let put = move |tables: &mut Tables| {
                tables.put(fetch, progress);
                Ok(())
            };
            is_written.set(true);
            transaction.commit(put).await.map(|()| Some(changed))
        };
        call(self, &is_written, work).await
    }

    async fn begin_run(&self, uid: &UniqueId) -> Result<Option<StoredRun>, StoreError> {
        let work = async || {
            let transaction = self.begin().await?;
            let Some(rows) = transaction.read(|tables| tables.fetches.get(uid).cloned()) else {
                return Ok(None);
            };
            let progress = rows.progress.for_next_runner(rows.records.values());
            let fetch = rows.fetch.clone();
            let put = move |tables: &mut Tables| {
                tables.put(fetch, progress);
                Ok(())
            };
            transaction.commit(put).await?;
            Ok(Some(StoredRun { fetch: rows.fetch, progress, records: rows.records.into_iter().collect() }))
        };
        call(self, &Cell::new(false), work).await
    }

    async fn commit(
        &self,
        uid: &UniqueId,
        runner: u32,
        change: RecordChange<Content>,
    ) -> Result<Progress, StoreError> {
        let uid = uid.clone();
        self.write(move |tables| tables.commit(&uid, runner, change.clone())).await
    }

    async fn last_chunk(
        &self,
        uid: &UniqueId,
        index: u32,
        end: ByteCount,
    ) -> Result<Option<(ByteCount, Content)>, StoreError> {
        self.read(|tables| {
            let (offset, chunk) = tables.fetches.get(uid)?.chunks.get(&index)?.range(..end.0).next_back()?;
            Some((ByteCount(*offset), *chunk))
        })
        .await
    }

    async fn truncate(
        &self,
        uid: &UniqueId,
        runner: u32,
        index: u32,
        length: ByteCount,
    ) -> Result<(), StoreError> {
        let uid = uid.clone();
        self.write(move |tables| tables.truncate(&uid, runner, index, length)).await
    }

    async fn request(
        &self,
        uid: &UniqueId,
        index: u32,
    ) -> Result<Option<(StoredRequest, Option<Content>)>, StoreError> {
        self.read(|tables| tables.fetches.get(uid)?.requests.get(index as usize).cloned()).await
    }

    async fn requested_records(
        &self,
        uid: &UniqueId,
        addresses: Option<&(String, String)>,
    ) -> Result<Option<(Stage, Vec<RequestedRecord<Content>>)>, StoreError> {
        self.read(|tables| {
            let rows = tables.fetches.get(uid)?;
            let record = |(index, (request, body)): (u32, &(StoredRequest, Option<Content>))| {
                let response = rows.records.get(&index).and_then(|record| record.response.clone());
                RequestedRecord { index, request: request.clone(), body: *body, response }
            };
            let is_wanted = |record: &RequestedRecord<Content>| {
                addresses.is_none_or(|(first, end)| (first..end).contains(&&record.request.url))
            };
            let records = (0..).zip(&rows.requests).map(record).filter(is_wanted);
            Some((rows.fetch.stage, records.collect()))
        })
        .await
    }

    async fn stored_response(
        &self,
        uid: &UniqueId,
        index: u32,
        from: ByteCount,
        at_most: u32,
    ) -> Result<Option<StoredResponse<Content>>, StoreError> {
        self.read(|tables| {
            let rows = tables.fetches.get(uid)?;
            let record = rows.records.get(&index).cloned().unwrap_or_default();
            let chunks = rows.chunks.get(&index).filter(|_| record.is_exposable());
            let chunks = chunks.into_iter().flat_map(|chunks| chunks.range(from.0..)).take(at_most as usize);
            let mut position = from.0;
            let chunks = chunks.map_while(|(offset, chunk)| {
                let is_next = *offset == position;
                position += chunk.len();
                is_next.then_some(*chunk)
            });
            Some(StoredResponse { stage: rows.fetch.stage, record, chunks: chunks.collect() })
        })
        .await
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError> {
        let uid = uid.clone();
        self.write(move |tables| {
            tables.fetches.remove(&uid);
            Ok(())
        })
        .await
    }
}
