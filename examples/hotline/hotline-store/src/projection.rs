//! Folds the log into records: pure, and the same however the events are cut into batches.

pub mod call;
pub mod change;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use cti_core::{
    event::{Event, Fact},
    id::{CallId, EventNo},
};

use self::{call::OpenCall, change::Change};
use crate::error::StoreError;

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

/// The fold: what it must remember between events, and no more.
#[derive(Clone, Debug, Default)]
pub struct Projector {
    last: EventNo,
    open: BTreeMap<CallId, OpenCall>,
    touched: BTreeSet<CallId>,
}

impl Projector {
    /// Returns a fold that has seen the events up to `last` and left these calls open.
    #[must_use]
    pub fn new(last: EventNo, open: impl IntoIterator<Item = OpenCall>) -> Self {
        let open = open.into_iter().map(|call| (call.call, call)).collect();
        Self { last, open, touched: BTreeSet::new() }
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
        Ok(self.follow(event))
    }

    fn follow(&mut self, event: &Event) -> Vec<Change> {
        if let Some(started) = OpenCall::started(event) {
            self.touched.insert(started.call);
            self.open.insert(started.call, started);
            return Vec::new();
        }
        let mut changes: Vec<Change> = Change::of(event).into_iter().collect();
        let Some(call) = event.fact.call() else { return changes };
        if let Fact::CallEnded { cause, .. } = &event.fact {
            self.touched.insert(call);
            changes.extend(self.open.remove(&call).map(|open| open.ended(event, *cause)));
        } else if let Some(open) = self.open.get_mut(&call) {
            if open.apply(event) {
                self.touched.insert(call);
            }
            if let Fact::RecordingStarted { recording, kind, .. } = &event.fact {
                changes.push(open.recording_started(event.at, *recording, *kind));
            }
        }
        changes
    }

    /// Returns the calls whose open state is other than when this was last asked; `None` when a call is over.
    pub fn take_touched(&mut self) -> Vec<(CallId, Option<&OpenCall>)> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|call| (call, self.open.get(&call))).collect()
    }
}
