//! What a party may do in a conversation, as programs say it.

use cti_core::{
    id::{CallId, LegId},
    role::Role,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::target::Who;
use crate::rest::{RestState, calls::unknown, problem::Problem};

/// What a party may do: one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Hears and is heard.
    #[default]
    Full,
    /// Hears everyone and is heard by nobody.
    ListenOnly,
    /// Hears everyone and may ask to speak.
    MayAsk,
    /// Hears everyone and is heard by this party alone.
    Coach(Who),
}

impl PartyRole {
    /// Returns the role in a call; whom a coach speaks to must belong to it.
    pub(super) fn read(self, state: &RestState, call: CallId) -> Result<Role, Problem> {
        Ok(match self {
            Self::Full => Role::Full,
            Self::ListenOnly => Role::ListenOnly,
            Self::MayAsk => Role::MayAsk,
            Self::Coach(who) => Role::Coach { to: leg_in(state, call, who)? },
        })
    }
}

fn leg_in(state: &RestState, call: CallId, who: Who) -> Result<LegId, Problem> {
    let view = state.live.view();
    let live = view.call(call).ok_or_else(|| unknown(call))?;
    let party = who.into();
    super::leg_of(live, &party)
        .ok_or_else(|| Problem::invalid("role.coach", format!("{party} does not belong to {call}")))
}
