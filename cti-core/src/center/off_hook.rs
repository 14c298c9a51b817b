//! Constantly off-hook devices (常摘机, nailed-up connections): the telephone of an agent is connected once, and each
//! call is put through to that leg with a short tone.
//!
//! ```text
//!   he signs in, gets ready,      answered                 call, tone
//!   his phone registers ──▶ dialled ─────▶ connected, idle ──────────▶ in a call
//!                  ▲           │              │   ▲  ▲                    │
//!                  └── lost ───┼──────────────┘   │  └────── call over ───┘
//!                              │                  │ he dials the code
//!                              ▼                  │
//!                            none ◀── hung up ────┘
//! ```
//!
//! A leg that stands is never hung up by the end of a call. One that is lost is dialled again; a telephone that cannot
//! be had again, or that its user hangs up between two calls, makes him not ready.

use std::time::Duration;

use super::{Center, Listener, legs::offer_end, offers::reason_of, plays::Playing};
use crate::{
    address::PhoneNumber,
    agent::{AgentInput, AgentState, NotReadyReason},
    cause::Cause,
    device::{StandingLeg, StandingLegChange},
    event::{DeviceFeature, Fact},
    id::{AgentId, ContactId, DeviceId, LegId, SeatId},
    switch::{Clip, Endpoint, SwitchCommand, Tone},
};

/// Why an agent is not ready who hung his telephone up.
pub(super) const HUNG_UP: &str = "hung_up";

/// A leg that was lost so soon after it was connected is not dialled again by itself.
const STABLE: Duration = Duration::from_secs(10);

impl Center {
    /// Returns the leg by which an endpoint is reached for the next call: the one that stands to it, or a new one above
    /// `last`. What is [dialled](Self::command_when_durable) by a leg that stands is put through.
    pub(super) fn leg_to(&mut self, to: &Endpoint, last: &mut LegId) -> LegId {
        let standing = match to {
            Endpoint::Device(device) => self.state.standing.get(device).map(|it| it.leg),
            Endpoint::Outside { .. } => None,
        };
        if let Some(leg) = standing.filter(|leg| !self.state.legs.contains_key(leg)) {
            return leg;
        }
        let leg = LegId((*last).max(self.state.counters.leg).0 + 2);
        *last = leg;
        // The first call connects the telephone for those that follow.
        if let Endpoint::Device(device) = to
            && standing.is_none()
            && self.stands_off_hook(device)
        {
            self.standing_leg_changes(device, leg, self.standing_leg_dialled());
        }
        leg
    }

    /// Connects a telephone that is to stand off hook and does not.
    pub(super) fn stand_off_hook(&mut self, device: &DeviceId) {
        let hung_up = |state: &AgentState| matches!(state, AgentState::NotReady { reason: NotReadyReason::Code(code) } if code == HUNG_UP);
        if !self.stands_off_hook(device)
            || !self.state.in_service.contains(device)
            || self.state.standing.contains_key(device)
            || self.state.is_engaged(device)
            || self.agent_at_work(device).is_some_and(|(_, state)| hung_up(state))
        {
            return;
        }
        let leg = self.new_leg();
        self.standing_leg_changes(device, leg, self.standing_leg_dialled());
        let caller =
            PhoneNumber::parse(device.as_str()).unwrap_or_else(|_| PhoneNumber::withheld());
        self.command_when_durable(SwitchCommand::Dial {
            leg,
            to: Endpoint::Device(device.clone()),
            caller,
            contact: ContactId(0),
            auto_answer: true,
        });
    }

    /// A telephone has called in by the code, and stays connected.
    pub(super) fn called_in(&mut self, device: &DeviceId, leg: LegId) {
        self.release_standing_leg(device);
        if !self.state.devices.get(device).is_some_and(|it| it.constant_off_hook) {
            let feature = DeviceFeature::ConstantOffHook(true);
            self.emit(Fact::DeviceFeatureSet { device: device.clone(), feature });
        }
        self.standing_leg_changes(device, leg, StandingLegChange::Connected);
    }

    /// Gives a standing leg up: its agent has left, or the feature was switched off. In a call it goes on as an
    /// ordinary leg.
    pub(super) fn release_standing_leg(&mut self, device: &DeviceId) {
        let Some(standing) = self.state.standing.get(device).copied() else { return };
        self.standing_leg_changes(device, standing.leg, StandingLegChange::Ended(Cause::Normal));
        if !self.state.legs.contains_key(&standing.leg) {
            self.forget_sounds(standing.leg);
        }
        self.hang_up(standing.leg, Cause::Normal);
    }

    /// Writes down that an agent is signed out; his telephone need not stand off hook any longer.
    pub(super) fn signed_out(&mut self, agent: &AgentId, seat: SeatId) {
        let device = self.state.agents.get(agent).map(|it| it.device.clone());
        self.emit(Fact::AgentSignedOut { agent: agent.clone(), seat });
        if let Some(device) = device {
            self.release_standing_leg(&device);
        }
    }

    /// Returns a command that the switch is to carry out; what is dialled by a leg that stands is put through instead.
    pub(super) fn dialled_or_put_through(
        &mut self,
        command: SwitchCommand,
    ) -> Option<SwitchCommand> {
        let SwitchCommand::Dial { leg, to, caller, contact, auto_answer } = command else {
            return Some(command);
        };
        let auto_answer = match self.state.standing_leg_by(leg) {
            None => auto_answer,
            Some(StandingLeg { connected: true, .. }) => {
                self.put_through(leg);
                return None;
            }
            // Its telephone rings already.
            Some(_) if !self.standing_dialled.insert(leg) => return None,
            Some(_) => true,
        };
        Some(SwitchCommand::Dial { leg, to, caller, contact, auto_answer })
    }

    /// A standing leg hears a short tone, and then whoever calls.
    pub(super) fn put_through(&mut self, leg: LegId) {
        self.silence(leg);
        let play = self.next_play();
        self.plays.insert(play, Playing { leg, listener: Listener::Standing });
        let clips = vec![Clip::Tone(Tone::Beep)];
        let looped = false;
        self.command_when_durable(SwitchCommand::Play { leg, play, clips, looped });
    }

    /// The tone is over: the leg answers whatever was put through to it.
    pub(super) fn tone_heard(&mut self, leg: LegId) {
        if self.state.legs.contains_key(&leg) {
            self.leg_taken(leg);
        } else {
            self.rest(leg);
        }
    }

    /// A standing leg without a call hears silence: many telephones give a call up that brings no packets.
    pub(super) fn rest(&mut self, leg: LegId) {
        self.silence(leg);
        if self.state.standing_leg_by(leg).is_some_and(|it| it.connected) {
            let silence = vec![Clip::Silence(Duration::from_secs(60))];
            self.play(leg, silence, true, Listener::Nobody);
        }
    }

    /// The telephone of a standing leg has answered.
    pub(super) fn standing_leg_answered(&mut self, leg: LegId) {
        let Some(device) = self.state.standing_at.get(&leg).cloned() else { return };
        self.standing_dialled.remove(&leg);
        if self.state.standing_leg_by(leg).is_some_and(|it| !it.connected) {
            self.standing_leg_changes(&device, leg, StandingLegChange::Connected);
            if !self.state.legs.contains_key(&leg) {
                self.put_through(leg);
            }
        }
    }

    /// A standing leg is over; returns what follows once its calls have learnt of it.
    pub(super) fn standing_leg_ended(&mut self, leg: LegId, cause: Cause) -> Option<Lost> {
        let device = self.state.standing_at.get(&leg).cloned()?;
        let standing = self.state.standing_leg_by(leg)?;
        let in_call = self.state.legs.contains_key(&leg);
        self.standing_dialled.remove(&leg);
        self.standing_leg_changes(&device, leg, StandingLegChange::Ended(cause));
        let then = if standing.connected && cause == Cause::Normal && !in_call {
            Then::NotReady(NotReadyReason::Code(HUNG_UP.to_owned()))
        } else if standing.connected && self.now.since(standing.since) >= STABLE {
            Then::DialAgain
        } else {
            Then::NotReady(reason_of(offer_end(cause)))
        };
        Some(Lost { device, then })
    }

    /// The telephone did not answer in time.
    pub(super) fn standing_leg_timed_out(&mut self, device: &DeviceId) {
        let Some(standing) = self.state.standing.get(device).copied() else { return };
        let lost = self.standing_leg_ended(standing.leg, Cause::NoAnswer);
        self.command(SwitchCommand::Hangup { leg: standing.leg, cause: Cause::NoAnswer });
        // What was put through to it meanwhile fails when the leg ends.
        if let Some(lost) = lost.filter(|_| !self.state.legs.contains_key(&standing.leg)) {
            self.after_standing_leg(lost);
        }
    }

    /// A telephone no longer stands off hook: it is connected again, or its agent takes no calls.
    pub(super) fn after_standing_leg(&mut self, lost: Lost) {
        let Lost { device, then } = lost;
        if !self.stands_off_hook(&device) {
            return;
        }
        let reason = match then {
            Then::DialAgain => return self.stand_off_hook(&device),
            Then::NotReady(reason) => reason,
        };
        let Some((agent, state)) = self.agent_at_work(&device) else { return };
        match state {
            AgentState::Ready | AgentState::AfterCallWork | AgentState::OnCall { .. } => {
                let agent = agent.clone();
                // Only an agent who is to be signed out after his call refuses it.
                let _ = self.agent_input(&agent, AgentInput::NotReady(reason), None);
            }
            AgentState::Reserved { .. } | AgentState::NotReady { .. } | AgentState::SignedOut => {}
        }
    }

    /// Returns whether a device is to stand off hook: the feature is on, and somebody works there.
    fn stands_off_hook(&self, device: &DeviceId) -> bool {
        self.state.devices.get(device).is_some_and(|it| it.constant_off_hook)
            && self.agent_at_work(device).is_some()
    }

    fn agent_at_work(&self, device: &DeviceId) -> Option<(&AgentId, &AgentState)> {
        let seat = self.config.seats.iter().find(|seat| seat.device == *device)?;
        let agent = self.state.seats.get(&seat.id)?;
        self.state.agents.get(agent).map(|at_work| (agent, &at_work.state))
    }

    fn standing_leg_dialled(&self) -> StandingLegChange {
        StandingLegChange::Dialed { until: self.now + self.config.times.ring_for }
    }

    fn standing_leg_changes(&mut self, device: &DeviceId, leg: LegId, to: StandingLegChange) {
        self.emit(Fact::StandingLegChanged { device: device.clone(), leg, to });
    }
}

/// A standing leg that is over, and what follows.
pub(super) struct Lost {
    device: DeviceId,
    then: Then,
}

enum Then {
    DialAgain,
    NotReady(NotReadyReason),
}
