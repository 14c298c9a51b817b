//! Contacts without a call: what is not spoken (chats, letters, tasks), and callers who are to be called back.
//!
//! ```text
//!   open ─▶ waiting ── offered ── accepted ─▶ in work ── finished ─▶ closed
//!              ▲          │ refused, too late      │ taken away
//!              └──────────┴────────────────────────┘
//!   call-back:            └─ the agent's phone answers ─▶ a call to the citizen
//! ```

use super::{Answer, Center, Work, offers::reason_of};
use crate::{
    address::PhoneNumber,
    agent::{AgentInput, AgentState},
    call::{Otherwise, Waiting},
    cause::Cause,
    command::{CommandError, Reply},
    event::{AlarmKind, CallKind, DequeueReason, Fact, OfferEnd, Party, WorkEnd},
    flow::{CallData, FlowInput, QueueExit},
    id::{AgentId, CallId, ContactId, LegId, QueueId},
    needs::{Medium, Needs},
    router::Why,
    switch::{Endpoint, Origin, SwitchCommand},
    target::Target,
    time::Timestamp,
};

/// The most contacts without a call.
const MAX_WORKS: usize = 1_000_000;

/// A contact that is opened.
pub(super) struct Opening {
    pub(super) medium: Medium,
    pub(super) caller: PhoneNumber,
    pub(super) queue: QueueId,
    pub(super) priority: u8,
    pub(super) needs: Needs,
    pub(super) data: CallData,
}

/// A caller who gave up and is to be called back.
pub(super) struct Missed {
    pub(super) contact: ContactId,
    pub(super) number: PhoneNumber,
    pub(super) queue: QueueId,
    pub(super) priority: u8,
    pub(super) needs: Needs,
    pub(super) since: Option<Timestamp>,
}

impl Center {
    pub(super) fn open_contact(&mut self, it: Opening) -> Answer {
        let needs = Needs { medium: it.medium, ..it.needs };
        needs.check()?;
        if !self.config.queues.iter().any(|known| known.id == it.queue) {
            return Err(CommandError::UnknownQueue { queue: it.queue });
        }
        match it.medium {
            Medium::Voice => {
                return Err(CommandError::InvalidValue {
                    field: "medium".to_owned(),
                    reason: "a telephone call comes in by a trunk, or is made".to_owned(),
                });
            }
            Medium::CallBack if self.outside(&it.caller).is_none() => {
                return Err(CommandError::InvalidDestination {
                    field: "caller".to_owned(),
                    reason: format!("no way leads to {}", it.caller),
                });
            }
            Medium::CallBack | Medium::Chat | Medium::Mail | Medium::Fax | Medium::Task => {}
        }
        if self.state.works.len() >= MAX_WORKS {
            return Err(CommandError::TooMany { field: "contacts".to_owned(), limit: 1_000_000 });
        }
        let contact = ContactId(self.state.counters.contact.0 + 1);
        self.emit(Fact::ContactOpened {
            contact,
            medium: it.medium,
            caller: it.caller,
            data: it.data,
            instead_of: None,
        });
        self.queue_work(contact, it.queue, it.priority, needs, None);
        Ok(Reply::Contact(contact))
    }

    fn queue_work(
        &mut self,
        contact: ContactId,
        queue: QueueId,
        priority: u8,
        needs: Needs,
        since: Option<Timestamp>,
    ) {
        self.emit(Fact::Queued { contact, call: None, queue, priority, needs, since });
    }

    /// A caller who waits hangs up and is called back when it is his turn: his place is kept, exactly.
    pub(super) fn request_call_back(
        &mut self,
        contact: ContactId,
        number: Option<PhoneNumber>,
    ) -> Answer {
        let call = self.state.contacts.get(&contact).copied();
        let it = call.and_then(|call| self.state.calls.get(&call));
        let (Some(call), Some(it)) = (call, it) else {
            return Err(CommandError::UnknownContact { contact });
        };
        let Some(waiting) = it.waiting().cloned() else {
            return Err(CommandError::InvalidState { reason: format!("{contact} does not wait") });
        };
        let caller = match number {
            Some(number) => number,
            None => self.way_back(&it.caller).unwrap_or_else(|| it.caller.clone()),
        };
        if self.outside(&caller).is_none() {
            return Err(CommandError::InvalidDestination {
                field: "number".to_owned(),
                reason: format!("no way leads to {caller}"),
            });
        }
        let mut data = it.data.clone();
        data.insert("called_back_for".to_owned(), contact.to_string());
        let new = ContactId(self.state.counters.contact.0 + 1);
        self.dequeue(call, DequeueReason::Moved);
        self.emit(Fact::ContactOpened {
            contact: new,
            medium: Medium::CallBack,
            caller,
            data,
            instead_of: Some(contact),
        });
        let needs = Needs { medium: Medium::CallBack, ..waiting.needs };
        self.queue_work(new, waiting.queue, waiting.priority, needs, Some(waiting.since));
        // The flow says good-bye; without one the call is over.
        self.tell_main(call, FlowInput::LeftQueue(QueueExit::CallBack));
        Ok(Reply::Contact(new))
    }

    /// Opens a call-back for a caller who gave up; where no way leads to his number someone is told.
    pub(super) fn call_back_missed(&mut self, missed: Missed, why: &Why) {
        let Missed { contact, number, queue, priority, needs, since } = missed;
        let rule = why.rule.clone();
        let Some(dialled) = self.way_back(&number) else {
            let reason = format!("no way leads to {number}, who waited as {contact} and gave up");
            self.raise(AlarmKind::RuleFailed { rule, reason });
            return;
        };
        let new = ContactId(self.state.counters.contact.0 + 1);
        let data = [
            ("called_back_for".to_owned(), contact.to_string()),
            ("called_back_by".to_owned(), rule),
        ];
        self.emit(Fact::ContactOpened {
            contact: new,
            medium: Medium::CallBack,
            caller: dialled,
            data: data.into(),
            instead_of: Some(contact),
        });
        let needs = Needs { medium: Medium::CallBack, ..needs };
        self.queue_work(new, queue, priority, needs, since);
    }

    /// Offers a contact without a call to one more agent, by his phone when it is to be called back.
    pub(super) fn offer_work(&mut self, contact: ContactId, agent: &AgentId, why: Why) {
        let waiting = self.state.works.get(&contact).and_then(|work| work.waiting.as_ref());
        let (Some(waiting), Some(at_work)) = (waiting, self.state.agents.get(agent)) else {
            debug_assert!(false, "{contact} or agent {agent} is not there to be offered");
            return;
        };
        let medium = waiting.needs.medium;
        let twice = waiting.offers.iter().any(|it| it.agent == *agent);
        let full = waiting.offers.len() >= Waiting::MAX_OFFERS;
        if twice || full || !self.has_room(agent, medium) {
            debug_assert!(
                false,
                "{contact} has all its offers, or agent {agent} has no room for it"
            );
            return;
        }
        let queue = waiting.queue.clone();
        let (seat, device) = (at_work.seat.clone(), at_work.device.clone());
        let until = self.now + self.ring_for(&queue);
        let to = Endpoint::Device(device.clone());
        let leg = medium.is_spoken().then(|| self.leg_to(&to, &mut LegId(0)));
        let caller = self.state.works[&contact].caller.clone();
        self.emit(Fact::Offered {
            contact,
            call: None,
            queue,
            agent: agent.clone(),
            seat,
            device,
            leg,
            until,
            why,
        });
        let Some(leg) = leg else { return };
        // The number of the call to come is reserved with the agent.
        let call = CallId(self.state.counters.call.0 + 1);
        let reserved = self.agent_input(agent, AgentInput::Reserve(call), None);
        debug_assert!(reserved.is_ok(), "an agent with room for a call is ready");
        let auto_answer = self.answers_by_itself(&to);
        self.command_when_durable(SwitchCommand::Dial { leg, to, caller, contact, auto_answer });
    }

    /// Returns whether an agent can take one more contact of a medium.
    fn has_room(&self, agent: &AgentId, medium: Medium) -> bool {
        let Some(at_work) = self.state.agents.get(agent) else { return false };
        if medium.is_spoken() {
            return at_work.state == AgentState::Ready;
        }
        let offered = self
            .state
            .works
            .values()
            .filter_map(|work| work.waiting.as_ref())
            .filter(|waiting| {
                waiting.needs.medium == medium && waiting.offers.iter().any(|it| it.agent == *agent)
            })
            .count();
        let busy = at_work.work.values().filter(|it| **it == medium).count() + offered;
        at_work.heard && busy < usize::from(at_work.capacity.get(&medium).copied().unwrap_or(0))
    }

    pub(super) fn accept_contact(&mut self, contact: ContactId, agent: &AgentId) -> Answer {
        let (queue, medium) = self.offered_to(contact, agent)?;
        self.work_offer_accepted(contact, agent);
        self.emit(Fact::Dequeued {
            contact,
            call: None,
            queue: queue.clone(),
            reason: DequeueReason::Answered,
        });
        self.emit(Fact::WorkBegun { contact, agent: agent.clone(), medium, queue });
        Ok(Reply::Done)
    }

    pub(super) fn reject_contact(&mut self, contact: ContactId, agent: &AgentId) -> Answer {
        self.offered_to(contact, agent)?;
        self.end_work_offer(contact, agent, OfferEnd::Rejected);
        Ok(Reply::Done)
    }

    pub(super) fn finish_contact(&mut self, contact: ContactId, agent: &AgentId) -> Answer {
        let work =
            self.state.works.get(&contact).ok_or(CommandError::UnknownContact { contact })?;
        if work.agent.as_ref() != Some(agent) {
            return Err(CommandError::InvalidState {
                reason: format!("agent {agent} does not work at {contact}"),
            });
        }
        let medium = work.medium;
        let data = work.data.clone();
        let (by, end) = (agent.clone(), WorkEnd::Finished);
        self.emit(Fact::WorkEnded { contact, agent: by, medium, end });
        self.emit(Fact::ContactClosed { contact });
        self.task_finished(contact, &data, agent);
        Ok(Reply::Done)
    }

    pub(super) fn withdraw_contact(&mut self, contact: ContactId) -> Answer {
        let work = self
            .state
            .works
            .get(&contact)
            .cloned()
            .ok_or(CommandError::UnknownContact { contact })?;
        if let Some(agent) = work.agent {
            let (medium, end) = (work.medium, WorkEnd::Withdrawn);
            self.emit(Fact::WorkEnded { contact, agent, medium, end });
        }
        if let Some(waiting) = work.waiting {
            self.withdraw_work_offers(contact);
            let (queue, reason) = (waiting.queue, DequeueReason::Cleared);
            self.emit(Fact::Dequeued { contact, call: None, queue, reason });
        }
        self.emit(Fact::ContactClosed { contact });
        Ok(Reply::Done)
    }

    /// Takes away what an agent works at; it waits again where it came from, with the place it had.
    pub(super) fn work_taken_away(&mut self, contact: ContactId, agent: &AgentId, end: WorkEnd) {
        let Some(medium) = self.state.works.get(&contact).map(|work| work.medium) else { return };
        let from = self.state.works.get(&contact).and_then(|work| work.from.clone());
        self.emit(Fact::WorkEnded { contact, agent: agent.clone(), medium, end });
        match from {
            Some((queue, since)) => {
                self.queue_work(contact, queue, 0, Needs::of(medium), Some(since));
            }
            None => self.emit(Fact::ContactClosed { contact }),
        }
    }

    /// Lets a contact without a call go on waiting elsewhere.
    pub(super) fn move_work(&mut self, contact: ContactId, queue: QueueId) {
        let waiting = self.state.works.get(&contact).and_then(|work| work.waiting.clone());
        let Some(waiting) = waiting else { return };
        self.withdraw_work_offers(contact);
        self.emit(Fact::Dequeued {
            contact,
            call: None,
            queue: waiting.queue,
            reason: DequeueReason::Moved,
        });
        let (priority, needs) = (waiting.priority, waiting.needs);
        self.queue_work(contact, queue, priority, needs, Some(waiting.since));
    }

    fn offered_to(
        &self,
        contact: ContactId,
        agent: &AgentId,
    ) -> Result<(QueueId, Medium), CommandError> {
        let work =
            self.state.works.get(&contact).ok_or(CommandError::UnknownContact { contact })?;
        match &work.waiting {
            Some(waiting) if waiting.offers.iter().any(|it| it.agent == *agent) => {
                if work.medium.is_spoken() {
                    return Err(CommandError::InvalidState {
                        reason: format!("{contact} is answered and refused at the telephone"),
                    });
                }
                Ok((waiting.queue.clone(), work.medium))
            }
            Some(_) | None => Err(CommandError::InvalidState {
                reason: format!("{contact} is not offered to agent {agent}"),
            }),
        }
    }

    /// The leg by which a contact was offered ended before it was answered.
    pub(super) fn work_offer_failed(&mut self, contact: ContactId, leg: LegId, end: OfferEnd) {
        let offers = self.state.works.get(&contact).map_or(&[][..], Work::offers);
        let agent = offers.iter().find(|it| it.leg == Some(leg)).map(|it| it.agent.clone());
        if let Some(agent) = agent {
            self.end_work_offer(contact, &agent, end);
        }
    }

    pub(super) fn withdraw_work_offer_to(&mut self, agent: &AgentId) {
        let rings =
            |work: &Work| work.offers().iter().any(|it| it.agent == *agent && it.leg.is_some());
        let offered = self.state.works.iter().find(|(_, work)| rings(work));
        if let Some(contact) = offered.map(|(contact, _)| *contact) {
            self.end_work_offer(contact, agent, OfferEnd::Withdrawn);
        }
    }

    /// Withdraws all offers of a contact without a call; it keeps its place.
    pub(super) fn withdraw_work_offers(&mut self, contact: ContactId) {
        for agent in self.offered_agents(contact) {
            self.end_work_offer(contact, &agent, OfferEnd::Withdrawn);
        }
    }

    pub(super) fn withdraw_work_offers_but_to(&mut self, contact: ContactId, chosen: &AgentId) {
        for agent in self.offered_agents(contact).into_iter().filter(|agent| agent != chosen) {
            self.end_work_offer(contact, &agent, OfferEnd::Withdrawn);
        }
    }

    /// An agent accepted a contact without a call first: it is offered to nobody else any more.
    fn work_offer_accepted(&mut self, contact: ContactId, agent: &AgentId) {
        self.end_work_offer(contact, agent, OfferEnd::Answered);
        for other in self.offered_agents(contact) {
            self.end_work_offer(contact, &other, OfferEnd::AnsweredElsewhere);
        }
    }

    fn offered_agents(&self, contact: ContactId) -> Vec<AgentId> {
        let offers = self.state.works.get(&contact).map_or(&[][..], Work::offers);
        offers.iter().map(|it| it.agent.clone()).collect()
    }

    /// Ends the offer of a contact without a call to an agent; the contact keeps its place.
    pub(super) fn end_work_offer(&mut self, contact: ContactId, agent: &AgentId, end: OfferEnd) {
        let offers = self.state.works.get(&contact).map_or(&[][..], Work::offers);
        let Some(leg) = offers.iter().find(|it| it.agent == *agent).map(|it| it.leg) else {
            return;
        };
        self.emit(Fact::OfferEnded { contact, call: None, agent: agent.clone(), leg, end });
        let Some(leg) = leg else { return };
        let (cause, input) = match end {
            OfferEnd::Answered => return,
            OfferEnd::Withdrawn => (Cause::Cancelled, AgentInput::Withdraw),
            OfferEnd::AnsweredElsewhere => (Cause::AnsweredElsewhere, AgentInput::Withdraw),
            OfferEnd::NoAnswer | OfferEnd::Rejected | OfferEnd::Unreachable => {
                (Cause::NoAnswer, AgentInput::NotReady(reason_of(end)))
            }
        };
        if self.gone != Some(leg) {
            self.hang_up(leg, cause);
        }
        let moved = self.agent_input(agent, input, None);
        debug_assert!(moved.is_ok(), "an agent with an offer is reserved");
    }

    /// The agent who is to call a citizen back has picked up: the citizen is called.
    pub(super) fn call_back_accepted(&mut self, contact: ContactId, leg: LegId) {
        let Some(work) = self.state.works.get(&contact).cloned() else { return };
        let offered = work.offers().iter().find(|it| it.leg == Some(leg));
        let Some(agent) = offered.map(|it| it.agent.clone()) else { return };
        let Some(waiting) = work.waiting else { return };
        let Some(AgentState::Reserved { call }) =
            self.state.agents.get(&agent).map(|it| it.state.clone())
        else {
            return;
        };
        let at_work = &self.state.agents[&agent];
        let (device, seat) = (at_work.device.clone(), at_work.seat.clone());
        let by = Party {
            agent: Some(agent.clone()),
            seat: Some(seat),
            device: Some(device.clone()),
            number: None,
        };
        let caller =
            PhoneNumber::parse(device.as_str()).unwrap_or_else(|_| PhoneNumber::withheld());
        self.work_offer_accepted(contact, &agent);
        let queue = waiting.queue;
        self.emit(Fact::Dequeued { contact, call: None, queue, reason: DequeueReason::Answered });
        let called = work.caller;
        self.emit(Fact::CallStarted {
            call,
            contact,
            kind: CallKind::Outgoing,
            leg,
            origin: Origin::Device(device),
            caller,
            called: called.clone(),
            network_id: format!("{call}"),
            by: Some(by),
            consults: None,
        });
        self.read_outgoing(call);
        self.emit(Fact::CallAnswered { call });
        self.agent_joins(&agent, call);
        self.go_to(call, &Target::Number(called), Otherwise::GoOn, 0, Needs::default());
    }
}
