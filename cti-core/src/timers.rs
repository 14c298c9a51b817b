//! A table of deadlines: at most one per key, the earliest found at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::Timestamp;

/// Deadlines by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timers<K> {
    by_key: BTreeMap<K, Timestamp>,
    by_time: BTreeSet<(Timestamp, K)>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }
}

impl<K: Ord + Clone> Timers<K> {
    /// Arms the timer of `key`, in place of an earlier one.
    pub fn arm(&mut self, key: K, at: Timestamp) {
        if let Some(before) = self.by_key.insert(key.clone(), at) {
            self.by_time.remove(&(before, key.clone()));
        }
        self.by_time.insert((at, key));
    }

    /// Disarms the timer of `key`, if there is one.
    pub fn disarm(&mut self, key: &K) {
        if let Some(at) = self.by_key.remove(key) {
            self.by_time.remove(&(at, key.clone()));
        }
    }

    /// Returns the earliest deadline.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Removes and returns the earliest key whose deadline has come.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        if self.by_time.first()?.0 > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_deadline_comes_first_and_arming_again_moves_it() {
        let mut timers = Timers::default();
        timers.arm('a', Timestamp::from_secs(5));
        timers.arm('b', Timestamp::from_secs(3));
        timers.arm('b', Timestamp::from_secs(9));
        assert_eq!(timers.next(), Some(Timestamp::from_secs(5)));
        assert_eq!(timers.pop_due(Timestamp::from_secs(4)), None);
        assert_eq!(timers.pop_due(Timestamp::from_secs(5)), Some('a'));
        timers.disarm(&'b');
        assert_eq!(timers.next(), None);
    }
}
