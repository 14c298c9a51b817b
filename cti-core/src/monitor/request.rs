//! What programs ask of the hub, and what it tells them.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Filter, Subject};
use crate::{event::Event, id::EventNo};

/// One monitor from start to stop (ECMA-269 calls it a monitor cross reference identifier).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MonitorId(pub u64);

impl fmt::Display for MonitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "monitor-{}", self.0)
    }
}

/// How much the hub keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many monitors there may be.
    pub monitors: usize,
    /// How many unread events one monitor keeps.
    pub buffer: usize,
    /// How many recent events are kept for programs that resume.
    pub recent: usize,
}

impl Default for Limits {
    /// 8,192 monitors, 1,024 unread events each, 65,536 recent events.
    fn default() -> Self {
        Self { monitors: 8_192, buffer: 1_024, recent: 65_536 }
    }
}

/// What a program wants to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Whom or what.
    pub subject: Subject,
    /// Which kinds of events.
    #[serde(default)]
    pub filter: Filter,
}

impl Request {
    /// Asks for every event of a subject.
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self { subject, filter: Filter::all() }
    }

    /// Asks only for what passes the filter.
    #[must_use]
    pub fn filtered(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }
}

/// Where a program was when it was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// The number of the snapshot that the monitor began with.
    pub since: EventNo,
    /// The last event the program has.
    pub after: EventNo,
}

/// What is shown of the present when a monitor starts. State that follows the log implements it.
pub trait View {
    /// What a program is shown.
    type Snapshot;

    /// Returns the number of the last event that [`snapshot`](Self::snapshot) includes.
    fn last_event(&self) -> EventNo;

    /// Returns what there is to know about a subject, or `None` when it does not exist.
    fn snapshot(&self, subject: &Subject) -> Option<Self::Snapshot>;
}

/// A monitor has started; the first event that it hears follows `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started<S> {
    /// Its name from here on.
    pub monitor: MonitorId,
    /// The last event that the snapshot includes.
    pub at: EventNo,
    /// The present.
    pub snapshot: S,
}

/// What a monitor has for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Something happened.
    Event(Arc<Event>),
    /// The reader was too slow: events between these numbers, both included, may be missing, and nothing more is
    /// kept until he takes a [new snapshot](super::Monitors::refresh).
    Lost {
        /// The first that is missing.
        from: EventNo,
        /// The last that there was.
        to: EventNo,
    },
    /// The monitor has ended and its name is no longer known.
    Stopped(StopReason),
}

/// Why a monitor ended without its reader's asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The call is over.
    CallEnded,
    /// The device, agent or queue was taken out of the configuration.
    SubjectRemoved,
    /// The reader may no longer follow this.
    Denied,
    /// The system stops.
    Stopping,
}

/// Why a monitor cannot start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// There are as many monitors as there may be.
    #[error("there are {limit} monitors already")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The subject does not exist.
    #[error("there is no {subject} to monitor")]
    NoSuchSubject {
        /// Whom or what was asked for.
        subject: Subject,
    },
    /// The view is so far behind the log that the events after it are no longer kept.
    #[error("the snapshot is of {at}, and events are kept from {oldest} on")]
    ViewTooOld {
        /// The last event of the view.
        at: EventNo,
        /// The oldest event that is kept.
        oldest: EventNo,
    },
}

/// Why a monitor cannot go on where the program was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// There are as many monitors as there may be.
    #[error("there are {limit} monitors already")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Events that the program needs are no longer kept; it must start anew with a snapshot.
    #[error("events {from} to {to} are no longer kept")]
    Lost {
        /// The first that is missing.
        from: EventNo,
        /// The last that is missing.
        to: EventNo,
    },
    /// The numbers are not of this log: they lie ahead of it, or contradict one another.
    #[error("a monitor cannot resume after {after}: the log is at {last}")]
    NotOfThisLog {
        /// Where the program says it is.
        after: EventNo,
        /// The last event of the log.
        last: EventNo,
    },
}

/// Why a reader cannot take a new snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// There is no such monitor.
    #[error(transparent)]
    Unknown(#[from] UnknownMonitor),
    /// The monitor cannot start again.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// There is no such monitor: it never was, was stopped, or has told that it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {monitor}")]
pub struct UnknownMonitor {
    /// The name given.
    pub monitor: MonitorId,
}

/// Events must be published without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {found} does not follow {last}")]
pub struct PublishError {
    /// The last event published.
    pub last: EventNo,
    /// The event given.
    pub found: EventNo,
}
