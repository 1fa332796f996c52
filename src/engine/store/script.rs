//! A transaction as a script, and what runs it.

use std::vec;

use super::RequestedRecord;
use crate::engine::notify::Task;
use crate::engine::store_call::Work;
use crate::engine::{Database, Found, Keys, Limit, Mode, Read, StoreError, StoredRow, Table, Transaction};
use crate::model::{BackgroundFetch, Progress, Record, Stage, StoredRequest, UniqueId};

/// What comes next in a transaction.
pub enum Step<'a> {
    Read(Vec<Read<'a>>),
    /// To store what was written.
    Complete,
    /// Nothing was written.
    End,
}

type TransactionOf<D> = <D as Database>::Transaction;
type AnswersOf<D> = Answers<<D as Database>::Bytes>;

pub type Decide<'s, 'a, D> =
    dyn FnMut(&TransactionOf<D>, &mut AnswersOf<D>) -> Result<Step<'a>, StoreError> + 's;

/// A transaction.
pub struct Script<'s, 'a, D: Database> {
    pub database: &'s D,
    pub tables: &'s [Table],
    pub mode: Mode,
    pub first: &'s [Read<'a>],
    /// Decides what comes after the first reads, and after each further. Called anew when the transaction is repeated.
    pub decide: &'s mut Decide<'s, 'a, D>,
    /// Must not be made again once it may be stored.
    pub is_once: bool,
    pub is_complete: bool,
}

impl<D: Database> Work for Script<'_, '_, D> {
    fn begin(&mut self) -> Task<'_, Result<(), StoreError>> {
        Box::pin(self.make())
    }

    fn is_final(&self) -> bool {
        self.is_once && self.is_complete
    }
}

impl<D: Database> Script<'_, '_, D> {
    async fn make(&mut self) -> Result<(), StoreError> {
        let transaction = self.database.begin(self.tables, self.mode).await?;
        let mut answers = Answers { step: 0, found: transaction.read(self.first).await?.into_iter() };
        loop {
            match (self.decide)(&transaction, &mut answers)? {
                Step::Read(reads) => {
                    let found = transaction.read(&reads).await?.into_iter();
                    answers = Answers { step: answers.step + 1, found };
                }
                Step::Complete => {
                    self.is_complete = true;
                    return transaction.complete().await;
                }
                Step::End => return Ok(()),
            }
        }
    }
}

/// What was found, for one read after the other.
pub struct Answers<B> {
    /// 0 for the first reads.
    pub step: u32,
    found: vec::IntoIter<Vec<Found<B>>>,
}

impl<B> Answers<B> {
    pub fn rows(&mut self) -> Vec<Found<B>> {
        self.found.next().unwrap_or_default()
    }

    /// Of a read of whole tables.
    pub fn uids(&mut self) -> Vec<UniqueId> {
        self.rows().into_iter().filter_map(|found| found.uid).collect()
    }

    /// Of a read of one row: whether there is one, and what can be read of it.
    pub fn row(&mut self) -> Option<Option<StoredRow<B>>> {
        self.rows().into_iter().next().map(|found| found.row)
    }

    pub fn fetch(&mut self) -> Option<Option<BackgroundFetch>> {
        self.row().map(into_fetch)
    }

    pub fn progress(&mut self) -> Option<Progress> {
        match self.row() {
            Some(Some(StoredRow::Progress(progress))) => Some(progress),
            _ => None,
        }
    }

    /// Of a record that cannot be read nothing is known.
    pub fn record(&mut self) -> Record {
        self.row().flatten().and_then(into_record).unwrap_or_default()
    }

    /// The stage of a fetch; `None` where there is none.
    pub fn stage(&mut self) -> Result<Option<Stage>, StoreError> {
        self.fetch().map(|fetch| fetch.map(|fetch| fetch.stage).ok_or_else(unreadable)).transpose()
    }

    /// Of reads of one request and its record. One that cannot be read has failed.
    pub fn requested(&mut self, index: u32) -> Option<RequestedRecord<B>> {
        let request = into_request(self.row().flatten());
        let response = self.record().response;
        let (request, body) = request?;
        Some(RequestedRecord { index, request, body, response })
    }

    /// The same of all requests and records of a fetch.
    pub fn all_requested(&mut self) -> Vec<RequestedRecord<B>> {
        let requests = self.rows();
        // Both are in the order of their indices.
        let mut records = self.rows().into_iter().peekable();
        let mut requested = Vec::new();
        for Found { index, row, .. } in requests {
            while records.next_if(|record| record.index < index).is_some() {}
            let record = records.next_if(|record| record.index == index);
            let response = record.and_then(|found| into_record(found.row?)?.response);
            if let Some((request, body)) = into_request(row) {
                requested.push(RequestedRecord { index, request, body, response });
            }
        }
        requested
    }
}

pub fn unreadable() -> StoreError {
    StoreError::Failed("a row is none of ours".into())
}

pub fn into_fetch<B>(row: Option<StoredRow<B>>) -> Option<BackgroundFetch> {
    match row {
        Some(StoredRow::Fetch(fetch)) => Some(fetch),
        _ => None,
    }
}

pub fn into_record<B>(row: StoredRow<B>) -> Option<Record> {
    match row {
        StoredRow::Record(record) => Some(record),
        _ => None,
    }
}

pub fn into_request<B>(row: Option<StoredRow<B>>) -> Option<(StoredRequest, Option<B>)> {
    match row {
        Some(StoredRow::Request(request, body)) => Some((request, body)),
        _ => None,
    }
}

pub fn into_chunk<B>(row: Option<StoredRow<B>>) -> Option<B> {
    match row {
        Some(StoredRow::Chunk(bytes)) => Some(bytes),
        _ => None,
    }
}

pub fn all(table: Table, keys: Keys<'_>) -> Read<'_> {
    Read { table, keys, limit: Limit::All }
}
