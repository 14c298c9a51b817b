//! Legs answer and end: whose leg was it, and what follows?

use super::Center;
use crate::{
    call::Place,
    cause::Cause,
    connection::ConnectionState,
    event::{CollectEnd, Fact, OfferEnd},
    id::{CallId, LegId},
    switch::SwitchCommand,
};

impl Center {
    /// The network takes a call on; a party in the house is alerted already.
    pub(super) fn leg_progresses(&mut self, leg: LegId) {
        let call = self.state.calls_of(leg).first().copied();
        let Some(it) = call.and_then(|call| self.state.calls.get(&call)) else { return };
        let call = it.id;
        if it.member(leg).is_some_and(|member| member.state == ConnectionState::Dialing) {
            self.emit(Fact::NetworkReached { call, leg });
        }
    }

    pub(super) fn leg_alerting(&mut self, leg: LegId) {
        let call = self.state.calls_of(leg).first().copied();
        let Some(it) = call.and_then(|call| self.state.calls.get(&call)) else { return };
        let call = it.id;
        match it.member(leg).map(|member| member.state) {
            Some(ConnectionState::Dialing | ConnectionState::NetworkReached) => {
                self.emit(Fact::Alerting { call, leg });
            }
            Some(
                ConnectionState::Null
                | ConnectionState::Initiated
                | ConnectionState::Offered
                | ConnectionState::Alerting
                | ConnectionState::Queued
                | ConnectionState::Connected
                | ConnectionState::Hold
                | ConnectionState::Bridged
                | ConnectionState::Failed,
            )
            | None => {}
        }
    }

    pub(super) fn leg_answered(&mut self, leg: LegId) {
        if self.state.standing_at.contains_key(&leg) {
            self.standing_leg_answered(leg);
            if !self.state.legs.contains_key(&leg) {
                return;
            }
        }
        self.leg_taken(leg);
    }

    /// Who is at a leg takes what it was dialled for.
    pub(super) fn leg_taken(&mut self, leg: LegId) {
        let Some(uses) = self.state.legs.get(&leg).cloned() else {
            // Cancelled and answered crossed: nobody waits for this leg.
            self.command(SwitchCommand::Hangup { leg, cause: Cause::Cancelled });
            return;
        };
        if let Some(contact) = uses.work {
            self.call_back_accepted(contact, leg);
            return;
        }
        let Some(it) = uses.calls.first().and_then(|call| self.state.calls.get(call)) else {
            return;
        };
        let call = it.id;
        if it.member(leg).is_some_and(|member| member.invited.is_some()) {
            self.invitation_accepted(call, leg);
            return;
        }
        match it.place.clone() {
            Place::Queue(waiting) => {
                if let Some(offer) = waiting.offer_by(leg) {
                    self.offer_answered(call, offer.clone());
                }
            }
            Place::Ringing(ringing) => {
                if let Some((_, to)) = ringing.legs.iter().find(|(known, _)| *known == leg) {
                    self.ring_answered(call, leg, to);
                }
            }
            Place::Originating(originating) if it.leg == leg => {
                self.originated(call, originating.then);
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
    }

    pub(super) fn leg_ended(&mut self, leg: LegId, cause: Cause) {
        let uses = self.state.legs.get(&leg).cloned().unwrap_or_default();
        let lost = self.standing_leg_ended(leg, cause);
        self.forget_sounds(leg);
        self.gone = Some(leg);
        self.stop_collecting(leg, CollectEnd::PartyLeft);
        if let Some(contact) = uses.work {
            self.work_offer_failed(contact, leg, offer_end(cause));
        }
        // A consultation ends before the call that waits for it.
        for call in uses.calls.into_iter().rev() {
            self.leg_left(call, leg, cause);
        }
        self.gone = None;
        if let Some(lost) = lost {
            self.after_standing_leg(lost);
        }
    }

    fn leg_left(&mut self, call: CallId, leg: LegId, cause: Cause) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let Some(member) = it.member(leg).cloned() else { return };
        if member.invited.is_some() {
            self.invitation_ended(call, leg, offer_end(cause));
            return;
        }
        let offered = it.waiting().and_then(|it| it.offer_by(leg)).cloned();
        if let Some(offer) = offered {
            self.offer_failed(call, &offer, offer_end(cause));
            return;
        }
        if let Place::Ringing(ringing) = &it.place
            && ringing.legs.iter().any(|(known, _)| *known == leg)
        {
            self.ring_failed(call, leg, cause);
            return;
        }
        let was_consulting = self.consulted.remove(&leg);
        let serves = it.is_talk() && member.role.carries();
        if member.state == ConnectionState::Hold && was_consulting && serves {
            self.recall(call, member);
        } else if it.leg != leg {
            self.party_leaves(call, leg, cause);
        } else if it.is_talk() {
            if it.consults.is_some() {
                self.consulted.insert(leg);
            }
            self.served_party_left(call, leg, cause);
        } else {
            if it.consults.is_some() {
                self.consulted.insert(leg);
            }
            self.caller_left(call, cause);
        }
    }

    /// The served party left a conversation: two who remain go on, one alone does not.
    fn served_party_left(&mut self, call: CallId, leg: LegId, cause: Cause) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let others = it.talkers().filter(|it| it.leg != leg && it.role.carries()).count();
        if others >= 2 {
            self.party_leaves(call, leg, cause);
        } else {
            self.caller_left(call, cause);
        }
    }

    /// A party hung up his phone while he had someone on hold: he is rung, so that nobody is left there.
    fn recall(&mut self, call: CallId, member: crate::call::Member) {
        self.remove_party(call, member.leg, Cause::Normal);
        let Some(it) = self.state.calls.get(&call) else { return };
        let remaining: Vec<_> =
            it.talkers().filter(|it| it.role.carries()).map(|it| it.leg).collect();
        let ([left], Some(device)) = (remaining.as_slice(), member.party.device) else {
            self.after_departure(call, Cause::Normal);
            return;
        };
        if it.leg != *left {
            let leg = *left;
            self.emit(Fact::Served { call, leg });
        }
        let steps = vec![vec![crate::switch::Endpoint::Device(device)]];
        let ring_for = self.config.times.recall_for;
        self.ring(call, steps, ring_for, crate::call::Otherwise::Requeue, Cause::NoAnswer);
    }
}

/// Returns how an offer ended whose leg ended before it was answered.
pub(super) fn offer_end(cause: Cause) -> OfferEnd {
    match cause {
        Cause::NoAnswer | Cause::Cancelled => OfferEnd::NoAnswer,
        Cause::Busy | Cause::Rejected | Cause::Forbidden | Cause::Normal | Cause::Cleared => {
            OfferEnd::Rejected
        }
        Cause::Unreachable
        | Cause::UnknownNumber
        | Cause::Incompatible
        | Cause::ServiceUnavailable
        | Cause::Lost
        | Cause::SystemRestart
        | Cause::FlowEnded
        | Cause::Transferred
        | Cause::Conferenced
        | Cause::TakenOver
        | Cause::AnsweredElsewhere => OfferEnd::Unreachable,
    }
}
