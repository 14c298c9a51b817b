//! One queue: its rules and its indexes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use cti_core::{id::AlarmId, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    config::QueueRules,
    place::{AgentNo, Place, Preference},
    ranked::Ranked,
    strategy::Strategy,
};

/// One queue. What facts have told is in [`Told`]; all else is made again from agents and contacts by a restore.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) rules: QueueRules,
    pub(crate) strategy: Arc<dyn Strategy>,
    pub(crate) told: Told,
    /// All who wait, those whom an agent is being rung for included: the places.
    pub(crate) places: Ranked<Place>,
    /// Those of them who can be offered now.
    pub(crate) waiting: BTreeSet<Place>,
    /// The agents who can be offered a contact now, best first.
    pub(crate) ready: BTreeSet<Preference>,
    /// All who are signed in for it.
    pub(crate) members: BTreeSet<AgentNo>,
    /// How many of them take calls and can be reached.
    pub(crate) staffed: usize,
    /// Whether an alarm, or its end, was proposed and no fact has answered yet.
    pub(crate) asked: bool,
    /// Its entry in the router's index of queues that have both a contact and an agent.
    pub(crate) hot: Option<Place>,
    /// Its entry in the router's index of queues without staff.
    pub(crate) lost: Option<Timestamp>,
}

/// What facts have told about a queue that agents and contacts do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The alarm that stands because nobody is there.
    pub(crate) alarm: Option<AlarmId>,
    /// Since when contacts wait and nobody is there.
    pub(crate) lost_since: Option<Timestamp>,
    /// How long calls of this queue keep an agent.
    pub(crate) handling: Handling,
}

/// The moving average of the time that a call keeps an agent, after-call work included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handling {
    samples: u32,
    average: Duration,
}

impl Handling {
    /// With fewer calls nothing is said about waiting times.
    const AT_LEAST: u32 = 5;
    /// The plain mean of the first calls, then an exponential average in which one call weighs 1/16.
    const MEMORY: u32 = 16;

    pub(crate) fn learn(&mut self, time: Duration) {
        self.samples = (self.samples + 1).min(Self::MEMORY);
        let (average, weight) = (self.average, self.samples);
        self.average = if time >= average {
            average + (time - average) / weight
        } else {
            average - (average - time) / weight
        };
    }

    pub(crate) fn average(&self) -> Option<Duration> {
        (self.samples >= Self::AT_LEAST).then_some(self.average)
    }
}

impl Queue {
    pub(crate) fn new(rules: QueueRules, strategy: Arc<dyn Strategy>, told: Told) -> Self {
        Self {
            rules,
            strategy,
            told,
            places: Ranked::default(),
            waiting: BTreeSet::new(),
            ready: BTreeSet::new(),
            members: BTreeSet::new(),
            staffed: 0,
            asked: false,
            hot: None,
            lost: None,
        }
    }

    /// Returns the wait of a contact with `ahead` others before it: each place needs one of the staff to become free,
    /// and that happens every handling time divided by their number.
    pub(crate) fn expected_wait(&self, ahead: usize) -> Option<Duration> {
        let average = u64::try_from(self.told.handling.average()?.as_micros()).ok()?;
        let staffed = u64::try_from(self.staffed).ok()?;
        let turns = u64::try_from(ahead).ok()?.checked_add(1)?;
        average.checked_mul(turns)?.checked_div(staffed).map(Duration::from_micros)
    }

    /// Returns since when the queue's overflow and alarm for want of staff have been due, if they are or will be.
    pub(crate) fn lost_due(&self) -> Option<Timestamp> {
        let since = self.told.lost_since?;
        match self.told.alarm {
            Some(_) => (!self.waiting.is_empty()).then_some(since),
            None => (!self.asked || !self.waiting.is_empty())
                .then_some(since + self.rules.nobody_staffed_after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_about_handling_times_before_the_fifth_call() {
        let mut handling = Handling::default();
        for _ in 0..4 {
            handling.learn(Duration::from_secs(100));
        }
        assert_eq!(handling.average(), None);
        handling.learn(Duration::from_secs(200));
        assert_eq!(handling.average(), Some(Duration::from_secs(120)));
    }

    #[test]
    fn the_average_follows_a_change_and_forgets_old_calls() {
        let mut handling = Handling::default();
        for _ in 0..50 {
            handling.learn(Duration::from_secs(60));
        }
        for _ in 0..200 {
            handling.learn(Duration::from_secs(180));
        }
        let average = handling.average().unwrap();
        assert!(average > Duration::from_secs(179) && average <= Duration::from_secs(180));
    }
}
