//! The seam to routing: who gets a waiting contact, and why.
//!
//! A router follows the facts of the log and holds only indexes derived from them. It proposes; the Center decides,
//! reserves, and tells by further facts what came of the proposal. It reads no clock and keeps no second copy of who
//! is reserved.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    event::Event,
    id::{AgentId, ContactId, QueueId},
    time::Timestamp,
};

/// Why a router proposes something, in words for the supervisor; kept in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The rule that decided, for example `longest_idle`.
    pub rule: String,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
}

/// Why a contact leaves a queue without an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverflowReason {
    /// It waited as long as the queue allows.
    WaitedTooLong,
    /// The queue was full when it came.
    QueueFull,
    /// Nobody who is signed in can take calls.
    NobodyStaffed,
    /// The wait that it could expect is longer than the queue allows.
    ExpectedWait,
    /// Too few of the last callers were answered in time.
    ServiceLevel,
    /// The queue is closed at this hour.
    Closed,
}

/// What a router proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Offer the contact to the agent.
    Offer {
        /// Who waits.
        contact: ContactId,
        /// Who is free.
        agent: AgentId,
        /// Why these two.
        why: Why,
    },
    /// Let the contact go on without an agent.
    Overflow {
        /// Who waits.
        contact: ContactId,
        /// By which rule.
        reason: OverflowReason,
        /// In words.
        why: Why,
    },
    /// Let the contact go on waiting in another queue, with the place that its wait so far gives it.
    Move {
        /// Who waits.
        contact: ContactId,
        /// Where it goes on waiting.
        queue: QueueId,
        /// In words.
        why: Why,
    },
    /// Change the priority of a waiting contact by a rule.
    Raise {
        /// Who waits.
        contact: ContactId,
        /// Higher is served first.
        priority: u8,
        /// In words.
        why: Why,
    },
    /// Raise an alarm: a rule or a script of the router failed and another one decides meanwhile.
    RuleFailed {
        /// The rule.
        rule: String,
        /// What went wrong.
        reason: String,
    },
    /// The rule works again.
    RuleWorksAgain {
        /// The rule.
        rule: String,
    },
    /// Tell the supervisors that callers wait and nobody can take them.
    NobodyStaffed {
        /// The queue concerned.
        queue: QueueId,
    },
    /// The queue is staffed again.
    StaffedAgain {
        /// The queue concerned.
        queue: QueueId,
    },
}

/// One answer to "why is this contact where it is?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// When it was decided, or now.
    pub at: Timestamp,
    /// What was decided and why.
    pub why: Why,
}

/// Proposes which agent takes a waiting contact.
pub trait Router: fmt::Debug + Send {
    /// Follows one fact. Must not fail and must not decide anything.
    fn apply(&mut self, event: &Event);

    /// Returns the next proposal for `now`, until `None`. The Center carries each one out, and its facts come back
    /// by [`apply`](Self::apply), before it asks again.
    fn propose(&mut self, now: Timestamp) -> Option<Proposal>;

    /// When [`propose`](Self::propose) may have something new though nothing has happened.
    fn poll_timeout(&self) -> Option<Timestamp>;

    /// Returns how many contacts are served before this one, plus one; `None` when it does not wait.
    fn position(&self, contact: ContactId) -> Option<usize>;

    /// Returns the wait that the contact can expect, where enough is known.
    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration>;

    /// Explains where the contact stands, oldest decision first.
    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation>;

    /// Returns everything that [`restore`](Self::restore) needs.
    fn snapshot(&self) -> serde_json::Value;

    /// Takes over a snapshot of the same version of the router.
    ///
    /// # Errors
    /// When the snapshot does not fit.
    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error>;
}
