use super::Clock;
use crate::model::Millis;

/// Time to hear what came while the realm was frozen or its thread blocked: its timers may fire first.
const GRACE: Millis = Millis(1000);

/// How long nothing has come.
pub struct Silence {
    since: Millis,
    /// When it was found to be too long.
    noticed_at: Option<Millis>,
}

impl Silence {
    pub fn since(now: Millis) -> Self {
        Self { since: now, noticed_at: None }
    }

    /// True if nothing arrived for `limit`, and still nothing [`GRACE`] after that was noticed.
    pub fn is_longer_than(&mut self, limit: Millis, now: Millis) -> bool {
        now.saturating_sub(self.since) >= limit
            && now.saturating_sub(*self.noticed_at.get_or_insert(now)) >= GRACE
    }
}

/// Returns when an answer has had its time.
pub async fn silent_for(clock: &impl Clock, time: Millis) {
    clock.sleep(time).await;
    clock.sleep(GRACE).await;
}
