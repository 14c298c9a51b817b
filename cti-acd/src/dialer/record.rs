//! A customer of the list and where he stands.
//!
//! ```text
//!            ┌───── declined, time over ──────┐
//!            ▼                                │
//!   ┌──▶ Waiting ─── preview ──▶ Offered ─────┘
//!   │        │                      │ accepted
//!   │        └──────┬───────────────┘
//!   │               ▼          answered            agent, flow
//!   │           Dialling ──────────────▶ Answered ─────────────▶ Talking
//!   │  busy, no answer, │      nobody free │                        │ result
//!   └───────────────────┴──────────────────┴────────────────────────┴───▶ Ended
//! ```

use std::{collections::VecDeque, time::Duration};

use cti_core::{address::PhoneNumber, id::AgentId, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{id::AttemptId, list::GroupNo};

pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// The most numbers a customer has.
pub const MAX_NUMBERS: usize = 8;

/// Where a customer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Not called before a moment, then in turn.
    Waiting {
        /// Not before this moment.
        due: Timestamp,
    },
    /// Shown to an agent.
    Offered {
        /// To whom.
        agent: AgentId,
    },
    /// A phone of his rings.
    Dialling {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// He has answered and waits for an agent.
    Answered {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// He talks with an agent or a flow.
    Talking {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// He will not be called again.
    Ended(End),
}

/// Why a customer will not be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All is done.
    Completed,
    /// The talk ended and nobody told what came of it.
    NoResult,
    /// He was dialled as often as the rules allow.
    MaxAttempts,
    /// He refused as often as the rules allow.
    MaxRefusals,
    /// None of his numbers can be dialled.
    NoNumberLeft,
    /// He wants no calls.
    DoNotCall,
    /// The administrator took him back.
    Recalled,
}

/// One number of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) number: PhoneNumber,
    /// Whether it can be dialled at all.
    pub(super) usable: bool,
    /// When it was dialled, of the last 24 hours.
    pub(super) dialled: VecDeque<Timestamp>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub(super) lines: Vec<Line>,
    /// Which of them comes next.
    pub(super) next: usize,
    pub(super) region: u16,
    pub(super) cells: Vec<u16>,
    /// Where the list keeps him.
    #[serde(skip)]
    pub(super) group: GroupNo,
    pub(super) priority: i32,
    pub(super) attempts: u16,
    pub(super) refusals: u16,
    /// Taken back while a call was under way.
    pub(super) recalled: bool,
    pub(super) state: RecordState,
}

impl Record {
    /// Returns where he stands.
    #[must_use]
    pub fn state(&self) -> &RecordState {
        &self.state
    }

    /// Returns how often he was dialled; calls that the network could not place do not count.
    #[must_use]
    pub fn attempts(&self) -> u16 {
        self.attempts
    }

    /// Returns how often he refused.
    #[must_use]
    pub fn refusals(&self) -> u16 {
        self.refusals
    }

    /// Returns the number that is dialled next, or is being dialled.
    #[must_use]
    pub fn number(&self) -> &PhoneNumber {
        &self.lines[self.next].number
    }

    /// Goes on to the next number that can be dialled, round and round; says whether there is one.
    pub(super) fn turn(&mut self) -> bool {
        let count = self.lines.len();
        let next = (1..=count).map(|step| (self.next + step) % count);
        let found = next.into_iter().find(|index| self.lines[*index].usable);
        if let Some(index) = found {
            self.next = index;
        }
        found.is_some()
    }

    /// Returns whether another of his numbers can be dialled.
    pub(super) fn has_other_number(&self) -> bool {
        self.lines.iter().enumerate().any(|(index, line)| line.usable && index != self.next)
    }

    /// When the number that comes next may be dialled again, where it may be `most` times in 24 hours.
    pub(super) fn rested_at(&self, most: u16) -> Timestamp {
        let dialled = &self.lines[self.next].dialled;
        let counts = dialled.len().checked_sub(usize::from(most));
        let first = counts.and_then(|index| dialled.get(index));
        first.map_or(Timestamp::ZERO, |at| *at + DAY)
    }
}
