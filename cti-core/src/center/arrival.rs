//! A call comes in: where does the number dialled lead?

use std::time::Duration;

use super::{Center, InputError, Listener, caller::Verdict};
use crate::{
    address::PhoneNumber,
    call::Otherwise,
    cause::Cause,
    command::CommandError,
    config::{Destination, Feature},
    event::{AlarmKind, CallKind, DeviceFeature, Fact, ForwardWhen, ForwardWhose},
    flow::SessionEnd,
    id::{AgentId, CallId, ContactId, DeviceId, FlowId, LegId, SessionId},
    needs::Needs,
    numbers::{BlackLevel, CallNumbers, ListLevel},
    switch::{Clip, Origin, SwitchCommand},
    target::Target,
};

/// What a dialled number means to this caller.
enum Meaning {
    /// It leads somewhere.
    To(Target, CallKind),
    /// A program decides.
    Program {
        program: String,
        within: Duration,
        otherwise: Target,
    },
    Feature {
        device: DeviceId,
        feature: Feature,
        rest: String,
    },
    Refused(Cause),
}

impl Meaning {
    fn kind(&self) -> CallKind {
        match self {
            Self::To(_, kind) => *kind,
            Self::Program { .. } => CallKind::Service,
            Self::Feature { feature: Feature::Mailbox(_), .. } => CallKind::Internal,
            Self::Feature { .. } => CallKind::Feature,
            Self::Refused(_) => CallKind::Refused,
        }
    }
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
        let numbers = self.incoming_numbers(&origin, &caller, &called);
        let meaning = self.meaning(&origin, &called, numbers.as_ref());
        let verdict = match &origin {
            Origin::Trunk(_) => self.judge(meaning.kind(), numbers.as_ref(), None),
            Origin::Device(_) => None,
        };
        let meaning = match verdict.as_ref().map(Verdict::level) {
            Some(ListLevel::Black(BlackLevel::Refuse)) => {
                Meaning::Refused(self.config.refuse_listed.cause())
            }
            Some(ListLevel::Black(BlackLevel::Divert(flow))) => {
                Meaning::To(Target::Flow(flow.clone()), CallKind::Service)
            }
            Some(
                ListLevel::Black(BlackLevel::Warn)
                | ListLevel::White { .. }
                | ListLevel::Agent { .. },
            )
            | None => meaning,
        };
        let call = CallId(self.state.counters.call.0 + 1);
        let contact = ContactId(self.state.counters.contact.0 + 1);
        let kind = meaning.kind();
        let by = match &origin {
            Origin::Device(device) if kind == CallKind::Outgoing => {
                Some(self.party_at(device, kind))
            }
            Origin::Device(_) | Origin::Trunk(_) => None,
        };
        let agent = by.as_ref().and_then(|by| by.agent.clone());
        self.emit(Fact::CallStarted {
            call,
            contact,
            kind,
            leg,
            origin,
            caller,
            called,
            network_id,
            by,
            consults: None,
        });
        if let Some(numbers) = numbers {
            self.emit(Fact::NumbersRead { call, numbers: Box::new(numbers) });
        }
        if let Some(verdict) = &verdict {
            self.note_verdict(call, verdict);
        }
        if let Some(agent) = agent {
            self.agent_joins(&agent, call);
        }
        match meaning {
            Meaning::To(target, _) => {
                self.go_to(call, &target, Otherwise::GoOn, 0, Needs::default());
            }
            Meaning::Program { program, within, otherwise } => {
                self.route_request(call, program, within, otherwise);
            }
            Meaning::Feature { device, feature, rest } => {
                self.feature(call, leg, &device, feature, &rest)
            }
            Meaning::Refused(cause) => self.end_call(call, cause),
        }
        Ok(())
    }

    fn meaning(
        &self,
        origin: &Origin,
        called: &PhoneNumber,
        numbers: Option<&CallNumbers>,
    ) -> Meaning {
        let dialled = called.reveal();
        if let Some(to) = self.by_trunk(origin, called, numbers) {
            return to;
        }
        let plan = &self.config.numbers;
        let entry = plan
            .iter()
            .find(|entry| entry.number == *called)
            .or_else(|| {
                plan.iter()
                    .filter(|entry| takes_more(&entry.to))
                    .find(|entry| dialled.starts_with(entry.number.reveal()))
            })
            .or_else(|| self.planned(numbers?));
        if let Some(to) = entry.and_then(|entry| service(&entry.to)) {
            return to;
        }
        match (entry.map(|entry| (&entry.to, entry.number.reveal().len())), origin) {
            (Some((Destination::Device(device), _)), Origin::Device(_)) => {
                Meaning::To(Target::Device(device.clone()), CallKind::Internal)
            }
            (Some((Destination::Devices { .. }, _)), Origin::Device(_)) => Meaning::To(
                Target::Number(entry.map_or(called, |it| &it.number).clone()),
                CallKind::Internal,
            ),
            (Some((Destination::Feature(feature), length)), Origin::Device(device)) => {
                Meaning::Feature {
                    device: device.clone(),
                    feature: feature.clone(),
                    rest: dialled.get(length..).unwrap_or_default().to_owned(),
                }
            }
            // Trunks reach published numbers only: what is inside is not theirs to dial.
            (Some(_), _) => Meaning::Refused(Cause::Forbidden),
            (None, Origin::Device(device)) => self.dialled_by(device, called),
            (None, Origin::Trunk(_)) => Meaning::Refused(Cause::UnknownNumber),
        }
    }

    /// What a number means by the trunk that the call comes by, where that is of its own.
    fn by_trunk(
        &self,
        origin: &Origin,
        called: &PhoneNumber,
        numbers: Option<&CallNumbers>,
    ) -> Option<Meaning> {
        let Origin::Trunk(trunk) = origin else { return None };
        let plan = self.config.trunks.iter().find(|plan| plan.trunk == *trunk)?;
        let own = plan
            .numbers
            .iter()
            .find(|entry| entry.number == *called)
            .or_else(|| self.planned_by(plan, numbers?));
        service(own.map(|entry| &entry.to).or(plan.others.as_ref())?)
    }

    /// What a number that the plan does not list means to a device: another device, an agent, a short name, outside.
    fn dialled_by(&self, device: &DeviceId, called: &PhoneNumber) -> Meaning {
        let target = Target::Number(self.in_full(device, called).clone());
        match self.kind_of(&target) {
            Ok(kind) => Meaning::To(target, kind),
            Err(CommandError::NotReachable { .. }) => Meaning::Refused(Cause::Unreachable),
            Err(_) => Meaning::Refused(Cause::UnknownNumber),
        }
    }

    pub(super) fn start_flow(&mut self, call: CallId, flow: FlowId) {
        self.end_sessions(call, SessionEnd::Moved);
        let session = SessionId(self.state.counters.session.0 + 1);
        let Some(it) = self.state.calls.get(&call) else { return };
        let view = super::flows::view_of(it, self.router.as_ref(), self.now);
        match self.flows.start(self.now, session, &flow, view) {
            Ok(version) => {
                let (waiting, whisper) = (false, None);
                self.emit(Fact::FlowStarted { call, session, flow, version, waiting, whisper });
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
            Feature::GroupPickup => {
                // The phone is rung for what rings in its group, once the call of the code is over.
                self.end_call(call, Cause::Normal);
                let done = self.group_pickup(device).is_ok();
                tracing::debug!(%device, done, "A ringing call is taken by a code");
                return;
            }
            Feature::OffHook => {
                self.emit(Fact::CallAnswered { call });
                self.command_when_durable(SwitchCommand::Answer { leg });
                self.called_in(device, leg);
                self.end_call(call, Cause::Normal);
                self.put_through(leg);
                return;
            }
            Feature::Unpark => {
                let at = if rest.is_empty() { Ok(device.clone()) } else { DeviceId::new(rest) };
                self.end_call(call, Cause::Normal);
                let done = at.is_ok_and(|at| self.unpark(&at, device).is_ok());
                tracing::debug!(%device, done, "A parked call is taken by a code");
                return;
            }
            Feature::DoNotDisturb(on) => {
                self.set_feature(device, DeviceFeature::DoNotDisturb(*on)).is_ok()
            }
            Feature::Forward => {
                let to = (!rest.is_empty()).then(|| PhoneNumber::parse(rest)).transpose();
                to.is_ok_and(|to| {
                    let (when, whose) = (ForwardWhen::Immediate, ForwardWhose::All);
                    let feature = DeviceFeature::Forwarding { when, whose, to };
                    self.set_feature(device, feature).is_ok()
                })
            }
            Feature::Mailbox(flow) => return self.start_flow(call, flow.clone()),
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

/// What a destination means that trunks may reach.
fn service(to: &Destination) -> Option<Meaning> {
    match to {
        Destination::Flow(flow) => Some(Meaning::To(Target::Flow(flow.clone()), CallKind::Service)),
        Destination::Queue(queue) => {
            Some(Meaning::To(Target::Queue(queue.clone()), CallKind::Service))
        }
        Destination::Program { program, within, otherwise } => Some(Meaning::Program {
            program: program.clone(),
            within: *within,
            otherwise: otherwise.clone(),
        }),
        Destination::Device(_) | Destination::Devices { .. } | Destination::Feature(_) => None,
    }
}

/// Returns whether digits may follow a code.
fn takes_more(to: &Destination) -> bool {
    matches!(to, Destination::Feature(Feature::SignIn | Feature::Unpark | Feature::Forward))
}
