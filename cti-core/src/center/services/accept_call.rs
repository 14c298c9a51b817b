//! Accept Call (ECMA-269 §17.1), by the program that routes it: the caller hears that it rings.

use crate::{
    call::Place,
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::{ConnectionInput, ConnectionState},
    event::Fact,
    id::CallId,
    switch::SwitchCommand,
};

impl Center {
    /// Accept Call (ECMA-269 §17.1): the caller hears that it rings, as long as a phone would.
    pub(in crate::center) fn accept_call(&mut self, call: CallId) -> Answer {
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
}
