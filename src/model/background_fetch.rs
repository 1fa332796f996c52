use serde::Serialize;

use super::row::by_name;
use super::{
    ByteCount, FailureReason, FromRow, Millis, Record, RecordResult, RegistrationState, Row, UniqueId,
};

/// [ImageResource](https://w3c.github.io/image-resource/#dom-imageresource).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageResource {
    pub src: String,
    pub sizes: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub label: Option<String>,
}

impl FromRow for ImageResource {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            src: row.read("src")?,
            sizes: row.read("sizes")?,
            kind: row.read("type")?,
            label: row.read("label")?,
        })
    }
}

/// [BackgroundFetchOptions](https://wicg.github.io/background-fetch/#dictdef-backgroundfetchoptions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    pub icons: Option<Vec<ImageResource>>,
    pub title: Option<String>,
    /// 0 where the caller does not know it.
    pub download_total: ByteCount,
}

impl FromRow for Options {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            icons: row.read("icons")?,
            title: row.read("title")?,
            download_total: row.read_or_default("downloadTotal")?,
        })
    }
}

/// How far a background fetch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Running,
    /// It has its result, and the service worker is to be told.
    Settled,
    /// The service worker is through. Nothing of it is shown any more, and it is kept only for who is still reading.
    Delivered,
}

by_name!(Stage {
    "running" => Running,
    "settled" => Settled,
    "delivered" => Delivered,
});

/// What the app does to a background fetch while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// [abort()](https://wicg.github.io/background-fetch/#dom-backgroundfetchregistration-abort): the id is free from
    /// now on.
    Abort,
    /// Nothing is sent until the fetch is resumed, also over restarts. What has come is kept. A request that is on its
    /// way and cannot be sent again goes on.
    Pause,
    Resume,
}

/// The event that tells the service worker of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Success,
    Fail,
    Abort,
}

impl EventKind {
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Success => "backgroundfetchsuccess",
            Self::Fail => "backgroundfetchfail",
            Self::Abort => "backgroundfetchabort",
        }
    }
}

/// A [background fetch](https://wicg.github.io/background-fetch/#background-fetch): what any context of the origin may
/// change, in a transaction that reads it first. What its runner changes is its [`Progress`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundFetch {
    pub uid: UniqueId,
    /// Scope of the service worker registration.
    pub scope: String,
    pub id: String,
    /// Scope and id, while the id is taken. A unique index of the database lies over it.
    pub active: Option<(String, String)>,
    pub options: Options,
    pub created: Millis,
    pub request_count: u32,
    pub upload_total: ByteCount,
    /// Some of its requests must not be sent twice.
    pub has_uploads: bool,
    pub stage: Stage,
    pub failure_reason: Option<FailureReason>,
    /// Nothing is sent until it is resumed.
    pub is_paused: bool,
    /// When it was for the last time.
    pub resumed_at: Millis,
    /// Times that the event was begun to be dispatched.
    pub deliveries: u32,
    /// When it was for the last time.
    pub dispatched_at: Millis,
}

impl FromRow for BackgroundFetch {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            uid: row.read("uid")?,
            scope: row.read("scope")?,
            id: row.read("id")?,
            active: row.read("active")?,
            options: row.read("options")?,
            created: row.read("created")?,
            request_count: row.read("requestCount")?,
            upload_total: row.read("uploadTotal")?,
            has_uploads: row.read_or_default("hasUploads")?,
            stage: row.read("stage")?,
            failure_reason: row.read("failureReason")?,
            is_paused: row.read_or_default("isPaused")?,
            resumed_at: row.read_or_default("resumedAt")?,
            deliveries: row.read("deliveries")?,
            dispatched_at: row.read_or_default("dispatchedAt")?,
        })
    }
}

/// How often an event that was not handled is dispatched without a pause: browsers end workers as they like
/// (<https://github.com/w3c/ServiceWorker/issues/1566>). The pauses after that grow up to the longest, for the event
/// itself may be what ends the workers.
const DISPATCHES_AT_ONCE: u32 = 3;
const FIRST_PAUSE: Millis = Millis::from_seconds(10);
const LONGEST_PAUSE: Millis = Millis::from_seconds(3600);
/// Dispatches after which the pause is the longest.
const DISPATCHES_BEFORE_LONGEST: u32 = 12;

impl BackgroundFetch {
    pub fn new(uid: UniqueId, scope: String, id: String, options: Options, created: Millis) -> Self {
        Self {
            uid,
            active: Some((scope.clone(), id.clone())),
            scope,
            id,
            options,
            created,
            request_count: 0,
            upload_total: ByteCount::ZERO,
            has_uploads: false,
            stage: Stage::Running,
            failure_reason: None,
            is_paused: false,
            resumed_at: Millis::default(),
            deliveries: 0,
            dispatched_at: Millis::default(),
        }
    }

    /// Whether this command is the one that did it: it was not done before, and comes in time.
    pub fn handle_command(&mut self, command: Command, now: Millis) -> bool {
        match command {
            Command::Abort => {
                self.is_paused = false;
                self.active.take().is_some()
            }
            Command::Pause => {
                let pauses = self.active.is_some() && !self.is_paused;
                self.is_paused |= pauses;
                pauses
            }
            Command::Resume => {
                let resumes = std::mem::take(&mut self.is_paused);
                if resumes {
                    self.resumed_at = now;
                }
                resumes
            }
        }
    }

    pub fn is_aborted(&self) -> bool {
        self.stage == Stage::Running && self.active.is_none()
    }

    /// Whether so many bytes are allowed. The caller's total is a promise: with more than that the fetch fails.
    pub fn admits(&self, downloaded: ByteCount) -> bool {
        self.options.download_total.is_zero() || downloaded <= self.options.download_total
    }

    /// The fetch has its result. A call of `abort()` that came first wins over every other reason.
    pub fn settle(&mut self, failure: Option<FailureReason>) {
        // A context that has lost its lock may still come to this, after the one that took over.
        if self.stage != Stage::Running {
            return;
        }
        let was_active = self.active.take().is_some();
        self.failure_reason = if was_active { failure } else { Some(FailureReason::Aborted) };
        self.is_paused = false;
        self.stage = Stage::Settled;
    }

    /// The event to tell the service worker of, once there is a result.
    pub fn event(&self) -> EventKind {
        match self.failure_reason {
            None => EventKind::Success,
            Some(FailureReason::Aborted) => EventKind::Abort,
            Some(_) => EventKind::Fail,
        }
    }

    /// Counts a dispatch of the event. False where it is not due: the fetch is not settled, or the event was dispatched
    /// a short while ago.
    pub fn begin_dispatch(&mut self, now: Millis) -> bool {
        let growing = self.deliveries.saturating_sub(DISPATCHES_AT_ONCE);
        let pause = match growing {
            0 => Millis::default(),
            _ => Millis(FIRST_PAUSE.0 << (growing - 1).min(20)).min(LONGEST_PAUSE),
        };
        // A wall clock that was set back does not tell how long ago it was.
        let is_over = now < self.dispatched_at || now.saturating_sub(self.dispatched_at) >= pause;
        let is_due = self.stage == Stage::Settled && is_over;
        if is_due {
            self.deliveries = self.deliveries.saturating_add(1);
            self.dispatched_at = now;
        }
        is_due
    }

    /// Whether the pauses between dispatches, in which nobody handled the event, add up to more than `stale_time`. Time
    /// without a visit, and jumps of the wall clock, do not count.
    pub fn is_undeliverable(&self, stale_time: Millis) -> bool {
        let longest = self.deliveries.saturating_sub(DISPATCHES_BEFORE_LONGEST);
        LONGEST_PAUSE.0 * u64::from(longest) > stale_time.0
    }

    /// When something came of it, or was done with it, for the last time.
    pub fn active_at(&self, progress: &Progress) -> Millis {
        self.created.max(progress.stored_at).max(self.resumed_at)
    }

    pub fn state(&self, progress: &Progress) -> RegistrationState {
        RegistrationState {
            id: self.id.clone(),
            upload_total: self.upload_total,
            // A change that was stored and reported as failed is counted twice.
            uploaded: progress.uploaded.min(self.upload_total),
            download_total: self.options.download_total,
            downloaded: progress.downloaded,
            settled: self.stage != Stage::Running,
            is_paused: self.is_paused,
            is_waiting: progress.is_waiting && !self.is_paused && self.stage == Stage::Running,
            failure_reason: self.failure_reason,
            records_available: self.stage != Stage::Delivered,
        }
    }
}

/// What only the runner of a background fetch changes, except `doubted_at`: commands reset it from any realm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Counts the runners. What an earlier one commits late is refused.
    pub runner: u32,
    pub uploaded: ByteCount,
    pub downloaded: ByteCount,
    /// When bytes, or a result, were stored for the last time.
    pub stored_at: Millis,
    /// The record whose news were stored last.
    pub last_record: Option<u32>,
    /// When a runner found that nothing had come for long. Commands reset it.
    pub doubted_at: Option<Millis>,
    /// Of the first record that failed, in time.
    pub failure: Option<FailureReason>,
    /// For the network.
    pub is_waiting: bool,
}

impl FromRow for Progress {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            runner: row.read_or_default("runner")?,
            uploaded: row.read_or_default("uploaded")?,
            downloaded: row.read_or_default("downloaded")?,
            stored_at: row.read_or_default("storedAt")?,
            last_record: row.read("lastRecord")?,
            doubted_at: row.read("doubtedAt")?,
            failure: row.read("failure")?,
            is_waiting: row.read_or_default("isWaiting")?,
        })
    }
}

impl Progress {
    /// The progress that a new runner begins with. It counts what the records have, whatever an earlier runner meant to
    /// store. It knows of a failure also where the row of the progress was lost.
    pub fn for_next_runner<'a>(self, records: impl Iterator<Item = &'a Record> + Clone) -> Self {
        let downloaded = records.clone().map(Record::received).sum();
        let failure = self.failure.or_else(|| records.filter_map(|record| record.result?.failure()).next());
        Self { runner: self.runner.wrapping_add(1), downloaded, failure, is_waiting: false, ..self }
    }

    /// The progress once `record` is stored. `counted`: the bytes of it that were counted before. `uploaded`: how many
    /// more bytes of its request the server has.
    pub fn counting(self, counted: ByteCount, record: &Record, uploaded: ByteCount) -> Self {
        Self {
            uploaded: self.uploaded + uploaded,
            downloaded: self.downloaded.saturating_sub(counted) + record.received(),
            failure: self.failure.or(record.result.and_then(RecordResult::failure)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl BackgroundFetch {
        fn abort(&mut self) -> bool {
            self.handle_command(Command::Abort, Millis(1))
        }

        fn pause(&mut self) -> bool {
            self.handle_command(Command::Pause, Millis(1))
        }

        fn resume(&mut self) -> bool {
            self.handle_command(Command::Resume, Millis(1))
        }
    }

    fn running() -> BackgroundFetch {
        let uid = UniqueId::new(Millis(1), 1);
        BackgroundFetch::new(uid, "https://a.example/".into(), "id".into(), Options::default(), Millis(1))
    }

    #[test]
    fn a_second_abort_finds_nothing() {
        let mut fetch = running();
        assert!(fetch.abort());
        assert!(!fetch.abort());
        assert!(fetch.is_aborted());
    }

    #[test]
    fn abort_wins_over_every_other_result() {
        for failure in [None, Some(FailureReason::BadStatus)] {
            let mut fetch = running();
            fetch.abort();
            fetch.settle(failure);
            assert_eq!(fetch.event(), EventKind::Abort);
        }
    }

    #[test]
    fn abort_comes_too_late_after_the_result() {
        let mut fetch = running();
        fetch.settle(None);
        assert!(!fetch.abort());
        assert_eq!(fetch.event(), EventKind::Success);
    }

    #[test]
    fn only_what_runs_can_be_paused() {
        let mut fetch = running();
        assert!(!fetch.resume());
        assert!(fetch.pause());
        assert!(!fetch.pause());
        assert!(fetch.resume());
        fetch.pause();
        fetch.abort();
        assert!(!fetch.is_paused && !fetch.pause() && !fetch.resume());
        let mut fetch = running();
        fetch.pause();
        fetch.settle(None);
        assert!(!fetch.is_paused && !fetch.pause());
    }

    #[test]
    fn an_event_comes_again_at_once_and_later_and_later_then() {
        let mut fetch = running();
        assert!(!fetch.begin_dispatch(Millis(1)), "there is no result");
        fetch.settle(None);
        let mut now = Millis::from_seconds(100);
        let mut pauses = Vec::new();
        for _ in 0..16 {
            let asked = now;
            while !fetch.begin_dispatch(now) {
                now = now + Millis::from_seconds(10);
            }
            pauses.push(now.saturating_sub(asked).0 / 1000);
        }
        assert_eq!(pauses, [0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
        assert!(!fetch.begin_dispatch(now));
        assert!(fetch.begin_dispatch(Millis(1)), "the wall clock was set back");
        assert!(!fetch.is_undeliverable(Millis::from_seconds(5 * 3600)));
        assert!(fetch.is_undeliverable(Millis::from_seconds(4 * 3600)));
    }

    /// Regression: for the second one, that the id was free meant that the fetch had been aborted.
    #[test]
    fn a_second_runner_does_not_change_the_result() {
        for failure in [None, Some(FailureReason::BadStatus)] {
            let mut fetch = running();
            fetch.settle(failure);
            fetch.settle(None);
            assert_eq!(fetch.failure_reason, failure);
        }
    }

    #[test]
    fn the_first_failing_record_gives_the_reason() {
        let results = [
            RecordResult::Success,
            RecordResult::Failure(FailureReason::BadStatus),
            RecordResult::Failure(FailureReason::FetchError),
        ];
        let progress = results.into_iter().fold(Progress::default(), |progress, result| {
            let record = Record { result: Some(result), ..Record::default() };
            progress.counting(ByteCount::ZERO, &record, ByteCount::ZERO)
        });
        assert_eq!(progress.failure, Some(FailureReason::BadStatus));
    }

    /// Regression: with a damaged row of its progress, a fetch with a failed record succeeded.
    #[test]
    fn a_runner_knows_the_failures_of_those_before() {
        let bad =
            Record { result: Some(RecordResult::Failure(FailureReason::BadStatus)), ..Record::default() };
        let records = [Record::default(), bad];
        assert_eq!(
            Progress::default().for_next_runner(records.iter()).failure,
            Some(FailureReason::BadStatus)
        );
        let earlier = Progress { failure: Some(FailureReason::FetchError), ..Progress::default() };
        assert_eq!(earlier.for_next_runner(records.iter()).failure, Some(FailureReason::FetchError));
    }

    #[test]
    fn progress_counts_what_each_record_has_now() {
        let record = |length| Record { length: ByteCount(length), ..Record::default() };
        let progress = Progress { downloaded: ByteCount(100), ..Progress::default() };
        let progress = progress.counting(ByteCount(40), &record(90), ByteCount(7));
        assert_eq!((progress.downloaded, progress.uploaded), (ByteCount(150), ByteCount(7)));
        let restarted = progress.counting(ByteCount(90), &record(0), ByteCount::ZERO);
        assert_eq!(restarted.downloaded, ByteCount(60));
    }

    #[test]
    fn an_unknown_total_admits_everything() {
        let mut fetch = running();
        assert!(fetch.admits(ByteCount::MAX));
        fetch.options.download_total = ByteCount(10);
        assert!(fetch.admits(ByteCount(10)));
        assert!(!fetch.admits(ByteCount(11)));
    }
}
