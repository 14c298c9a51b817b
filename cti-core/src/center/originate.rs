//! How the centre begins a call.
//!
//! The party whom the call is to serve is dialled first: the calling device, or in a predictive call the number
//! outside. Once it has answered the call goes where it was meant to go, like any other.

use std::time::Duration;

use super::{Center, targets::Route};
use crate::{
    address::PhoneNumber,
    call::Otherwise,
    cause::Cause,
    command::CommandError,
    event::{CallKind, Fact, Party},
    flow::CallData,
    id::{CallId, ContactId, LegId},
    needs::Needs,
    switch::{Endpoint, Origin, SwitchCommand},
    target::Target,
};

impl Center {
    /// Begins a call by dialling the party whom it is to serve.
    pub(super) fn originate(
        &mut self,
        it: Beginning,
        then: Option<Target>,
        auto_answer: bool,
    ) -> CallId {
        let call = CallId(self.state.counters.call.0 + 1);
        let contact = ContactId(self.state.counters.contact.0 + 1);
        let leg = self.leg_to(&it.endpoint, &mut LegId(0));
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

    pub(super) fn can_begin(&self) -> Result<(), CommandError> {
        if self.draining { Err(CommandError::Stopping) } else { Ok(()) }
    }

    pub(super) fn can_begin_call(&self, agent: &crate::id::AgentId) -> Result<(), CommandError> {
        if let Some(at_work) = self.state.agents.get(agent) {
            at_work.state.next(crate::agent::AgentInput::Begin(CallId(0)))?;
        }
        Ok(())
    }
}

/// How a call begins that the centre makes.
pub(super) struct Beginning {
    pub(super) kind: CallKind,
    pub(super) origin: Origin,
    pub(super) caller: PhoneNumber,
    pub(super) called: PhoneNumber,
    pub(super) by: Option<Party>,
    pub(super) endpoint: Endpoint,
    pub(super) ring_for: Duration,
    pub(super) data: CallData,
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
