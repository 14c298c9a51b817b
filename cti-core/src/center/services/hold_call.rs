//! Hold Call (ECMA-269 §17.1): a party leaves the others waiting.

use crate::{
    center::{Answer, Center},
    command::Reply,
    connection::ConnectionState,
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn hold_call(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve_in(call, who, ConnectionState::Connected)?;
        self.talking(call)?;
        self.emit(Fact::Held { call, leg: member.leg });
        Ok(Reply::Done)
    }
}
