//! A day as callers and agents make it, whatever the rules.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    agent::AgentState,
    event::{DequeueReason, Event, Fact},
    id::{AgentId, ContactId, QueueId},
    needs::Needs,
    time::Timestamp,
};

use super::{Report, Simulation, report::Tally};
use crate::Acd;

/// How long a contact is handled of whose queue nobody was ever answered.
const USUAL: Duration = Duration::from_secs(180);

/// Someone who wants the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When he begins to wait.
    pub at: Timestamp,
    /// Where.
    pub queue: QueueId,
    /// Higher is served first.
    pub priority: u8,
    /// What he asks for.
    pub needs: Needs,
    /// After which wait he gives up; never when absent.
    pub patience: Option<Duration>,
    /// How long he keeps the agent, after-call work included.
    pub handling: Duration,
}

/// A time in which an agent takes calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub agent: AgentId,
    /// For which queues.
    pub queues: Vec<QueueId>,
    /// From when.
    pub from: Timestamp,
    /// Until when; a call that he is on then is finished.
    pub until: Timestamp,
}

/// Who came and who was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Sorted by time.
    pub arrivals: Vec<Arrival>,
    /// In any order.
    pub shifts: Vec<Shift>,
}

impl Day {
    /// Reads a day from the log of a centre.
    #[must_use]
    pub fn from_events(events: &[Event]) -> Self {
        let mut reader = Reader::default();
        events.iter().for_each(|event| reader.read(event));
        reader.finish()
    }

    /// Runs the day through a router to the end, and reports.
    #[must_use]
    pub fn run(&self, acd: Acd) -> Report {
        let mut tally = Tally::default();
        let mut simulation = Simulation::new(acd);
        for shift in &self.shifts {
            simulation.shift(shift.clone());
        }
        simulation.run(self.arrivals.iter().cloned(), &mut |outcome| tally.count(outcome));
        tally.finish(simulation.loads())
    }
}

#[derive(Debug, Default)]
struct Reader {
    contacts: BTreeMap<ContactId, Seen>,
    order: Vec<ContactId>,
    /// The contact an agent handles, and since when.
    handling: BTreeMap<AgentId, (ContactId, Timestamp)>,
    agents: BTreeMap<AgentId, (Vec<QueueId>, Option<Timestamp>)>,
    shifts: Vec<Shift>,
    last: Timestamp,
}

#[derive(Debug)]
struct Seen {
    arrival: Arrival,
    handling: Option<Duration>,
}

impl Reader {
    #[expect(clippy::wildcard_enum_match_arm, reason = "it names the facts that make a day")]
    fn read(&mut self, event: &Event) {
        let at = event.at;
        self.last = self.last.max(at);
        match &event.fact {
            // A place that counts from before is that of a contact that has been seen, or of a call-back for one.
            Fact::Queued { contact, queue, priority, needs, since: None, .. }
                if !self.contacts.contains_key(contact) =>
            {
                let arrival = Arrival {
                    at,
                    queue: queue.clone(),
                    priority: *priority,
                    needs: needs.clone(),
                    patience: None,
                    handling: USUAL,
                };
                self.order.push(*contact);
                self.contacts.insert(*contact, Seen { arrival, handling: None });
            }
            Fact::Dequeued { contact, reason: DequeueReason::Abandoned, .. } => {
                if let Some(seen) = self.contacts.get_mut(contact) {
                    seen.arrival.patience = Some(at.since(seen.arrival.at));
                }
            }
            Fact::Connected { contact, party, .. } => {
                if let Some(agent) = &party.agent {
                    self.handling.insert(agent.clone(), (*contact, at));
                }
            }
            Fact::AgentSignedIn { agent, queues, .. } => {
                self.agents.entry(agent.clone()).or_default().0 = queues.clone();
            }
            Fact::DutiesSet { agent, queues, .. } => self.duties(at, agent, queues),
            Fact::AgentStateChanged { agent, to, .. } => self.state(at, agent, to),
            Fact::AgentSignedOut { agent, .. } => {
                self.state(at, agent, &AgentState::SignedOut);
            }
            _ => {}
        }
    }

    fn state(&mut self, at: Timestamp, agent: &AgentId, to: &AgentState) {
        let works = match to {
            AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => true,
            AgentState::SignedOut | AgentState::NotReady { .. } => false,
        };
        let handles = match to {
            AgentState::OnCall { .. } | AgentState::AfterCallWork => true,
            AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::SignedOut
            | AgentState::NotReady { .. } => false,
        };
        if !handles
            && let Some((contact, since)) = self.handling.remove(agent)
            && let Some(seen) = self.contacts.get_mut(&contact)
        {
            seen.handling = Some(at.since(since));
        }
        let (queues, since) = self.agents.entry(agent.clone()).or_default();
        match (works, *since) {
            (true, None) => *since = Some(at),
            (false, Some(from)) => {
                *since = None;
                let (agent, queues) = (agent.clone(), queues.clone());
                self.shifts.push(Shift { agent, queues, from, until: at });
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// From here on he takes calls of other queues: that is another shift.
    fn duties(&mut self, at: Timestamp, agent: &AgentId, to: &[QueueId]) {
        let (queues, since) = self.agents.entry(agent.clone()).or_default();
        let before = std::mem::replace(queues, to.to_vec());
        if let Some(from) = since.replace(at) {
            let agent = agent.clone();
            self.shifts.push(Shift { agent, queues: before, from, until: at });
        } else {
            *since = None;
        }
    }

    fn finish(mut self) -> Day {
        for (agent, (queues, since)) in std::mem::take(&mut self.agents) {
            if let Some(from) = since {
                self.shifts.push(Shift { agent, queues, from, until: self.last });
            }
        }
        let mut known: BTreeMap<QueueId, Vec<Duration>> = BTreeMap::new();
        for seen in self.contacts.values() {
            if let Some(handling) = seen.handling {
                known.entry(seen.arrival.queue.clone()).or_default().push(handling);
            }
        }
        let mut next: BTreeMap<QueueId, usize> = BTreeMap::new();
        let mut arrivals = Vec::with_capacity(self.order.len());
        for contact in self.order {
            let Some(Seen { mut arrival, handling }) = self.contacts.remove(&contact) else {
                continue;
            };
            arrival.handling = handling.unwrap_or_else(|| {
                let Some(times) = known.get(&arrival.queue) else { return USUAL };
                let turn = next.entry(arrival.queue.clone()).or_default();
                *turn += 1;
                times[*turn % times.len()]
            });
            arrivals.push(arrival);
        }
        Day { arrivals, shifts: self.shifts }
    }
}
