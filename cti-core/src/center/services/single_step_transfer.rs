//! Single Step Transfer Call (ECMA-269 §17.1): the others are sent on, unasked.

use crate::{
    center::{Answer, Center, transfer::recall_to},
    command::Reply,
    event::JoinReason,
    id::CallId,
    needs::Needs,
    role::Role,
    target::{PartyRef, Target},
};

impl Center {
    pub(in crate::center) fn single_step_transfer(
        &mut self,
        call: CallId,
        who: &PartyRef,
        to: &Target,
    ) -> Answer {
        let by = self.can_leave(call, who)?;
        let to = &match &by.party.device {
            Some(device) => self.meant_at(device, to.clone()),
            None => to.clone(),
        };
        self.route(to)?;
        if self.leaves_one_behind(call, by.leg).is_ok() {
            self.passed_on(call, by.leg, to.clone());
            self.go_to(call, to, recall_to(by.party.device), 0, Needs::default());
        } else {
            // Two or more go on talking: the target joins them.
            let endpoint = self.route_to_someone(to)?;
            self.can_be_invited(call, &endpoint)?;
            self.passed_on(call, by.leg, to.clone());
            self.invite(call, endpoint, Role::Full, JoinReason::Conference);
        }
        Ok(Reply::Done)
    }
}
