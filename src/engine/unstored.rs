use super::{ByteHandle, RecordChange, StoredChunk};
use crate::model::{ByteCount, Millis, Record};

/// What one record has received and not stored yet.
pub struct Unstored<B> {
    index: u32,
    /// Bytes in a row, each to become a chunk.
    rows: Vec<StoredChunk<B>>,
    /// Chunks that came as a whole.
    whole: Vec<StoredChunk<B>>,
    /// What the transactions begun so far make of the record's bytes.
    stored: Record,
    /// The same before the last of them.
    stored_before: Record,
    /// The database has no row of the record, and none is on its way there.
    is_first: bool,
    restarts: bool,
    drops_chunks: bool,
    is_head_new: bool,
    /// Of the request's body: what has left and is not counted.
    uploaded: ByteCount,
}

impl<B: ByteHandle> Unstored<B> {
    pub fn new(index: u32, stored: &Record) -> Self {
        let is_first = *stored == Record::default();
        let stored = bytes_of(stored);
        Self {
            index,
            is_first,
            rows: Vec::new(),
            whole: Vec::new(),
            stored_before: stored.clone(),
            stored,
            restarts: false,
            drops_chunks: false,
            is_head_new: false,
            uploaded: ByteCount::ZERO,
        }
    }

    pub fn uploaded(&self) -> ByteCount {
        self.uploaded
    }

    /// So much more of the request's body has left.
    pub fn handle_uploaded(&mut self, count: ByteCount) {
        self.uploaded += count;
    }

    /// A body begins; with `restart`, at the beginning of the file.
    pub fn begin(&mut self, restart: bool) {
        self.is_head_new = true;
        if restart {
            self.restarts = true;
            self.clear();
        }
    }

    /// Forgets the body that began anew: it failed before anything of it was stored.
    pub fn handle_return(&mut self) {
        self.restarts = false;
        self.is_head_new = false;
        self.clear();
    }

    /// There is news of the record that is none of its bytes.
    pub fn handle_news(&mut self) {
        self.is_head_new = true;
    }

    /// The same of bytes that came over another connection than the first; `is_whole` where all came at once.
    pub fn push_of_part(&mut self, offset: ByteCount, bytes: B, is_whole: bool) {
        if is_whole {
            self.whole.push(StoredChunk { offset, pieces: vec![bytes] });
        } else {
            self.push(offset, bytes);
        }
    }

    /// These bytes of the file are there from `offset` on.
    pub fn push(&mut self, offset: ByteCount, piece: B) {
        // A chunk without bytes would have the key of the next.
        if piece.length().is_zero() {
            return;
        }
        match self.rows.iter_mut().find(|row| row.offset + row.length() == offset) {
            Some(row) => row.pieces.push(piece),
            None => self.rows.push(StoredChunk { offset, pieces: vec![piece] }),
        }
    }

    pub fn length(&self) -> ByteCount {
        self.whole.iter().map(StoredChunk::length).sum::<ByteCount>() + self.streamed_length()
    }

    /// Of what came piece by piece, which lies in the memory of scripts.
    pub fn streamed_length(&self) -> ByteCount {
        self.rows.iter().map(StoredChunk::length).sum()
    }

    pub fn whole_count(&self) -> usize {
        self.whole.len()
    }

    /// How many chunks it makes.
    pub fn chunk_count(&self) -> usize {
        self.rows.len() + self.whole.len()
    }

    pub fn is_empty(&self) -> bool {
        self.chunk_count() == 0 && !self.restarts && !self.drops_chunks && !self.is_head_new
    }

    /// Hands a chunk over to a transaction, and what else there is. The record has its result when all chunks are stored.
    pub fn take(&mut self, record: Record) -> RecordChange<B> {
        let chunk = self.take_chunk();
        let restarts = std::mem::take(&mut self.restarts);
        let drops_chunks = std::mem::take(&mut self.drops_chunks) || restarts;
        self.is_head_new = false;
        self.stored_before = self.stored.clone();
        if restarts {
            self.stored = Record::default();
        }
        if let Some(chunk) = &chunk {
            self.stored.add(chunk.offset, chunk.length());
            self.stored.last_chunk = chunk.offset;
        }
        let Record { length, ahead, last_chunk, .. } = self.stored.clone();
        let result = record.result.filter(|_| self.chunk_count() == 0);
        let record = Record { length, ahead, last_chunk, result, ..record };
        let uploaded = std::mem::take(&mut self.uploaded);
        RecordChange {
            index: self.index,
            record,
            is_first: std::mem::take(&mut self.is_first),
            uploaded,
            drops_chunks,
            chunk,
            at: Millis::default(),
        }
    }

    /// One that came as a whole, or the longest.
    fn take_chunk(&mut self) -> Option<StoredChunk<B>> {
        if !self.whole.is_empty() {
            return Some(self.whole.remove(0));
        }
        let longest = self.rows.iter().enumerate().max_by_key(|(_, row)| row.length());
        longest.map(|(position, _)| position).map(|position| self.rows.swap_remove(position))
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.whole.clear();
    }

    /// The last transaction failed.
    pub fn handle_not_stored(&mut self) {
        self.stored = self.stored_before.clone();
    }

    /// Gives up the bytes that are not stored, and those that are: nobody will read them.
    pub fn discard(&mut self) {
        self.drops_chunks = true;
        self.clear();
    }
}

/// What a record says of its bytes.
fn bytes_of(record: &Record) -> Record {
    let Record { length, last_chunk, .. } = *record;
    Record { length, last_chunk, ahead: record.ahead.clone(), ..Record::default() }
}
