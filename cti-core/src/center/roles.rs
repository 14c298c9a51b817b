//! Which roles of a conversation go together (会议权限).

use super::Center;
use crate::{call::Member, command::CommandError, id::CallId, role::Role, target::PartyRef};

impl Center {
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
}
