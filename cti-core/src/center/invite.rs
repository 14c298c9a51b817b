//! How someone is brought into a conversation that is under way, in a role: colleagues by Single Step Conference Call,
//! supervisors by Intrude Call and their verbs.
//!
//! ```text
//!   invite ─▶ Alerting ── answered ──▶ Connected (in his role)
//!               │ refused, too late
//!               └──▶ gone; the conversation has noticed nothing
//! ```

use super::{Answer, Center, Listener, legs::offer_end};
use crate::{
    call::Member,
    cause::Cause,
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::{Fact, JoinReason, OfferEnd, Party},
    id::{CallId, DeviceId, LegId},
    role::Role,
    switch::{Clip, Endpoint, SwitchCommand, Tone},
};

impl Center {
    /// A supervisor's device joins a call; one that is in it already changes its role.
    pub(super) fn supervise(
        &mut self,
        call: CallId,
        device: &DeviceId,
        role: Role,
        why: JoinReason,
    ) -> Answer {
        self.talking(call)?;
        self.known_device(device)?;
        let there = self.state.calls[&call]
            .parties
            .iter()
            .find(|it| it.party.device.as_ref() == Some(device))
            .cloned();
        if let Some(member) = there {
            if member.state != ConnectionState::Connected {
                return Err(CommandError::InvalidConnection {
                    who: format!("device {device}"),
                    call,
                    is: member.state,
                    needs: ConnectionState::Connected,
                });
            }
            let leg = member.leg;
            self.can_take_role(call, &member, role)?;
            if member.role != role {
                self.emit(Fact::RoleChanged { call, leg, role });
                self.takes_part_as(call, &member, role);
            }
            if why == JoinReason::TakeOver {
                self.release_agents(call, leg);
            }
            return Ok(Reply::Leg(leg));
        }
        let to = Endpoint::Device(device.clone());
        self.can_be_invited(call, &to)?;
        Ok(Reply::Leg(self.invite(call, to, role, why)))
    }

    pub(super) fn can_be_invited(&self, call: CallId, to: &Endpoint) -> Result<(), CommandError> {
        /// The most parties of one conversation.
        const MAX_PARTIES: usize = 200;
        if self.state.calls[&call].parties.len() >= MAX_PARTIES {
            return Err(CommandError::TooMany { field: "parties".to_owned(), limit: 200 });
        }
        match to {
            Endpoint::Device(device) => self.free_device(device),
            Endpoint::Outside { .. } => Ok(()),
        }
    }

    /// Checks that a device can be rung.
    pub(super) fn free_device(&self, device: &DeviceId) -> Result<(), CommandError> {
        self.known_device(device)?;
        let reason = if !self.state.in_service.contains(device) {
            "is out of service"
        } else if self.state.is_engaged(device) {
            "is engaged"
        } else {
            return Ok(());
        };
        Err(CommandError::NotReachable {
            who: format!("device {device}"),
            reason: reason.to_owned(),
        })
    }

    /// Dials someone who is to join a conversation.
    pub(super) fn invite(
        &mut self,
        call: CallId,
        to: Endpoint,
        role: Role,
        why: JoinReason,
    ) -> LegId {
        let it = self.state.calls[&call].clone();
        let leg = self.leg_to(&to, &mut LegId(0));
        let until = self.now + self.config.times.ring_for;
        let party = match &to {
            Endpoint::Device(device) => self.party_at(device, it.kind),
            Endpoint::Outside { number, .. } => Party::outside(number.clone()),
        };
        self.emit(Fact::PartyDialed { call, leg, to: to.clone(), party, role, why, until });
        let caller = self.shown_number(&it, &to);
        let auto_answer = match why {
            JoinReason::Monitor
            | JoinReason::Whisper
            | JoinReason::Barge
            | JoinReason::TakeOver
            | JoinReason::Intrude
            | JoinReason::Pickup
            | JoinReason::Line => true,
            JoinReason::Conference | JoinReason::Recall => self.answers_by_itself(&to),
        };
        let contact = it.contact;
        self.command_when_durable(SwitchCommand::Dial { leg, to, caller, contact, auto_answer });
        leg
    }

    /// Someone who was brought in has answered.
    pub(super) fn invitation_accepted(&mut self, call: CallId, leg: LegId) {
        let Some(member) = self.state.calls.get(&call).and_then(|it| it.member(leg)).cloned()
        else {
            return;
        };
        let Some((why, _)) = member.invited else { return };
        self.connect(call, leg, member.party, member.role, None);
        match why {
            JoinReason::TakeOver => self.release_agents(call, leg),
            JoinReason::Intrude | JoinReason::Barge => self.announce_intrusion(call),
            JoinReason::Conference
            | JoinReason::Monitor
            | JoinReason::Whisper
            | JoinReason::Recall
            | JoinReason::Pickup
            | JoinReason::Line => {}
        }
    }

    /// Everyone hears a short tone when somebody joins whom nobody asked.
    pub(super) fn announce_intrusion(&mut self, call: CallId) {
        let legs: Vec<LegId> = self.state.calls[&call]
            .parties
            .iter()
            .filter(|it| it.state == ConnectionState::Connected && it.role.carries())
            .map(|it| it.leg)
            .collect();
        for leg in legs {
            self.play(leg, vec![Clip::Tone(Tone::Beep)], false, Listener::Nobody);
        }
    }

    /// The attempt to bring someone in is over; the conversation goes on without him.
    pub(super) fn invitation_ended(&mut self, call: CallId, leg: LegId, end: OfferEnd) {
        self.emit(Fact::PartyFailed { call, leg, end });
        if self.gone != Some(leg) {
            let cause = match end {
                OfferEnd::NoAnswer => Cause::NoAnswer,
                OfferEnd::Answered
                | OfferEnd::Rejected
                | OfferEnd::Unreachable
                | OfferEnd::Withdrawn
                | OfferEnd::AnsweredElsewhere => Cause::Cancelled,
            };
            self.hang_up(leg, cause);
        }
        if self.talking(call).is_ok() {
            self.after_departure(call, Cause::Normal);
        }
    }

    pub(super) fn invitation_timed_out(&mut self, call: CallId, leg: LegId) {
        self.invitation_ended(call, leg, offer_end(Cause::NoAnswer));
    }

    /// A party's new role can make him one who carries the conversation, or one who no longer does.
    pub(super) fn takes_part_as(&mut self, call: CallId, member: &Member, role: Role) {
        let Some(agent) = &member.party.agent else { return };
        match (member.role.carries(), role.carries()) {
            (false, true) => self.agent_joins(agent, call),
            (true, false) => self.agent_leaves(agent, call, member.after_call_work),
            (true, true) | (false, false) => {}
        }
    }
}
