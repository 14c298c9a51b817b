//! Who works where, and what he is doing.

use std::collections::BTreeMap;

use cti_core::{
    agent::AgentState,
    config::AgentConfig,
    event::{Event, Fact},
    id::{AgentId, DeviceId, QueueId, SeatId},
    time::Timestamp,
};

use super::works::OpenContact;

/// One agent as people see him.
#[derive(Clone, Debug)]
pub struct AgentStatus<'a> {
    /// Who he is.
    pub config: &'a AgentConfig,
    /// What he is doing.
    pub state: &'a AgentState,
    /// Since when; `None` when he has never worked.
    pub since: Option<Timestamp>,
    /// Where he sits.
    pub seat: Option<&'a SeatId>,
    /// The device there.
    pub device: Option<&'a DeviceId>,
    /// Whether that device can be reached.
    pub device_in_service: bool,
    /// The queues he serves.
    pub queues: &'a [QueueId],
    /// How many calls he has answered today.
    pub calls_today: u32,
    /// Whether the program at his seat is heard of; without it he is offered nothing.
    pub heard: bool,
    /// The contacts that are not spoken and that he works at.
    pub work: Vec<&'a OpenContact>,
    /// The contacts that are not spoken and that are on offer to him.
    pub offers: Vec<&'a OpenContact>,
}

/// The work of the agents.
#[derive(Clone, Debug, Default)]
pub struct Agents(BTreeMap<AgentId, Work>);

/// What one agent is doing, and where.
#[derive(Clone, Debug)]
pub(super) struct Work {
    state: AgentState,
    since: Option<Timestamp>,
    place: Option<Place>,
    heard: bool,
}

#[derive(Clone, Debug)]
struct Place {
    seat: SeatId,
    device: DeviceId,
    queues: Vec<QueueId>,
}

static NEVER_WORKED: Work =
    Work { state: AgentState::SignedOut, since: None, place: None, heard: true };

impl Agents {
    /// Follows one event.
    pub(super) fn apply(&mut self, event: &Event) {
        let at = event.at;
        if let Fact::AgentSignedIn { agent, seat, device, queues, .. } = &event.fact {
            let place =
                Place { seat: seat.clone(), device: device.clone(), queues: queues.clone() };
            let work = self.entry(agent);
            work.since = Some(at);
            work.place = Some(place);
            work.heard = true;
        } else if let Fact::DutiesSet { agent, queues, .. } = &event.fact {
            if let Some(place) = &mut self.entry(agent).place {
                place.queues.clone_from(queues);
            }
        } else if let Fact::AgentHeard { agent, heard } = &event.fact {
            self.entry(agent).heard = *heard;
        } else if let Fact::AgentStateChanged { agent, to, .. } = &event.fact {
            let work = self.entry(agent);
            work.since = Some(at);
            work.state = to.clone();
        } else if let Fact::AgentSignedOut { agent, .. } = &event.fact {
            let work = Work { since: Some(at), ..NEVER_WORKED.clone() };
            *self.entry(agent) = work;
        }
    }

    fn entry(&mut self, agent: &AgentId) -> &mut Work {
        self.0.entry(agent.clone()).or_insert_with(|| NEVER_WORKED.clone())
    }

    pub(super) fn work(&self, agent: &AgentId) -> &Work {
        self.0.get(agent).unwrap_or(&NEVER_WORKED)
    }

    pub(super) fn queues(&self, agent: &AgentId) -> &[QueueId] {
        self.work(agent).queues()
    }

    pub(super) fn at_device(&self, device: &DeviceId) -> impl Iterator<Item = &AgentId> {
        self.0.iter().filter(move |(_, work)| work.device() == Some(device)).map(|(agent, _)| agent)
    }

    /// Returns how many agents of a queue are ready and how many are signed in.
    pub(super) fn staff(&self, queue: &QueueId) -> (usize, usize) {
        let staff = self.0.values().filter(|work| work.queues().contains(queue));
        staff.fold((0, 0), |(ready, signed_in), work| {
            (ready + usize::from(work.state == AgentState::Ready), signed_in + 1)
        })
    }
}

impl Work {
    pub(super) fn state(&self) -> &AgentState {
        &self.state
    }

    pub(super) fn heard(&self) -> bool {
        self.heard
    }

    pub(super) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    pub(super) fn seat(&self) -> Option<&SeatId> {
        self.place.as_ref().map(|place| &place.seat)
    }

    pub(super) fn device(&self) -> Option<&DeviceId> {
        self.place.as_ref().map(|place| &place.device)
    }

    pub(super) fn queues(&self) -> &[QueueId] {
        self.place.as_ref().map_or(&[], |place| &place.queues)
    }
}
