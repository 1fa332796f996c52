//! What the functions of the store take and give.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::engine::{ByteHandle, StoreError};
use crate::model::{
    BackgroundFetch, ByteCount, Millis, Progress, Record, ResponseHead, Stage, StoredRequest,
};

/// Received bytes of one record, in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChunk<B> {
    pub offset: ByteCount,
    pub pieces: Vec<B>,
}

impl<B: ByteHandle> StoredChunk<B> {
    pub fn length(&self) -> ByteCount {
        self.pieces.iter().map(ByteHandle::length).sum()
    }
}

/// What one transaction changes of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange<B> {
    pub index: u32,
    pub record: Record,
    /// Nothing of the record is stored.
    pub is_first: bool,
    /// Bytes of the request's body that reached the server since.
    pub uploaded: ByteCount,
    /// Drop the chunks that are there first.
    pub drops_chunks: bool,
    pub chunk: Option<StoredChunk<B>>,
    /// Time of the change.
    pub at: Millis,
}

/// A change on its way into the database.
pub struct Commit<B> {
    pub change: RecordChange<B>,
    /// A transaction was made with it, and what that stored is not known.
    pub is_tried: Cell<bool>,
    /// What has become of it.
    pub outcome: RefCell<Option<Result<(), StoreError>>>,
}

/// A request as the database has it.
pub type RequestAndBody<B> = (Rc<StoredRequest>, Option<B>);

impl<B> RecordChange<B> {
    /// The progress that counts this change, too. `stored`: the bytes of the record that it counts already. They are
    /// those in the database, for a change that is made a second time may have been stored at the first.
    pub fn counted_in(&self, progress: Progress, stored: ByteCount) -> Progress {
        let counting = progress.counting(stored, &self.record, self.uploaded);
        Progress { stored_at: self.at, doubted_at: None, last_record: Some(self.index), ..counting }
    }

    pub fn chunk_length(&self) -> ByteCount
    where
        B: ByteHandle,
    {
        self.chunk.iter().map(StoredChunk::length).sum()
    }
}

/// A request as it was given, and what there is of its response.
#[derive(Clone, Debug)]
pub struct RequestedRecord<B> {
    pub index: u32,
    pub request: StoredRequest,
    pub body: Option<B>,
    pub response: Option<ResponseHead>,
}

/// A record as one transaction read it.
#[derive(Clone, Debug)]
pub struct StoredResponse<B> {
    pub stage: Stage,
    pub record: Record,
    /// In their order.
    pub chunks: Vec<B>,
}

/// What a run of a fetch begins with.
#[derive(Debug)]
pub struct StoredRun {
    pub fetch: BackgroundFetch,
    pub progress: Progress,
    /// The records that have a row, by index.
    pub records: Vec<(u32, Record)>,
}
