//! The record of one call (话单): one row for the call and one for each offer to an agent.

use std::{fmt, str::FromStr, time::Duration};

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, OfferEnd},
    id::{AgentId, CallId, ContactId, DeviceId, QueueId, RecordingId, SeatId},
    role::Role,
    switch::Origin,
    time::{Timestamp, millis},
};
use serde::{Deserialize, Serialize};

use crate::parties::{Entry, Member};

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
    /// How long agents and devices of the centre talked in it altogether: the sum over its legs.
    #[serde(rename = "talk_ms", with = "millis")]
    pub talk: Duration,
    /// How long they had it on hold altogether.
    #[serde(rename = "hold_ms", with = "millis")]
    pub hold: Duration,
    /// The agent who talked last.
    pub agent: Option<AgentId>,
    /// The offers and talks of everyone but the caller, in the order in which they began.
    pub legs: Vec<CallLeg>,
    /// The call that was on hold while this one asked.
    pub consults: Option<CallId>,
    /// The recording of the talk, or of the message, that has a file.
    pub recording: Option<RecordingId>,
    /// The number of the ticket that was made of it.
    pub ticket: Option<String>,
}

/// One offer to an agent, a device or a number, and the talk that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLeg {
    /// The agent, unless a device was rung without one.
    pub agent: Option<AgentId>,
    /// Where the agent sat.
    pub seat: Option<SeatId>,
    /// The device that rang, in the house.
    pub device: Option<DeviceId>,
    /// The number, outside.
    pub number: Option<PhoneNumber>,
    /// How he came in.
    pub entry: Entry,
    /// What he could do at last.
    pub role: Role,
    /// When it began to ring.
    pub offered: Timestamp,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// When the ringing or the talk ended.
    pub ended: Timestamp,
    /// How the offer ended.
    pub outcome: OfferEnd,
    /// How long he talked: connected, not on hold, heard, and with someone.
    #[serde(rename = "talk_ms", with = "millis")]
    pub talk: Duration,
    /// How long he had the call on hold.
    #[serde(rename = "hold_ms", with = "millis")]
    pub hold: Duration,
}

impl CallLeg {
    /// Returns the leg of a party who is not coming back, as it was when the call ended at `ended`.
    #[must_use]
    pub fn of(member: &Member, ended: Timestamp) -> Self {
        Self {
            agent: member.party.agent.clone(),
            seat: member.party.seat.clone(),
            device: member.party.device.clone(),
            number: member.party.number.clone(),
            entry: member.entry,
            role: member.role,
            offered: member.offered,
            answered: member.joined,
            ended: member.left.unwrap_or(ended),
            outcome: member.outcome.unwrap_or(match member.joined {
                Some(_) => OfferEnd::Answered,
                None => OfferEnd::Withdrawn,
            }),
            talk: member.talk(ended),
            hold: member.hold(ended),
        }
    }

    /// Returns how long it rang.
    #[must_use]
    pub fn ring(&self) -> Duration {
        self.answered.unwrap_or(self.ended).since(self.offered)
    }

    /// Returns whether the party is of the centre.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.agent.is_some() || self.device.is_some()
    }
}
