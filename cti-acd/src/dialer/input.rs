//! What can happen to a dialer, and what it wants done.

use std::time::Duration;

use cti_core::{address::PhoneNumber, id::AgentId, router::Why, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    id::{AttemptId, RecordId},
    record::End,
};

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A customer is to be called.
    Import(NewRecord),
    /// A customer is not to be called any more (回收).
    Recall(RecordId),
    /// A number came onto the list of those who do not want calls, or left it.
    DoNotCall {
        /// Which number.
        number: PhoneNumber,
        /// Whether it is on the list from now on.
        listed: bool,
    },
    /// Dialling begins, or goes on after a pause.
    Start,
    /// Nothing more is dialled; calls under way go on.
    Pause,
    /// An agent waits for a call, after signing in or when he is done with one.
    AgentIdle(AgentId),
    /// An agent does something else: a call that came in, a break.
    AgentBusy(AgentId),
    /// An agent works for the campaign no more.
    AgentGone(AgentId),
    /// In preview: the agent starts the call.
    PreviewAccepted(AgentId),
    /// In preview: the agent does not want to call this customer now.
    PreviewDeclined(AgentId),
    /// What became of an attempt.
    Outcome {
        /// Which attempt.
        attempt: AttemptId,
        /// What became of it.
        outcome: CallOutcome,
    },
    /// The agent could not be connected with who answered: the call waits again, until the same moment as before.
    NotConnected(AttemptId),
    /// What came of a talk.
    Result {
        /// Whose.
        record: RecordId,
        /// What came of it.
        result: ContactResult,
    },
    /// How many callers who came in wait for an agent of the campaign.
    InboundWaiting(u32),
    /// How many lines the campaign may use from now on.
    Lines(u32),
}

/// A customer to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRecord {
    /// His number in the list.
    pub id: RecordId,
    /// His telephone numbers, one to eight, the best one first.
    pub numbers: Vec<PhoneNumber>,
    /// His region by name; by the prefix of his first number when absent.
    #[serde(default)]
    pub region: Option<String>,
    /// The quota cells that he counts in, by name; at most eight.
    #[serde(default)]
    pub cells: Vec<String>,
    /// Greater ones are called first.
    #[serde(default)]
    pub priority: i32,
    /// Not before this moment.
    #[serde(default)]
    pub not_before: Timestamp,
}

impl NewRecord {
    /// Returns a customer with one number, of no quota cell, to be called at once.
    #[must_use]
    pub fn new(id: RecordId, number: PhoneNumber) -> Self {
        Self {
            id,
            numbers: vec![number],
            region: None,
            cells: Vec::new(),
            priority: 0,
            not_before: Timestamp::ZERO,
        }
    }
}

/// What becomes of an attempt, as signalling and detection tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// A person answered.
    Answered,
    /// A machine answered.
    Machine,
    /// A busy tone (486, 600).
    Busy,
    /// Nobody answered (408, 480, or the time to ring was over).
    NoAnswer,
    /// There is no such number (404, 484).
    Unobtainable,
    /// The call was declined (603).
    Declined,
    /// The network could not place the call; the customer has noticed nothing.
    Failed,
    /// A person who had answered hung up; before an agent came that is an abandoned call.
    HungUp,
}

/// What came of a talk, as the agent or the flow tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactResult {
    /// All is done; counts in the quota.
    Completed,
    /// The customer does not want to talk (拒访).
    Refused,
    /// The customer asked to be called at a moment (预约).
    CallBack {
        /// When.
        at: Timestamp,
    },
    /// Another number of the customer is to be dialled now (下一个电话).
    NextNumber,
    /// The number is not the customer's.
    WrongNumber,
    /// The customer wants no calls; the number goes onto the list.
    DoNotCall,
    /// Nothing came of it: once more, after the minimum gap (重拨).
    Again,
}

/// What a dialer wants done or known; each decision with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Show the record to the agent.
    Preview {
        /// Which one.
        record: RecordId,
        /// To whom.
        agent: AgentId,
        /// Until when he may look at it.
        until: Timestamp,
        /// Why this record.
        why: Why,
    },
    /// Take the record from the agent's screen.
    PreviewEnded {
        /// Which one.
        record: RecordId,
        /// From whom.
        agent: AgentId,
        /// Why.
        why: Why,
    },
    /// Dial, and tell what becomes of it.
    Dial {
        /// Under which number outcomes are told.
        attempt: AttemptId,
        /// Whom.
        record: RecordId,
        /// Which number.
        number: PhoneNumber,
        /// Ring no longer than this, then tell [`CallOutcome::NoAnswer`].
        ring_for: Duration,
        /// Why now.
        why: Why,
    },
    /// Connect who answered with the agent.
    Connect {
        /// Which call.
        attempt: AttemptId,
        /// Who answered.
        record: RecordId,
        /// With whom.
        agent: AgentId,
        /// Why him.
        why: Why,
    },
    /// Let the campaign's flow talk to who answered.
    StartFlow {
        /// Which call.
        attempt: AttemptId,
        /// Who answered.
        record: RecordId,
        /// Why.
        why: Why,
    },
    /// Say who called, apologise and hang up: nobody is free.
    Abandon {
        /// Which call.
        attempt: AttemptId,
        /// Who answered.
        record: RecordId,
        /// Why.
        why: Why,
    },
    /// Hang up: nothing was told of the attempt for too long.
    Clear {
        /// Which call.
        attempt: AttemptId,
        /// Why.
        why: Why,
    },
    /// The record came into the list.
    Imported {
        /// Which one.
        record: RecordId,
        /// Which of its numbers were left out, in words.
        why: Why,
    },
    /// The customer will be called again.
    Retry {
        /// Who.
        record: RecordId,
        /// Not before this moment.
        at: Timestamp,
        /// Why.
        why: Why,
    },
    /// The customer will not be called again.
    Ended {
        /// Who.
        record: RecordId,
        /// How it ended.
        end: End,
        /// Why.
        why: Why,
    },
    /// As many contacts as wanted are completed in a quota cell.
    QuotaReached {
        /// Which cell.
        cell: String,
        /// Why that matters.
        why: Why,
    },
}

/// Something that makes no sense now; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialerError {
    /// The record cannot come into the list.
    #[error("{record}: {reason}")]
    Import {
        /// Which one.
        record: RecordId,
        /// Why not.
        reason: ImportRefusal,
    },
    /// There is no such record.
    #[error("there is no {0}")]
    UnknownRecord(RecordId),
    /// There is no such attempt under way.
    #[error("there is no {0} under way")]
    UnknownAttempt(AttemptId),
    /// The agent does not work for the campaign.
    #[error("agent {0} does not work for the campaign")]
    UnknownAgent(AgentId),
    /// The agent is not shown a record.
    #[error("agent {0} is shown no record")]
    NoPreview(AgentId),
    /// The attempt is not at a point where this can happen.
    #[error("{attempt} cannot have this outcome: {reason}")]
    Outcome {
        /// Which attempt.
        attempt: AttemptId,
        /// Why not.
        reason: &'static str,
    },
    /// The record is not at a point where this can happen.
    #[error("{record}: {reason}")]
    Record {
        /// Which record.
        record: RecordId,
        /// Why not.
        reason: &'static str,
    },
    /// The list of those who want no calls is full.
    #[error("the do-not-call list holds at most {most} numbers")]
    DoNotCallFull {
        /// How many it holds.
        most: usize,
    },
}

/// Why a record cannot come into the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// The number of the record is taken.
    #[error("id: there is such a record")]
    Twice,
    /// It has no numbers, or too many.
    #[error("numbers: a customer has one to {most}, this one has {count}")]
    Numbers {
        /// How many it has.
        count: usize,
        /// How many it may have.
        most: usize,
    },
    /// A number is withheld, which cannot be dialled.
    #[error("numbers: one of them is empty")]
    NoNumber,
    /// Another record has the same number.
    #[error("numbers: {number} belongs to {record}")]
    NumberTaken {
        /// The number, masked when printed.
        number: PhoneNumber,
        /// Whose it is.
        record: RecordId,
    },
    /// None of the numbers may be called.
    #[error("numbers: all are on the do-not-call list")]
    DoNotCall,
    /// There is no such region.
    #[error("region: there is no {0}")]
    UnknownRegion(String),
    /// There is no such quota cell.
    #[error("cells: there is no {0}")]
    UnknownCell(String),
    /// It counts in too many quota cells.
    #[error("cells: at most {most}")]
    TooManyCells {
        /// How many it may count in.
        most: usize,
    },
    /// The campaign holds as many records as it may.
    #[error("the campaign holds at most {most} records")]
    Full {
        /// How many.
        most: usize,
    },
}
