//! Why a leg, an offer or a call ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a leg or a call ended, or was refused; the switch maps it to and from SIP (RFC 3261 §21) and Q.850 codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A party hung up after the talk (Q.850 16).
    Normal,
    /// The caller gave up before an answer (SIP 487).
    Cancelled,
    /// The party is engaged (SIP 486, 600).
    Busy,
    /// The party did not answer in time (SIP 408, 480).
    NoAnswer,
    /// The party refused (SIP 603).
    Rejected,
    /// The device is not registered or cannot be reached (SIP 480).
    Unreachable,
    /// No such number (SIP 404).
    UnknownNumber,
    /// The caller may not dial this (SIP 403).
    Forbidden,
    /// No codec in common, or the offer made no sense (SIP 488).
    Incompatible,
    /// The system is draining or full (SIP 503).
    ServiceUnavailable,
    /// The media or signalling of the leg vanished without a good-bye.
    Lost,
    /// The process that carried the call ended; found at the next start.
    SystemRestart,
    /// A supervisor or a program cleared the call.
    Cleared,
    /// The flow came to its end.
    FlowEnded,
    /// The party left by a transfer, or the call ended in another one.
    Transferred,
    /// The call ended in a conference.
    Conferenced,
    /// A supervisor took the call over.
    TakenOver,
    /// Another one who was rung for the same call answered first (RFC 3326, call completed elsewhere).
    AnsweredElsewhere,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::NoAnswer => "no answer",
            Self::Rejected => "rejected",
            Self::Unreachable => "unreachable",
            Self::UnknownNumber => "unknown number",
            Self::Forbidden => "forbidden",
            Self::Incompatible => "incompatible",
            Self::ServiceUnavailable => "service unavailable",
            Self::Lost => "lost",
            Self::SystemRestart => "system restart",
            Self::Cleared => "cleared",
            Self::FlowEnded => "flow ended",
            Self::Transferred => "transferred",
            Self::Conferenced => "conferenced",
            Self::TakenOver => "taken over",
            Self::AnsweredElsewhere => "answered elsewhere",
        })
    }
}
