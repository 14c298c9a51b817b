//! What a flow is for, which limits the nodes it may have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a flow is for; limits the nodes it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The main flow of an incoming call.
    Inbound,
    /// What a caller hears while he waits in a queue.
    Queue,
    /// What an agent hears before he is put through (报工号, 来电提示).
    Whisper,
    /// What a caller hears after the agent has hung up (满意度).
    AfterCall,
    /// What a person hears whom the centre has called.
    Outbound,
    /// A mailbox.
    Voicemail,
    /// Decides without a word where a call goes; it has no media.
    Routing,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Inbound,
        Self::Queue,
        Self::Whisper,
        Self::AfterCall,
        Self::Outbound,
        Self::Voicemail,
        Self::Routing,
    ];

    /// Returns the name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Queue => "queue",
            Self::Whisper => "whisper",
            Self::AfterCall => "after_call",
            Self::Outbound => "outbound",
            Self::Voicemail => "voicemail",
            Self::Routing => "routing",
        }
    }

    /// Returns the name that people see, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Inbound => "来电",
            Self::Queue => "排队等待",
            Self::Whisper => "接通前提示",
            Self::AfterCall => "通话后",
            Self::Outbound => "外呼",
            Self::Voicemail => "语音信箱",
            Self::Routing => "路由",
        }
    }

    /// Returns whether the session must come to an end by itself: a waiting caller is taken out of his flow by an
    /// agent, everybody else stays until the flow lets him go.
    pub(crate) const fn ends_by_itself(self) -> bool {
        match self {
            Self::Queue => false,
            Self::Inbound
            | Self::Whisper
            | Self::AfterCall
            | Self::Outbound
            | Self::Voicemail
            | Self::Routing => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
