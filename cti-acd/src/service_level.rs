//! How many of the last contacts were answered in time, minute by minute.

use std::time::Duration;

use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How many minutes are kept.
const MINUTES: usize = 30;

/// Contacts that left a queue in the last half hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceLevel {
    /// The minute of the last entry.
    minute: u64,
    /// Contacts in time and in all, the last minute first; not longer than [`MINUTES`].
    #[serde(default)]
    counts: Vec<(u32, u32)>,
}

impl ServiceLevel {
    /// Counts a contact that was answered, or gave up, `in_time` or not.
    pub(crate) fn count(&mut self, at: Timestamp, in_time: bool) {
        self.advance(at);
        match self.counts.first_mut() {
            Some((good, all)) => {
                *good += u32::from(in_time);
                *all += 1;
            }
            None => self.counts.push((u32::from(in_time), 1)),
        }
    }

    /// Returns how many were in time and how many there were in the last `minutes`.
    pub(crate) fn last(&self, at: Timestamp, minutes: u8) -> (u32, u32) {
        let passed = usize::try_from(minute_of(at).saturating_sub(self.minute)).unwrap_or(MINUTES);
        let kept = usize::from(minutes).saturating_sub(passed);
        self.counts.iter().take(kept).fold((0, 0), |(a, b), (good, all)| (a + good, b + all))
    }

    fn advance(&mut self, at: Timestamp) {
        let minute = minute_of(at);
        let passed = usize::try_from(minute.saturating_sub(self.minute)).unwrap_or(MINUTES);
        if passed > 0 {
            self.counts.splice(0..0, std::iter::repeat_n((0, 0), passed.min(MINUTES)));
            self.counts.truncate(MINUTES);
            self.minute = minute;
        }
    }
}

fn minute_of(at: Timestamp) -> u64 {
    at.as_micros() / u64::try_from(Duration::from_secs(60).as_micros()).expect("a small number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_minutes_are_forgotten_one_by_one() {
        let mut level = ServiceLevel::default();
        let at = |minute: u64| Timestamp::from_secs(minute * 60 + 7);
        level.count(at(100), false);
        level.count(at(101), true);
        level.count(at(101), true);
        assert_eq!(level.last(at(101), 2), (2, 3));
        assert_eq!(level.last(at(101), 1), (2, 2));
        assert_eq!(level.last(at(105), 15), (2, 3));
        assert_eq!(level.last(at(115), 15), (2, 2));
        assert_eq!(level.last(at(116), 15), (0, 0));
        level.count(at(500), true);
        assert_eq!(level.last(at(500), 30), (1, 1));
        for minute in 500..600 {
            level.count(at(minute), true);
        }
        assert_eq!(level.counts.len(), MINUTES);
        assert_eq!(level.last(at(599), 30), (30, 30));
    }
}
