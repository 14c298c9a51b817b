//! What a party of a conversation may do: hear, speak, advise (会议权限).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::LegId;

/// What a party may do in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Hears and is heard (可听可说).
    #[default]
    Full,
    /// Hears everyone, is heard by nobody and is not announced: silent monitoring (单听, 监听).
    ListenOnly,
    /// Hears everyone, is heard by nobody and may ask to speak; the chair answers (单听可申请发言).
    MayAsk,
    /// Hears everyone and is heard by one party alone: whispering to an agent (密语, 辅导).
    Coach {
        /// Who hears him.
        to: LegId,
    },
}

impl Role {
    /// Returns whether a party of this role is heard by the party at `leg`.
    #[must_use]
    pub fn is_heard_by(self, leg: LegId) -> bool {
        match self {
            Self::Full => true,
            Self::Coach { to } => to == leg,
            Self::ListenOnly | Self::MayAsk => false,
        }
    }

    /// Returns whether the conversation lives by this party: one that only listens keeps no call alive.
    #[must_use]
    pub fn carries(self) -> bool {
        match self {
            Self::Full | Self::MayAsk => true,
            Self::ListenOnly | Self::Coach { .. } => false,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::ListenOnly => f.write_str("listen only"),
            Self::MayAsk => f.write_str("may ask to speak"),
            Self::Coach { to } => write!(f, "coach of {to}"),
        }
    }
}
