//! The seam to routing: who gets a waiting contact, and why.
//!
//! A router follows the facts of the log and holds only indexes derived from them. It proposes; the Center decides,
//! reserves, and tells by further facts what came of the proposal. It reads no clock and keeps no second copy of who
//! is reserved.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    address::PhoneNumber,
    calendar::{Calendars, MissingSchedule},
    event::Event,
    id::{AgentId, CallId, ContactId, QueueId},
    needs::Needs,
    target::Target,
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

/// What an administrator asks of the rules by which a router decides. It takes effect at once with contacts waiting,
/// and nobody loses his place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulesChange {
    /// These rules are in force.
    Replace(Value),
    /// These rules follow in the shadow: they decide nothing, and are compared with those in force.
    Shadow(Value),
    /// Nothing follows in the shadow any more.
    Unshadow,
    /// The rules in the shadow are in force.
    Switch,
    /// The rules from before the last change are in force again.
    RollBack,
}

/// What became of the rules of a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulesChanged {
    /// Others are in force.
    Replaced,
    /// Others follow in the shadow.
    Shadowed,
    /// None follow in the shadow any more.
    Unshadowed,
    /// Those in the shadow are in force.
    Switched,
    /// Those from before the last change are in force again.
    RolledBack,
}

impl RulesChange {
    /// Returns what became of the rules.
    #[must_use]
    pub fn done(&self) -> RulesChanged {
        match self {
            Self::Replace(_) => RulesChanged::Replaced,
            Self::Shadow(_) => RulesChanged::Shadowed,
            Self::Unshadow => RulesChanged::Unshadowed,
            Self::Switch => RulesChanged::Switched,
            Self::RollBack => RulesChanged::RolledBack,
        }
    }
}

/// Rules that were not taken; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidRules {
    /// Which field of the document.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a router proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Offer the contact to one more agent. It may be on offer to others already, up to
    /// [`Waiting::MAX_OFFERS`](crate::call::Waiting::MAX_OFFERS) in all: the first answer wins, and whoever else was
    /// rung is ready again at once.
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
        /// Where it goes on; where its flow sends it when absent, or when nobody can be had there. In a queue it waits
        /// with the place that its wait so far gives it.
        to: Option<Target>,
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
    /// Let a caller who gave up be called back (漏接回拨): open a call-back that waits for him.
    CallBack {
        /// The contact that gave up.
        contact: ContactId,
        /// His number.
        number: PhoneNumber,
        /// Where the call-back waits.
        queue: QueueId,
        /// Higher is served first.
        priority: u8,
        /// What it asks of the agent.
        needs: Needs,
        /// From when its place counts, if not from now.
        since: Option<Timestamp>,
        /// In words.
        why: Why,
    },
    /// Withdraw a contact without a call: it is no longer needed.
    Withdraw {
        /// Who waits.
        contact: ContactId,
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

    /// When [`propose`](Self::propose) may have something new though nothing has happened; `None` from a router to
    /// which time alone means nothing.
    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// Returns how many contacts are served before this one, plus one; `None` when it does not wait.
    fn position(&self, contact: ContactId) -> Option<usize>;

    /// Returns the wait that the contact can expect, where enough is known; `None` from a router that does not estimate.
    fn expected_wait(&self, _contact: ContactId, _now: Timestamp) -> Option<Duration> {
        None
    }

    /// Returns, of each queue, the wait that a contact without wishes can expect which comes now, where enough is known.
    fn expected_waits(&self) -> BTreeMap<QueueId, Duration> {
        BTreeMap::new()
    }

    /// Explains where the contact stands, oldest decision first; nothing from a router that remembers no decisions.
    fn explain(&self, _contact: ContactId, _now: Timestamp) -> Vec<Explanation> {
        Vec::new()
    }

    /// Explains what keeps a contact and an agent apart, or that nothing does; `None` from a router that cannot tell.
    fn why_not(
        &self,
        _contact: ContactId,
        _agent: &AgentId,
        _now: Timestamp,
    ) -> Option<Explanation> {
        None
    }

    /// From when the place of a caller counts who comes to a queue, if not from now: his line dropped a moment ago while
    /// he waited there.
    fn kept_place(
        &self,
        _caller: &PhoneNumber,
        _queue: &QueueId,
        _now: Timestamp,
    ) -> Option<Timestamp> {
        None
    }

    /// Returns what the caller of a call asks for who comes to a queue: what he asks for himself, and what the rules make
    /// of him, such as the agent who served him last or the region he calls from.
    fn wishes(&self, _call: CallId, _queue: &QueueId, needs: Needs, _now: Timestamp) -> Needs {
        needs
    }

    /// Changes the rules by which it decides, and returns the version of those concerned. The Center asks for the next
    /// proposal afterwards.
    ///
    /// # Errors
    /// When the rules make no sense, or there are none to change; nothing has changed then.
    fn change_rules(&mut self, _change: &RulesChange) -> Result<String, InvalidRules> {
        let reason = "this router has no rules that can be changed".to_owned();
        Err(InvalidRules { field: "rules".to_owned(), reason })
    }

    /// Checks that a calendar has every schedule that this router goes by.
    ///
    /// # Errors
    /// When one is missing.
    fn check_calendars(&self, _calendars: &Calendars) -> Result<(), MissingSchedule> {
        Ok(())
    }

    /// Goes by another calendar from here on; it was [checked](Self::check_calendars).
    fn set_calendars(&mut self, _calendars: &Calendars) {}

    /// Returns the rules in force, and how those in the shadow compare; null from a router that has none.
    fn rules(&self) -> Value {
        Value::Null
    }

    /// Returns everything that [`restore`](Self::restore) needs.
    fn snapshot(&self) -> Value;

    /// Takes over a snapshot of the same version of the router.
    ///
    /// # Errors
    /// When the snapshot does not fit.
    fn restore(&mut self, snapshot: Value) -> Result<(), serde_json::Error>;
}
