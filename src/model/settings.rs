use serde::Serialize;

use super::row::MAX_SAFE_INTEGER;
use super::{ByteCount, Millis, Row};

/// What a user of the package can set, with its defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Records of one background fetch that are fetched at the same time. Browsers allow six connections to one host
    /// over HTTP/1.1, and the page wants some of them. While files come that are small and there in a moment, half as
    /// many again.
    pub connections: u32,
    /// Requests to one origin that are on their way at the same time, of all background fetches that a page runs; of
    /// such files half as many again.
    pub connections_per_origin: u32,
    /// Files of so many bytes and more come in over several connections, where that is faster and the server takes
    /// ranges.
    pub split_bytes: ByteCount,
    /// Received bytes of one background fetch that may not be stored yet.
    pub unstored_bytes: ByteCount,
    /// Longest time that received bytes stay unstored.
    pub unstored_time: Millis,
    /// A connection that brings nothing for this long is given up and tried again. Before an answer, each silent
    /// attempt in a row has twice the time of the one before.
    pub stall_time: Millis,
    /// The same for a request that cannot be sent again (anything but GET), which fails then. It counts from when the
    /// body is known to have left: servers may take long over what they are sent.
    pub answer_time: Millis,
    /// An unfinished fetch of which nothing came for this long has failed. The last quarter counts from when a runner
    /// found that the others are over. An event that nobody could handle for this long is given up.
    pub stale_time: Millis,
    /// Longest time that the handler of an event may take. Then the event counts as handled.
    pub handler_time: Millis,
    /// Shortest time between two `progress` events.
    pub progress_interval: Millis,
    /// How often a page reminds the worker of an event that is being handled. Firefox ends a worker after about a
    /// minute without a new event (<https://github.com/w3c/ServiceWorker/issues/1566>).
    pub reminder_interval: Millis,
    pub retry: RetryPolicy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 4,
            connections_per_origin: 4,
            split_bytes: ByteCount::from_mebibytes(8),
            unstored_bytes: ByteCount::from_mebibytes(8),
            unstored_time: Millis(500),
            stall_time: Millis::from_seconds(60),
            answer_time: Millis::from_seconds(600),
            stale_time: Millis::from_seconds(30 * 24 * 3600),
            handler_time: Millis::from_seconds(1800),
            progress_interval: Millis(100),
            reminder_interval: Millis::from_seconds(10),
            retry: RetryPolicy::default(),
        }
    }
}

/// When a request that failed is sent again. Only failures while the server can be reached are counted. A count starts
/// anew with every byte that was not there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryPolicy {
    /// Failures in a row before a record without a response fails.
    pub attempts_to_connect: u32,
    /// Failures in a row before a record with a response fails.
    pub attempts_to_resume: u32,
    /// Failures in a row, while the server answers other requests, before a request counts as forbidden by policy
    /// (CORS, redirects). A script cannot tell that from a broken network.
    pub attempts_against_policy: u32,
    /// How often a file may begin anew, because the server's copy changed or because it does not take ranges. A file
    /// that cannot be continued may as often begin anew because it was truncated.
    pub restarts: u32,
    /// Time before the second attempt. It doubles with each failure.
    pub first_delay: Millis,
    pub longest_delay: Millis,
    /// Longest `Retry-After` that is honoured.
    pub longest_retry_after: Millis,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts_to_connect: 8,
            attempts_to_resume: 20,
            attempts_against_policy: 3,
            restarts: 5,
            first_delay: Millis(500),
            longest_delay: Millis::from_seconds(60),
            longest_retry_after: Millis::from_seconds(3600),
        }
    }
}

impl Settings {
    /// `undefined`, or an object with any of the settings.
    pub fn from_given(given: &impl Row) -> Result<Self, BadSetting> {
        let default = Self::default();
        if given.is_undefined() {
            return Ok(default);
        }
        let given = Given(given);
        Ok(Self {
            connections: given.count("settings.connections", default.connections)?,
            connections_per_origin: given
                .count("settings.connectionsPerOrigin", default.connections_per_origin)?,
            split_bytes: given.bytes("settings.splitBytes", default.split_bytes)?,
            unstored_bytes: given.bytes("settings.unstoredBytes", default.unstored_bytes)?,
            unstored_time: given.time("settings.unstoredTime", default.unstored_time)?,
            stall_time: given.time("settings.stallTime", default.stall_time)?,
            answer_time: given.time("settings.answerTime", default.answer_time)?,
            stale_time: given.time("settings.staleTime", default.stale_time)?,
            handler_time: given.time("settings.handlerTime", default.handler_time)?,
            progress_interval: given.time("settings.progressInterval", default.progress_interval)?,
            reminder_interval: given.time("settings.reminderInterval", default.reminder_interval)?,
            retry: RetryPolicy::from_given(&given.property("settings.retry")?)?,
        })
    }
}

impl RetryPolicy {
    /// `undefined`, or an object with any of its settings.
    pub fn from_given(given: &impl Row) -> Result<Self, BadSetting> {
        let default = Self::default();
        if given.is_undefined() {
            return Ok(default);
        }
        let given = Given(given);
        Ok(Self {
            attempts_to_connect: given
                .count("settings.retry.attemptsToConnect", default.attempts_to_connect)?,
            attempts_to_resume: given.count("settings.retry.attemptsToResume", default.attempts_to_resume)?,
            attempts_against_policy: given
                .count("settings.retry.attemptsAgainstPolicy", default.attempts_against_policy)?,
            restarts: given.count("settings.retry.restarts", default.restarts)?,
            first_delay: given.time("settings.retry.firstDelay", default.first_delay)?,
            longest_delay: given.time("settings.retry.longestDelay", default.longest_delay)?,
            longest_retry_after: given
                .time("settings.retry.longestRetryAfter", default.longest_retry_after)?,
        })
    }

    /// The time to wait after this many failures in a row (1 for the first): exponential, capped. The runner takes a
    /// random part off, so that clients do not come back all at once.
    pub fn delay(&self, failures: u32) -> Millis {
        let doublings = failures.saturating_sub(1).min(20);
        Millis(self.first_delay.0.saturating_mul(1 << doublings)).min(self.longest_delay)
    }
}

/// A setting that cannot be used. A conversion would make a value of it that nobody has set: with NaN as `stallTime`
/// every request would be given up at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSetting {
    NoObject { path: &'static str },
    NoNumber { path: &'static str, max: u64 },
}

impl BadSetting {
    pub fn message(self) -> String {
        match self {
            Self::NoObject { path } => [path, " is not an object"].concat(),
            Self::NoNumber { path, max } => {
                [path, " is not a whole number from 0 to ", &max.to_string()].concat()
            }
        }
    }
}

/// An object with settings. They are named by their paths, for those who are told what is wrong.
struct Given<'a, R>(&'a R);

impl<R: Row> Given<'_, R> {
    fn property(&self, path: &'static str) -> Result<R, BadSetting> {
        let (object, name) = path.rsplit_once('.').unwrap_or(("", path));
        self.0.property(name).ok_or(BadSetting::NoObject { path: object })
    }

    fn number(&self, path: &'static str, default: u64, max: u64) -> Result<u64, BadSetting> {
        let given = self.property(path)?;
        if given.is_undefined() {
            return Ok(default);
        }
        given.whole_number().filter(|number| *number <= max).ok_or(BadSetting::NoNumber { path, max })
    }

    fn count(&self, path: &'static str, default: u32) -> Result<u32, BadSetting> {
        // It fits.
        self.number(path, default.into(), u32::MAX.into()).map(|number| number as u32)
    }

    fn time(&self, path: &'static str, default: Millis) -> Result<Millis, BadSetting> {
        self.number(path, default.0, MAX_SAFE_INTEGER).map(Millis)
    }

    fn bytes(&self, path: &'static str, default: ByteCount) -> Result<ByteCount, BadSetting> {
        self.number(path, default.0, MAX_SAFE_INTEGER).map(ByteCount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap() {
        let policy = RetryPolicy::default();
        let delays: Vec<u64> =
            [1, 2, 3, 8, 1000].into_iter().map(|failures| policy.delay(failures).0).collect();
        assert_eq!(delays, [500, 1000, 2000, 60_000, 60_000]);
    }
}
