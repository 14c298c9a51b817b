//! Roles in a conference (会议权限): what a party may do is changed while it goes on.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
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
        let member = self.resolve(call, who)?;
        self.talking(call)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: ConnectionState::Connected,
            });
        }
        self.can_take_role(call, &member, role)?;
        if member.role != role {
            self.emit(Fact::RoleChanged { call, leg: member.leg, role });
            self.takes_part_as(call, &member, role);
        }
        Ok(Reply::Done)
    }
}
