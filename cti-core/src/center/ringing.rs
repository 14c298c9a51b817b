//! Devices and numbers are rung for the served party, step by step; the first to answer gets the call.
//!
//! ```text
//!   ring ─▶ Ringing ── answered ──────────▶ Talk
//!             │ nobody answered, busy
//!             ├── next step ─▶ Ringing
//!             ├── forwarded ─▶ Ringing
//!             └── otherwise ─▶ flow goes on · who transferred it is rung · the queue it came from · busy tone · end
//! ```

use std::time::Duration;

use super::{Center, Listener};
use crate::{
    call::{Otherwise, Place},
    cause::Cause,
    connection::ConnectionState,
    event::{CallKind, Fact, ForwardWhen, OfferEnd, Party},
    flow::FlowInput,
    id::{CallId, DeviceId, LegId},
    needs::Needs,
    role::Role,
    switch::{Clip, Endpoint, Origin, SwitchCommand, Tone},
};

/// How many times a call follows from one forwarding to the next.
const MAX_FORWARDS: usize = 5;

impl Center {
    /// Rings the first step in which someone can be reached and is free.
    pub(super) fn ring(
        &mut self,
        call: CallId,
        steps: Vec<Vec<Endpoint>>,
        ring_for: Duration,
        otherwise: Otherwise,
        cause: Cause,
    ) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, from) = (it.contact, it.clone());
        let mut engaged = None;
        let mut steps = steps.into_iter();
        let free = steps.find_map(|step| {
            // Two who forward to the same device ring it once.
            let mut whom: Vec<Endpoint> = Vec::new();
            for to in step.iter().filter_map(|to| self.whom_to_ring(&from, to, &mut engaged)) {
                if !whom.contains(&to) {
                    whom.push(to);
                }
            }
            (!whom.is_empty()).then_some(whom)
        });
        let Some(step) = free else {
            let cause = if engaged.is_some() { Cause::Busy } else { cause };
            self.nobody_answered(call, engaged, otherwise, cause);
            return;
        };
        let mut last = LegId(0);
        let legs: Vec<(LegId, Endpoint)> =
            step.into_iter().map(|to| (self.leg_to(&to, &mut last), to)).collect();
        self.emit(Fact::Rung {
            call,
            legs: legs.clone(),
            then: steps.collect(),
            ring_for,
            otherwise,
        });
        for (leg, to) in legs {
            let caller = self.shown_number(&from, &to);
            let auto_answer = self.answers_by_itself(&to);
            self.command_when_durable(SwitchCommand::Dial {
                leg,
                to,
                caller,
                contact,
                auto_answer,
            });
        }
        self.ring_back(call);
    }

    /// Returns whom to ring for an endpoint: itself, where it is forwarded to, or nobody.
    fn whom_to_ring(
        &self,
        call: &crate::call::Call,
        to: &Endpoint,
        engaged: &mut Option<DeviceId>,
    ) -> Option<Endpoint> {
        let mut to = to.clone();
        for _ in 0..MAX_FORWARDS {
            let Endpoint::Device(device) = &to else { return Some(to) };
            if let Some(next) = self.follow(call, &to, ForwardWhen::Immediate) {
                to = next;
                continue;
            }
            let busy = self.state.is_engaged(device);
            if busy && let Some(next) = self.follow(call, &to, ForwardWhen::Busy) {
                to = next;
                continue;
            }
            let disturbed =
                self.state.devices.get(device).is_some_and(|features| features.do_not_disturb);
            if busy || disturbed {
                if self.state.in_service.contains(device) {
                    *engaged = Some(device.clone());
                }
                return None;
            }
            return self.state.in_service.contains(device).then_some(to);
        }
        None
    }

    /// Returns the number that is shown to someone who is rung for a call.
    pub(super) fn shown_number(
        &self,
        call: &crate::call::Call,
        to: &Endpoint,
    ) -> crate::address::PhoneNumber {
        let withheld = match &call.origin {
            Origin::Device(device) => {
                self.state.devices.get(device).is_some_and(|features| features.withholds_number)
            }
            Origin::Trunk(_) => false,
        };
        match to {
            Endpoint::Outside { .. } if withheld => crate::address::PhoneNumber::withheld(),
            Endpoint::Outside { trunk, number } => self
                .config
                .outside
                .iter()
                .filter(|way| {
                    way.trunk == *trunk && number.reveal().starts_with(way.prefix.as_str())
                })
                .max_by_key(|way| way.prefix.len())
                .map_or_else(|| call.caller.clone(), |way| way.show.clone()),
            Endpoint::Device(_) if withheld && call.kind == CallKind::Internal => {
                crate::address::PhoneNumber::withheld()
            }
            // Who is inside sees the citizen's number, also when a colleague asks or transfers.
            Endpoint::Device(_) => call.caller.clone(),
        }
    }

    pub(super) fn answers_by_itself(&self, to: &Endpoint) -> bool {
        match to {
            Endpoint::Device(device) => {
                self.state.devices.get(device).is_some_and(|features| features.auto_answer)
            }
            Endpoint::Outside { .. } => false,
        }
    }

    /// The time of a step is over.
    pub(super) fn ringing_timed_out(&mut self, call: CallId) {
        let Some(Place::Ringing(ringing)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        let from = self.state.calls[&call].clone();
        let forwarded: Vec<Endpoint> = ringing
            .legs
            .iter()
            .filter_map(|(_, to)| self.follow(&from, to, ForwardWhen::NoAnswer))
            .collect();
        for (leg, _) in &ringing.legs {
            self.command(SwitchCommand::Hangup { leg: *leg, cause: Cause::NoAnswer });
            self.emit(Fact::RingEnded { call, leg: *leg, end: OfferEnd::NoAnswer });
        }
        let mut then = ringing.then;
        if !forwarded.is_empty() {
            then.insert(0, forwarded);
        }
        self.ring(call, then, ringing.ring_for, ringing.otherwise, Cause::NoAnswer);
    }

    /// One of those who were rung did not take the call; when he was the last of his step, the next one is rung.
    pub(super) fn ring_failed(&mut self, call: CallId, leg: LegId, cause: Cause) {
        let Some(Place::Ringing(ringing)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        let end = super::legs::offer_end(cause);
        self.emit(Fact::RingEnded { call, leg, end });
        if ringing.legs.len() > 1 {
            return;
        }
        let from = self.state.calls[&call].clone();
        let when = match end {
            OfferEnd::Rejected => ForwardWhen::Busy,
            OfferEnd::NoAnswer
            | OfferEnd::Answered
            | OfferEnd::Unreachable
            | OfferEnd::Withdrawn
            | OfferEnd::AnsweredElsewhere => ForwardWhen::NoAnswer,
        };
        let forwarded =
            ringing.legs.iter().find_map(|(_, to)| self.follow(&from, to, when)).map(|to| vec![to]);
        let then = forwarded.into_iter().chain(ringing.then).collect();
        let cause = match end {
            OfferEnd::NoAnswer
            | OfferEnd::Answered
            | OfferEnd::Withdrawn
            | OfferEnd::AnsweredElsewhere => Cause::NoAnswer,
            OfferEnd::Rejected => Cause::Busy,
            OfferEnd::Unreachable => Cause::Unreachable,
        };
        self.ring(call, then, ringing.ring_for, ringing.otherwise, cause);
    }

    /// Stops ringing whoever is rung for a call, but the one who has answered, if someone has.
    pub(super) fn stop_ringing(&mut self, call: CallId, except: Option<LegId>) {
        let Some(Place::Ringing(ringing)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        let cause = match except {
            Some(_) => Cause::AnsweredElsewhere,
            None => Cause::Cancelled,
        };
        for (leg, _) in ringing.legs {
            if Some(leg) != except {
                self.emit(Fact::RingEnded { call, leg, end: OfferEnd::Withdrawn });
                self.command(SwitchCommand::Hangup { leg, cause });
            }
        }
    }

    /// Someone who was rung picked up.
    pub(super) fn ring_answered(&mut self, call: CallId, leg: LegId, to: &Endpoint) {
        let Some((served, kind)) = self.state.calls.get(&call).map(|it| (it.leg, it.kind)) else {
            return;
        };
        let members = self.members_to_come(call);
        self.stop_ringing(call, Some(leg));
        self.emit(Fact::RingEnded { call, leg, end: OfferEnd::Answered });
        self.silence(served);
        let party = match to {
            Endpoint::Device(device) => self.party_at(device, kind),
            Endpoint::Outside { number, .. } => Party::outside(number.clone()),
        };
        self.connect(call, leg, party, Role::Full, None);
        self.invite_members(call, members);
    }

    /// Nobody took the call: what becomes of the served party.
    pub(super) fn nobody_answered(
        &mut self,
        call: CallId,
        device: Option<DeviceId>,
        otherwise: Otherwise,
        cause: Cause,
    ) {
        self.convened.remove(&call);
        let Some(it) = self.state.calls.get(&call) else { return };
        let (served, has_flow, answered) = (it.leg, it.session.is_some(), it.answered.is_some());
        let began_here = matches!(it.origin, Origin::Device(_)) && it.kind != CallKind::Service;
        let back = it.served_from.clone();
        self.silence(served);
        match otherwise {
            Otherwise::Recall { to } => {
                let ring_for = self.config.times.recall_for;
                self.ring(call, vec![to], ring_for, Otherwise::Requeue, cause);
            }
            Otherwise::Requeue => match back {
                // A citizen who was passed on and reaches nobody has waited already: his place counts from then.
                Some((queue, since)) => {
                    let priority = self.raised(call, 0);
                    self.enqueue_since(call, queue, priority, Needs::default(), Some(since));
                }
                None => self.end_call(call, cause),
            },
            Otherwise::GoOn if has_flow => self.tell_main(call, FlowInput::RingFailed),
            Otherwise::GoOn if began_here && answered => self.fail(call, device, cause),
            Otherwise::GoOn => self.end_call(call, cause),
        }
    }

    /// Who began a call hears that it failed; meanwhile it can camp on, intrude, or be called back.
    fn fail(&mut self, call: CallId, device: Option<DeviceId>, cause: Cause) {
        let Some(leg) = self.state.calls.get(&call).map(|it| it.leg) else { return };
        let until = self.now + self.config.times.failed_for;
        self.emit(Fact::Failed { call, device, cause, until });
        let tone = match cause {
            Cause::Busy | Cause::NoAnswer | Cause::Rejected => Tone::Busy,
            Cause::Normal
            | Cause::Cancelled
            | Cause::Unreachable
            | Cause::UnknownNumber
            | Cause::Forbidden
            | Cause::Incompatible
            | Cause::ServiceUnavailable
            | Cause::Lost
            | Cause::SystemRestart
            | Cause::Cleared
            | Cause::FlowEnded
            | Cause::Transferred
            | Cause::Conferenced
            | Cause::TakenOver
            | Cause::AnsweredElsewhere => Tone::Congestion,
        };
        self.play(leg, vec![Clip::Tone(tone)], true, Listener::Nobody);
    }

    /// Plays the ring-back tone to a served party who waits for someone.
    pub(super) fn ring_back(&mut self, call: CallId) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (leg, answered) = (it.leg, it.answered.is_some());
        let connected =
            it.member(leg).is_some_and(|member| member.state == ConnectionState::Connected);
        if let Some(play) = self.hold_music.remove(&leg) {
            self.plays.remove(play);
            self.command(SwitchCommand::StopPlay { leg, play });
        }
        if !answered {
            self.command(SwitchCommand::Ring { leg });
        } else if connected && !self.plays.is_heard_by(leg) {
            self.play(leg, vec![Clip::Tone(Tone::RingBack)], true, Listener::Nobody);
        }
    }
}
