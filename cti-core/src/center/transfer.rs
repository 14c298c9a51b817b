//! What transfers and conferences share (ECMA-269 §17.1): two calls become one, a party leaves the
//! others behind.
//!
//! The call that was left to ask is the one that goes on, else the held one: the citizen's call keeps its id, its
//! contact, its data and its recording through any number of transfers, so that waiting and talking are counted once.

use super::{Answer, Center};
use crate::{
    call::{Member, Otherwise, Place},
    cause::Cause,
    command::{CommandError, Reply},
    event::{DequeueReason, Fact, TransferKind},
    flow::SessionEnd,
    id::{CallId, DeviceId, LegId},
    role::Role,
    switch::Endpoint,
    target::{PartyRef, Target},
};

impl Center {
    /// Transfers those of one call to those of another, in each of which the same party takes part by a leg.
    pub(super) fn bring_together(
        &mut self,
        held: (CallId, LegId),
        active: (CallId, LegId),
        who: &PartyRef,
    ) -> Answer {
        let swapped = self.asked_from(held.0, active.0) != (held.0, active.0);
        let ((held, leg), (active, asking)) = if swapped { (active, held) } else { (held, active) };
        self.talking(held)?;
        let by = self.resolve(held, &PartyRef::Leg(leg))?;
        speaks(&by, who)?;
        match self.state.calls[&active].place.clone() {
            Place::Talk => {
                let others = self.others(active, asking);
                let to = self.target_of(active, &others);
                self.bring_over(active, held, &others, Cause::Transferred);
                let devices = self.state.calls[&active].line.clone();
                if !devices.is_empty() {
                    self.emit(Fact::LineShared { call: held, devices });
                }
                self.finish_asking(active, asking, leg);
                self.emit(Fact::Transferred {
                    call: held,
                    by: by.party.clone(),
                    to,
                    how: TransferKind::Consultation,
                });
                self.leave_behind(held, leg);
            }
            // Whoever was asked has not answered yet: the citizen goes on ringing him, or waiting.
            Place::Ringing(ringing) => {
                self.leaves_one_behind(held, leg)?;
                let steps = std::iter::once(ringing.legs.into_iter().map(|(_, to)| to).collect())
                    .chain(ringing.then)
                    .collect();
                let to = Target::Number(self.state.calls[&active].called.clone());
                self.finish_asking(active, asking, leg);
                self.passed_on(held, leg, to);
                let recall = recall_to(by.party.device);
                self.ring(held, steps, ringing.ring_for, recall, Cause::NoAnswer);
            }
            Place::Queue(waiting) => {
                self.leaves_one_behind(held, leg)?;
                let (queue, priority, needs) = (waiting.queue, waiting.priority, waiting.needs);
                self.finish_asking(active, asking, leg);
                self.passed_on(held, leg, Target::Queue(queue.clone()));
                let priority = self.raised(held, priority);
                self.enqueue_since(held, queue, priority, needs, Some(waiting.since));
            }
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => {
                return Err(CommandError::InvalidCallState {
                    call: active,
                    reason: "reaches nobody to whom the others could be transferred".to_owned(),
                });
            }
        }
        Ok(Reply::Done)
    }

    /// Ends the call that was left to ask; a telephone that asked by another leg is released from that one.
    pub(super) fn finish_asking(&mut self, active: CallId, asking: LegId, leg: LegId) {
        self.finish_call(active, Cause::Transferred);
        if asking != leg {
            self.hang_up(asking, Cause::Transferred);
        }
    }

    /// Returns which of two calls goes on and which ends in it: the citizen's and the consultation, whichever of them
    /// the party has on hold at the moment.
    pub(super) fn asked_from(&self, held: CallId, active: CallId) -> (CallId, CallId) {
        match self.state.calls.get(&held).and_then(|it| it.consults) {
            Some(asked_from) if asked_from == active => (active, held),
            Some(_) | None => (held, active),
        }
    }

    /// Rings one device, which is asked to answer by itself, for a call that somebody takes there.
    pub(super) fn ring_at(&mut self, call: CallId, device: &DeviceId) {
        let steps = vec![vec![Endpoint::Device(device.clone())]];
        let ring_for = self.config.times.recall_for;
        self.ring(call, steps, ring_for, Otherwise::Requeue, Cause::NoAnswer);
        let leg = self.state.calls.get(&call).and_then(|it| it.party_leg());
        if let Some(leg) = leg {
            self.command_when_durable(crate::switch::SwitchCommand::AskToAnswer { leg });
        }
    }

    /// Checks that a party can leave a conversation behind.
    pub(super) fn can_leave(&self, call: CallId, who: &PartyRef) -> Result<Member, CommandError> {
        let member = self.resolve_taking_part(call, who)?;
        self.talking(call)?;
        speaks(&member, who)?;
        if let Some(other) = self.connected_elsewhere(member.leg, call) {
            return Err(CommandError::InvalidState {
                reason: format!("{who} talks in {other}; transfer that call to this one"),
            });
        }
        Ok(member)
    }

    /// Checks that one party alone is left when somebody leaves a conversation.
    pub(super) fn leaves_one_behind(&self, call: CallId, leg: LegId) -> Result<(), CommandError> {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let others = it.talkers().filter(|it| it.leg != leg && it.role.carries()).count();
        if others == 1 && !it.expects_someone() {
            return Ok(());
        }
        Err(CommandError::InvalidCallState {
            call,
            reason: format!("has {others} parties besides him and those who are coming, not one"),
        })
    }

    /// A party leaves by a transfer: he is written down as the one who did it, and released.
    pub(super) fn passed_on(&mut self, call: CallId, leg: LegId, to: Target) {
        let Some(by) = self.state.calls.get(&call).and_then(|it| it.member(leg)).cloned() else {
            return;
        };
        self.emit(Fact::Transferred { call, by: by.party, to, how: TransferKind::SingleStep });
        self.leave_behind(call, leg);
    }

    /// Releases a party; when it was the served one, the call serves who is left.
    pub(super) fn leave_behind(&mut self, call: CallId, leg: LegId) {
        let Some(it) = self.state.calls.get(&call) else { return };
        if it.leg == leg {
            let next = it
                .talkers()
                .filter(|it| it.leg != leg && it.role.carries())
                .min_by_key(|it| it.party.device.is_some())
                .map(|it| it.leg);
            if let Some(leg) = next {
                self.emit(Fact::Served { call, leg });
            }
        }
        self.remove_party(call, leg, Cause::Transferred);
    }

    /// Returns the parties who talk in a call besides one.
    pub(super) fn others(&self, call: CallId, leg: LegId) -> Vec<LegId> {
        self.state
            .calls
            .get(&call)
            .into_iter()
            .flat_map(|it| it.talkers().map(|member| member.leg))
            .filter(|other| *other != leg)
            .collect()
    }

    /// Lets parties of one call take part in another, without a gap in which they belong to none.
    pub(super) fn bring_over(&mut self, from: CallId, into: CallId, legs: &[LegId], cause: Cause) {
        let contact = self.state.calls[&into].contact;
        for leg in legs {
            let Some(member) = self.state.calls[&from].member(*leg).cloned() else { continue };
            let role = member.role;
            self.emit(Fact::TalkEnded {
                call: from,
                leg: *leg,
                party: member.party.clone(),
                cause,
            });
            let after_call_work = match &self.state.calls[&into].served_from {
                Some((queue, _)) if member.party.agent.is_some() => {
                    let queue = queue.clone();
                    self.after_call_work(&queue)
                }
                Some(_) | None => member.after_call_work,
            };
            self.emit(Fact::Connected {
                call: into,
                contact,
                leg: *leg,
                party: member.party.clone(),
                role,
                queue: None,
                after_call_work,
            });
            if member.state == crate::connection::ConnectionState::Hold {
                self.emit(Fact::Held { call: into, leg: *leg });
            }
            if let Some(agent) = &member.party.agent {
                self.agent_joins(agent, into);
            }
        }
    }

    /// Ends a consultation whose parties have gone elsewhere.
    pub(super) fn finish_call(&mut self, call: CallId, cause: Cause) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (leg, contact, place) = (it.leg, it.contact, it.place.clone());
        self.silence(leg);
        match place {
            Place::Ringing(_) => self.stop_ringing(call, None),
            Place::Queue(_) => {
                self.dequeue(call, DequeueReason::Moved);
            }
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Talk
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => {}
        }
        self.end_sessions(call, SessionEnd::Moved);
        let agent = self.state.calls.get(&call).and_then(|it| it.member(leg)).cloned();
        self.stop_recording_of(call, leg);
        if let Some(member) = agent.as_ref().filter(|it| it.talks) {
            self.emit(Fact::TalkEnded { call, leg, party: member.party.clone(), cause });
        }
        self.emit(Fact::CallEnded { call, contact, cause });
        if let Some(agent) = agent.and_then(|member| member.party.agent) {
            self.agent_leaves(&agent, call, std::time::Duration::ZERO);
        }
    }

    /// Returns where the others went, for the log.
    pub(super) fn target_of(&self, call: CallId, legs: &[LegId]) -> Target {
        let party = legs
            .first()
            .and_then(|leg| self.state.calls.get(&call)?.member(*leg))
            .map(|member| member.party.clone())
            .unwrap_or_default();
        match (party.agent, party.device, party.number) {
            (Some(agent), _, _) => Target::Agent(agent),
            (None, Some(device), _) => Target::Device(device),
            (None, None, number) => {
                Target::Number(number.unwrap_or_else(crate::address::PhoneNumber::withheld))
            }
        }
    }
}

/// Checks that a party has a say in what becomes of a conversation: who only listens or coaches has none.
pub(super) fn speaks(member: &Member, who: &PartyRef) -> Result<(), CommandError> {
    if member.role == Role::Full {
        return Ok(());
    }
    Err(CommandError::InvalidState {
        reason: format!("{who} is in the conversation as {}, and has no say in it", member.role),
    })
}

/// Returns what becomes of those who are sent on when nobody answers: whoever sent them is rung.
pub(super) fn recall_to(device: Option<DeviceId>) -> Otherwise {
    match device {
        Some(device) => Otherwise::Recall { to: vec![Endpoint::Device(device)] },
        None => Otherwise::Requeue,
    }
}
