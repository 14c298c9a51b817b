//! The place of a contact in its queue, and the place of an agent among those who are ready.
//!
//! Both are total orders over integers: no two are equal, nothing is compared in floating point, so every decision
//! can be made again and comes out the same.
//!
//! The key of a place is a moment in microseconds: when the contact would have come had it no claim to be served
//! before others (its *virtual arrival*). A priority, a head start, a script move that moment back; they do not change
//! while the contact waits, so nobody has to be sorted again as time goes by. Whoever is lifted to the top by the guard
//! against starvation, or was given to an agent by a supervisor, lies in a band of his own before all others.
//!
//! ```text
//!   assigned by a supervisor │ lifted by the guard │ priority 255 … 1 │ priority 0, in the order of arrival
//! ```

use cti_core::{id::ContactId, time::Timestamp};

/// What one level of strict priority is worth: 571 years.
pub(crate) const LEVEL: i64 = 1 << 54;
/// All keys below lie in the band of those whom the guard has lifted, or before it.
pub(crate) const LIFTED: i64 = -(1 << 62) - (1 << 60);
const LIFTED_BY: i64 = (1 << 62) + (1 << 61);
const ASSIGNED_BY: i64 = (1 << 62) + (1 << 61) + (1 << 60);

/// Where a contact stands: the smallest place is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The virtual arrival.
    pub(crate) key: i64,
    /// Contacts are numbered as they come in, so of two who came in the same microsecond the first is first.
    pub(crate) contact: ContactId,
}

impl Place {
    /// Returns the place that a moment of arrival and what precedes it by (in microseconds) give.
    pub(crate) fn new(since: Timestamp, ahead_by: i64, contact: ContactId) -> Self {
        let key = arrival(since).saturating_sub(ahead_by.clamp(-(1 << 61), 1 << 62));
        Self { key, contact }
    }

    /// Returns the place before all who were not lifted.
    pub(crate) fn lifted(since: Timestamp, contact: ContactId) -> Self {
        Self { key: arrival(since) - LIFTED_BY, contact }
    }

    /// Returns the place before all others.
    pub(crate) fn assigned(since: Timestamp, contact: ContactId) -> Self {
        Self { key: arrival(since) - ASSIGNED_BY, contact }
    }

    /// Returns whether it goes before others whatever rule an agent chooses between queues by.
    pub(crate) fn is_lifted(self) -> bool {
        self.key < LIFTED
    }
}

/// Moments after the year 2540 count as its end.
fn arrival(since: Timestamp) -> i64 {
    i64::try_from(since.as_micros()).unwrap_or(LEVEL).min(LEVEL - 1)
}

/// A place in the router's list of agents, given at the first sign-in and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AgentNo(pub(crate) u32);

/// A place in the router's list of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueNo(pub(crate) u32);

/// A place in the router's list of requirement classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassNo(pub(crate) u32);

/// A place in the router's list of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u32);

/// A place in the router's list of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeviceNo(pub(crate) u32);

macro_rules! index {
    ($($name:ident)*) => {$(
        impl $name {
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }

            pub(crate) fn of(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 are kept"))
            }
        }
    )*};
}

index! { AgentNo QueueNo ClassNo Slot DeviceNo }

/// Where a ready agent stands in one class: the smallest is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Preference {
    /// What the queue's strategy says.
    pub(crate) key: i64,
    /// The number of the fact that made him ready: of equals who has been idle longest. Zero where the order is fixed.
    pub(crate) idle_no: u64,
    pub(crate) agent: AgentNo,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(ahead_by: i64, since: u64, contact: u64) -> Place {
        Place::new(Timestamp::from_micros(since), ahead_by, ContactId(contact))
    }

    #[test]
    fn bands_never_touch_whatever_priority_and_time() {
        let (now, no) = (Timestamp::from_secs(4_000_000_000), ContactId(1));
        let mut places = [
            place(0, now.as_micros(), 1),
            place(i64::MIN, 0, 1),
            place(LEVEL, now.as_micros(), 1),
            place(255 * LEVEL, now.as_micros(), 1),
            place(i64::MAX, 0, 1),
            Place::lifted(now, no),
            Place::lifted(Timestamp::ZERO, no),
            Place::assigned(now, no),
        ];
        places.sort();
        let lifted: Vec<bool> = places.iter().map(|place| place.is_lifted()).collect();
        assert_eq!(lifted, [true, true, true, false, false, false, false, false]);
        assert_eq!(places[0], Place::assigned(now, no));
        assert_eq!(places[4], place(255 * LEVEL, now.as_micros(), 1));
    }

    #[test]
    fn a_head_start_is_time_and_of_equals_the_first_contact_is_first() {
        let mut places = vec![place(0, 5, 1), place(0, 4, 9), place(3, 6, 2), place(0, 4, 8)];
        places.sort();
        assert_eq!(places, [place(3, 6, 2), place(0, 4, 8), place(0, 4, 9), place(0, 5, 1)]);
    }
}
