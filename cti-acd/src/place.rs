//! The place of a contact in its queue, and the place of an agent among those who are ready.
//!
//! Both are total orders over integers: no two are equal, nothing is compared in floating point, so every decision
//! can be made again and comes out the same.

use cti_core::{
    id::{ContactId, EventNo},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Where a contact stands: the smallest place is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Priority in the top eight bits, the moment of arrival below.
    key: u64,
    /// Which of two who came in the same microsecond was first.
    no: EventNo,
    contact: ContactId,
}

impl Place {
    /// Higher priority first, then first come, first served. The lower 56 bits hold 2,283 years of microseconds.
    pub(crate) fn new(priority: u8, since: Timestamp, no: EventNo, contact: ContactId) -> Self {
        let key = (u64::from(u8::MAX - priority) << 56) | (since.as_micros() & (u64::MAX >> 8));
        Self { key, no, contact }
    }

    pub(crate) fn contact(self) -> ContactId {
        self.contact
    }
}

/// A place in the router's list of agents, given at the first sign-in and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AgentNo(pub(crate) usize);

/// A place in the router's list of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueueNo(pub(crate) usize);

/// Where a ready agent stands in one queue: the smallest is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Preference {
    /// What the queue's strategy says.
    pub(crate) key: i64,
    /// Who became ready first, by time and by the number of the fact.
    pub(crate) since: Timestamp,
    pub(crate) no: EventNo,
    pub(crate) agent: AgentNo,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(priority: u8, since: u64, no: u64) -> Place {
        Place::new(priority, Timestamp::from_micros(since), EventNo(no), ContactId(no))
    }

    #[test]
    fn higher_priority_is_served_first_then_who_came_first_then_whose_fact_was_first() {
        let mut places = vec![place(0, 5, 1), place(0, 4, 9), place(3, 99, 2), place(0, 4, 8)];
        places.sort();
        assert_eq!(places, [place(3, 99, 2), place(0, 4, 8), place(0, 4, 9), place(0, 5, 1)]);
    }
}
