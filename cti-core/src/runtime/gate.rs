//! Holds back what must not be told before it is durable, in the order of each leg.

use std::collections::BTreeMap;

use crate::id::{EventNo, LegId};

/// Effects that wait for the journal.
#[derive(Debug)]
pub(crate) struct Gate<T> {
    durable: EventNo,
    held: BTreeMap<EventNo, Vec<T>>,
    /// The last event that something of this leg waits for.
    legs: BTreeMap<LegId, EventNo>,
}

impl<T> Gate<T> {
    pub(crate) fn new(durable: EventNo) -> Self {
        Self { durable, held: BTreeMap::new(), legs: BTreeMap::new() }
    }

    pub(crate) fn durable(&self) -> EventNo {
        self.durable
    }

    /// Returns the effect when it may be carried out at once, and keeps it otherwise.
    pub(crate) fn pass(&mut self, after: Option<EventNo>, legs: &[LegId], effect: T) -> Option<T> {
        let behind = legs.iter().filter_map(|leg| self.legs.get(leg)).copied();
        let wait = after.into_iter().chain(behind).max().filter(|no| *no > self.durable);
        let Some(no) = wait else { return Some(effect) };
        for leg in legs {
            self.legs.insert(*leg, no);
        }
        self.held.entry(no).or_default().push(effect);
        None
    }

    /// Events up to `no` are durable: returns what waited for them, in order.
    pub(crate) fn open(&mut self, no: EventNo) -> Vec<T> {
        self.durable = self.durable.max(no);
        self.legs.retain(|_, last| *last > no);
        let still = self.held.split_off(&no.next());
        std::mem::replace(&mut self.held, still).into_values().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_leg_overtakes_what_waits_for_the_journal() {
        let mut gate = Gate::new(EventNo(1));
        let (a, b) = (LegId(1), LegId(2));
        assert_eq!(gate.pass(Some(EventNo(1)), &[a], "old"), Some("old"));
        assert_eq!(gate.pass(Some(EventNo(3)), &[a], "answer a"), None);
        assert_eq!(gate.pass(None, &[b], "play b"), Some("play b"));
        assert_eq!(gate.pass(None, &[a], "play a"), None);
        assert_eq!(gate.pass(None, &[a, b], "bridge"), None);
        assert_eq!(gate.pass(None, &[b], "stop b"), None, "behind the bridge");
        assert!(gate.open(EventNo(2)).is_empty());
        assert_eq!(gate.open(EventNo(3)), ["answer a", "play a", "bridge", "stop b"]);
        assert_eq!(gate.pass(None, &[b], "later"), Some("later"));
    }
}
