//! Retrieve Call (ECMA-269 §17.1): a party goes on with those whom he had on hold.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn retrieve_call(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve_in(call, who, ConnectionState::Hold)?;
        if let Some(other) = self.connected_elsewhere(member.leg, call) {
            return Err(CommandError::InvalidState {
                reason: format!("{who} talks in {other}; hold or clear it first, or alternate"),
            });
        }
        self.retrieve_leg(call, member.leg);
        Ok(Reply::Done)
    }
}
