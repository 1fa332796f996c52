use std::rc::Rc;

use futures_channel::oneshot::Receiver;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};

use super::body_reader::reading_lock;
use super::performance::Performance;
use super::sorted_map::SortedMap;
use super::{Clock, Engine, LockMode, Locks, Realm, RecordChange, StoreError, World};
use crate::broken_rules::Rule;
use crate::model::{BackgroundFetch, FailureReason, Millis, Progress, Record, RecordResult, Stage, UniqueId};

/// Commands are heard of, but for those that were given while this realm was frozen, or by one that died before it could tell.
const POLL: Millis = Millis::from_seconds(60);

/// How the performance of a fetch ends.
enum End {
    /// Every record has its result, or one of them is a result for all.
    Complete,
    Aborted,
    /// Nothing has come for too long.
    Stale,
    /// It is paused, or another realm goes on.
    Interrupted,
}

impl<W: World> Engine<W> {
    /// One stage of a fetch; false when it is through.
    pub(super) async fn advance(&self, uid: &UniqueId) -> Result<bool, StoreError> {
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
            Stage::Running => self.perform(uid).await,
            Stage::Settled if self.realm().is_worker_of(&fetch.scope) => {
                // Not under the fetch's lock: a page that gets it now reminds the worker, which gives it time for this.
                self.realm().spawn(self.begin_delivery(uid.clone()));
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
                if !Rule::Purge.is_broken() {
                    self.store().purge(uid).await?;
                }
                Ok(false)
            }
        }
    }

    /// [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch).
    async fn perform(&self, uid: &UniqueId) -> Result<bool, StoreError> {
        let commanded = self.0.commanded.wait(uid);
        let run = self.store().begin_run(uid).await?;
        // Somebody who has lost the lock may have settled it a moment ago.
        let Some(run) = run.filter(|run| run.fetch.stage == Stage::Running) else { return Ok(true) };
        self.realm().runs(&run.fetch.scope);
        if !Rule::GiveUpDamage.is_broken() && self.give_up_damage(&run).await? {
            // Counted anew.
            return Ok(true);
        }
        let performance = Rc::new(Performance::new(&run));
        // The runner before may have died between storing and telling.
        self.publish(uid, run.fetch.state(&run.progress), None);
        if self.yields(uid) {
            performance.interrupt();
        }
        let end = if run.fetch.is_aborted() {
            End::Aborted
        } else if run.fetch.is_paused {
            End::Interrupted
        } else {
            let records = std::pin::pin!(self.complete_records(&performance, run.records));
            let commands = std::pin::pin!(self.follow_commands(&performance, commanded));
            match select(records, commands).await {
                Either::Left((end, _)) => end?,
                Either::Right((end, _)) => end?,
            }
        };
        match end {
            End::Complete | End::Aborted => self.settle(uid, None).await?,
            End::Stale => self.settle(uid, Some(FailureReason::FetchError)).await?,
            End::Interrupted => return self.until_resumed(uid).await,
        }
        Ok(true)
    }

    /// All records at once, as far as the settings allow connections. One that fails does not stop the others, unless
    /// more came than the caller's `downloadTotal`.
    async fn complete_records(
        &self,
        performance: &Rc<Performance>,
        records: Vec<(u32, Record)>,
    ) -> Result<End, StoreError> {
        const EXCEEDED: RecordResult = RecordResult::Failure(FailureReason::DownloadTotalExceeded);
        if records.iter().any(|(_, record)| record.result == Some(EXCEEDED)) {
            // The runner before stored this, and died before it could settle.
            return Ok(End::Complete);
        }
        let mut records: SortedMap<u32, Record> = records.into_iter().collect();
        let waiting = (0..performance.fetch.request_count).filter_map(|index| {
            let record = records.get_mut(&index).map(std::mem::take).unwrap_or_default();
            record.result.is_none().then_some((index, record))
        });
        let connections = self.settings().connections.max(1) as usize;
        let completed = stream::iter(waiting)
            .map(|(index, record)| self.complete_record(performance, index, record))
            .buffer_unordered(connections);
        let mut completed = std::pin::pin!(completed);
        let mut end = Ok(End::Complete);
        while let Some(result) = completed.next().await {
            match result {
                Ok(Some(EXCEEDED)) => return Ok(End::Complete),
                Ok(Some(_)) => {}
                Ok(None) if end.is_err() || Rule::SettleWhenComplete.is_broken() => {}
                Ok(None) => end = Ok(End::Interrupted),
                // What cannot be sent again is waited for.
                Err(error) if error.may_pass() => {
                    performance.interrupt();
                    end = Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        end
    }

    /// Returns when the fetch was aborted, is gone, or has become stale; interrupts it when it is paused.
    async fn follow_commands(
        &self,
        performance: &Performance,
        mut commanded: Receiver<()>,
    ) -> Result<End, StoreError> {
        const PAUSE: Millis = Millis::from_seconds(1);
        let uid = &performance.fetch.uid;
        loop {
            let rest = match self.time_until_stale(performance).await {
                Err(error) if error.may_pass() => POLL,
                rest => match rest? {
                    Some(rest) => rest,
                    None => return Ok(End::Stale),
                },
            };
            let poll = std::pin::pin!(self.clock().sleep(rest.min(POLL)));
            // A dropped sender is a signal, too.
            if let Either::Left(_) = select(&mut commanded, poll).await {
                commanded = self.0.commanded.wait(uid);
            }
            let found = loop {
                match self.store().fetch(uid).await {
                    // The command is still there, and an upload on its way must not end for this.
                    Err(error) if error.may_pass() => self.clock().sleep(PAUSE).await,
                    found => break found?,
                }
            };
            match found {
                Some((fetch, _)) if !fetch.is_aborted() => {
                    performance.handle_pause(fetch.is_paused);
                    if fetch.is_paused || self.yields(uid) {
                        performance.interrupt();
                    }
                }
                _ => return Ok(End::Aborted),
            }
        }
    }

    /// `None` where it is stale. That much time has passed since something came is the calendar's word alone, which may have
    /// been set forward by years. So the last quarter counts from when a runner has found that the others are over: until
    /// then it is tried, and no single jump ends it.
    async fn time_until_stale(&self, performance: &Performance) -> Result<Option<Millis>, StoreError> {
        let now = self.clock().now();
        let last = Millis(self.settings().stale_time.0 / 4);
        if let Some(doubted_at) = performance.doubted_at.get() {
            let rest = (doubted_at + last).saturating_sub(now);
            return Ok(Some(rest).filter(|rest| *rest > Millis::default()));
        }
        let before = self.settings().stale_time.saturating_sub(last);
        let rest = (performance.active_at.get() + before).saturating_sub(now);
        if rest > Millis::default() {
            return Ok(Some(rest));
        }
        let doubt = move |fetch: &mut BackgroundFetch, progress: &mut Progress| {
            // Something may have come in this moment.
            let is_doubtful = fetch.active_at(progress) + before <= now;
            progress.doubted_at = progress.doubted_at.or(is_doubtful.then_some(now));
            (progress.doubted_at, fetch.active_at(progress))
        };
        if let Some((doubted_at, active_at)) = self.store().update(&performance.fetch.uid, doubt).await? {
            performance.doubted_at.set(doubted_at);
            performance.active_at.set(active_at);
        }
        Ok(Some(last))
    }

    /// Holds the place of a paused fetch until there is something to do about it. False in a worker, which nothing keeps alive
    /// for that.
    async fn until_resumed(&self, uid: &UniqueId) -> Result<bool, StoreError> {
        loop {
            let commanded = self.0.commanded.wait(uid);
            let found = self.store().fetch(uid).await?;
            let Some((fetch, progress)) = found.filter(|(fetch, _)| fetch.is_paused) else { return Ok(true) };
            self.publish(uid, fetch.state(&progress), None);
            if self.yields(uid) || self.realm().is_worker_of(&fetch.scope) {
                return Ok(false);
            }
            select(commanded, std::pin::pin!(self.clock().sleep(POLL))).await;
        }
    }

    /// The last steps of [perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch):
    /// the id is free and the result is there.
    async fn settle(&self, uid: &UniqueId, failure: Option<FailureReason>) -> Result<(), StoreError> {
        let settled = self.store().update(uid, move |fetch, progress| {
            // What is still on its way into the database comes too late.
            progress.runner += 1;
            fetch.settle(progress.failure.or(failure));
        });
        settled.await.map(|_| ())
    }

    /// What a record waits for has changed: those who ask are told.
    pub(super) async fn tell_waiting(&self, performance: &Performance) {
        let Some(is_waiting) = performance.news_of_waiting(self.settings().connections) else { return };
        let (uid, runner) = (&performance.fetch.uid, performance.runner);
        let stored = self.store().update(uid, move |_, progress| {
            if progress.runner == runner {
                progress.is_waiting = is_waiting;
            }
            *progress
        });
        // Where it cannot be stored, nothing is lost but this.
        if let Ok(Some(progress)) = stored.await
            && progress.runner == runner
        {
            self.publish(uid, performance.state(&progress), None);
        }
    }

    /// One transaction: a record's news, and the progress that counts them. Shown when it is stored, not before.
    pub(super) async fn commit(
        &self,
        performance: &Performance,
        mut change: RecordChange<W::Bytes>,
    ) -> Result<(), StoreError> {
        let (uid, index) = (&performance.fetch.uid, change.index);
        change.at = self.clock().now();
        if Rule::StoreBeforeShowing.is_broken() {
            self.publish(uid, performance.unstored_state(), Some(index));
        }
        let progress = self.store().commit(uid, performance.runner, change).await?;
        performance.active_at.set(progress.stored_at);
        performance.doubted_at.set(None);
        self.note_stored(uid);
        self.publish(uid, performance.state(&progress), Some(index));
        Ok(())
    }
}
