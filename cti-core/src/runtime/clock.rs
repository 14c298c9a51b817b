//! The driver's clock: UTC at start plus monotonic time, never below what the log has seen.

#![expect(clippy::disallowed_methods, reason = "this is the clock")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::time::Timestamp;

/// Makes timestamps that never run backwards.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Timestamp,
    since: Instant,
}

impl Clock {
    /// Starts at the time of day, or at `floor` if the clock on the wall has been set back before it.
    #[must_use]
    pub fn new(floor: Timestamp) -> Self {
        let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let utc = Timestamp::from_micros(u64::try_from(utc.as_micros()).unwrap_or(u64::MAX));
        Self { start: utc.max(floor), since: Instant::now() }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.start + self.since.elapsed()
    }

    /// Sleeps until `at`; for ever when there is nothing to wait for.
    pub(crate) async fn sleep_until(self, at: Option<Timestamp>) {
        match at {
            // A microsecond more, so that the time-out is due when the sleep ends.
            Some(at) => tokio::time::sleep(at.since(self.now()) + Duration::from_micros(1)).await,
            None => std::future::pending().await,
        }
    }
}
