//! Following facts: each one changes what is remembered, and the indexes of what it touched.

use std::collections::BTreeSet;

use cti_core::{
    agent::AgentState,
    event::{AlarmKind, Event, Fact, OfferEnd},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId},
    switch::Origin,
    time::Timestamp,
};

use super::{About, Acd};
use crate::{
    contacts::{self, Decision, Wait},
    place::{AgentNo, Place, QueueNo},
};

impl Acd {
    pub(super) fn follow(&mut self, event: &Event) {
        let at = event.at;
        match &event.fact {
            Fact::DeviceInService { device } => self.device_service(at, device, true),
            Fact::DeviceOutOfService { device } => self.device_service(at, device, false),

            Fact::AgentSignedIn { agent, device, queues, .. } => {
                self.signed_in(at, agent, device, queues);
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                self.state_changed(at, event.no, agent, to);
            }
            Fact::AgentSignedOut { agent, .. } => self.signed_out(at, agent),

            Fact::CallStarted { call, leg, origin: Origin::Device(device), .. }
            | Fact::DeviceOffered { call, leg, device, .. } => {
                self.engage(at, *call, *leg, device);
            }
            Fact::DeviceOfferEnded { call, leg, end } => match end {
                OfferEnd::Answered => {}
                OfferEnd::NoAnswer
                | OfferEnd::Rejected
                | OfferEnd::Unreachable
                | OfferEnd::Withdrawn => self.release_leg(at, *call, *leg),
            },
            Fact::TalkEnded { call, leg, .. } => self.release_leg(at, *call, *leg),

            Fact::Queued { contact, call, queue, priority, .. } => {
                self.queued(event, *contact, call.unwrap_or_default(), queue, *priority);
            }
            Fact::Offered { contact, agent, why, .. } => {
                self.offered(at, *contact, agent);
                if let Some(contact) = self.contacts.get_mut(contact) {
                    let (agent, why) = (agent.clone(), why.clone());
                    contact.remember(at, Decision::Offered { agent, why });
                }
            }
            Fact::OfferEnded { contact, agent, end, .. } => {
                self.offer_ended(at, *contact, agent, *end);
            }
            Fact::Dequeued { contact, queue, reason, .. } => {
                self.no_longer_waits(at, *contact);
                if let Some(contact) = self.contacts.get_mut(contact) {
                    let queue = queue.clone();
                    contact.remember(at, Decision::Dequeued { queue, reason: *reason });
                }
            }

            Fact::Connected { party, queue, .. } => {
                if let Some(number) =
                    party.agent.as_ref().and_then(|agent| self.agent_numbers.get(agent))
                {
                    let agent = &mut self.agents[number.0];
                    agent.figures.calls += 1;
                    agent.handling = queue.clone().map(|queue| (queue, at));
                }
            }
            Fact::CallEnded { call, contact, .. } => {
                if self.contacts.get(contact).is_some_and(|known| known.call == *call) {
                    self.no_longer_waits(at, *contact);
                    self.contacts.remove(contact);
                }
                self.release_call(at, *call);
            }

            Fact::AlarmRaised { alarm, kind: AlarmKind::NobodyStaffed { queue } } => {
                let number = self.queue_number(queue);
                self.alarms.insert(*alarm, number);
                self.queues[number.0].told.alarm = Some(*alarm);
                self.staff_question_answered(at, number);
            }
            Fact::AlarmCleared { alarm } => {
                if let Some(number) = self.alarms.remove(alarm) {
                    self.queues[number.0].told.alarm = None;
                    self.staff_question_answered(at, number);
                }
            }

            Fact::Started { .. }
            | Fact::CallStarted { origin: Origin::Trunk(_), .. }
            | Fact::CallAnswered { .. }
            | Fact::FlowStarted { .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowEnded { .. }
            | Fact::DigitPressed { .. }
            | Fact::DataSet { .. }
            | Fact::PrioritySet { .. }
            | Fact::Assigned { .. }
            | Fact::Held { .. }
            | Fact::Retrieved { .. }
            | Fact::RecordingStarted { .. }
            | Fact::RecordingEnded { .. }
            | Fact::AlarmRaised {
                kind: AlarmKind::RecordingFailed { .. }
                    | AlarmKind::UnknownFlow { .. }
                    | AlarmKind::RuleFailed { .. },
                ..
            } => {}
        }
    }

    // --- devices ---------------------------------------------------------------

    fn device_service(&mut self, at: Timestamp, device: &DeviceId, in_service: bool) {
        self.devices.entry(device.clone()).or_default().in_service = in_service;
        self.index_device(at, device);
    }

    /// A device that takes part in a call of its own cannot be offered another.
    fn engage(&mut self, at: Timestamp, call: CallId, leg: LegId, device: &DeviceId) {
        self.engaged.entry(call).or_default().insert(leg, device.clone());
        self.devices.entry(device.clone()).or_default().calls += 1;
        self.index_device(at, device);
    }

    fn release_leg(&mut self, at: Timestamp, call: CallId, leg: LegId) {
        if let Some(device) = self.engaged.get_mut(&call).and_then(|legs| legs.remove(&leg)) {
            self.release(at, &device);
        }
    }

    fn release_call(&mut self, at: Timestamp, call: CallId) {
        for device in self.engaged.remove(&call).unwrap_or_default().into_values() {
            self.release(at, &device);
        }
    }

    fn release(&mut self, at: Timestamp, device: &DeviceId) {
        if let Some(known) = self.devices.get_mut(device) {
            known.calls -= 1;
        }
        self.index_device(at, device);
    }

    fn index_device(&mut self, at: Timestamp, device: &DeviceId) {
        if let Some(agent) = self.devices.get(device).and_then(|device| device.agent) {
            self.index_agent(at, agent);
        }
    }

    // --- agents ----------------------------------------------------------------

    fn signed_in(&mut self, at: Timestamp, agent: &AgentId, device: &DeviceId, queues: &[QueueId]) {
        let number = self.agent_number(agent);
        for queue in queues {
            self.queue_number(queue);
        }
        self.leave_device(number);
        self.devices.entry(device.clone()).or_default().agent = Some(number);
        let queues: BTreeSet<QueueId> = queues.iter().cloned().collect();
        self.agents[number.0].sign_in(at, device.clone(), queues.into_iter().collect());
        self.enrol_agent(at, number);
    }

    fn signed_out(&mut self, at: Timestamp, agent: &AgentId) {
        let Some(number) = self.agent_numbers.get(agent).copied() else { return };
        self.leave_device(number);
        self.agents[number.0].sign_out(at);
        self.enrol_agent(at, number);
    }

    fn leave_device(&mut self, number: AgentNo) {
        if let Some(device) = &self.agents[number.0].device
            && let Some(device) = self.devices.get_mut(device)
            && device.agent == Some(number)
        {
            device.agent = None;
        }
    }

    fn state_changed(&mut self, at: Timestamp, no: EventNo, agent: &AgentId, to: &AgentState) {
        let Some(number) = self.agent_numbers.get(agent).copied() else { return };
        if let Some((queue, handled)) = self.agents[number.0].change(at, no, to.clone()) {
            let queue = self.queue_number(&queue);
            self.queues[queue.0].told.handling.learn(handled);
        }
        self.index_agent(at, number);
    }

    // --- contacts --------------------------------------------------------------

    fn queued(
        &mut self,
        event: &Event,
        contact: ContactId,
        call: CallId,
        queue: &QueueId,
        priority: u8,
    ) {
        let (at, no) = (event.at, event.no);
        self.no_longer_waits(at, contact);
        let number = self.queue_number(queue);
        let present = self.queues[number.0].places.len();
        let limit = self.queues[number.0].rules.max_length;
        let over_length =
            limit.is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| present >= limit));

        let known = self.contacts.entry(contact).or_default();
        known.call = call;
        known.remember(at, Decision::Queued { queue: queue.clone(), priority });
        known.wait = Some(Wait {
            queue: queue.clone(),
            since: at,
            place: Place::new(priority, at, no, contact),
            offered: None,
            over_length,
            index: contacts::Index::default(),
        });
        self.index_contact(at, contact);
    }

    fn offered(&mut self, at: Timestamp, contact: ContactId, agent: &AgentId) {
        let asked = self.take_asked(contact);
        if let Some(wait) = self.contacts.get_mut(&contact).and_then(|known| known.wait.as_mut()) {
            wait.offered = Some(agent.clone());
            wait.over_length = false;
            self.index_contact(at, contact);
        }
        let number = self.agent_numbers.get(agent).copied();
        if let Some(number) = number {
            self.agents[number.0].offered = Some(contact);
        }
        for number in number.into_iter().chain(asked.filter(|asked| Some(*asked) != number)) {
            self.index_agent(at, number);
        }
    }

    fn offer_ended(&mut self, at: Timestamp, contact: ContactId, agent: &AgentId, end: OfferEnd) {
        if let Some(number) = self.agent_numbers.get(agent).copied() {
            self.agents[number.0].offered = None;
            self.index_agent(at, number);
        }
        let Some(known) = self.contacts.get_mut(&contact) else { return };
        known.remember(at, Decision::OfferEnded { agent: agent.clone(), end });
        match end {
            // It stays out of reach of other agents until the queue is told that it is over.
            OfferEnd::Answered => {}
            OfferEnd::NoAnswer
            | OfferEnd::Rejected
            | OfferEnd::Unreachable
            | OfferEnd::Withdrawn => {
                if let Some(wait) = &mut known.wait {
                    wait.offered = None;
                    self.index_contact(at, contact);
                }
            }
        }
    }

    fn no_longer_waits(&mut self, at: Timestamp, contact: ContactId) {
        let asked = self.take_asked(contact);
        self.unindex_contact(at, contact);
        if let Some(agent) = asked {
            self.index_agent(at, agent);
        }
    }

    // --- proposals -------------------------------------------------------------

    /// A fact tells what became of a proposal for the contact, if there was one; returns whom it was to be offered
    /// to. The caller indexes both.
    fn take_asked(&mut self, contact: ContactId) -> Option<AgentNo> {
        let asked = self.asked.iter().position(|asked| match asked.about {
            About::Contact(about, _) => about == contact,
            About::Staff(_) => false,
        })?;
        let About::Contact(_, agent) = self.asked.swap_remove(asked).about else { return None };
        if let Some(wait) = self.contacts.get_mut(&contact).and_then(|known| known.wait.as_mut()) {
            wait.index.asked = false;
        }
        if let Some(agent) = agent {
            self.agents[agent.0].index.asked = false;
        }
        agent
    }

    fn staff_question_answered(&mut self, at: Timestamp, number: QueueNo) {
        self.asked.retain(|asked| asked.about != About::Staff(number));
        self.queues[number.0].asked = false;
        self.index_queue(at, number);
    }

    /// A proposal came to nothing; what it was about is open again.
    pub(super) fn forget_asked(&mut self, at: Timestamp, about: About) {
        match about {
            About::Contact(contact, _) => {
                let agent = self.take_asked(contact);
                self.index_contact(at, contact);
                if let Some(agent) = agent {
                    self.index_agent(at, agent);
                }
            }
            About::Staff(queue) => self.staff_question_answered(at, queue),
        }
    }
}
