//! Alternate Call (ECMA-269 §17.1): a party goes from one of his two calls to the other.

use crate::{
    center::{Answer, Center},
    command::Reply,
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn alternate(
        &mut self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        self.talking(active)?;
        self.emit(Fact::Held { call: active, leg });
        self.retrieve_leg(held, leg);
        Ok(Reply::Done)
    }
}
