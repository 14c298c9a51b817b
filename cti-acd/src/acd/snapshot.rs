//! Snapshots: what facts have told is kept, every index is made again.

use std::collections::BTreeMap;

use cti_core::{
    id::{CallId, ContactId, DeviceId, LegId, QueueId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{Acd, Device};
use crate::{
    agents::{self, Agent},
    contacts::{self, Contact},
    place::AgentNo,
    queue::Told,
};

/// Everything that facts have told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    version: Version,
    agents: Vec<Agent>,
    contacts: BTreeMap<ContactId, Contact>,
    /// The devices that are in service.
    in_service: Vec<DeviceId>,
    engaged: BTreeMap<CallId, BTreeMap<LegId, DeviceId>>,
    queues: Vec<(QueueId, Told)>,
}

/// The form of the snapshot; another one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "cti-acd/1")]
    One,
}

impl Acd {
    pub(super) fn state(&self) -> State {
        let in_service = self.devices.iter().filter(|(_, device)| device.in_service);
        State {
            version: Version::One,
            agents: self.agents.clone(),
            contacts: self.contacts.clone(),
            in_service: in_service.map(|(id, _)| id.clone()).collect(),
            engaged: self.engaged.clone(),
            queues: self
                .queues
                .iter()
                .map(|queue| (queue.rules.queue.clone(), queue.told))
                .collect(),
        }
    }

    /// Takes over what facts have told into fresh queues.
    pub(super) fn take_state(&mut self, state: State) {
        self.hot.clear();
        self.over_length.clear();
        self.deadlines.clear();
        self.lost.clear();
        self.staffed_again.clear();
        self.asked.clear();
        self.alarms.clear();

        for (queue, _) in &state.queues {
            self.queue_number(queue);
        }

        self.devices.clear();
        for device in state.in_service {
            self.devices.insert(device, Device { in_service: true, ..Device::default() });
        }
        self.engaged = state.engaged;
        for device in self.engaged.values().flat_map(BTreeMap::values) {
            self.devices.entry(device.clone()).or_default().calls += 1;
        }

        self.contacts = state.contacts;
        for wait in self.contacts.values_mut().filter_map(|known| known.wait.as_mut()) {
            wait.index = contacts::Index::default();
        }
        // No moment is taken from it: what is dated comes with the queues below.
        let at = Timestamp::ZERO;
        self.agents = state.agents;
        self.agent_numbers.clear();
        for index in 0..self.agents.len() {
            let number = AgentNo(index);
            let agent = &mut self.agents[index];
            agent.index = agents::Index::default();
            self.agent_numbers.insert(agent.id.clone(), number);
            if let Some(device) = &agent.device {
                self.devices.entry(device.clone()).or_default().agent = Some(number);
            }
            for queue in agent.queues.clone() {
                self.queue_number(&queue);
            }
            self.enrol_agent(at, number);
        }
        let waiting: Vec<ContactId> = self.contacts.keys().copied().collect();
        for contact in waiting {
            let queue = self.contacts[&contact].wait.as_ref().map(|wait| wait.queue.clone());
            if let Some(queue) = queue {
                self.queue_number(&queue);
                self.index_contact(at, contact);
            }
        }
        // Last, because while agents and contacts were entered one by one the queues looked like being without staff.
        for (queue, told) in state.queues {
            let number = self.queue_number(&queue);
            self.queues[number.0].told = told;
            if let Some(alarm) = told.alarm {
                self.alarms.insert(alarm, number);
            }
            self.index_queue(at, number);
        }
    }
}
