//! A contact waits, is offered to agents, and leaves the queue.

use std::time::Duration;

use super::{Center, work::Missed};
use crate::{
    agent::{AgentInput, NotReadyReason},
    call::{Offer, Otherwise, Waiting},
    cause::Cause,
    data::WHISPER_FLOW,
    event::{AlarmKind, DequeueReason, Fact, OfferEnd, Party},
    flow::{FlowInput, QueueExit, SessionEnd},
    id::{AgentId, CallId, ContactId, FlowId, LegId, QueueId, SessionId},
    needs::Needs,
    role::Role,
    router::{OverflowReason, Proposal, Why},
    switch::{Endpoint, SwitchCommand},
    target::Target,
    time::Timestamp,
};

impl Center {
    pub(super) fn enqueue(&mut self, call: CallId, queue: QueueId, priority: u8, needs: Needs) {
        if let Some(priority) = self.admit(call, &queue, priority) {
            let needs = self.wishes(call, &queue, needs);
            self.enqueue_since(call, queue, priority, needs, None);
        }
    }

    /// Lets a call wait; from when its place counts can lie before now.
    pub(super) fn enqueue_since(
        &mut self,
        call: CallId,
        queue: QueueId,
        priority: u8,
        needs: Needs,
        since: Option<Timestamp>,
    ) {
        let Some(config) = self.config.queues.iter().find(|known| known.id == queue).cloned()
        else {
            self.tell_main(call, FlowInput::LeftQueue(QueueExit::UnknownQueue));
            return;
        };
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, leg) = (it.contact, it.leg);
        let since = since.or_else(|| self.router.kept_place(&it.caller, &queue, self.now));
        self.silence(leg);
        self.emit(Fact::Queued { contact, call: Some(call), queue, priority, needs, since });
        if let Some(flow) = config.waiting_flow {
            let session = SessionId(self.state.counters.session.0 + 1);
            let Some(it) = self.state.calls.get(&call) else { return };
            let view = super::flows::view_of(it, self.router.as_ref(), self.now);
            match self.flows.start(self.now, session, &flow, view) {
                Ok(version) => {
                    let (waiting, whisper) = (true, None);
                    self.emit(Fact::FlowStarted { call, session, flow, version, waiting, whisper });
                }
                // The caller still waits, in silence; the alarm brings someone to mend the flow.
                Err(_) => self.raise(AlarmKind::UnknownFlow { flow }),
            }
        }
    }

    /// Returns how long an agent is rung for a contact of a queue.
    pub(super) fn ring_for(&self, queue: &QueueId) -> Duration {
        self.config
            .queues
            .iter()
            .find(|known| known.id == *queue)
            .map_or(self.config.times.ring_for, |config| config.ring_for)
    }

    pub(super) fn carry_out(&mut self, proposal: Proposal) {
        match proposal {
            Proposal::Offer { contact, agent, why } => self.offer(contact, &agent, why),
            Proposal::Overflow { contact, reason, to, .. } => self.overflow(contact, reason, to),
            Proposal::Move { contact, queue, .. } => self.move_on(contact, queue),
            Proposal::Raise { contact, priority, why } => {
                self.emit(Fact::PrioritySet { contact, priority, by: why.rule });
            }
            Proposal::CallBack { contact, number, queue, priority, needs, since, why } => {
                let missed = Missed { contact, number, queue, priority, needs, since };
                self.call_back_missed(missed, &why);
            }
            Proposal::Withdraw { contact, .. } => {
                let withdrawn = self.withdraw_contact(contact);
                debug_assert!(withdrawn.is_ok(), "{contact} is not there to be withdrawn");
            }
            Proposal::RuleFailed { rule, reason } => {
                self.raise(AlarmKind::RuleFailed { rule, reason });
            }
            Proposal::RuleWorksAgain { rule } => self.rule_works_again(&rule),
            Proposal::NobodyStaffed { queue } => self.nobody_staffed(queue),
            Proposal::StaffedAgain { queue } => {
                self.clear_alarm(&AlarmKind::NobodyStaffed { queue })
            }
        }
    }

    fn rule_works_again(&mut self, rule: &str) {
        let standing: Vec<_> = self
            .state
            .alarms
            .values()
            .filter(|kind| matches!(kind, AlarmKind::RuleFailed { rule: it, .. } if it == rule))
            .cloned()
            .collect();
        for kind in standing {
            self.clear_alarm(&kind);
        }
    }

    /// Lets a contact go on waiting in another queue; its wait so far counts.
    pub(super) fn move_on(&mut self, contact: ContactId, queue: QueueId) {
        if self.state.works.contains_key(&contact) {
            self.move_work(contact, queue);
            return;
        }
        let call = self.state.contacts.get(&contact).copied();
        let Some(waiting) =
            call.and_then(|call| self.state.calls.get(&call)).and_then(|it| it.waiting()).cloned()
        else {
            debug_assert!(false, "{contact} does not wait");
            return;
        };
        let Some(call) = call else { return };
        if self.dequeue(call, DequeueReason::Moved) {
            self.enqueue_since(call, queue, waiting.priority, waiting.needs, Some(waiting.since));
        }
    }

    fn nobody_staffed(&mut self, queue: QueueId) {
        self.raise(AlarmKind::NobodyStaffed { queue });
    }

    /// Offers a contact to one more agent.
    fn offer(&mut self, contact: ContactId, agent: &AgentId, why: Why) {
        if self.state.works.contains_key(&contact) {
            self.offer_work(contact, agent, why);
            return;
        }
        let call = self.state.contacts.get(&contact).copied();
        let waiting = call.and_then(|call| self.state.calls.get(&call)).and_then(|it| it.waiting());
        let (Some(call), Some(waiting), Some(at_work)) =
            (call, waiting, self.state.agents.get(agent))
        else {
            debug_assert!(false, "{contact} or agent {agent} is not there to be offered");
            return;
        };
        let full = waiting.offers.len() >= Waiting::MAX_OFFERS;
        if full || at_work.state.next(AgentInput::Reserve(call)).is_err() {
            debug_assert!(false, "{contact} has all its offers, or agent {agent} is not ready");
            return;
        }
        let queue = waiting.queue.clone();
        let (seat, device) = (at_work.seat.clone(), at_work.device.clone());
        let to = Endpoint::Device(device.clone());
        let leg = self.leg_to(&to, &mut LegId(0));
        let until = self.now + self.ring_for(&queue);
        let caller = self.state.calls[&call].caller.clone();
        self.emit(Fact::Offered {
            contact,
            call: Some(call),
            queue,
            agent: agent.clone(),
            seat,
            device,
            leg: Some(leg),
            until,
            why,
        });
        let reserved = self.agent_input(agent, AgentInput::Reserve(call), None);
        debug_assert!(reserved.is_ok(), "checked above");
        let auto_answer = self.answers_by_itself(&to);
        self.command_when_durable(SwitchCommand::Dial { leg, to, caller, contact, auto_answer });
    }

    fn overflow(&mut self, contact: ContactId, reason: OverflowReason, to: Option<Target>) {
        if self.state.works.contains_key(&contact) {
            match to {
                Some(Target::Queue(queue)) if self.serves(&queue) => self.move_work(contact, queue),
                // Nobody listens who could go on without an agent: it waits on, and someone is told.
                Some(_) | None => self.raise(AlarmKind::RuleFailed {
                    rule: "overflow".to_owned(),
                    reason: format!("{contact} has no caller who could go on"),
                }),
            }
            return;
        }
        let Some(call) = self.state.contacts.get(&contact).copied() else { return };
        let left = DequeueReason::Overflowed(reason);
        match to {
            Some(to) => self.send_on(call, left, &to),
            None => self.leave_queue(call, left, QueueExit::Overflow(reason)),
        }
    }

    /// Takes a caller out of his queue and sends him elsewhere; in another queue his wait so far counts.
    fn send_on(&mut self, call: CallId, reason: DequeueReason, to: &Target) {
        let waiting = self.state.calls.get(&call).and_then(|it| it.waiting()).cloned();
        let Some(waiting) = waiting.filter(|_| self.dequeue(call, reason)) else { return };
        let Waiting { priority, needs, since, .. } = waiting;
        match to {
            Target::Queue(queue) => {
                self.enqueue_since(call, queue.clone(), priority, needs, Some(since));
            }
            Target::Device(_)
            | Target::Agent(_)
            | Target::Number(_)
            | Target::Numbers(_)
            | Target::Flow(_) => self.go_to(call, to, Otherwise::GoOn, priority, needs),
        }
    }

    fn serves(&self, queue: &QueueId) -> bool {
        self.config.queues.iter().any(|known| known.id == *queue)
    }

    /// Takes a caller out of his queue and lets the main flow go on.
    pub(super) fn leave_queue(&mut self, call: CallId, reason: DequeueReason, exit: QueueExit) {
        if self.dequeue(call, reason) {
            self.tell_main(call, FlowInput::LeftQueue(exit));
        }
    }

    /// Takes a call out of its queue; offers that are out are withdrawn.
    pub(super) fn dequeue(&mut self, call: CallId, reason: DequeueReason) -> bool {
        let Some(it) = self.state.calls.get(&call) else { return false };
        let Some(waiting) = it.waiting() else { return false };
        let (contact, leg) = (it.contact, it.leg);
        let (queue, session) = (waiting.queue.clone(), waiting.session);
        for offer in waiting.offers.clone() {
            self.withdraw(call, contact, &offer);
        }
        if let Some(session) = session {
            self.end_session(call, session, ended_by(reason));
        }
        self.silence(leg);
        self.emit(Fact::Dequeued { contact, call: Some(call), queue, reason });
        true
    }

    pub(super) fn withdraw(&mut self, call: CallId, contact: ContactId, offer: &Offer) {
        self.release(call, contact, offer, OfferEnd::Withdrawn, Cause::Cancelled);
    }

    /// Ends an offer through no fault of the agent's: he is ready again at once.
    fn release(
        &mut self,
        call: CallId,
        contact: ContactId,
        offer: &Offer,
        end: OfferEnd,
        cause: Cause,
    ) {
        if let Some(whisper) = offer.whisper {
            self.end_session(call, whisper, SessionEnd::HungUp);
        }
        let (agent, leg) = (offer.agent.clone(), offer.leg);
        self.emit(Fact::OfferEnded {
            contact,
            call: Some(call),
            agent: agent.clone(),
            leg: Some(leg),
            end,
        });
        let released = self.agent_input(&agent, AgentInput::Withdraw, None);
        debug_assert!(released.is_ok(), "an agent with an offer is reserved");
        self.command(SwitchCommand::Hangup { leg, cause });
    }

    pub(super) fn offer_timed_out(&mut self, contact: ContactId, agent: &AgentId) {
        if self.state.works.contains_key(&contact) {
            self.end_work_offer(contact, agent, OfferEnd::NoAnswer);
            return;
        }
        let Some(call) = self.state.contacts.get(&contact).copied() else { return };
        let waiting = self.state.calls.get(&call).and_then(|it| it.waiting());
        let Some(offer) = waiting.and_then(|it| it.offer_to(agent)).cloned() else { return };
        if let Some(whisper) = offer.whisper {
            // Whatever he hears, the caller must not wait for it any longer.
            self.whisper_over(call, whisper);
            return;
        }
        self.command(SwitchCommand::Hangup { leg: offer.leg, cause: Cause::NoAnswer });
        self.offer_failed(call, &offer, OfferEnd::NoAnswer);
    }

    /// The agent did not take the call: he is not ready from here on, and the caller keeps his place.
    pub(super) fn offer_failed(&mut self, call: CallId, offer: &Offer, end: OfferEnd) {
        let Some(contact) = self.state.calls.get(&call).map(|it| it.contact) else { return };
        let reason = reason_of(end);
        if let Some(whisper) = offer.whisper {
            self.end_session(call, whisper, SessionEnd::HungUp);
        }
        self.emit(Fact::OfferEnded {
            contact,
            call: Some(call),
            agent: offer.agent.clone(),
            leg: Some(offer.leg),
            end,
        });
        let moved = self.agent_input(&offer.agent, AgentInput::NotReady(reason), None);
        debug_assert!(moved.is_ok(), "an agent with an offer is reserved");
    }

    /// The agent picked up: who is first hears what his queue has for him, then the wait is over, nobody else is rung any
    /// more, and the talk begins.
    pub(super) fn offer_answered(&mut self, call: CallId, offer: Offer) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, waiting) = (it.contact, it.waiting());
        let first = |other: &Offer| other.leg != offer.leg && other.whisper.is_some();
        if waiting.is_some_and(|it| it.offers.iter().any(first)) {
            let (end, cause) = (OfferEnd::AnsweredElsewhere, Cause::AnsweredElsewhere);
            self.release(call, contact, &offer, end, cause);
            return;
        }
        let own = WHISPER_FLOW.get(&it.data).ok().flatten();
        let of_queue = || {
            let queue = waiting.map(|it| &it.queue)?;
            let config = self.config.queues.iter().find(|known| known.id == *queue)?;
            config.whisper_flow.clone()
        };
        let flow = own.or_else(of_queue);
        match flow {
            Some(flow) if offer.whisper.is_none() => self.whisper_flow(call, offer, flow),
            Some(_) | None => self.begin_talk(call, offer),
        }
    }

    /// Lets the agent hear a flow, while the caller goes on waiting.
    fn whisper_flow(&mut self, call: CallId, offer: Offer, flow: FlowId) {
        let session = SessionId(self.state.counters.session.0 + 1);
        let Some(it) = self.state.calls.get(&call) else { return };
        let view = super::flows::view_of(it, self.router.as_ref(), self.now);
        match self.flows.start(self.now, session, &flow, view) {
            Ok(version) => {
                let (waiting, whisper) = (false, Some(offer.leg));
                self.emit(Fact::FlowStarted { call, session, flow, version, waiting, whisper });
            }
            Err(_) => {
                self.raise(AlarmKind::UnknownFlow { flow });
                self.begin_talk(call, offer);
            }
        }
    }

    /// The agent has heard what there was to be heard.
    pub(super) fn whisper_over(&mut self, call: CallId, session: SessionId) {
        let waiting = self.state.calls.get(&call).and_then(|it| it.waiting());
        let hears = |offer: &&Offer| offer.whisper == Some(session);
        let offer = waiting.and_then(|it| it.offers.iter().find(hears)).cloned();
        self.end_session(call, session, SessionEnd::Finished);
        if let Some(offer) = offer {
            self.silence(offer.leg);
            self.begin_talk(call, offer);
        }
    }

    /// The wait is over and the talk begins.
    fn begin_talk(&mut self, call: CallId, offer: Offer) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let Some(waiting) = it.waiting() else { return };
        let (contact, caller_leg) = (it.contact, it.leg);
        let (queue, session) = (waiting.queue.clone(), waiting.session);
        let others: Vec<Offer> =
            waiting.offers.iter().filter(|it| it.leg != offer.leg).cloned().collect();
        let Offer { agent, seat, device, leg, .. } = offer;
        self.emit(Fact::OfferEnded {
            contact,
            call: Some(call),
            agent: agent.clone(),
            leg: Some(leg),
            end: OfferEnd::Answered,
        });
        for other in others {
            let (end, cause) = (OfferEnd::AnsweredElsewhere, Cause::AnsweredElsewhere);
            self.release(call, contact, &other, end, cause);
        }
        if let Some(session) = session {
            self.end_session(call, session, SessionEnd::Answered);
        }
        self.silence(caller_leg);
        self.emit(Fact::Dequeued {
            contact,
            call: Some(call),
            queue: queue.clone(),
            reason: DequeueReason::Answered,
        });
        let party =
            Party { agent: Some(agent), seat: Some(seat), device: Some(device), number: None };
        self.connect(call, leg, party, Role::Full, Some(queue));
    }
}

/// Returns why the session of the wait ends that a caller leaves.
fn ended_by(reason: DequeueReason) -> SessionEnd {
    match reason {
        DequeueReason::Answered => SessionEnd::Answered,
        DequeueReason::Abandoned | DequeueReason::SystemRestart => SessionEnd::HungUp,
        DequeueReason::Overflowed(_) | DequeueReason::Left => SessionEnd::LeftQueue,
        DequeueReason::Moved => SessionEnd::Moved,
        DequeueReason::Cleared => SessionEnd::Cleared,
    }
}

/// Returns why an agent is not ready who did not take what he was offered.
pub(super) fn reason_of(end: OfferEnd) -> NotReadyReason {
    match end {
        OfferEnd::Unreachable => NotReadyReason::Unreachable,
        OfferEnd::Rejected => NotReadyReason::Rejected,
        OfferEnd::NoAnswer
        | OfferEnd::Answered
        | OfferEnd::Withdrawn
        | OfferEnd::AnsweredElsewhere => NotReadyReason::NoAnswer,
    }
}
