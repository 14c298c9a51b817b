//! Make Call and Make Predictive Call (ECMA-269 §17.1.18, §17.1.19), Dial Digits (§17.1.12): the centre begins a call.
//!
//! The party whom the call is to serve is dialled first: the calling device, or in a predictive call the number
//! outside. Once it has answered the call goes where it was meant to go, like any other.

use std::time::Duration;

use super::{Answer, Center, targets::Route};
use crate::{
    address::PhoneNumber,
    call::{Otherwise, Place},
    cause::Cause,
    command::{CommandError, Reply},
    event::{CallKind, Fact, Party},
    flow::CallData,
    id::{CallId, ContactId, DeviceId},
    needs::Needs,
    switch::{Endpoint, Origin, SwitchCommand},
    target::Target,
};

impl Center {
    pub(super) fn make_call(
        &mut self,
        from: &DeviceId,
        to: Option<Target>,
        data: CallData,
    ) -> Answer {
        self.can_begin()?;
        self.known_device(from)?;
        if !self.state.in_service.contains(from) {
            return Err(CommandError::NotReachable {
                who: format!("device {from}"),
                reason: "is out of service".to_owned(),
            });
        }
        if self.state.is_engaged(from) {
            return Err(CommandError::InvalidState {
                reason: format!("device {from} is engaged; hold its call and consult"),
            });
        }
        let kind = match &to {
            Some(target) => self.kind_of(target)?,
            None => CallKind::Internal,
        };
        let by = self.party_at(from, kind);
        if let Some(agent) = &by.agent {
            self.can_begin_call(agent)?;
        }
        let caller = PhoneNumber::parse(from.as_str()).unwrap_or_else(|_| PhoneNumber::withheld());
        let called = called_number(to.as_ref());
        let origin = Origin::Device(from.clone());
        let endpoint = Endpoint::Device(from.clone());
        let ring_for = self.config.times.ring_for;
        let call = self.originate(
            Beginning { kind, origin, caller, called, by: Some(by), endpoint, ring_for, data },
            to,
            true,
        );
        Ok(Reply::Call(call))
    }

    pub(super) fn make_predictive_call(
        &mut self,
        to: &PhoneNumber,
        then: Target,
        ring_for: Duration,
        data: CallData,
    ) -> Answer {
        self.can_begin()?;
        if !(Duration::from_secs(5)..=Duration::from_secs(180)).contains(&ring_for) {
            return Err(CommandError::InvalidValue {
                field: "ring_ms".to_owned(),
                reason: "must lie between 5000 and 180000".to_owned(),
            });
        }
        let Some((endpoint, caller)) = self.outside(to) else {
            return Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: format!("no way leads to {to}"),
            });
        };
        self.route(&then)?;
        let Endpoint::Outside { trunk, .. } = &endpoint else {
            return Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: "is a device of the centre".to_owned(),
            });
        };
        let origin = Origin::Trunk(trunk.clone());
        let by = Some(Party::outside(to.clone()));
        let (kind, called) = (CallKind::Outgoing, to.clone());
        let call = self.originate(
            Beginning { kind, origin, caller, called, by, endpoint, ring_for, data },
            Some(then),
            false,
        );
        Ok(Reply::Call(call))
    }

    /// Begins a call by dialling the party whom it is to serve.
    fn originate(&mut self, it: Beginning, then: Option<Target>, auto_answer: bool) -> CallId {
        let call = CallId(self.state.counters.call.0 + 1);
        let contact = ContactId(self.state.counters.contact.0 + 1);
        let leg = self.new_leg();
        let agent = it.by.as_ref().and_then(|by| by.agent.clone());
        self.emit(Fact::CallStarted {
            call,
            contact,
            kind: it.kind,
            leg,
            origin: it.origin,
            caller: it.caller.clone(),
            called: it.called,
            network_id: format!("{call}"),
            by: it.by,
            consults: None,
        });
        self.read_outgoing(call);
        if !it.data.is_empty() {
            self.emit(Fact::DataSet { call, data: it.data });
        }
        let until = self.now + it.ring_for;
        self.emit(Fact::Originated { call, to: it.endpoint.clone(), then, until });
        if let Some(agent) = agent {
            self.agent_joins(&agent, call);
        }
        let (to, caller) = (it.endpoint, it.caller);
        self.command_when_durable(SwitchCommand::Dial { leg, to, caller, contact, auto_answer });
        call
    }

    /// The party whom a call is to serve has answered.
    pub(super) fn originated(&mut self, call: CallId, then: Option<Target>) {
        self.emit(Fact::CallAnswered { call });
        if let Some(target) = then {
            self.go_to(call, &target, Otherwise::GoOn, 0, Needs::default());
        }
    }

    /// The party whom a call is to serve was dialled long enough, or has not dialled on.
    pub(super) fn origination_timed_out(&mut self, call: CallId) {
        self.end_call(call, Cause::NoAnswer);
    }

    pub(super) fn dial_digits(&mut self, call: CallId, digits: PhoneNumber) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let Place::Originating(originating) = &it.place else {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "does not wait for a number to be dialled".to_owned(),
            });
        };
        if originating.then.is_some() || it.answered.is_none() {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "does not wait for a number to be dialled".to_owned(),
            });
        }
        let target = Target::Number(digits);
        self.route(&target)?;
        self.go_to(call, &target, Otherwise::GoOn, 0, Needs::default());
        Ok(Reply::Done)
    }

    /// Returns what a call to a target is for.
    pub(super) fn kind_of(&self, target: &Target) -> Result<CallKind, CommandError> {
        Ok(match self.route(target)? {
            Route::Ring { steps, .. } => {
                let outside =
                    steps.iter().flatten().any(|to| matches!(to, Endpoint::Outside { .. }));
                if outside { CallKind::Outgoing } else { CallKind::Internal }
            }
            Route::Queue(_) | Route::Flow(_) => CallKind::Service,
        })
    }

    fn can_begin(&self) -> Result<(), CommandError> {
        if self.draining { Err(CommandError::Stopping) } else { Ok(()) }
    }

    fn can_begin_call(&self, agent: &crate::id::AgentId) -> Result<(), CommandError> {
        if let Some(at_work) = self.state.agents.get(agent) {
            at_work.state.next(crate::agent::AgentInput::Begin(CallId(0)))?;
        }
        Ok(())
    }
}

/// How a call begins that the centre makes.
struct Beginning {
    kind: CallKind,
    origin: Origin,
    caller: PhoneNumber,
    called: PhoneNumber,
    by: Option<Party>,
    endpoint: Endpoint,
    ring_for: Duration,
    data: CallData,
}

/// Returns the number that stands for a target in the log.
pub(super) fn called_number(target: Option<&Target>) -> PhoneNumber {
    let text = match target {
        Some(Target::Number(number)) => return number.clone(),
        Some(Target::Numbers(numbers)) => {
            return numbers.first().cloned().unwrap_or_else(PhoneNumber::withheld);
        }
        Some(Target::Device(device)) => device.as_str(),
        Some(Target::Agent(agent)) => agent.as_str(),
        Some(Target::Queue(queue)) => queue.as_str(),
        Some(Target::Flow(flow)) => flow.as_str(),
        None => "",
    };
    PhoneNumber::parse(text).unwrap_or_else(|_| PhoneNumber::withheld())
}
