//! Clear Connection (ECMA-269 §17.1): one party leaves and the others go on.

use crate::{
    cause::Cause,
    center::{Answer, Center},
    command::{CommandError, Reply},
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn clear_connection(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve(call, who)?;
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        if member.leg == it.leg && !it.is_talk() {
            self.end_call(call, Cause::Normal);
        } else if it.waiting().is_some_and(|it| it.offer_by(member.leg).is_some()) {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "is being offered to him; he refuses it at his phone".to_owned(),
            });
        } else if member.state.takes_part() {
            self.party_leaves(call, member.leg, Cause::Normal);
        } else if member.invited.is_some() {
            self.invitation_ended(call, member.leg, crate::event::OfferEnd::Withdrawn);
        } else {
            self.hang_up_ringing(call, member.leg);
        }
        Ok(Reply::Done)
    }
}
