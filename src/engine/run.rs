//! [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch).

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::slice;

use super::commits::Commits;
use super::complete_record::complete_record;
use super::connections::Connections;
use super::context::Context;
use super::damage::give_up_damage;
use super::loaded_requests::LoadedRequests;
use super::local_fetch::LocalFetch;
use super::notify::{First, Flag, Notified, Task, first_some, race};
use super::ownership::Ownership;
use super::sorted_map::SortedMap;
use super::{Clock, Commit, Realm, RecordChange, StoreError, World};
use crate::model::{
    BackgroundFetch, ByteCount, FailureReason, Millis, Progress, Record, RecordResult, RegistrationState,
    Stage,
};

/// Polls as a fallback: messages of commands are lost if this realm was frozen or their sender died.
const POLL: Millis = Millis::from_seconds(60);

/// A background fetch while this realm runs it.
pub struct Run<W: World> {
    pub fetch: Rc<LocalFetch<W>>,
    ownership: Rc<Ownership>,
    /// Its row when the run began.
    pub row: BackgroundFetch,
    pub runner: u32,
    /// Set where the run is to end early: what has come is stored, and what cannot be sent again is waited for.
    pub interrupted: Flag,
    /// Records without a result that are not on their way yet, the next one last.
    pending: RefCell<Vec<(u32, Record)>>,
    requests: LoadedRequests<W::Bytes>,
    /// Those of this fetch, whatever their origins.
    pub own_connections: Rc<Connections>,
    /// The last file was there in a moment.
    pub is_quick: Cell<bool>,
    commits: Commits<W::Bytes>,
    /// When something came of it for the last time.
    active_at: Cell<Millis>,
    /// When an owner found that nothing had come for long. Progress and commands reset it.
    doubted_at: Cell<Option<Millis>>,
    /// Bytes of each record that were received, stored or not.
    received: RefCell<SortedMap<u32, ByteCount>>,
    received_total: Cell<ByteCount>,
    is_paused: Cell<bool>,
    /// Records without a result.
    unfinished: Cell<u32>,
    /// Those of them that wait for the network.
    waiting_for_network: Cell<u32>,
    /// What was last published: whether the fetch waits for the network.
    is_published_as_waiting: Cell<bool>,
}

/// How a run ends.
enum End {
    /// Every record has its result, or one of them is a result for all; or it was aborted.
    Complete,
    /// Nothing has come for too long.
    Stale,
    /// It is paused, or another realm goes on.
    Interrupted,
}

const EXCEEDED: RecordResult = RecordResult::Failure(FailureReason::DownloadTotalExceeded);

impl<W: World> Deref for Run<W> {
    type Target = Context<W>;

    fn deref(&self) -> &Context<W> {
        &self.fetch.context
    }
}

impl<W: World> Run<W> {
    /// False where this realm does not go on with it.
    pub async fn perform(fetch: &Rc<LocalFetch<W>>, ownership: &Rc<Ownership>) -> Result<bool, StoreError> {
        let commanded = fetch.commanded.notified();
        let Some(run) = Self::begin(fetch, ownership).await? else { return Ok(true) };
        let end = if run.row.is_aborted() {
            End::Complete
        } else if run.row.is_paused {
            End::Interrupted
        } else {
            match race(run.complete_records(), run.follow_commands(commanded)).await {
                First::Left(end) | First::Right(end) => end?,
            }
        };
        match end {
            End::Complete => run.settle(None).await?,
            End::Stale => run.settle(Some(FailureReason::FetchError)).await?,
            End::Interrupted => return run.until_resumed().await,
        }
        Ok(true)
    }

    /// `None` where the fetch is to be looked at once more.
    async fn begin(
        fetch: &Rc<LocalFetch<W>>,
        ownership: &Rc<Ownership>,
    ) -> Result<Option<Rc<Self>>, StoreError> {
        let stored = fetch.context.store().begin_run(&fetch.uid).await?;
        // Another owner, which has lost the lock, may have settled it a moment ago.
        let Some(stored) = stored.filter(|stored| stored.fetch.stage == Stage::Running) else {
            return Ok(None);
        };
        fetch.context.realm().runs(&stored.fetch.scope);
        if give_up_damage(fetch.context.store(), &stored).await? {
            // Counted anew.
            return Ok(None);
        }
        // The owner before may have died between storing and telling.
        fetch.publish(stored.fetch.state(&stored.progress), None);
        let mut pending: Vec<(u32, Record)> = Vec::new();
        let has_ended = stored.records.iter().any(|(_, record)| record.result == Some(EXCEEDED));
        let lengths = stored.records.iter().map(|(index, record)| (*index, record.received()));
        let received: SortedMap<u32, ByteCount> = lengths.collect();
        let received_total = stored.records.iter().map(|(_, record)| record.received()).sum();
        let mut records: SortedMap<u32, Record> = stored.records.into_iter().collect();
        if !has_ended {
            for index in (0..stored.fetch.request_count).rev() {
                let record = records.get_mut(&index).map(std::mem::take).unwrap_or_default();
                if record.result.is_none() {
                    pending.push((index, record));
                }
            }
        }
        let interrupted = Flag::default();
        interrupted.set(ownership.hands_over());
        Ok(Some(Rc::new(Self {
            fetch: Rc::clone(fetch),
            ownership: Rc::clone(ownership),
            runner: stored.progress.runner,
            interrupted,
            active_at: Cell::new(stored.fetch.active_at(&stored.progress)),
            doubted_at: Cell::new(stored.progress.doubted_at),
            received: RefCell::new(received),
            received_total: Cell::new(received_total),
            is_paused: Cell::new(stored.fetch.is_paused),
            unfinished: Cell::new(pending.len() as u32),
            pending: RefCell::new(pending),
            requests: LoadedRequests::default(),
            own_connections: Rc::default(),
            is_quick: Cell::default(),
            commits: Commits::default(),
            waiting_for_network: Cell::default(),
            is_published_as_waiting: Cell::default(),
            row: stored.fetch,
        })))
    }

    /// Completes all records, as many at a time as the settings allow. One that fails does not stop the others, unless
    /// more came than the caller's `downloadTotal`.
    async fn complete_records(self: &Rc<Self>) -> Result<End, StoreError> {
        let end = RefCell::new(Ok(End::Complete));
        let complete_next = |_| -> Task<'_, Option<Result<End, StoreError>>> {
            Box::pin(async {
                loop {
                    let (index, record) = self.pending.borrow_mut().pop()?;
                    match self.complete(index, record).await {
                        Ok(Some(EXCEEDED)) => return Some(Ok(End::Complete)),
                        Ok(Some(_)) => {}
                        Ok(None) => {
                            let mut end = end.borrow_mut();
                            if end.is_ok() {
                                *end = Ok(End::Interrupted);
                            }
                        }
                        // What cannot be sent again is waited for.
                        Err(error) if error.may_pass() => {
                            self.interrupted.set(true);
                            *end.borrow_mut() = Err(error);
                        }
                        Err(error) => return Some(Err(error)),
                    }
                }
            })
        };
        // While the results of small files are being stored, the next are fetched.
        // Bodies of uploads are in memory where they are no Blobs.
        let times = if self.row.upload_total.is_zero() { 16 } else { 4 };
        let at_once = self.settings.connections.saturating_mul(times).clamp(1, self.row.request_count.max(1));
        match first_some((0..at_once).map(complete_next).collect()).await {
            Some(end) => end,
            None => end.replace(Ok(End::Complete)),
        }
    }

    async fn complete(
        self: &Rc<Self>,
        index: u32,
        record: Record,
    ) -> Result<Option<RecordResult>, StoreError> {
        if self.interrupted.is_set() && !record.is_sent {
            return Ok(None);
        }
        let request = self.requests.take(self, index).await?;
        complete_record(self, index, record, request).await
    }

    /// Returns when the fetch was aborted, is gone, or has become stale; interrupts it when it is paused.
    async fn follow_commands(&self, mut commanded: Notified) -> Result<End, StoreError> {
        const PAUSE: Millis = Millis::from_seconds(1);
        loop {
            let rest = match self.time_until_stale().await {
                Err(error) if error.may_pass() => POLL,
                rest => match rest? {
                    Some(rest) => rest,
                    None => return Ok(End::Stale),
                },
            };
            self.within(rest.min(POLL), commanded).await;
            commanded = self.fetch.commanded.notified();
            let found = loop {
                match self.store().fetch(&self.fetch.uid).await {
                    // The command is still there, and an upload on its way must not end for this.
                    Err(error) if error.may_pass() => self.clock().sleep(PAUSE).await,
                    found => break found?,
                }
            };
            match found {
                Some((fetch, _)) if !fetch.is_aborted() => {
                    self.is_paused.set(fetch.is_paused);
                    if fetch.is_paused || self.ownership.hands_over() {
                        self.interrupted.set(true);
                    }
                }
                _ => return Ok(End::Complete),
            }
        }
    }

    /// `None` where the fetch is stale. Only the wall clock tells how long nothing came, and it may have been set
    /// forward by years. So the last quarter counts from when an owner found that the others are over. Until it is over
    /// requests are tried, and no single jump of the clock ends the fetch.
    async fn time_until_stale(&self) -> Result<Option<Millis>, StoreError> {
        let now = self.clock().now();
        let last = Millis(self.settings.stale_time.0 / 4);
        if let Some(doubted_at) = self.doubted_at.get() {
            let rest = (doubted_at + last).saturating_sub(now);
            return Ok(Some(rest).filter(|rest| *rest > Millis::default()));
        }
        let before = self.settings.stale_time.saturating_sub(last);
        let rest = (self.active_at.get() + before).saturating_sub(now);
        if rest > Millis::default() {
            return Ok(Some(rest));
        }
        let doubt = move |fetch: &mut BackgroundFetch, progress: &mut Progress| {
            // Something may have come in this moment.
            let is_doubtful = fetch.active_at(progress) + before <= now;
            progress.doubted_at = progress.doubted_at.or(is_doubtful.then_some(now));
            (progress.doubted_at, fetch.active_at(progress))
        };
        if let Some((doubted_at, active_at)) = self.store().update(&self.fetch.uid, doubt).await? {
            self.doubted_at.set(doubted_at);
            self.active_at.set(active_at);
        }
        Ok(Some(last))
    }

    /// Owns a paused fetch until it is resumed, aborted or gone. False where this realm lets go of it: it hands over,
    /// or it is a worker, which nothing keeps alive for that.
    async fn until_resumed(&self) -> Result<bool, StoreError> {
        loop {
            let commanded = self.fetch.commanded.notified();
            let found = self.store().fetch(&self.fetch.uid).await?;
            let Some((row, progress)) = found.filter(|(row, _)| row.is_paused) else { return Ok(true) };
            self.fetch.publish(row.state(&progress), None);
            if self.ownership.hands_over() || self.realm().is_worker_of(&row.scope) {
                return Ok(false);
            }
            self.within(POLL, commanded).await;
        }
    }

    /// The id is free and the result is there.
    async fn settle(&self, failure: Option<FailureReason>) -> Result<(), StoreError> {
        let settled = self.store().update(&self.fetch.uid, move |fetch, progress| {
            // What is still on its way into the database comes too late.
            progress.runner += 1;
            fetch.settle(progress.failure.or(failure));
        });
        settled.await.map(drop)
    }

    /// Stores a record's news, and the progress that counts them, in one transaction with what else is there to be
    /// stored. Shows them once they are stored.
    pub async fn commit(&self, mut change: RecordChange<W::Bytes>) -> Result<(), StoreError> {
        self.store().join(&self.fetch.uid, &mut change).await?;
        change.at = self.clock().now();
        let commit = self.commits.add(change);
        loop {
            let stored = self.commits.stored.notified();
            if let Some(outcome) = commit.outcome.take() {
                return outcome;
            }
            if self.commits.is_storing.replace(true) {
                stored.await;
            } else {
                self.store_group(&self.commits.take_group()).await;
                self.commits.is_storing.set(false);
                self.commits.stored.notify();
            }
        }
    }

    async fn store_group(&self, group: &[Rc<Commit<W::Bytes>>]) {
        let together = self.store_together(group).await;
        for commit in group {
            let outcome = match &together {
                // One of them may be what cannot be stored.
                Err(StoreError::QuotaExceeded | StoreError::Failed(_)) if group.len() > 1 => {
                    self.store_together(slice::from_ref(commit)).await
                }
                together => together.clone(),
            };
            commit.outcome.replace(Some(outcome));
        }
    }

    async fn store_together(&self, group: &[Rc<Commit<W::Bytes>>]) -> Result<(), StoreError> {
        let progress = self.store().commit(&self.fetch.uid, self.runner, group).await?;
        self.active_at.set(progress.stored_at);
        self.doubted_at.set(None);
        self.ownership.handle_stored();
        for commit in group {
            self.fetch.publish(self.state(&progress), Some(commit.change.index));
        }
        Ok(())
    }

    /// Notes how many bytes of a record are received. Whether the caller's `downloadTotal` admits them, together with
    /// those of the other records.
    pub fn note_received(&self, index: u32, received: ByteCount) -> bool {
        let before = self.received.borrow_mut().insert(index, received).unwrap_or_default();
        self.received_total.set(self.received_total.get().saturating_sub(before) + received);
        self.row.admits(self.received_total.get())
    }

    /// Whether a record of this length could be received in full.
    pub fn would_admit(&self, index: u32, total: ByteCount) -> bool {
        let before = self.received.borrow().get(&index).copied().unwrap_or_default();
        self.row.admits(self.received_total.get().saturating_sub(before) + total)
    }

    /// A record begins to wait for the network, or something is heard of it.
    pub async fn count_waiting(&self, waits: bool) {
        let waiting = self.waiting_for_network.get();
        self.waiting_for_network.set(if waits { waiting + 1 } else { waiting.saturating_sub(1) });
        self.tell_waiting().await;
    }

    pub async fn count_finished(&self) {
        self.unfinished.set(self.unfinished.get().saturating_sub(1));
        self.tell_waiting().await;
    }

    /// Publishes whether the fetch waits for the network, where that has changed. It does where as many records wait as
    /// may be on their way at the same time.
    async fn tell_waiting(&self) {
        let at_once = self.unfinished.get().min(self.settings.connections.max(1));
        let is_waiting = at_once > 0 && self.waiting_for_network.get() >= at_once;
        if self.is_published_as_waiting.replace(is_waiting) == is_waiting {
            return;
        }
        let runner = self.runner;
        let stored = self.store().update(&self.fetch.uid, move |_, progress| {
            if progress.runner == runner {
                progress.is_waiting = is_waiting;
            }
            *progress
        });
        // Where it cannot be stored, nothing is lost but this.
        if let Ok(Some(progress)) = stored.await
            && progress.runner == runner
        {
            self.fetch.publish(self.state(&progress), None);
        }
    }

    fn state(&self, progress: &Progress) -> RegistrationState {
        let is_paused = self.is_paused.get();
        let is_waiting = self.is_published_as_waiting.get() && !is_paused;
        RegistrationState { is_paused, is_waiting, ..self.row.state(progress) }
    }
}
