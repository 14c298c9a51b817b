//! Roles in a conference (会议权限): what a party may do is changed while it goes on.

use crate::{
    center::{Answer, Center},
    command::Reply,
    event::Fact,
    id::CallId,
    role::Role,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn set_role(
        &mut self,
        call: CallId,
        who: &PartyRef,
        role: Role,
    ) -> Answer {
        let member = self.resolve_taking_part(call, who)?;
        self.talking(call)?;
        self.can_take_role(call, &member, role)?;
        if member.role != role {
            self.emit(Fact::RoleChanged { call, leg: member.leg, role });
            self.takes_part_as(call, &member, role);
        }
        Ok(Reply::Done)
    }
}
