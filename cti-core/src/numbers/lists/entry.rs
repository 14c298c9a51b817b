//! An entry of the blacklist, the whitelist or the table of customers' agents.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, FlowId, QueueId},
    numbers::{NormalNumber, NumberPattern},
    time::Timestamp,
};

/// Which calls an entry speaks of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListScope {
    /// All calls to the centre.
    Centre,
    /// Calls to one number of it.
    Called(NormalNumber),
    /// Calls that are to wait in one queue.
    Queue(QueueId),
}

impl ListScope {
    pub(super) fn holds(&self, called: &NormalNumber, queue: Option<&QueueId>) -> bool {
        match self {
            Self::Centre => true,
            Self::Called(number) => number == called,
            Self::Queue(id) => Some(id) == queue,
        }
    }

    /// The narrower the less.
    pub(super) fn breadth(&self) -> u8 {
        match self {
            Self::Queue(_) => 0,
            Self::Called(_) => 1,
            Self::Centre => 2,
        }
    }
}

impl fmt::Display for ListScope {
    /// Prints what an import reads: `centre`, `called:12345`, `queue:general`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Centre => f.write_str("centre"),
            Self::Called(number) => write!(f, "called:{number}"),
            Self::Queue(queue) => write!(f, "queue:{queue}"),
        }
    }
}

impl fmt::Debug for ListScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What becomes of a caller on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlackLevel {
    /// The call is refused.
    Refuse,
    /// A flow takes the call, be it one that only plays a prompt.
    Divert(FlowId),
    /// The call goes its way, and the agent is told.
    Warn,
}

/// On which list an entry is, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListLevel {
    /// On the blacklist.
    Black(BlackLevel),
    /// On the whitelist.
    White {
        /// Whether the call is free of charge.
        free: bool,
        /// How much the contact's priority is raised; 0 leaves it.
        priority: i32,
    },
    /// A customer with an agent of his own (专属坐席): he waits for him first.
    Agent {
        /// Who.
        agent: AgentId,
        /// How long nobody else will do; anyone in the queue afterwards, or when that agent can take no calls.
        #[serde(rename = "only_for_ms", with = "crate::time::millis")]
        only_for: Duration,
    },
}

impl fmt::Display for ListLevel {
    /// Prints what an import reads, after the list: `black refuse`, `black flow:night`, `white free priority:5`,
    /// `agent 8001 for:30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Black(BlackLevel::Refuse) => f.write_str("black refuse"),
            Self::Black(BlackLevel::Divert(flow)) => write!(f, "black flow:{flow}"),
            Self::Black(BlackLevel::Warn) => f.write_str("black warn"),
            Self::White { free: true, priority: 0 } => f.write_str("white free"),
            Self::White { free: true, priority } => write!(f, "white free priority:{priority}"),
            Self::White { free: false, priority } => write!(f, "white priority:{priority}"),
            Self::Agent { agent, only_for } => {
                write!(f, "agent {agent} for:{}", only_for.as_secs())
            }
        }
    }
}

impl ListLevel {
    /// Returns whether it is on the whitelist.
    #[must_use]
    pub fn is_white(&self) -> bool {
        matches!(self, Self::White { .. })
    }

    /// Returns whether two entries stand in the same list, where the same callers can stand once.
    pub(super) fn same_list(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// An entry of the blacklist, the whitelist or the table of customers' agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Which callers it speaks of.
    pub number: NumberPattern,
    /// Which of their calls.
    pub scope: ListScope,
    /// On which list it is, and what follows.
    pub level: ListLevel,
    /// From when on it says nothing; never when absent.
    pub expires: Option<Timestamp>,
    /// Why it was made, for whoever reads it later; 1 to 200 characters.
    pub reason: String,
    /// Who made it.
    pub entered_by: String,
    /// When it was made.
    pub entered_at: Timestamp,
}

impl ListEntry {
    /// Returns whether it says nothing any more.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}
