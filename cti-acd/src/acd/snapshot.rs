//! Snapshots: what facts have told is kept, every index is made again.

use std::collections::BTreeMap;

use cti_core::{
    id::{AlarmId, CallId, DeviceId, LegId, QueueId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::Acd;
use crate::{
    agents::{self, Agent},
    between::Turns,
    callers::Callers,
    contacts::{Contact, More, Saved},
    missed::Missed,
    place::{AgentNo, Slot},
    queue::Told,
};

/// Everything that facts have told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    version: Version,
    at: Timestamp,
    agents: Vec<Agent>,
    contacts: Vec<Saved>,
    /// The devices that are in service.
    in_service: Vec<DeviceId>,
    engaged: BTreeMap<CallId, BTreeMap<LegId, DeviceId>>,
    queues: Vec<(QueueId, Told)>,
    turns: Turns,
    rule_alarms: BTreeMap<AlarmId, String>,
    #[serde(default)]
    missed: Missed,
    #[serde(default)]
    callers: Callers,
}

/// The form of the snapshot; another one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "cti-acd/3")]
    Three,
}

impl Acd {
    pub(super) fn state(&self) -> State {
        let in_service = self.devices.iter().filter(|device| device.in_service);
        let mut in_service: Vec<DeviceId> = in_service.map(|device| device.id.clone()).collect();
        in_service.sort();
        let mut contacts: Vec<Saved> = self
            .contacts
            .iter()
            .enumerate()
            .filter(|(index, contact)| self.slots.get(&contact.id) == Some(&Slot::of(*index)))
            .map(|(_, contact)| self.saved(contact))
            .collect();
        contacts.sort_by_key(|it| it.contact);
        State {
            version: Version::Three,
            at: self.told_at,
            agents: self.agents.clone(),
            contacts,
            in_service,
            engaged: self.engaged.clone(),
            queues: self
                .queues
                .iter()
                .map(|queue| (queue.rules.queue.clone(), queue.told.clone()))
                .collect(),
            turns: self.turns,
            rule_alarms: self.rule_alarms.clone(),
            missed: self.missed.clone(),
            callers: self.callers.clone(),
        }
    }

    fn saved(&self, contact: &Contact) -> Saved {
        let more = contact.more.as_ref().map(|more| {
            let mut more = more.clone();
            (more.wanting, more.action, more.one_more) = (None, None, None);
            more
        });
        Saved {
            contact: contact.id,
            call: contact.call,
            since: contact.since,
            queue: self.queues[contact.queue.index()].rules.queue.clone(),
            priority: contact.priority,
            waits: contact.waits,
            refused: contact.refused,
            more: more.filter(|more| **more != More::default()),
        }
    }

    /// Takes over what facts have told into fresh queues.
    pub(super) fn take_state(&mut self, state: State) {
        self.classes.clear();
        self.class_numbers.clear();
        self.free_classes.clear();
        self.idle_classes.clear();
        self.hot.clear();
        self.hot_rung.clear();
        self.steps.clear();
        self.fresh.clear();
        self.due.clear();
        self.actions.clear();
        self.held.clear();
        self.lost.clear();
        self.staffed_again.clear();
        self.asked.clear();
        self.alarms.clear();
        self.told_at = state.at;
        self.clock = self.clock.max(state.at);
        self.turns = state.turns;
        self.rule_alarms = state.rule_alarms;
        self.missed = state.missed;
        self.callers = state.callers;

        for (queue, _) in &state.queues {
            self.queue_number(queue);
        }

        self.devices.clear();
        self.device_numbers.clear();
        for device in state.in_service {
            self.device_mut(&device).in_service = true;
        }
        self.engaged = state.engaged;
        let engaged: Vec<DeviceId> =
            self.engaged.values().flat_map(BTreeMap::values).cloned().collect();
        for device in engaged {
            self.device_mut(&device).calls += 1;
        }

        self.agents = state.agents;
        self.agent_numbers.clear();
        for index in 0..self.agents.len() {
            let number = AgentNo::of(index);
            let agent = &mut self.agents[index];
            agent.index = agents::Index::default();
            self.agent_numbers.insert(agent.id.clone(), number);
            let (device, queues) = (agent.device.clone(), agent.queues.clone());
            if let Some(device) = device {
                self.device_mut(&device).agent = Some(number);
            }
            for queue in queues {
                self.queue_number(&queue);
            }
            self.enrol_agent(number);
        }

        self.contacts.clear();
        self.free_slots.clear();
        self.slots.clear();
        for saved in state.contacts {
            self.take_contact(saved);
        }

        // Last, because while agents and contacts were entered one by one the queues looked like being without staff.
        for (queue, told) in state.queues {
            let number = self.queue_number(&queue);
            if let Some(alarm) = told.alarm {
                self.alarms.insert(alarm, number);
            }
            self.queues[number.index()].told = told;
            self.index_queue(number);
        }
    }

    fn take_contact(&mut self, saved: Saved) {
        let queue = self.queue_number(&saved.queue);
        let slot: Slot = self.slot_of(saved.contact, queue);
        let contact = &mut self.contacts[slot.index()];
        contact.call = saved.call;
        contact.since = saved.since;
        contact.priority = saved.priority;
        contact.waits = saved.waits;
        contact.refused = saved.refused;
        contact.more = saved.more;
        if saved.waits {
            self.queues[queue.index()].length += 1;
            self.index_contact(slot);
        }
    }
}
