//! Single Step Conference Call (ECMA-269 §17.1): someone is brought into a conversation, in a role.

use crate::{
    center::{Answer, Center},
    command::Reply,
    event::JoinReason,
    id::CallId,
    role::Role,
    target::{PartyRef, Target},
};

impl Center {
    pub(in crate::center) fn single_step_conference(
        &mut self,
        call: CallId,
        to: &Target,
        role: Role,
    ) -> Answer {
        self.talking(call)?;
        if let Role::Coach { to } = role {
            self.resolve(call, &PartyRef::Leg(to))?;
        }
        let to = self.route_to_someone(to)?;
        self.can_be_invited(call, &to)?;
        Ok(Reply::Leg(self.invite(call, to, role, JoinReason::Conference)))
    }
}
