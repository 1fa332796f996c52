use super::{ByteHandle, RecordChange, StoredChunk};
use crate::model::{ByteCount, Millis, Record};

/// What one record has received and not stored yet.
pub struct Unstored<B> {
    index: u32,
    pieces: Vec<B>,
    length: ByteCount,
    /// What the transactions begun so far make of the record's length: where the next chunk begins.
    stored_length: ByteCount,
    /// The same before the last of them.
    stored_length_before: ByteCount,
    restarts: bool,
    drops_chunks: bool,
    is_head_new: bool,
    /// Of the request's body: what has left and is not counted.
    uploaded: ByteCount,
}

impl<B: ByteHandle> Unstored<B> {
    pub fn new(index: u32, stored_length: ByteCount) -> Self {
        Self {
            index,
            pieces: Vec::new(),
            length: ByteCount::ZERO,
            stored_length,
            stored_length_before: stored_length,
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

    pub fn push(&mut self, piece: B) {
        // A chunk without bytes would have the key of the next.
        if piece.length().is_zero() {
            return;
        }
        self.length += piece.length();
        self.pieces.push(piece);
    }

    pub fn length(&self) -> ByteCount {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && !self.restarts && !self.drops_chunks && !self.is_head_new
    }

    /// Hands everything over to a transaction.
    pub fn take(&mut self, record: Record) -> RecordChange<B> {
        let restarts = std::mem::take(&mut self.restarts);
        let drops_chunks = std::mem::take(&mut self.drops_chunks) || restarts;
        let offset = if restarts { ByteCount::ZERO } else { self.stored_length };
        let pieces = std::mem::take(&mut self.pieces);
        let chunk = (!pieces.is_empty()).then_some(StoredChunk { offset, pieces });
        self.is_head_new = false;
        self.stored_length_before = self.stored_length;
        self.stored_length = offset + std::mem::take(&mut self.length);
        let record = Record { length: self.stored_length, ..record };
        let uploaded = std::mem::take(&mut self.uploaded);
        RecordChange { index: self.index, record, uploaded, drops_chunks, chunk, at: Millis::default() }
    }

    /// The last transaction failed.
    pub fn handle_not_stored(&mut self) {
        self.stored_length = self.stored_length_before;
    }

    /// Gives up the bytes that are not stored, and those that are: nobody will read them.
    pub fn discard(&mut self) {
        self.drops_chunks = true;
        self.clear();
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.length = ByteCount::ZERO;
    }
}
