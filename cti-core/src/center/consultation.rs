//! The two calls of a party who asks someone while those he talked with are on hold. Both share his leg; he is connected
//! in one of them at a time.

use super::Center;
use crate::{command::CommandError, connection::ConnectionState, id::CallId, target::PartyRef};

impl Center {
    /// Returns the leg by which a party holds one call and talks in another.
    pub(super) fn two_calls(
        &self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Result<crate::id::LegId, CommandError> {
        if held == active {
            return Err(CommandError::InvalidValue {
                field: "held".to_owned(),
                reason: "must be another call than the active one".to_owned(),
            });
        }
        let on_hold = self.resolve_in(held, who, ConnectionState::Hold)?;
        let talks = self.resolve_in(active, who, ConnectionState::Connected)?;
        if on_hold.leg != talks.leg {
            return Err(CommandError::InvalidState {
                reason: format!("{who} is at different phones in {held} and {active}"),
            });
        }
        Ok(talks.leg)
    }

    /// Checks that a call is a conversation.
    pub(super) fn talking(&self, call: CallId) -> Result<(), CommandError> {
        match self.state.calls.get(&call) {
            Some(it) if it.is_talk() => Ok(()),
            Some(_) => Err(CommandError::InvalidCallState {
                call,
                reason: "is no conversation yet".to_owned(),
            }),
            None => Err(CommandError::UnknownCall { call }),
        }
    }
}
