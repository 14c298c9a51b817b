//! How an agent of several queues chooses between the first contacts of each.
//!
//! Whoever was lifted to the top, or was given to an agent by a supervisor, goes first whatever the rule.

use serde::{Deserialize, Serialize};

use crate::{place::Place, strategy::Words};

mod first_come;
mod queue_rank;
mod ratio;
mod weighted_wait;

pub(crate) use ratio::Turns;

/// How an agent of several queues chooses between their first contacts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// The contact with the best place of all.
    #[default]
    FirstCome,
    /// The queue that ranks first among his queues.
    QueueRank,
    /// The contact whose waiting time, times its queue's weight, is longest.
    WeightedWait,
    /// Queues are served in the ratio of their weights.
    Ratio,
}

/// The first contact of one class, as the rule sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) place: Place,
    /// The rank of its queue for the agent.
    pub(crate) rank: u8,
    /// The weight of its queue.
    pub(crate) weight: u32,
    /// How far its queue has been served, in turns.
    pub(crate) pass: u64,
}

impl Between {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::FirstCome, Self::QueueRank, Self::WeightedWait, Self::Ratio];

    /// Returns the name as it is written in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstCome => first_come::NAME,
            Self::QueueRank => queue_rank::NAME,
            Self::WeightedWait => weighted_wait::NAME,
            Self::Ratio => ratio::NAME,
        }
    }

    /// Returns what it does, in one line.
    #[must_use]
    pub fn description(self) -> Words {
        match self {
            Self::FirstCome => first_come::description(),
            Self::QueueRank => queue_rank::description(),
            Self::WeightedWait => weighted_wait::description(),
            Self::Ratio => ratio::description(),
        }
    }

    /// Returns whether the first head goes before the second, at `now` in microseconds.
    pub(crate) fn prefers(self, now: u64, one: &Head, other: &Head) -> bool {
        if one.place.is_lifted() || other.place.is_lifted() {
            return one.place < other.place;
        }
        match self {
            Self::FirstCome => first_come::order(one) < first_come::order(other),
            Self::QueueRank => queue_rank::order(one) < queue_rank::order(other),
            Self::WeightedWait => weighted_wait::order(now, one) < weighted_wait::order(now, other),
            Self::Ratio => ratio::order(one) < ratio::order(other),
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A head to try rules on.

    use cti_core::{id::ContactId, time::Timestamp};

    use super::*;

    pub(crate) fn head(since: u64, rank: u8, weight: u32, pass: u64) -> Head {
        let place = Place::new(Timestamp::from_secs(since), 0, ContactId(since));
        Head { place, rank, weight, pass }
    }
}

#[cfg(test)]
mod tests {
    use cti_core::{id::ContactId, time::Timestamp};

    use super::{testing::head, *};

    #[test]
    fn who_was_lifted_goes_first_by_every_rule() {
        let lifted = Place::lifted(Timestamp::from_secs(99), ContactId(99));
        let lifted = Head { place: lifted, ..head(99, 9, 1, u64::MAX) };
        let other = head(1, 1, 1000, 0);
        for rule in Between::ALL {
            assert!(rule.prefers(100_000_000, &lifted, &other), "{rule:?}");
            assert!(!rule.prefers(100_000_000, &other, &lifted), "{rule:?}");
        }
    }

    #[test]
    fn a_rule_is_written_by_its_name() {
        for rule in Between::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }
}
