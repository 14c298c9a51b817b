//! Following facts: each one changes what is remembered, and the indexes of what it touched.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    agent::AgentState,
    event::{AlarmKind, DequeueReason, Event, Fact, OfferEnd},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId},
    needs::{Medium, Needs},
    switch::{Endpoint, Origin},
    time::Timestamp,
};

use super::{About, Acd};
use crate::{
    contacts::Decision,
    place::{AgentNo, QueueNo, Slot},
    strategy::Ring,
};

/// Within which time a contact counts as answered in time where the queue does not say.
const IN_TIME: Duration = Duration::from_secs(15);

impl Acd {
    pub(super) fn follow(&mut self, event: &Event) {
        let at = event.at;
        self.told_at = self.told_at.max(at);
        self.clock = self.clock.max(at);
        self.callers.follow(event);
        match &event.fact {
            Fact::DeviceInService { device } => self.device_service(device, true),
            Fact::DeviceOutOfService { device } => self.device_service(device, false),

            Fact::AgentSignedIn { agent, device, queues, capacity, .. } => {
                self.signed_in(at, agent, device, queues, capacity);
            }
            Fact::DutiesSet { agent, queues, capacity, .. } => {
                self.duties_set(agent, queues, capacity);
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                self.state_changed(at, event.no, agent, to);
            }
            Fact::AgentSignedOut { agent, .. } => self.signed_out(at, agent),

            Fact::AgentHeard { agent, heard } => {
                if let Some(number) = self.agent_numbers.get(agent).copied() {
                    self.agents[number.index()].unheard = !heard;
                    self.index_agent(number);
                }
            }
            Fact::WorkBegun { contact, agent, medium, .. } => {
                if let Some(number) = self.agent_numbers.get(agent).copied() {
                    self.agents[number.index()].work_begun(*contact, *medium);
                    self.index_agent(number);
                }
            }
            Fact::WorkEnded { contact, agent, .. } => {
                if let Some(number) = self.agent_numbers.get(agent).copied() {
                    self.agents[number.index()].work_ended(*contact);
                    self.index_agent(number);
                }
            }

            Fact::CallStarted { contact, caller, origin: Origin::Trunk(_), .. } => {
                self.missed.call_began(*contact, caller);
            }
            Fact::CallStarted { call, leg, origin: Origin::Device(device), .. }
            | Fact::PartyDialed { call, leg, to: Endpoint::Device(device), .. } => {
                self.engage(*call, *leg, device);
            }
            Fact::Rung { call, legs, .. } => {
                for (leg, to) in legs {
                    if let Endpoint::Device(device) = to {
                        self.engage(*call, *leg, device);
                    }
                }
            }
            Fact::RingEnded { call, leg, end } => match end {
                OfferEnd::Answered => {}
                OfferEnd::NoAnswer
                | OfferEnd::Rejected
                | OfferEnd::Unreachable
                | OfferEnd::Withdrawn
                | OfferEnd::AnsweredElsewhere => self.release_leg(*call, *leg),
            },
            Fact::PartyFailed { call, leg, .. } | Fact::TalkEnded { call, leg, .. } => {
                self.release_leg(*call, *leg);
            }

            Fact::Queued { contact, call, queue, priority, needs, since } => {
                let call = call.unwrap_or(CallId(0));
                let slot = self.enqueue(*contact, call, queue, *priority, needs);
                self.enter_queue(slot, at, since.unwrap_or(at));
            }
            Fact::PrioritySet { contact, priority, by } => {
                self.priority_set(at, *contact, *priority, by);
            }
            Fact::Assigned { contact, agent, by } => {
                self.assigned(at, *contact, agent.as_ref(), by);
            }
            Fact::Offered { contact, agent, why, .. } => {
                self.offered(at, *contact, agent);
                let (agent, why) = (agent.clone(), why.clone());
                self.remember(*contact, at, Decision::Offered { agent, why });
            }
            Fact::OfferEnded { contact, agent, end, .. } => {
                self.offer_ended(at, *contact, agent, *end);
            }
            Fact::Dequeued { contact, call, queue, reason } => {
                self.learn_wait(at, *contact, *reason);
                if *reason == DequeueReason::Abandoned {
                    self.gave_up(at, *contact);
                }
                if *reason != DequeueReason::Moved {
                    self.missed.closed(*contact);
                }
                self.no_longer_waits(*contact);
                self.sent_on(*contact, *reason);
                match (call, reason) {
                    // Of a contact without a call nothing more is heard.
                    (
                        None,
                        DequeueReason::Answered
                        | DequeueReason::Abandoned
                        | DequeueReason::Overflowed(_)
                        | DequeueReason::Left
                        | DequeueReason::Cleared
                        | DequeueReason::SystemRestart,
                    ) => self.forget(*contact),
                    (Some(_), _) | (None, DequeueReason::Moved) => {
                        let queue = queue.clone();
                        let decision = Decision::Dequeued { queue, reason: *reason };
                        self.remember(*contact, at, decision);
                    }
                }
            }

            Fact::Connected { contact, party, queue, .. } => {
                if party.agent.is_some() {
                    self.missed.served(*contact);
                }
                if let Some(number) =
                    party.agent.as_ref().and_then(|agent| self.agent_numbers.get(agent))
                {
                    let agent = &mut self.agents[number.index()];
                    agent.figures.calls += 1;
                    agent.handling = queue.clone().map(|queue| (queue, at));
                }
            }
            Fact::CallEnded { call, contact, .. } => {
                if let Some(slot) = self.slots.get(contact).copied()
                    && self.contacts[slot.index()].call == *call
                {
                    self.no_longer_waits(*contact);
                    self.forget(*contact);
                }
                self.release_call(*call);
                self.missed.call_over(at, *contact);
            }
            Fact::ContactOpened { contact, instead_of: Some(gave_up), .. } => {
                self.missed.opened(at, *contact, *gave_up);
            }
            Fact::ContactClosed { contact } => {
                self.missed.closed(*contact);
                self.no_longer_waits(*contact);
                self.forget(*contact);
            }

            Fact::AlarmRaised { alarm, kind: AlarmKind::NobodyStaffed { queue } } => {
                let number = self.queue_number(queue);
                self.alarms.insert(*alarm, number);
                self.queues[number.index()].told.alarm = Some(*alarm);
                self.staff_question_answered(number);
            }
            Fact::AlarmRaised { alarm, kind: AlarmKind::RuleFailed { rule, .. } } => {
                self.rule_question_answered(rule);
                self.rule_alarms.insert(*alarm, rule.clone());
            }
            Fact::AlarmCleared { alarm } => {
                if let Some(number) = self.alarms.remove(alarm) {
                    self.queues[number.index()].told.alarm = None;
                    self.staff_question_answered(number);
                }
                if let Some(rule) = self.rule_alarms.remove(alarm) {
                    self.rule_question_answered(&rule);
                }
            }

            Fact::Started { .. }
            | Fact::CallAnswered { .. }
            | Fact::NumbersRead { .. }
            | Fact::CallerListed { .. }
            | Fact::ListEntryAdded { .. }
            | Fact::ListEntryRemoved { .. }
            | Fact::DataErased { .. }
            | Fact::MailboxChanged { .. }
            | Fact::FlowStarted { .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowsOrdered { .. }
            | Fact::FlowQuarantined { .. }
            | Fact::FlowEnded { .. }
            | Fact::DigitPressed { .. }
            | Fact::DataSet { .. }
            | Fact::Held { .. }
            | Fact::Retrieved { .. }
            | Fact::RecordingStarted { .. }
            | Fact::RecordingPaused { .. }
            | Fact::RecordingResumed { .. }
            | Fact::RecordingEnded { .. }
            | Fact::DeviceFeatureSet { .. }
            | Fact::StandingLegChanged { .. }
            | Fact::AgentForced { .. }
            | Fact::Originated { .. }
            | Fact::NetworkReached { .. }
            | Fact::LineShared { .. }
            | Fact::Alerting { .. }
            | Fact::PartyDialed { to: Endpoint::Outside { .. }, .. }
            | Fact::RoleChanged { .. }
            | Fact::FloorAsked { .. }
            | Fact::Muted { .. }
            | Fact::Served { .. }
            | Fact::Transferred { .. }
            | Fact::Conferenced { .. }
            | Fact::Parked { .. }
            | Fact::CampedOn { .. }
            | Fact::Failed { .. }
            | Fact::RouteRequested { .. }
            | Fact::CallAccepted { .. }
            | Fact::VoiceMeasured { .. }
            | Fact::ParkEnded { .. }
            | Fact::CallBackWhenFree { .. }
            | Fact::UserInformation { .. }
            | Fact::MessagePlayed { .. }
            | Fact::DigitsCollected { .. }
            | Fact::ContactOpened { instead_of: None, .. }
            | Fact::RulesChanged { .. }
            | Fact::QueueConfigured { .. }
            | Fact::CalendarChanged { .. }
            | Fact::AlarmRaised {
                kind:
                    AlarmKind::RecordingFailed { .. }
                    | AlarmKind::UnknownFlow { .. }
                    | AlarmKind::NoHolidays { .. }
                    | AlarmKind::FlowQuarantined { .. }
                    | AlarmKind::GatewayDown { .. }
                    | AlarmKind::SynthesizerFailed { .. }
                    | AlarmKind::RecognizerFailed { .. }
                    | AlarmKind::ModuleFailed { .. }
                    | AlarmKind::OverlongState { .. },
                ..
            } => {}
        }
    }

    // --- devices ---------------------------------------------------------------

    fn device_service(&mut self, device: &DeviceId, in_service: bool) {
        self.device_mut(device).in_service = in_service;
        self.index_device(device);
    }

    /// A device that takes part in a call of its own cannot be offered another.
    fn engage(&mut self, call: CallId, leg: LegId, device: &DeviceId) {
        self.engaged.entry(call).or_default().insert(leg, device.clone());
        self.device_mut(device).calls += 1;
        self.index_device(device);
    }

    fn release_leg(&mut self, call: CallId, leg: LegId) {
        if let Some(device) = self.engaged.get_mut(&call).and_then(|legs| legs.remove(&leg)) {
            self.release(&device);
        }
    }

    fn release_call(&mut self, call: CallId) {
        for device in self.engaged.remove(&call).unwrap_or_default().into_values() {
            self.release(&device);
        }
    }

    fn release(&mut self, device: &DeviceId) {
        self.device_mut(device).calls -= 1;
        self.index_device(device);
    }

    fn index_device(&mut self, device: &DeviceId) {
        if let Some(agent) = self.device_mut(device).agent {
            self.index_agent(agent);
        }
    }

    // --- agents ----------------------------------------------------------------

    fn signed_in(
        &mut self,
        at: Timestamp,
        agent: &AgentId,
        device: &DeviceId,
        queues: &[QueueId],
        capacity: &BTreeMap<Medium, u8>,
    ) {
        let number = self.agent_number(agent);
        for queue in queues {
            self.queue_number(queue);
        }
        self.leave_device(number);
        self.device_mut(device).agent = Some(number);
        let queues: BTreeSet<QueueId> = queues.iter().cloned().collect();
        let it = &mut self.agents[number.index()];
        it.sign_in(at, device.clone(), queues.into_iter().collect());
        it.capacity.clone_from(capacity);
        self.enrol_agent(number);
    }

    /// He serves other queues or has another capacity from here on; his state, his figures and what he works at stay.
    fn duties_set(&mut self, agent: &AgentId, queues: &[QueueId], capacity: &BTreeMap<Medium, u8>) {
        let Some(number) = self.agent_numbers.get(agent).copied() else { return };
        if self.agents[number.index()].device.is_none() {
            return;
        }
        for queue in queues {
            self.queue_number(queue);
        }
        let queues: BTreeSet<QueueId> = queues.iter().cloned().collect();
        let it = &mut self.agents[number.index()];
        it.queues = queues.into_iter().collect();
        it.capacity.clone_from(capacity);
        self.enrol_agent(number);
    }

    fn signed_out(&mut self, at: Timestamp, agent: &AgentId) {
        let Some(number) = self.agent_numbers.get(agent).copied() else { return };
        self.leave_device(number);
        self.agents[number.index()].sign_out(at);
        self.enrol_agent(number);
    }

    fn leave_device(&mut self, number: AgentNo) {
        if let Some(device) = self.agents[number.index()].index.device {
            let device = &mut self.devices[device.index()];
            device.agent = device.agent.filter(|agent| *agent != number);
        }
    }

    fn state_changed(&mut self, at: Timestamp, no: EventNo, agent: &AgentId, to: &AgentState) {
        let Some(number) = self.agent_numbers.get(agent).copied() else { return };
        if let Some((queue, handled)) = self.agents[number.index()].change(at, no, to.clone()) {
            let queue = self.queue_number(&queue);
            self.queues[queue.index()].told.learned.handled(handled);
            for other in &self.agents[number.index()].index.queues {
                self.queues[other.index()].told.learned.shared(handled, *other == queue);
            }
        }
        self.index_agent(number);
    }

    // --- contacts --------------------------------------------------------------

    /// Takes down what a contact asks for.
    fn enqueue(
        &mut self,
        contact: ContactId,
        call: CallId,
        queue: &QueueId,
        priority: u8,
        needs: &Needs,
    ) -> Slot {
        self.no_longer_waits(contact);
        let number = self.queue_number(queue);
        if let Some(wanted) = &needs.agent {
            self.agent_number(&wanted.agent);
        }
        let slot = self.slot_of(contact, number);
        let contact = &mut self.contacts[slot.index()];
        contact.call = call;
        contact.queue = number;
        contact.priority = priority;
        if let Some(more) = &mut contact.more {
            more.needs = needs.clone();
            more.entered = None;
            more.assigned = None;
            more.anyone = false;
            more.raised = 0;
        } else if !needs.is_plain() {
            contact.more().needs = needs.clone();
        }
        slot
    }

    /// Lets it wait from now, with a place that counts from `since`.
    fn enter_queue(&mut self, slot: Slot, at: Timestamp, since: Timestamp) {
        let number = self.contacts[slot.index()].queue;
        let refused = self.refusal(number, at);
        let contact = &mut self.contacts[slot.index()];
        contact.since = since;
        if since != at {
            contact.more().entered = Some(at);
        }
        contact.waits = true;
        contact.stale = true;
        contact.refused = refused;
        if contact.more.as_ref().is_some_and(|more| !more.history.is_empty()) {
            let (queue, priority) =
                (self.queues[number.index()].rules.queue.clone(), contact.priority);
            contact.remember(at, Decision::Queued { queue, priority });
        }
        let queue = &mut self.queues[number.index()];
        if queue.length == 0 {
            queue.told.pass = self.turns.begin(queue.told.pass);
        }
        queue.length += 1;
        self.index_contact(slot);
    }

    /// Keeps a decision; the first one is that it was queued.
    fn remember(&mut self, contact: ContactId, at: Timestamp, decision: Decision) {
        let Some(slot) = self.slots.get(&contact).copied() else { return };
        let contact = &mut self.contacts[slot.index()];
        if contact.more.as_ref().is_none_or(|more| more.history.is_empty()) {
            let (queue, priority) =
                (self.queues[contact.queue.index()].rules.queue.clone(), contact.priority);
            contact.remember(contact.entered(), Decision::Queued { queue, priority });
        }
        contact.remember(at, decision);
    }

    fn priority_set(&mut self, at: Timestamp, contact: ContactId, priority: u8, by: &str) {
        self.take_asked(contact);
        self.remember(contact, at, Decision::PrioritySet { priority, by: by.to_owned() });
        let Some(slot) = self.slots.get(&contact).copied() else { return };
        let contact = &self.contacts[slot.index()];
        let rules = &self.queues[contact.queue.index()].rules;
        let steps = Self::steps_reached(rules, at.since(contact.entered()));
        let contact = &mut self.contacts[slot.index()];
        contact.priority = priority;
        contact.more().raised = u8::try_from(steps).unwrap_or(u8::MAX);
        contact.stale = true;
        self.index_contact(slot);
    }

    fn assigned(&mut self, at: Timestamp, contact: ContactId, agent: Option<&AgentId>, by: &str) {
        let decision = Decision::Assigned { agent: agent.cloned(), by: by.to_owned() };
        self.remember(contact, at, decision);
        if let Some(agent) = agent {
            self.agent_number(agent);
        }
        let Some(slot) = self.slots.get(&contact).copied() else { return };
        let contact = &mut self.contacts[slot.index()];
        contact.more().assigned = agent.cloned();
        contact.more().anyone = agent.is_none();
        contact.stale = true;
        self.index_contact(slot);
    }

    fn offered(&mut self, at: Timestamp, contact: ContactId, agent: &AgentId) {
        let asked = self.take_asked(contact);
        let number = self.agent_numbers.get(agent).copied();
        if let Some(slot) = self.slots.get(&contact).copied()
            && self.contacts[slot.index()].waits
        {
            let it = &mut self.contacts[slot.index()];
            it.refused = None;
            let more = it.more();
            let first = more.offered.is_empty();
            more.offered.retain(|to| to != agent);
            more.offered.push(agent.clone());
            more.offered_at = Some(at);
            more.offers += 1;
            let medium = it.needs().map_or(Medium::Voice, |needs| needs.medium);
            let queue = &mut self.queues[it.queue.index()];
            queue.told.last_offered = Some(agent.clone());
            // Whoever is rung beside another is no second turn of the queue.
            if first {
                queue.told.pass = self.turns.serve(queue.told.pass, queue.rules.weight);
            }
            if queue.strategy.ring() != Ring::One {
                self.touch_rung(slot);
            }
            self.index_contact(slot);
            if let Some(number) = number {
                let agent = &mut self.agents[number.index()];
                agent.offered.retain(|(other, _)| *other != contact);
                agent.offered.push((contact, medium));
            }
        }
        for number in number.into_iter().chain(asked.filter(|asked| Some(*asked) != number)) {
            self.index_agent(number);
        }
    }

    fn offer_ended(&mut self, at: Timestamp, contact: ContactId, agent: &AgentId, end: OfferEnd) {
        if let Some(number) = self.agent_numbers.get(agent).copied() {
            self.agents[number.index()].offer_ended(at, contact, end);
            self.index_agent(number);
        }
        let Some(slot) = self.slots.get(&contact).copied() else { return };
        self.remember(contact, at, Decision::OfferEnded { agent: agent.clone(), end });
        let more = self.contacts[slot.index()].more();
        match end {
            // It stays out of reach of other agents until the queue is told that it is over.
            OfferEnd::Answered => return,
            OfferEnd::NoAnswer | OfferEnd::Rejected | OfferEnd::Unreachable => {
                more.tried(agent.clone());
            }
            OfferEnd::Withdrawn | OfferEnd::AnsweredElsewhere => {}
        }
        more.withdrawn(agent);
        self.touch_rung(slot);
        self.index_contact(slot);
    }

    fn no_longer_waits(&mut self, contact: ContactId) {
        let asked = self.take_asked(contact);
        if let Some(slot) = self.slots.get(&contact).copied() {
            self.unindex_contact(slot);
            if let Some(more) = &mut self.contacts[slot.index()].more {
                more.offered.clear();
                more.declined.clear();
            }
        }
        if let Some(agent) = asked {
            self.index_agent(agent);
        }
    }

    fn sent_on(&mut self, contact: ContactId, reason: DequeueReason) {
        if matches!(reason, DequeueReason::Overflowed(_) | DequeueReason::Moved)
            && let Some(slot) = self.slots.get(&contact).copied()
        {
            let more = self.contacts[slot.index()].more();
            more.sent_on = more.sent_on.saturating_add(1);
        }
    }

    fn learn_wait(&mut self, at: Timestamp, contact: ContactId, reason: DequeueReason) {
        let Some(slot) = self.slots.get(&contact) else { return };
        let contact = &self.contacts[slot.index()];
        if !contact.waits {
            return;
        }
        let (here, in_all) = (at.since(contact.entered()), at.since(contact.since));
        let queue = &mut self.queues[contact.queue.index()];
        let in_time = in_all <= queue.rules.min_service_level.map_or(IN_TIME, |it| it.within);
        let gave_up = match reason {
            DequeueReason::Answered => {
                queue.told.service.count(at, in_time);
                false
            }
            DequeueReason::Abandoned | DequeueReason::Left => {
                // Who gives up at once tells nothing about the service.
                if !in_time {
                    queue.told.service.count(at, false);
                }
                true
            }
            DequeueReason::Overflowed(_)
            | DequeueReason::Moved
            | DequeueReason::Cleared
            | DequeueReason::SystemRestart => false,
        };
        queue.told.learned.waited(here, gave_up);
    }

    // --- proposals -------------------------------------------------------------

    /// A fact tells what became of a proposal for the contact, if there was one; returns whom it was to be offered
    /// to. The caller indexes both.
    pub(super) fn take_asked(&mut self, contact: ContactId) -> Option<AgentNo> {
        let asked = self.asked.iter().position(|asked| match &asked.about {
            About::Contact(about, _) => *about == contact,
            About::Staff(_) | About::Rule(_) | About::CallBack(_) => false,
        })?;
        let About::Contact(_, agent) = self.asked.swap_remove(asked).about else { return None };
        if let Some(slot) = self.slots.get(&contact).copied() {
            self.contacts[slot.index()].asked = false;
            self.touch_rung(slot);
        }
        if let Some(agent) = agent {
            self.agents[agent.index()].index.asked.retain(|(other, _)| *other != contact);
        }
        agent
    }

    fn staff_question_answered(&mut self, number: QueueNo) {
        self.asked.retain(|asked| asked.about != About::Staff(number));
        self.queues[number.index()].asked = false;
        self.index_queue(number);
    }

    fn rule_question_answered(&mut self, rule: &str) {
        self.asked.retain(|asked| !matches!(&asked.about, About::Rule(it) if it == rule));
    }

    /// A proposal came to nothing; what it was about is open again.
    pub(super) fn forget_asked(&mut self, about: &About) {
        match about {
            About::Contact(contact, _) => {
                let agent = self.take_asked(*contact);
                if let Some(slot) = self.slots.get(contact).copied() {
                    self.index_contact(slot);
                }
                if let Some(agent) = agent {
                    self.index_agent(agent);
                }
            }
            About::Staff(queue) => self.staff_question_answered(*queue),
            About::Rule(rule) => self.rule_question_answered(rule),
            About::CallBack(_) => self.asked.retain(|asked| asked.about != *about),
        }
    }
}
