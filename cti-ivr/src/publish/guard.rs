//! When a version has failed so often that new callers should not get it.

use std::{collections::VecDeque, fmt, time::Duration};

use cti_core::time::Timestamp;

/// How many errors within what time are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    errors: usize,
    within: Duration,
}

impl Default for Limit {
    fn default() -> Self {
        Self { errors: 10, within: Duration::from_secs(60) }
    }
}

impl Limit {
    /// At most a thousand errors are remembered.
    pub(super) fn new(errors: usize, within: Duration) -> Self {
        Self { errors: errors.min(1000), within }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} errors within {} s", self.errors, self.within.as_secs())
    }
}

/// The moments of a version's latest errors.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    errors: VecDeque<Timestamp>,
}

impl Guard {
    /// Returns how many errors are remembered.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors.len()
    }

    /// Remembers an error; returns whether there were too many.
    pub(super) fn failed(&mut self, now: Timestamp, limit: Limit) -> bool {
        if limit.errors == 0 {
            return false;
        }
        self.errors.push_back(now);
        while self.errors.front().is_some_and(|first| now.since(*first) > limit.within) {
            self.errors.pop_front();
        }
        if self.errors.len() < limit.errors {
            return false;
        }
        self.errors.clear();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_close_together_are_too_many() {
        let limit = Limit::new(3, Duration::from_secs(10));
        let mut guard = Guard::default();
        let mut at = |second| guard.failed(Timestamp::from_secs(second), limit);
        assert!(!at(0) && !at(5) && !at(11), "the first is forgotten");
        assert!(at(12));
        assert!(!at(13), "counting begins anew");
        let never = Limit::new(0, Duration::from_secs(10));
        assert!(
            (0..99).all(|second| !Guard::default().failed(Timestamp::from_secs(second), never))
        );
    }
}
