//! A call comes in: where does the number dialled lead?

use super::{Center, InputError, Listener};
use crate::{
    address::PhoneNumber,
    cause::Cause,
    config::{Destination, Feature},
    event::{AlarmKind, CallKind, Fact},
    id::{AgentId, CallId, ContactId, DeviceId, FlowId, LegId, SessionId},
    switch::{Clip, Origin, SwitchCommand},
};

/// What a dialled number means to this caller.
enum Meaning {
    Flow(FlowId),
    Device(DeviceId),
    Feature { device: DeviceId, feature: Feature, rest: String },
    Refused(Cause),
}

impl Center {
    pub(super) fn arrival(
        &mut self,
        leg: LegId,
        origin: Origin,
        caller: PhoneNumber,
        called: PhoneNumber,
        network_id: String,
    ) -> Result<(), InputError> {
        let above = self.state.counters.switch_leg;
        if leg.0.is_multiple_of(2) || leg <= above {
            return Err(InputError::LegNumber { leg, above });
        }
        if self.draining {
            self.command(SwitchCommand::Hangup { leg, cause: Cause::ServiceUnavailable });
            return Ok(());
        }
        let meaning = self.meaning(&origin, &called);
        let call = CallId(self.state.counters.call.0 + 1);
        let contact = ContactId(self.state.counters.contact.0 + 1);
        let kind = match &meaning {
            Meaning::Flow(_) => CallKind::Service,
            Meaning::Device(_) => CallKind::Internal,
            Meaning::Feature { .. } => CallKind::Feature,
            Meaning::Refused(_) => CallKind::Refused,
        };
        self.emit(Fact::CallStarted {
            call,
            contact,
            kind,
            leg,
            origin,
            caller,
            called,
            network_id,
        });
        match meaning {
            Meaning::Flow(flow) => self.start_flow(call, flow),
            Meaning::Device(device) => {
                let ring_for = std::time::Duration::from_secs(30);
                self.ring_next(call, vec![device], ring_for, Cause::Unreachable);
            }
            Meaning::Feature { device, feature, rest } => {
                self.feature(call, leg, &device, feature, &rest)
            }
            Meaning::Refused(cause) => self.end_call(call, cause),
        }
        Ok(())
    }

    fn meaning(&self, origin: &Origin, called: &PhoneNumber) -> Meaning {
        let dialled = called.reveal();
        let entry =
            self.config.numbers.iter().find(|entry| entry.number == *called).or_else(|| {
                self.config.numbers.iter().find(|entry| {
                    matches!(entry.to, Destination::Feature(Feature::SignIn))
                        && dialled.starts_with(entry.number.reveal())
                })
            });
        match (entry.map(|entry| (&entry.to, entry.number.reveal().len())), origin) {
            (Some((Destination::Flow(flow), _)), _) => Meaning::Flow(flow.clone()),
            (Some((Destination::Device(device), _)), Origin::Device(_)) => {
                Meaning::Device(device.clone())
            }
            (Some((Destination::Feature(feature), length)), Origin::Device(device)) => {
                Meaning::Feature {
                    device: device.clone(),
                    feature: feature.clone(),
                    rest: dialled[length..].to_owned(),
                }
            }
            // Trunks reach published numbers only: what is inside is not theirs to dial.
            (Some((Destination::Device(_) | Destination::Feature(_), _)), Origin::Trunk(_)) => {
                Meaning::Refused(Cause::Forbidden)
            }
            (None, Origin::Device(_)) => {
                match self.config.seats.iter().find(|seat| seat.device.as_str() == dialled) {
                    Some(seat) => Meaning::Device(seat.device.clone()),
                    None => Meaning::Refused(Cause::UnknownNumber),
                }
            }
            (None, Origin::Trunk(_)) => Meaning::Refused(Cause::UnknownNumber),
        }
    }

    pub(super) fn start_flow(&mut self, call: CallId, flow: FlowId) {
        let session = SessionId(self.state.counters.session.0 + 1);
        let Some(it) = self.state.calls.get(&call) else { return };
        let view = super::flows::view_of(it, self.router.as_ref(), self.now);
        match self.flows.start(self.now, session, &flow, view) {
            Ok(version) => {
                self.emit(Fact::FlowStarted { call, session, flow, version, waiting: false });
            }
            Err(_) => {
                self.raise(AlarmKind::UnknownFlow { flow });
                self.end_call(call, Cause::ServiceUnavailable);
            }
        }
    }

    fn feature(
        &mut self,
        call: CallId,
        leg: LegId,
        device: &DeviceId,
        feature: Feature,
        rest: &str,
    ) {
        let done = match &feature {
            Feature::SignIn => {
                let seat = self
                    .config
                    .seats
                    .iter()
                    .find(|seat| seat.device == *device)
                    .map(|it| it.id.clone());
                match (AgentId::new(rest), seat) {
                    (Ok(agent), Some(seat)) => self.sign_in(&agent, &seat, None).is_ok(),
                    (Ok(_) | Err(_), _) => false,
                }
            }
            Feature::SignOut => {
                self.agent_at(device).is_some_and(|agent| self.sign_out(&agent).is_ok())
            }
            Feature::Ready => {
                self.agent_at(device).is_some_and(|agent| self.set_ready(&agent).is_ok())
            }
            Feature::NotReady(reason) => self
                .agent_at(device)
                .is_some_and(|agent| self.set_not_ready(&agent, reason).is_ok()),
        };
        let confirmed = self
            .config
            .prompts
            .feature_done
            .iter()
            .find(|(known, _)| std::mem::discriminant(known) == std::mem::discriminant(&feature))
            .map(|(_, prompt)| prompt.clone());
        let clip = match (done, confirmed) {
            (true, Some(prompt)) => Clip::Prompt(prompt),
            (true, None) => Clip::Tone(crate::switch::Tone::Beep),
            (false, _) => Clip::Prompt(self.config.prompts.feature_refused.clone()),
        };
        self.emit(Fact::CallAnswered { call });
        self.command_when_durable(SwitchCommand::Answer { leg });
        self.play(leg, vec![clip], false, Listener::Feature(call));
    }
}
