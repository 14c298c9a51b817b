//! Muting (静音): a party hears and is not heard.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn mute(&mut self, call: CallId, who: &PartyRef, on: bool) -> Answer {
        let member = self.resolve(call, who)?;
        self.talking(call)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: ConnectionState::Connected,
            });
        }
        if member.muted != on {
            self.emit(Fact::Muted { call, leg: member.leg, on });
        }
        Ok(Reply::Done)
    }
}
