//! Muting (静音): a party hears and is not heard.

use crate::{
    center::{Answer, Center},
    command::Reply,
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn mute(&mut self, call: CallId, who: &PartyRef, on: bool) -> Answer {
        let member = self.resolve_taking_part(call, who)?;
        self.talking(call)?;
        if member.muted != on {
            self.emit(Fact::Muted { call, leg: member.leg, on });
        }
        Ok(Reply::Done)
    }
}
