//! Who waits where.

use std::{cmp::Reverse, collections::BTreeMap};

use cti_core::{
    config::QueueConfig,
    event::{Event, Fact},
    id::{AgentId, CallId, ContactId, EventNo, QueueId},
    needs::Medium,
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
    /// Its call; none for a contact that is not spoken, or whose caller hung up and is called back.
    pub call: Option<CallId>,
    /// How citizen and agent will speak with each other.
    pub medium: Medium,
    /// Higher is served first.
    pub priority: u8,
    /// The only agent who may take it, if a supervisor decided so.
    pub assigned: Option<AgentId>,
    /// Since when it waits.
    pub since: Timestamp,
}

/// Where a contact stands in its queue: by priority, then by the time that its place counts from.
type Place = (Reverse<u8>, Timestamp, EventNo);

/// Who waits where; within one priority the one who came first is served first.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    waiting: BTreeMap<QueueId, BTreeMap<Place, Waiting>>,
    places: BTreeMap<ContactId, (QueueId, Place)>,
}

impl Queues {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::Queued { contact, call, queue, priority, needs, since } = &event.fact {
            self.leave(*contact);
            let waiting = Waiting {
                contact: *contact,
                call: *call,
                medium: needs.medium,
                priority: *priority,
                assigned: None,
                since: since.unwrap_or(event.at),
            };
            self.enter(queue.clone(), event.no, waiting);
        } else if let Fact::PrioritySet { contact, priority, .. } = &event.fact {
            if let Some((queue, place, waiting)) = self.leave(*contact) {
                self.enter(queue, place.2, Waiting { priority: *priority, ..waiting });
            }
        } else if let Fact::Assigned { contact, agent, .. } = &event.fact {
            if let Some((queue, place)) = self.places.get(contact)
                && let Some(waiting) = self.waiting.get_mut(queue).and_then(|it| it.get_mut(place))
            {
                waiting.assigned.clone_from(agent);
            }
        } else if let Fact::Dequeued { contact, .. } = &event.fact {
            self.leave(*contact);
        } else if let Fact::CallEnded { contact, call, .. } = &event.fact
            && self.entry(*contact).is_some_and(|waiting| waiting.call == Some(*call))
        {
            self.leave(*contact);
        }
    }

    fn enter(&mut self, queue: QueueId, no: EventNo, waiting: Waiting) {
        let place = (Reverse(waiting.priority), waiting.since, no);
        self.places.insert(waiting.contact, (queue.clone(), place));
        self.waiting.entry(queue).or_default().insert(place, waiting);
    }

    fn leave(&mut self, contact: ContactId) -> Option<(QueueId, Place, Waiting)> {
        let (queue, place) = self.places.remove(&contact)?;
        let waiting = self.waiting.get_mut(&queue)?.remove(&place)?;
        Some((queue, place, waiting))
    }

    /// Returns what is known of a contact that waits.
    pub(super) fn entry(&self, contact: ContactId) -> Option<&Waiting> {
        let (queue, place) = self.places.get(&contact)?;
        self.waiting.get(queue)?.get(place)
    }

    pub(super) fn waiting(&self, queue: &QueueId) -> Vec<&Waiting> {
        self.waiting.get(queue).into_iter().flat_map(BTreeMap::values).collect()
    }

    pub(super) fn calls(&self, queue: &QueueId) -> impl Iterator<Item = CallId> {
        let waiting = self.waiting.get(queue).into_iter().flat_map(BTreeMap::values);
        waiting.filter_map(|waiting| waiting.call)
    }

    pub(super) fn queue_of(&self, contact: ContactId) -> Option<&QueueId> {
        self.places.get(&contact).map(|(queue, _)| queue)
    }

    pub(super) fn position(&self, contact: ContactId) -> Option<usize> {
        let (queue, place) = self.places.get(&contact)?;
        Some(self.waiting.get(queue)?.range(..=place).count())
    }

    /// Adds the queue that the contact waits in.
    pub(super) fn touched(&self, contact: ContactId, changes: &mut Changes) {
        if let Some((queue, _)) = self.places.get(&contact) {
            changes.queues.insert(queue.clone());
        }
    }
}
