use serde::{Deserialize, Serialize};

use super::{ByteCount, Millis};

/// What a user of the package can set, with its defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    /// Records of one background fetch that are fetched at the same time. Browsers allow six connections to one host
    /// over HTTP/1.1, and the page wants some of them.
    pub connections: u32,
    /// Requests to one origin that are on their way at the same time, of all background fetches that a page runs.
    pub connections_per_origin: u32,
    /// Received bytes of one background fetch that may not be stored yet.
    pub unstored_bytes: ByteCount,
    /// Longest time that received bytes stay unstored.
    pub unstored_time: Millis,
    /// A connection that brings nothing for this long is given up and tried again. Before an answer, each silent attempt in a
    /// row has twice the time of the one before.
    pub stall_time: Millis,
    /// The same for a request that cannot be sent again (anything but GET), which therefore fails: servers may think for
    /// long about what they are sent. It counts from when the body is known to have left.
    pub answer_time: Millis,
    /// An unfinished fetch of which nothing came for this long has failed. The last quarter counts from when a runner has found
    /// that the others are over. An event that nobody could handle for this long is given up.
    pub stale_time: Millis,
    /// Longest time that the handler of an event may take. Then the event counts as handled.
    pub handler_time: Millis,
    /// Shortest time between two `progress` events.
    pub progress_interval: Millis,
    /// How often a page reminds the worker of an event that is being handled. Firefox ends a worker after about a
    /// minute without a new event.
    pub reminder_interval: Millis,
    pub retry: RetryPolicy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 4,
            connections_per_origin: 4,
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

/// When a request that failed is sent again. What is counted are failures while the server can be reached. A count starts
/// anew with every byte that was not there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RetryPolicy {
    /// Failures in a row before a record fails that no response has been seen of.
    pub attempts_to_connect: u32,
    /// Failures in a row before a record fails that is under way.
    pub attempts_to_resume: u32,
    /// Failures in a row, while the server answers other requests, before a request counts as forbidden by policy
    /// (CORS, redirects), which a script cannot tell from a broken network.
    pub attempts_against_policy: u32,
    /// Times a file may begin anew because the server's copy changed or because it does not take ranges; and, of those that
    /// cannot be continued, because it was cut.
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

impl RetryPolicy {
    /// The time to wait after this many failures in a row (1 for the first): exponential, capped. The runner takes a
    /// random part off, so that clients do not come back all at once.
    pub fn delay(&self, failures: u32) -> Millis {
        let doublings = failures.saturating_sub(1).min(20);
        Millis(self.first_delay.0.saturating_mul(1 << doublings)).min(self.longest_delay)
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
