//! Requests and responses as they are read.

use std::rc::Rc;

use super::script::{Step, all, into_chunk, into_request};
use super::{RequestAndBody, RequestedRecord, Store, StoredResponse};
use crate::engine::{ByteHandle, Database, Found, Keys, Limit, Read, StoreError, Table};
use crate::model::{ByteCount, Stage, UniqueId};

/// Few of them: the sort of the standard library is 6 kB of code.
fn in_order(indices: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sorted = Vec::new();
    for index in indices {
        sorted.insert(sorted.partition_point(|other| *other < index), index);
    }
    sorted
}

/// The chunks up to the first gap: what lies behind it would be taken for what is missing.
fn without_gap<B: ByteHandle>(found: Vec<Found<B>>, from: ByteCount) -> Vec<B> {
    let mut position = from;
    let chunks = found.into_iter().map_while(|found| {
        // One that holds nothing cannot be read.
        let is_next = |bytes: &B| found.offset == position && !bytes.length().is_zero();
        let bytes = into_chunk(found.row).filter(is_next)?;
        position += bytes.length();
        Some(bytes)
    });
    chunks.collect()
}

impl<D: Database> Store<D> {
    /// At most so many requests of a fetch, from this one on, by index. One that cannot be read is left out.
    pub async fn requests(
        &self,
        uid: &UniqueId,
        from: u32,
        at_most: u32,
    ) -> Result<Vec<(u32, RequestAndBody<D::Bytes>)>, StoreError> {
        let mut requests = Vec::new();
        let keys = Keys::RecordsFrom(uid, from);
        let read = Read { table: Table::Requests, keys, limit: Limit::First(at_most) };
        self.read(&[Table::Requests], &[read], &mut |_, found| {
            let rows = found.rows().into_iter();
            requests = rows
                .filter_map(|found| {
                    let (request, body) = into_request(found.row)?;
                    Some((found.index, (Rc::new(request), body)))
                })
                .collect();
            Ok(Step::End)
        })
        .await?;
        Ok(requests)
    }

    /// The requests of a fetch in their order, with what there is of their responses; `None` where the fetch is gone.
    /// `urls` is a range, without its end: then at least the requests with a URL in it are given.
    pub async fn requested_records(
        &self,
        uid: &UniqueId,
        urls: Option<&(String, String)>,
    ) -> Result<Option<(Stage, Vec<RequestedRecord<D::Bytes>>)>, StoreError> {
        /// All are read as fast.
        const MANY: usize = 16;
        let reads_of_all = || [Table::Requests, Table::Records].map(|table| all(table, Keys::Of(uid)));
        let mut first = vec![all(Table::Fetches, Keys::Of(uid))];
        match urls {
            Some((start, end)) => first.push(all(Table::Requests, Keys::Urls(uid, start, end))),
            None => first.extend(reads_of_all()),
        }
        let (mut stage, mut records) = (None, Vec::new());
        // What is read in the second step; none where all are.
        let mut indices = Vec::new();
        let tables = [Table::Fetches, Table::Requests, Table::Records];
        self.read(&tables, &first, &mut |_, found| {
            if found.step == 0 {
                indices.clear();
                stage = found.stage()?;
                if stage.is_none() {
                    return Ok(Step::End);
                }
                if urls.is_some() {
                    let named = found.rows();
                    if named.len() > MANY {
                        return Ok(Step::Read(reads_of_all().into()));
                    }
                    indices = in_order(named.iter().map(|found| found.index));
                    let keys = indices.iter().map(|index| Keys::Record(uid, *index));
                    let both = keys.flat_map(|keys| {
                        [Table::Requests, Table::Records].map(|table| all(table, keys.clone()))
                    });
                    return Ok(Step::Read(both.collect()));
                }
            }
            records = if found.step == 0 || indices.is_empty() {
                found.all_requested()
            } else {
                indices.iter().filter_map(|index| found.requested(*index)).collect()
            };
            Ok(Step::End)
        })
        .await?;
        Ok(stage.map(|stage| (stage, records)))
    }

    /// Reads one record and at most `at_most` contiguous chunks from `from`, which must be a chunk's boundary. `None`
    /// where the fetch is gone. A record that must not be exposed is given without chunks.
    pub async fn stored_response(
        &self,
        uid: &UniqueId,
        index: u32,
        from: ByteCount,
        at_most: u32,
    ) -> Result<Option<StoredResponse<D::Bytes>>, StoreError> {
        let mut response = None;
        let first = [all(Table::Fetches, Keys::Of(uid)), all(Table::Records, Keys::Record(uid, index))];
        self.read(&[Table::Fetches, Table::Records, Table::Chunks], &first, &mut |_, found| {
            if let (1.., Some(StoredResponse { chunks, .. })) = (found.step, &mut response) {
                *chunks = without_gap(found.rows(), from);
                return Ok(Step::End);
            }
            response = None;
            let Some(stage) = found.stage()? else { return Ok(Step::End) };
            let record = found.record();
            let is_wanted = at_most > 0 && record.is_exposable();
            response = Some(StoredResponse { stage, record, chunks: Vec::new() });
            if !is_wanted {
                return Ok(Step::End);
            }
            let keys = Keys::ChunksFrom(uid, index, from);
            Ok(Step::Read(vec![Read { table: Table::Chunks, keys, limit: Limit::First(at_most) }]))
        })
        .await?;
        Ok(response)
    }
}
