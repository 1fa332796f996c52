use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};

use super::body_reader::reading_lock;
use super::{Clock, Engine, LockMode, Locks, Realm, RecordChange, Run, Store, StoreError, World};
use crate::model::{
    BackgroundFetch, ByteCount, FailureReason, Millis, Record, RecordResult, Stage, UniqueId,
};

/// A background fetch while this realm runs it.
pub(super) struct Performance {
    pub fetch: BackgroundFetch,
    runner: u32,
    /// Bytes of each record that were received, stored or not.
    received: RefCell<HashMap<u32, ByteCount>>,
    received_total: Cell<ByteCount>,
}

impl Performance {
    fn new(run: &Run) -> Self {
        let received: HashMap<u32, ByteCount> =
            run.records.iter().map(|(index, record)| (*index, record.length)).collect();
        let received_total = run.records.iter().map(|(_, record)| record.length).sum();
        Self {
            fetch: run.fetch.clone(),
            runner: run.progress.runner,
            received: RefCell::new(received),
            received_total: Cell::new(received_total),
        }
    }

    /// Notes how much of a record is received; whether the caller's `downloadTotal` admits so much.
    pub fn admits(&self, index: u32, received: ByteCount) -> bool {
        let before = self.received.borrow_mut().insert(index, received).unwrap_or_default();
        self.received_total.set(self.received_total.get().saturating_sub(before) + received);
        self.fetch.admits(self.received_total.get())
    }

    /// Whether a record of this length could be received in full.
    pub fn would_admit(&self, index: u32, total: ByteCount) -> bool {
        let before = self.received.borrow().get(&index).copied().unwrap_or_default();
        self.fetch.admits(self.received_total.get().saturating_sub(before) + total)
    }
}

impl<W: World> Engine<W> {
    /// Runs a fetch from wherever it is to its end, as soon as nobody else does.
    pub(super) async fn take_turn(&self, uid: &UniqueId) {
        const PAUSE_AFTER_FAILURE: Millis = Millis::from_seconds(5);
        let name = format!("background-fetch:{uid}");
        let mut turn = self.locks().acquire(&name, LockMode::Exclusive).await;
        loop {
            match self.advance(uid).await {
                Ok(true) => {}
                Ok(false) => return,
                // Somebody else has become the runner, so the lock is not ours any more: back into its queue. Two that
                // went on would refuse one another's bytes for ever.
                Err(StoreError::Fenced) => {
                    drop(turn);
                    turn = self.locks().acquire(&name, LockMode::Exclusive).await;
                }
                Err(error) => {
                    self.realm().report(&format!("The database failed, which is tried again: {error}"));
                    self.clock().sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// One stage of a fetch; false when it is through.
    async fn advance(&self, uid: &UniqueId) -> Result<bool, StoreError> {
        let Some((fetch, progress)) = self.store().fetch(uid).await? else {
            self.end_records(uid);
            return Ok(false);
        };
        if fetch.stage == Stage::Settled {
            // The instances show the result before the worker hears of it, also where the runner that settled it died.
            self.publish(uid, fetch.state(&progress), None);
            self.await_observers(uid).await;
        }
        match fetch.stage {
            Stage::Running => self.perform(uid).await.map(|()| true),
            Stage::Settled if self.realm().is_worker_of(&fetch.scope) => {
                // Not under the fetch's lock: a page that gets it now reminds the worker, which gives it time for this.
                let (engine, uid) = (self.clone(), uid.clone());
                self.realm().spawn(async move { engine.deliver_here(uid).await });
                Ok(false)
            }
            Stage::Settled => {
                self.deliver(&fetch).await?;
                // The worker may have died before it could tell that the records are gone.
                self.refresh_instance(uid).await;
                Ok(true)
            }
            Stage::Delivered => {
                let _free = self.locks().acquire(&reading_lock(uid), LockMode::Exclusive).await;
                self.store().purge(uid).await?;
                Ok(false)
            }
        }
    }

    /// [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch).
    async fn perform(&self, uid: &UniqueId) -> Result<(), StoreError> {
        let commanded = self.0.commanded.wait(uid);
        let run = self.store().begin_run(uid).await?;
        // Somebody who has lost the lock may have settled it a moment ago.
        let Some(run) = run.filter(|run| run.fetch.stage == Stage::Running) else { return Ok(()) };
        let performance = Rc::new(Performance::new(&run));
        // The runner before may have died between storing and telling.
        self.publish(uid, run.fetch.state(&run.progress), None);
        if !run.fetch.is_aborted() {
            let aborted = std::pin::pin!(self.aborted(uid, commanded));
            let records = std::pin::pin!(self.complete_records(&performance, run.records));
            match select(records, aborted).await {
                Either::Left((result, _)) => result?,
                Either::Right((result, _)) => result?,
            }
        }
        self.settle(uid).await
    }

    /// All records at once, as far as the settings allow connections. One that fails does not stop the others, unless
    /// more came than the caller's `downloadTotal`.
    async fn complete_records(
        &self,
        performance: &Rc<Performance>,
        records: Vec<(u32, Record)>,
    ) -> Result<(), StoreError> {
        const EXCEEDED: RecordResult = RecordResult::Failure(FailureReason::DownloadTotalExceeded);
        if records.iter().any(|(_, record)| record.result == Some(EXCEEDED)) {
            // The runner before stored this, and died before it could settle.
            return Ok(());
        }
        let mut records: HashMap<u32, Record> = records.into_iter().collect();
        let waiting = (0..performance.fetch.request_count).filter_map(|index| {
            let record = records.remove(&index).unwrap_or_default();
            record.result.is_none().then_some((index, record))
        });
        let connections = self.settings().connections.max(1) as usize;
        let completed = stream::iter(waiting)
            .map(|(index, record)| self.complete_record(performance, index, record))
            .buffer_unordered(connections);
        let mut completed = std::pin::pin!(completed);
        while let Some(result) = completed.next().await {
            if result? == EXCEEDED {
                break;
            }
        }
        Ok(())
    }

    /// Returns when the fetch was aborted, or is gone.
    async fn aborted(
        &self,
        uid: &UniqueId,
        mut commanded: futures_channel::oneshot::Receiver<()>,
    ) -> Result<(), StoreError> {
        loop {
            // A dropped sender is a signal, too.
            let _ = commanded.await;
            commanded = self.0.commanded.wait(uid);
            match self.store().fetch(uid).await? {
                Some((fetch, _)) if !fetch.is_aborted() => {}
                _ => return Ok(()),
            }
        }
    }

    /// The last steps of [perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch):
    /// the id is free and the result is there.
    async fn settle(&self, uid: &UniqueId) -> Result<(), StoreError> {
        let settled = self.store().update(uid, |fetch, progress| {
            // What is still on its way into the database comes too late.
            progress.runner += 1;
            fetch.settle(progress.failure);
        });
        settled.await.map(|_| ())
    }

    /// One transaction: a record's news, and the progress that counts them. Shown when it is stored, not before.
    pub(super) async fn commit(
        &self,
        performance: &Performance,
        change: RecordChange<W::Bytes>,
    ) -> Result<(), StoreError> {
        let (uid, index) = (&performance.fetch.uid, change.index);
        let progress = self.store().commit(uid, performance.runner, change).await?;
        self.publish(uid, performance.fetch.state(&progress), Some(index));
        Ok(())
    }
}
