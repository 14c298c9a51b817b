//! Reconnect Call (ECMA-269 §17.1): one of two calls ends and its party goes on in the other.

use crate::{
    cause::Cause,
    center::{Answer, Center},
    command::Reply,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn reconnect(
        &mut self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        if self.state.calls[&active].leg == leg {
            self.end_call(active, Cause::Normal);
        } else {
            self.party_leaves(active, leg, Cause::Normal);
        }
        // A consultation brings its party back by itself; two calls of equal right do not.
        if self.is_held(held, leg) {
            self.retrieve_leg(held, leg);
        }
        Ok(Reply::Done)
    }
}
