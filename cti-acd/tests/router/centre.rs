//! A small centre that makes facts: enough of the real one to drive a router, and nothing else.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    agent::{AfterCall, AgentState, NotReadyReason},
    cause::Cause,
    event::{AlarmKind, DequeueReason, Event, Fact, OfferEnd, Party},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, SeatId},
    needs::{Medium, Needs},
    router::{Proposal, Router},
    time::Timestamp,
};

/// What a contact is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Waiting,
    Rung(AgentId),
    Talking(AgentId),
    Gone,
}

/// What a contact came with, and from when its place counts.
#[derive(Clone, Debug)]
pub(crate) struct Wants {
    pub(crate) priority: u8,
    pub(crate) needs: Needs,
    pub(crate) since: Timestamp,
}

/// The centre: the log, and what it needs to make the next fact a legal one.
#[derive(Debug, Default)]
pub(crate) struct Centre {
    pub(crate) now: Timestamp,
    pub(crate) log: Vec<Event>,
    pub(crate) agents: BTreeMap<AgentId, AgentState>,
    pub(crate) contacts: BTreeMap<ContactId, (QueueId, Doing)>,
    pub(crate) wants: BTreeMap<ContactId, Wants>,
    pub(crate) alarms: BTreeMap<QueueId, AlarmId>,
    pub(crate) rule_alarms: BTreeMap<String, AlarmId>,
    /// How many contacts of each medium an agent works at together.
    pub(crate) capacity: BTreeMap<AgentId, BTreeMap<Medium, u8>>,
    alarm_count: u64,
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

pub(crate) fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

/// Agent 8001 always sits at device 8001.
pub(crate) fn device_of(agent: &AgentId) -> DeviceId {
    DeviceId::new(agent.as_str()).unwrap()
}

fn call_of(contact: ContactId) -> CallId {
    CallId(contact.0)
}

fn leg_of(contact: ContactId) -> LegId {
    LegId(contact.0 * 2)
}

impl Centre {
    pub(crate) fn at(&mut self, seconds: u64) {
        self.now = Timestamp::from_secs(seconds);
    }

    pub(crate) fn fact(&mut self, router: &mut dyn Router, fact: Fact) {
        let no = EventNo(self.log.len() as u64 + 1);
        let event = Event { no, at: self.now, fact };
        router.apply(&event);
        self.log.push(event);
    }

    pub(crate) fn device(&mut self, router: &mut dyn Router, agent: &AgentId, in_service: bool) {
        let device = device_of(agent);
        self.fact(
            router,
            match in_service {
                true => Fact::DeviceInService { device },
                false => Fact::DeviceOutOfService { device },
            },
        );
    }

    pub(crate) fn sign_in(&mut self, router: &mut dyn Router, agent: &AgentId, queues: &[QueueId]) {
        let seat = SeatId::new(agent.as_str()).unwrap();
        let device = device_of(agent);
        let queues = queues.to_vec();
        let capacity = self.capacity.get(agent).cloned().unwrap_or_default();
        let agent_id = agent.clone();
        self.fact(router, Fact::AgentSignedIn { agent: agent_id, seat, device, queues, capacity });
        self.state(router, agent, AgentState::NotReady { reason: NotReadyReason::SignedIn });
    }

    pub(crate) fn duties(
        &mut self,
        router: &mut dyn Router,
        agent: &AgentId,
        queues: &[QueueId],
        capacity: BTreeMap<Medium, u8>,
    ) {
        self.capacity.insert(agent.clone(), capacity.clone());
        let (agent, queues, by) = (agent.clone(), queues.to_vec(), "boss".to_owned());
        self.fact(router, Fact::DutiesSet { agent, queues, capacity, by });
    }

    pub(crate) fn sign_out(&mut self, router: &mut dyn Router, agent: &AgentId) {
        let seat = SeatId::new(agent.as_str()).unwrap();
        self.state(router, agent, AgentState::SignedOut);
        self.fact(router, Fact::AgentSignedOut { agent: agent.clone(), seat });
    }

    pub(crate) fn state(&mut self, router: &mut dyn Router, agent: &AgentId, to: AgentState) {
        self.agents.insert(agent.clone(), to.clone());
        self.fact(router, Fact::AgentStateChanged { agent: agent.clone(), to, until: None });
    }

    pub(crate) fn ready(&mut self, router: &mut dyn Router, agent: &AgentId) {
        self.state(router, agent, AgentState::Ready);
    }

    pub(crate) fn not_ready(&mut self, router: &mut dyn Router, agent: &AgentId, reason: &str) {
        let reason = NotReadyReason::Code(reason.to_owned());
        self.state(router, agent, AgentState::NotReady { reason });
    }

    pub(crate) fn arrive(
        &mut self,
        router: &mut dyn Router,
        queue: &QueueId,
        priority: u8,
    ) -> ContactId {
        self.arrive_with(router, queue, priority, Needs::default())
    }

    pub(crate) fn arrive_with(
        &mut self,
        router: &mut dyn Router,
        queue: &QueueId,
        priority: u8,
        needs: Needs,
    ) -> ContactId {
        let contact = ContactId(self.contacts.len() as u64 + 1);
        let since = self.now;
        self.wants.insert(contact, Wants { priority, needs, since });
        self.enqueue(router, contact, queue, None);
        contact
    }

    pub(crate) fn enqueue(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        queue: &QueueId,
        since: Option<Timestamp>,
    ) {
        self.contacts.insert(contact, (queue.clone(), Doing::Waiting));
        let Wants { priority, needs, .. } = self.wants[&contact].clone();
        let (call, queue) = (self.call_of(contact), queue.clone());
        self.fact(router, Fact::Queued { contact, call, queue, priority, needs, since });
    }

    pub(crate) fn medium(&self, contact: ContactId) -> Medium {
        self.wants[&contact].needs.medium
    }

    /// Contacts that are not spoken have no call.
    fn call_of(&self, contact: ContactId) -> Option<CallId> {
        self.medium(contact).is_spoken().then(|| call_of(contact))
    }

    pub(crate) fn set_priority(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        priority: u8,
    ) {
        self.wants.get_mut(&contact).unwrap().priority = priority;
        let by = "8000".to_owned();
        self.fact(router, Fact::PrioritySet { contact, priority, by });
    }

    pub(crate) fn assign(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        agent: Option<AgentId>,
    ) {
        self.fact(router, Fact::Assigned { contact, agent, by: "8000".to_owned() });
    }

    /// Carries out a proposal by the facts that the Center would emit.
    pub(crate) fn carry_out(&mut self, router: &mut dyn Router, proposal: Proposal) {
        match proposal {
            Proposal::Offer { contact, agent, why } => {
                assert_eq!(self.agents[&agent], AgentState::Ready, "{agent} is offered {contact}");
                assert_eq!(self.contacts[&contact].1, Doing::Waiting, "{contact} is offered");
                let call = self.call_of(contact);
                let queue = self.contacts[&contact].0.clone();
                self.contacts.get_mut(&contact).unwrap().1 = Doing::Rung(agent.clone());
                let fact = Fact::Offered {
                    contact,
                    call,
                    queue,
                    seat: SeatId::new(agent.as_str()).unwrap(),
                    device: device_of(&agent),
                    agent: agent.clone(),
                    leg: call.map(|_| leg_of(contact)),
                    until: self.now + Duration::from_secs(15),
                    why,
                };
                self.fact(router, fact);
                if let Some(call) = call {
                    self.state(router, &agent, AgentState::Reserved { call });
                }
            }
            Proposal::Overflow { contact, reason, .. } => {
                assert_eq!(self.contacts[&contact].1, Doing::Waiting, "{contact} overflows");
                self.dequeue(router, contact, DequeueReason::Overflowed(reason));
                self.end_call(router, contact);
            }
            Proposal::Move { contact, queue, .. } => {
                assert_eq!(self.contacts[&contact].1, Doing::Waiting, "{contact} moves");
                self.dequeue(router, contact, DequeueReason::Moved);
                let since = self.wants[&contact].since;
                self.enqueue(router, contact, &queue, Some(since));
            }
            Proposal::Raise { contact, priority, why } => {
                self.wants.get_mut(&contact).unwrap().priority = priority;
                self.fact(router, Fact::PrioritySet { contact, priority, by: why.rule });
            }
            Proposal::CallBack { .. } | Proposal::Withdraw { .. } => {
                panic!("nobody is called back here: {proposal:?}");
            }
            Proposal::RuleFailed { rule, reason } => {
                let alarm = self.next_alarm();
                assert_eq!(self.rule_alarms.insert(rule.clone(), alarm), None, "{rule}");
                let kind = AlarmKind::RuleFailed { rule, reason };
                self.fact(router, Fact::AlarmRaised { alarm, kind });
            }
            Proposal::RuleWorksAgain { rule } => {
                let alarm = self.rule_alarms.remove(&rule).expect("an alarm stands");
                self.fact(router, Fact::AlarmCleared { alarm });
            }
            Proposal::NobodyStaffed { queue } => {
                let alarm = self.next_alarm();
                assert_eq!(self.alarms.insert(queue.clone(), alarm), None, "one alarm for {queue}");
                let kind = AlarmKind::NobodyStaffed { queue };
                self.fact(router, Fact::AlarmRaised { alarm, kind });
            }
            Proposal::StaffedAgain { queue } => {
                let alarm = self.alarms.remove(&queue).expect("an alarm stands");
                self.fact(router, Fact::AlarmCleared { alarm });
            }
        }
    }

    fn next_alarm(&mut self) -> AlarmId {
        self.alarm_count += 1;
        AlarmId(self.alarm_count)
    }

    /// Carries out all proposals; returns them.
    pub(crate) fn settle(&mut self, router: &mut dyn Router) -> Vec<Proposal> {
        let mut all = Vec::new();
        while let Some(proposal) = router.propose(self.now) {
            all.push(proposal.clone());
            self.carry_out(router, proposal);
            assert!(all.len() < 10_000, "proposals come to an end");
        }
        all
    }

    pub(crate) fn answer(&mut self, router: &mut dyn Router, contact: ContactId) {
        let (queue, Doing::Rung(agent)) = self.contacts[&contact].clone() else { return };
        self.offer_ended(router, contact, &agent, OfferEnd::Answered);
        self.dequeue(router, contact, DequeueReason::Answered);
        if !self.medium(contact).is_spoken() {
            return;
        }
        self.contacts.get_mut(&contact).unwrap().1 = Doing::Talking(agent.clone());
        self.state(
            router,
            &agent,
            AgentState::OnCall { call: call_of(contact), then: AfterCall::Work },
        );
        let fact = Fact::Connected {
            call: call_of(contact),
            contact,
            leg: leg_of(contact),
            party: party(&agent),
            queue: Some(queue),
            after_call_work: Duration::ZERO,
            role: Default::default(),
        };
        self.fact(router, fact);
    }

    /// The agent does not answer, or refuses: he is not ready, the contact waits on.
    pub(crate) fn miss(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        reason: NotReadyReason,
    ) {
        let (_, Doing::Rung(agent)) = self.contacts[&contact].clone() else { return };
        self.contacts.get_mut(&contact).unwrap().1 = Doing::Waiting;
        self.offer_ended(router, contact, &agent, OfferEnd::NoAnswer);
        if self.medium(contact).is_spoken() {
            self.state(router, &agent, AgentState::NotReady { reason });
        }
    }

    pub(crate) fn abandon(&mut self, router: &mut dyn Router, contact: ContactId) {
        match self.contacts[&contact].1.clone() {
            Doing::Waiting => {}
            Doing::Rung(agent) => {
                self.offer_ended(router, contact, &agent, OfferEnd::Withdrawn);
                if self.medium(contact).is_spoken() {
                    self.state(router, &agent, AgentState::Ready);
                }
            }
            Doing::Talking(_) | Doing::Gone => return,
        }
        self.dequeue(router, contact, DequeueReason::Abandoned);
        self.end_call(router, contact);
    }

    pub(crate) fn hang_up(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        then: AgentState,
    ) {
        let (_, Doing::Talking(agent)) = self.contacts[&contact].clone() else { return };
        self.contacts.get_mut(&contact).unwrap().1 = Doing::Gone;
        let fact = Fact::TalkEnded {
            call: call_of(contact),
            leg: leg_of(contact),
            party: party(&agent),
            cause: Cause::Normal,
        };
        self.fact(router, fact);
        self.state(router, &agent, then);
        self.end_call(router, contact);
    }

    fn offer_ended(
        &mut self,
        router: &mut dyn Router,
        contact: ContactId,
        agent: &AgentId,
        end: OfferEnd,
    ) {
        let call = self.call_of(contact);
        let leg = call.map(|_| leg_of(contact));
        self.fact(router, Fact::OfferEnded { contact, call, agent: agent.clone(), leg, end });
    }

    fn dequeue(&mut self, router: &mut dyn Router, contact: ContactId, reason: DequeueReason) {
        let known = self.contacts.get_mut(&contact).unwrap();
        known.1 = Doing::Gone;
        let queue = known.0.clone();
        let call = self.call_of(contact);
        self.fact(router, Fact::Dequeued { contact, call, queue, reason });
    }

    fn end_call(&mut self, router: &mut dyn Router, contact: ContactId) {
        if let Some(call) = self.call_of(contact) {
            self.fact(router, Fact::CallEnded { call, contact, cause: Cause::Normal });
        }
    }
}

fn party(agent: &AgentId) -> Party {
    Party {
        agent: Some(agent.clone()),
        seat: Some(SeatId::new(agent.as_str()).unwrap()),
        device: Some(device_of(agent)),
        number: None,
    }
}
