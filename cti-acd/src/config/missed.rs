//! Call-backs for callers who gave up (漏接回拨).

use std::time::Duration;

use cti_core::time::millis;
use serde::{Deserialize, Serialize};

/// When a caller who gave up waiting is called back, and with which place.
///
/// Callers are remembered from the moment the rule is there, so a call that came before is not called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MissedCalls {
    /// How long he must have waited in the queue.
    #[serde(rename = "after_ms", with = "millis")]
    pub after: Duration,
    /// How long after he gave up the call-back begins to wait; it does not when he has called again and was answered.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Duration,
    /// Within which time a number is called back once at most.
    #[serde(rename = "once_in_ms", with = "millis")]
    pub once_in: Duration,
    /// The schedule in whose working hours call-backs are made; at any hour when absent. Outside them none is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether its place counts from when the caller came; otherwise from when the call-back begins to wait.
    pub keeps_place: bool,
    /// Its priority; that of the call when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
}

impl Default for MissedCalls {
    fn default() -> Self {
        Self {
            after: Duration::from_secs(10),
            delay: Duration::from_secs(60),
            once_in: Duration::from_secs(4 * 3600),
            schedule: None,
            keeps_place: true,
            priority: None,
        }
    }
}

impl MissedCalls {
    /// Returns what is wrong, if anything is.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let day = Duration::from_secs(24 * 3600);
        if self.after > day || self.delay > day {
            return Err("must have after_ms and delay_ms of at most a day");
        }
        if self.once_in > 30 * day {
            return Err("must have once_in_ms of at most 30 days");
        }
        Ok(())
    }
}
