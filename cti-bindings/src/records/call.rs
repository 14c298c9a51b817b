//! The record of one call (话单): one row for the call and one for each offer to an agent.

use std::{fmt, str::FromStr, time::Duration};

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, OfferEnd},
    id::{AgentId, CallId, ContactId, DeviceId, QueueId, RecordingId, SeatId},
    switch::Origin,
    time::{Timestamp, millis},
};
use serde::{Deserialize, Serialize};

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An agent or a device of the centre talked with the caller.
    Answered,
    /// The caller hung up while he waited for an agent.
    Abandoned,
    /// A queue sent the caller on and nobody answered.
    Overflowed,
    /// The caller left a message.
    Message,
    /// The flow served the caller, no agent was wanted.
    SelfService,
    /// The call was refused or broken off before anyone served it.
    Failed,
}

/// The text names no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no outcome {0}")]
pub struct UnknownOutcome(pub String);

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 6] = [
        Self::Answered,
        Self::Abandoned,
        Self::Overflowed,
        Self::Message,
        Self::SelfService,
        Self::Failed,
    ];

    /// Returns the name that is stored and that programs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Overflowed => "overflowed",
            Self::Message => "message",
            Self::SelfService => "self_service",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;
    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.name() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// One call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// The caller's number as received.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// What it was for.
    pub kind: CallKind,
    /// The trunk or device it came from.
    pub origin: Origin,
    /// When it came in.
    pub started: Timestamp,
    /// When the caller's leg was answered.
    pub answered: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it ended.
    pub cause: Cause,
    /// The last queue it waited in.
    pub queue: Option<QueueId>,
    /// How long it waited in queues altogether.
    #[serde(rename = "wait_ms", with = "millis")]
    pub wait: Duration,
    /// How long the caller talked with agents and devices altogether.
    #[serde(rename = "talk_ms", with = "millis")]
    pub talk: Duration,
    /// The agent who talked with the caller last.
    pub agent: Option<AgentId>,
    /// The offers and talks, in the order in which they began.
    pub legs: Vec<AgentLeg>,
    /// The recording of the talk, or of the message, that has a file.
    pub recording: Option<RecordingId>,
    /// The number of the ticket that was made of it.
    pub ticket: Option<String>,
}

/// One offer to an agent or device, and the talk that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLeg {
    /// The agent, unless a device was rung without one.
    pub agent: Option<AgentId>,
    /// Where the agent sat.
    pub seat: Option<SeatId>,
    /// The device that rang.
    pub device: DeviceId,
    /// When it began to ring.
    pub offered: Timestamp,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// When the ringing or the talk ended.
    pub ended: Timestamp,
    /// How the offer ended.
    pub outcome: OfferEnd,
}

impl AgentLeg {
    /// Returns how long it rang.
    #[must_use]
    pub fn ring(&self) -> Duration {
        self.answered.unwrap_or(self.ended).since(self.offered)
    }

    /// Returns how long the talk was.
    #[must_use]
    pub fn talk(&self) -> Duration {
        self.answered.map_or(Duration::ZERO, |answered| self.ended.since(answered))
    }
}
