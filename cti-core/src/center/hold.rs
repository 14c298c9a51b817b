//! Hold Call (ECMA-269 §17.1.15): a party leaves the others waiting, by his phone or by a program.

use super::{Answer, Center};
use crate::{
    command::Reply,
    connection::ConnectionState,
    event::Fact,
    id::{CallId, LegId},
    target::PartyRef,
};

impl Center {
    pub(super) fn hold_call(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve_in(call, who, ConnectionState::Connected)?;
        self.talking(call)?;
        self.emit(Fact::Held { call, leg: member.leg });
        Ok(Reply::Done)
    }

    /// The party's phone put the call on hold.
    pub(super) fn held(&mut self, leg: LegId) {
        let Some(call) = self.state.active_call(leg) else { return };
        let Some(it) = self.state.calls.get(&call).filter(|it| it.is_talk()) else { return };
        if it.member(leg).is_some_and(|it| it.state == ConnectionState::Connected) {
            self.emit(Fact::Held { call, leg });
        }
    }
}
