//! Route Request and Route Select (ECMA-269 §20.2, §20.3): a program decides what becomes of a call. It may accept it,
//! answer it, play to it, collect digits from it and keep data with it first; if no program does anything in time the call goes
//! on where the plan says.

use std::time::Duration;

use super::{Answer, Center};
use crate::{
    call::{Otherwise, Place},
    command::{CommandError, Reply},
    connection::{ConnectionInput, ConnectionState},
    event::Fact,
    id::{CallId, DeviceId},
    needs::Needs,
    switch::SwitchCommand,
    target::Target,
};

/// How long a program that has answered a call may take to decide.
const PROGRAM_LIMIT: Duration = Duration::from_secs(3600);

impl Center {
    pub(super) fn route_request(
        &mut self,
        call: CallId,
        program: String,
        within: Duration,
        otherwise: Target,
    ) {
        let until = self.now + within;
        self.emit(Fact::RouteRequested { call, program, until, otherwise });
    }

    /// Accept Call (ECMA-269 §17.1.1): the caller hears that it rings, as long as a phone would.
    pub(super) fn accept_call(&mut self, call: CallId) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let Place::Program(program) = &it.place else {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "is not routed by a program".to_owned(),
            });
        };
        let (leg, name, state) = (it.leg, program.name.clone(), program.state);
        match state.next(ConnectionInput::Alert) {
            Ok(_) => {
                let until = self.now + self.config.times.ring_for;
                self.emit(Fact::CallAccepted { call, until });
                self.command_when_durable(SwitchCommand::Ring { leg });
                Ok(Reply::Done)
            }
            Err(_) => Err(CommandError::InvalidConnection {
                who: format!("program {name}"),
                call,
                is: state,
                needs: ConnectionState::Offered,
            }),
        }
    }

    /// Answer Call: by the phone that rings, or by the program that has the call.
    pub(super) fn answer_call(&mut self, call: CallId, device: Option<&DeviceId>) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        match (device, it.place.clone()) {
            (None, Place::Program(program)) => {
                if it.answered.is_none() {
                    let until = self.now + PROGRAM_LIMIT;
                    let (program, otherwise) = (program.name, program.otherwise);
                    self.emit(Fact::RouteRequested { call, program, until, otherwise });
                    self.answer_caller(call);
                }
                Ok(Reply::Done)
            }
            (None, _) => Err(CommandError::InvalidCallState {
                call,
                reason: "is not routed by a program".to_owned(),
            }),
            (Some(device), _) => {
                let ringing = it.parties.iter().find(|member| {
                    member.party.device.as_ref() == Some(device)
                        && member.state == ConnectionState::Alerting
                });
                let leg = ringing.map(|member| member.leg).ok_or_else(|| {
                    CommandError::InvalidCallState {
                        call,
                        reason: format!("does not ring at device {device}"),
                    }
                })?;
                self.command(SwitchCommand::AskToAnswer { leg });
                Ok(Reply::Done)
            }
        }
    }

    pub(super) fn route_select(
        &mut self,
        call: CallId,
        to: &Target,
        priority: u8,
        needs: Needs,
    ) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        if !matches!(it.place, Place::Program(_)) {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "is not routed by a program".to_owned(),
            });
        }
        let leg = it.leg;
        needs.check()?;
        self.route(to)?;
        self.silence(leg);
        self.go_to(call, to, Otherwise::GoOn, priority, needs);
        Ok(Reply::Done)
    }

    /// No program decided in time.
    pub(super) fn program_timed_out(&mut self, call: CallId) {
        let Some(Place::Program(program)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        let leg = self.state.calls[&call].leg;
        self.silence(leg);
        self.go_to(call, &program.otherwise, Otherwise::GoOn, 0, Needs::default());
    }
}
