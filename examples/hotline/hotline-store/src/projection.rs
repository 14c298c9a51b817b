//! Folds the log into records: the folds of [`cti_core::records`] and the alarms, and nothing of its own.

use async_trait::async_trait;
use cti_core::{
    event::{AlarmKind, Event, Fact},
    id::{AlarmId, EventNo},
    records::{
        AgentInterval, AgentTimes, CallRecords, CallRow, Cuts, QueueInterval, QueueStatistics,
        Shift, Thresholds,
    },
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// How long the intervals of statistics are, in minutes.
pub const INTERVAL_MINUTES: u16 = 15;

/// Writes records of the log.
#[async_trait]
pub trait ProjectionStore: Send + Sync {
    /// Returns the last event whose records are written.
    async fn last_applied(&self) -> Result<EventNo, StoreError>;

    /// Writes the records of the events that have not been applied yet, all or nothing, and returns the last one.
    ///
    /// # Errors
    /// When events are missing before the first one, or the store fails; nothing is written then.
    async fn apply(&self, events: &[Event]) -> Result<EventNo, ProjectionError>;
}

/// Why records were not written.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// Events must follow one another without a gap.
    #[error("event {found} does not follow {last}")]
    Gap {
        /// The last one applied.
        last: EventNo,
        /// The one that came.
        found: EventNo,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One change of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A call, a contact or a recording is over.
    Row(CallRow),
    /// An agent's shift is over.
    Shift(Box<Shift>),
    /// An interval is over for an agent.
    AgentInterval(Box<AgentInterval>),
    /// An interval is over for a queue.
    QueueInterval(Box<QueueInterval>),
    /// An alarm was raised.
    AlarmRaised {
        /// The alarm.
        alarm: AlarmId,
        /// What it is.
        kind: AlarmKind,
        /// When.
        at: Timestamp,
    },
    /// An alarm is over.
    AlarmCleared {
        /// The alarm.
        alarm: AlarmId,
        /// When.
        at: Timestamp,
    },
}

/// The folds: what is not over yet, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projector {
    last: EventNo,
    calls: CallRecords,
    agents: AgentTimes,
    queues: QueueStatistics,
}

impl Projector {
    /// Returns folds that have seen nothing; days and intervals are cut as told.
    #[must_use]
    pub fn new(cuts: &Cuts) -> Self {
        Self {
            last: EventNo(0),
            calls: CallRecords::default(),
            agents: AgentTimes::new(cuts.clone()),
            queues: QueueStatistics::new(cuts.clone(), Thresholds::default()),
        }
    }

    /// Returns the last event that was applied.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.last
    }

    /// Follows one event and returns what it changes in the records; one that was seen already changes nothing.
    ///
    /// # Errors
    /// When an event before it is missing.
    pub fn apply(&mut self, event: &Event) -> Result<Vec<Change>, ProjectionError> {
        if event.no <= self.last {
            return Ok(Vec::new());
        }
        if event.no != self.last.next() {
            return Err(ProjectionError::Gap { last: self.last, found: event.no });
        }
        self.last = event.no;
        let mut changes: Vec<Change> =
            self.calls.apply(event).into_iter().map(Change::Row).collect();
        let agents = self.agents.apply(event);
        changes.extend(agents.shifts.into_iter().map(|it| Change::Shift(Box::new(it))));
        changes.extend(agents.intervals.into_iter().map(|it| Change::AgentInterval(Box::new(it))));
        let queues = self.queues.apply(event);
        changes.extend(queues.into_iter().map(|it| Change::QueueInterval(Box::new(it))));
        changes.extend(alarm(event));
        Ok(changes)
    }
}

fn alarm(event: &Event) -> Option<Change> {
    let at = event.at;
    if let Fact::AlarmRaised { alarm, kind } = &event.fact {
        return Some(Change::AlarmRaised { alarm: *alarm, kind: kind.clone(), at });
    }
    if let Fact::AlarmCleared { alarm } = &event.fact {
        return Some(Change::AlarmCleared { alarm: *alarm, at });
    }
    None
}
