//! What has happened since midnight.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    event::{DequeueReason, Event, Fact, Party},
    id::{AgentId, QueueId},
    time::Timestamp,
};
use jiff::{civil::Date, tz::TimeZone};

use super::{calls::Calls, queues::Queues};

/// The wait within which a call counts for the service level.
const SERVICE_LEVEL_WAIT: Duration = Duration::from_secs(15);

/// One queue's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueToday {
    /// How many contacts began to wait.
    pub offered: u32,
    /// How many were answered.
    pub answered: u32,
    /// How many were answered within 15 s.
    pub answered_in_time: u32,
    /// How many hung up while they waited.
    pub abandoned: u32,
    /// How many left in another way.
    pub left: u32,
    /// How many went on waiting in another queue, or again in this one; they count there.
    pub moved: u32,
}

impl QueueToday {
    /// Returns the share of contacts that were answered within 15 s among those that no longer wait.
    #[must_use]
    pub fn service_level(&self) -> Option<f64> {
        let over = self.answered + self.abandoned + self.left;
        (over > 0).then(|| f64::from(self.answered_in_time) / f64::from(over))
    }
}

/// Counters that begin anew at midnight.
#[derive(Clone, Debug)]
pub struct Today {
    zone: TimeZone,
    day: Option<Date>,
    agents: BTreeMap<AgentId, u32>,
    queues: BTreeMap<QueueId, QueueToday>,
}

impl Today {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, day: None, agents: BTreeMap::new(), queues: BTreeMap::new() }
    }

    /// Counts one event; `queues` and `calls` are what was known before it.
    pub(super) fn apply(&mut self, event: &Event, queues: &Queues, calls: &Calls) {
        self.begin(event.at);
        if let Fact::Connected { call, party: Party { agent: Some(agent), .. }, role, .. } =
            &event.fact
        {
            let first = calls
                .get(*call)
                .is_some_and(|live| live.kind.is_service() && !live.parties.has_talked(agent));
            *self.agents.entry(agent.clone()).or_default() += u32::from(first && role.carries());
        } else if let Fact::Queued { queue, .. } = &event.fact {
            self.queues.entry(queue.clone()).or_default().offered += 1;
        } else if let Fact::Dequeued { contact, queue, reason, .. } = &event.fact {
            let since = queues.entry(*contact).map_or(event.at, |entry| entry.since);
            let in_time = event.at.since(since) <= SERVICE_LEVEL_WAIT;
            let today = self.queues.entry(queue.clone()).or_default();
            match reason {
                DequeueReason::Answered => {
                    today.answered += 1;
                    today.answered_in_time += u32::from(in_time);
                }
                DequeueReason::Abandoned => today.abandoned += 1,
                DequeueReason::Moved => today.moved += 1,
                DequeueReason::Overflowed(_)
                | DequeueReason::Left
                | DequeueReason::Cleared
                | DequeueReason::SystemRestart => today.left += 1,
            }
        }
    }

    fn begin(&mut self, at: Timestamp) {
        let day = self.day_of(at);
        if self.day != day {
            self.day = day;
            self.agents.clear();
            self.queues.clear();
        }
    }

    fn day_of(&self, at: Timestamp) -> Option<Date> {
        let micros = i64::try_from(at.as_micros()).ok()?;
        let moment = jiff::Timestamp::from_microsecond(micros).ok()?;
        Some(moment.to_zoned(self.zone.clone()).date())
    }

    pub(super) fn calls_of(&self, agent: &AgentId, now: Timestamp) -> u32 {
        if self.day != self.day_of(now) {
            return 0;
        }
        self.agents.get(agent).copied().unwrap_or(0)
    }

    pub(super) fn queue(&self, queue: &QueueId, now: Timestamp) -> QueueToday {
        if self.day != self.day_of(now) {
            return QueueToday::default();
        }
        self.queues.get(queue).copied().unwrap_or_default()
    }
}
