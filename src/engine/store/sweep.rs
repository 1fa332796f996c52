use super::Store;
use super::script::{Step, all};
use crate::engine::{Database, Keys, Limit, Read, StoreError, StoredRow, Table, Transaction};
use crate::model::{Millis, UniqueId};

const WITHOUT_FETCHES: [Table; 4] = [Table::Progress, Table::Requests, Table::Records, Table::Chunks];
const ALL: [Table; 7] = [
    Table::Fetches,
    Table::Progress,
    Table::Requests,
    Table::Records,
    Table::Chunks,
    Table::Probes,
    Table::Kept,
];

impl<D: Database> Store<D> {
    /// Deletes what belongs to no fetch and is not kept, once a day, and tells the console of it: anyone of the origin can write into
    /// the database. Rows that another version may have written are left alone.
    pub async fn sweep(&self, now: Millis) -> Result<(), StoreError> {
        const INTERVAL: Millis = Millis::from_seconds(24 * 60 * 60);
        let mut strays: Option<Vec<(Table, UniqueId)>> = None;
        let (mut uids, mut kept) = (Vec::new(), Vec::new());
        let mut rest: Vec<Table> = Vec::new();
        let first = [all(Table::Probes, Keys::SweptAt)];
        self.read(&ALL, &first, &mut |_, found| {
            match found.step {
                0 => {
                    strays = None;
                    // Clocks are set back, too.
                    if let Some(Some(StoredRow::SweptAt(at))) = found.row()
                        && at <= now
                        && now < at + INTERVAL
                    {
                        return Ok(Step::End);
                    }
                    let owners = [Table::Fetches, Table::Kept].map(|table| all(table, Keys::All));
                    rest = WITHOUT_FETCHES.into();
                    let reads = rest.iter().map(|table| first_behind(*table, None));
                    return Ok(Step::Read(owners.into_iter().chain(reads).collect()));
                }
                // In the order of their keys.
                1 => {
                    uids = found.uids();
                    kept = found.uids();
                }
                _ => {}
            }
            let strays = strays.get_or_insert_default();
            let mut reads = Vec::new();
            rest.retain(|table| {
                let Some(uid) = found.rows().pop().and_then(|found| found.uid) else { return false };
                let is_ours = UniqueId::from_message(uid.as_str().into()).is_some();
                let is_kept = *table == Table::Chunks && kept.binary_search(&uid).is_ok();
                if is_ours && !is_kept && uids.binary_search(&uid).is_err() {
                    strays.push((*table, uid.clone()));
                }
                reads.push(first_behind(*table, Some(uid)));
                true
            });
            Ok(if reads.is_empty() { Step::End } else { Step::Read(reads) })
        })
        .await?;
        let Some(strays) = strays else { return Ok(()) };
        // What belonged to nothing a moment ago belongs to nothing now: a uid is never used again.
        self.write(
            if strays.is_empty() { &[Table::Progress, Table::Probes] } else { &ALL },
            &[],
            &mut |transaction, _| {
                for (table, uid) in &strays {
                    self.database.report_dropped(*table, uid.as_str());
                    transaction.delete(*table, &Keys::Of(uid))?;
                }
                transaction.put(&Keys::SweptAt, &StoredRow::SweptAt(now))?;
                Ok(Step::Complete)
            },
        )
        .await
    }
}

fn first_behind(table: Table, uid: Option<UniqueId>) -> Read<'static> {
    Read { table, keys: Keys::Behind(uid), limit: Limit::First(1) }
}
