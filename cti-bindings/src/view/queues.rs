//! Who waits where.

use std::{cmp::Reverse, collections::BTreeMap};

use cti_core::{
    config::QueueConfig,
    event::{Event, Fact},
    id::{CallId, ContactId, EventNo, QueueId},
    time::Timestamp,
};

use super::{changes::Changes, today::QueueToday};

/// One queue as people see it.
#[derive(Clone, Debug)]
pub struct QueueStatus<'a> {
    /// Which queue.
    pub config: &'a QueueConfig,
    /// Who waits, the next to be served first.
    pub waiting: Vec<&'a Waiting>,
    /// How many of its agents are ready.
    pub agents_ready: usize,
    /// How many of its agents are signed in.
    pub agents_signed_in: usize,
    /// What has happened since midnight.
    pub today: QueueToday,
}

/// One contact that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The contact.
    pub contact: ContactId,
    /// Its call.
    pub call: CallId,
    /// Higher is served first.
    pub priority: u8,
    /// Since when it waits.
    pub since: Timestamp,
}

/// Who waits where; within one priority the one who came first is served first.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    waiting: BTreeMap<QueueId, BTreeMap<(Reverse<u8>, EventNo), Waiting>>,
    places: BTreeMap<CallId, (QueueId, (Reverse<u8>, EventNo))>,
}

impl Queues {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::Queued { contact, call, queue, priority } = &event.fact {
            self.leave(*call);
            let place = (Reverse(*priority), event.no);
            let waiting =
                Waiting { contact: *contact, call: *call, priority: *priority, since: event.at };
            self.waiting.entry(queue.clone()).or_default().insert(place, waiting);
            self.places.insert(*call, (queue.clone(), place));
        } else if let Fact::Dequeued { call, .. } | Fact::CallEnded { call, .. } = &event.fact {
            self.leave(*call);
        }
    }

    fn leave(&mut self, call: CallId) {
        if let Some((queue, place)) = self.places.remove(&call)
            && let Some(waiting) = self.waiting.get_mut(&queue)
        {
            waiting.remove(&place);
        }
    }

    /// Returns what is known of a call that waits.
    pub(super) fn entry(&self, call: CallId) -> Option<&Waiting> {
        let (queue, place) = self.places.get(&call)?;
        self.waiting.get(queue)?.get(place)
    }

    pub(super) fn waiting(&self, queue: &QueueId) -> Vec<&Waiting> {
        self.waiting.get(queue).into_iter().flat_map(BTreeMap::values).collect()
    }

    pub(super) fn calls(&self, queue: &QueueId) -> impl Iterator<Item = CallId> {
        self.waiting.get(queue).into_iter().flat_map(BTreeMap::values).map(|waiting| waiting.call)
    }

    pub(super) fn position(&self, call: CallId) -> Option<usize> {
        let (queue, place) = self.places.get(&call)?;
        Some(self.waiting.get(queue)?.range(..=place).count())
    }

    /// Adds the queue that the call waits in.
    pub(super) fn touched(&self, call: CallId, changes: &mut Changes) {
        if let Some((queue, _)) = self.places.get(&call) {
            changes.queues.insert(queue.clone());
        }
    }
}
