//! What parties of a conversation may do: roles, the floor, muting (会议权限, 申请发言, 静音).

use super::{Answer, Center};
use crate::{
    call::Member,
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::Fact,
    id::CallId,
    role::Role,
    target::PartyRef,
};

impl Center {
    pub(super) fn set_role(&mut self, call: CallId, who: &PartyRef, role: Role) -> Answer {
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

    /// Checks that a party can have a role: two who talk must remain, and nobody coaches himself.
    pub(super) fn can_take_role(
        &self,
        call: CallId,
        member: &Member,
        role: Role,
    ) -> Result<(), CommandError> {
        if let Role::Coach { to } = role {
            let heard_by = self.resolve(call, &PartyRef::Leg(to))?;
            if heard_by.leg == member.leg {
                return Err(CommandError::InvalidValue {
                    field: "role".to_owned(),
                    reason: "nobody coaches himself".to_owned(),
                });
            }
        }
        let it = &self.state.calls[&call];
        let carriers = it.talkers().filter(|it| it.role.carries()).count();
        if member.role.carries() && !role.carries() && (carriers <= 2 || member.leg == it.leg) {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "would be left without two who talk".to_owned(),
            });
        }
        Ok(())
    }

    pub(super) fn ask_floor(&mut self, call: CallId, who: &PartyRef) -> Answer {
        let member = self.resolve_in(call, who, ConnectionState::Connected)?;
        if member.role != Role::MayAsk {
            return Err(CommandError::InvalidState {
                reason: format!("{who} is in the conversation as {}, not to ask", member.role),
            });
        }
        self.emit(Fact::FloorAsked { call, leg: member.leg });
        Ok(Reply::Done)
    }

    pub(super) fn mute(&mut self, call: CallId, who: &PartyRef, on: bool) -> Answer {
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
        if member.muted != on {
            self.emit(Fact::Muted { call, leg: member.leg, on });
        }
        Ok(Reply::Done)
    }
}
