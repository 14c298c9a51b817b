//! Conference Call (ECMA-269 §17.1): two calls become one.

use crate::{
    cause::Cause,
    center::transfer::speaks,
    center::{Answer, Center},
    command::Reply,
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn conference(
        &mut self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        let (held, active) = self.asked_from(held, active);
        self.talking(held)?;
        self.talking(active)?;
        let by = self.resolve(held, who)?;
        speaks(&by, who)?;
        let by = by.party;
        let others = self.others(active, leg);
        self.bring_over(active, held, &others, Cause::Conferenced);
        self.finish_call(active, Cause::Conferenced);
        if self.is_held(held, leg) {
            self.retrieve_leg(held, leg);
        }
        self.emit(Fact::Conferenced { call: held, by, from: active });
        Ok(Reply::Done)
    }
}
