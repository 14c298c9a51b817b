//! Transfer Call (ECMA-269 §17.1): those of one call talk with those of the other, and who brought them together leaves.

use crate::{
    center::{Answer, Center},
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn transfer(
        &mut self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        self.bring_together((held, leg), (active, leg), who)
    }
}
