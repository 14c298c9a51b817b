//! Asking for the floor (申请发言): the chair hears of it by an event, and answers by another role.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::Fact,
    id::CallId,
    role::Role,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn ask_floor(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve_in(call, who, ConnectionState::Connected)?;
        if member.role != Role::MayAsk {
            return Err(CommandError::InvalidState {
                reason: format!("{who} is in the conversation as {}, not to ask", member.role),
            });
        }
        self.emit(Fact::FloorAsked { call, leg: member.leg });
        Ok(Reply::Done)
    }
}
