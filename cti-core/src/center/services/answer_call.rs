//! Answer Call (ECMA-269 §17.1), by the phone that rings or by the program that has the call.

use std::time::Duration;

use crate::{
    call::Place,
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::Fact,
    id::{CallId, DeviceId},
    switch::SwitchCommand,
};

/// How long a program that has answered a call may take to decide.
const PROGRAM_LIMIT: Duration = Duration::from_secs(3600);

impl Center {
    /// Answer Call: by the phone that rings, or by the program that has the call.
    pub(in crate::center) fn answer_call(
        &mut self,
        call: CallId,
        device: Option<&DeviceId>,
    ) -> Answer {
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
}
