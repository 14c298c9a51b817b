//! What the administrator decides: the rules of each queue, what each agent can do, what happens after missed offers.
//!
//! All of it is data that can be changed with callers waiting ([`Acd::reconfigure`](crate::Acd::reconfigure)). What is
//! left out has the value that changes nothing.

use std::{collections::BTreeSet, time::Duration};

use cti_core::{
    id::{AgentId, QueueId},
    router::InvalidRules,
};
use serde::{Deserialize, Serialize};

mod agent;
mod missed;
mod queue;

pub use agent::{AgentProfile, Membership, MissRules};
pub use missed::MissedCalls;
pub use queue::{AgeStep, Ageing, LastAgent, MinServiceLevel, QueueRules, Relaxation};

pub use crate::{between::Between, script::ScriptSource};

/// The longest time after which a queue without staff must be reported.
pub const NOBODY_STAFFED_AT_MOST: Duration = Duration::from_secs(10);
/// The most steps of relaxation or ageing that a queue can have.
pub const MAX_STEPS: usize = 16;

/// The rules of all queues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcdConfig {
    /// One entry for each queue; a queue that is not listed has [`QueueRules::new`].
    pub queues: Vec<QueueRules>,
    /// One entry for each agent about whom something is known; one who is not listed has [`AgentProfile::new`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentProfile>,
    /// How an agent of several queues chooses between their first contacts.
    #[serde(default)]
    pub between: Between,
    /// What happens after an offer that was not answered.
    #[serde(default)]
    pub misses: MissRules,
    /// Strategies written by an administrator; a queue chooses one by its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<ScriptSource>,
}

/// A configuration that contradicts itself; names the queue or the agent and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAcdConfig {
    /// A queue is listed twice.
    #[error("queue {queue} is listed twice")]
    Twice {
        /// Which queue.
        queue: QueueId,
    },
    /// A queue names a strategy that is not there.
    #[error("queue {queue}: there is no strategy named {strategy}, only {known}")]
    UnknownStrategy {
        /// Which queue.
        queue: QueueId,
        /// What it named.
        strategy: String,
        /// The names that are there.
        known: String,
    },
    /// A queue names a schedule that is not there.
    #[error("queue {queue}: there is no schedule named {schedule}")]
    UnknownSchedule {
        /// Which queue.
        queue: QueueId,
        /// What it named.
        schedule: String,
    },
    /// A value is out of its range.
    #[error("queue {queue}: {field} {reason}")]
    Value {
        /// Which queue.
        queue: QueueId,
        /// Which field, as it is written in the configuration.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An agent is listed twice.
    #[error("agent {agent} is listed twice")]
    AgentTwice {
        /// Which agent.
        agent: AgentId,
    },
    /// A value of an agent is out of its range.
    #[error("agent {agent}: {field} {reason}")]
    AgentValue {
        /// Which agent.
        agent: AgentId,
        /// Which field, as it is written in the configuration.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A script cannot be used.
    #[error(transparent)]
    Script(#[from] crate::script::InvalidScript),
}

impl From<InvalidAcdConfig> for InvalidRules {
    fn from(error: InvalidAcdConfig) -> Self {
        let field = match &error {
            InvalidAcdConfig::Twice { .. }
            | InvalidAcdConfig::UnknownStrategy { .. }
            | InvalidAcdConfig::UnknownSchedule { .. }
            | InvalidAcdConfig::Value { .. } => "queues",
            InvalidAcdConfig::AgentTwice { .. } | InvalidAcdConfig::AgentValue { .. } => "agents",
            InvalidAcdConfig::Script(_) => "scripts",
        };
        Self { field: field.to_owned(), reason: error.to_string() }
    }
}

impl AcdConfig {
    /// Reads rules from a document.
    ///
    /// # Errors
    /// When the document is none; names the field.
    pub fn read(document: &serde_json::Value) -> Result<Self, InvalidRules> {
        serde_path_to_error::deserialize(document).map_err(|error| {
            let field = error.path().to_string();
            InvalidRules { field, reason: error.into_inner().to_string() }
        })
    }

    /// Returns the content hash that names these rules in the log.
    #[must_use]
    pub fn version(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        // FNV-1a, 64 bits: a name, no protection.
        let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }

    /// Returns what contradicts itself first, if anything does, where `strategies` are the names to choose from beside
    /// those of the scripts.
    ///
    /// # Errors
    /// When something is listed twice, a strategy is unknown or a value is out of its range.
    pub fn check(&self, strategies: &[&str]) -> Result<(), InvalidAcdConfig> {
        let mut known = strategies.to_vec();
        known.extend(self.scripts.iter().map(|script| script.name.as_str()));
        let mut seen = BTreeSet::new();
        for rules in &self.queues {
            if !seen.insert(&rules.queue) {
                return Err(InvalidAcdConfig::Twice { queue: rules.queue.clone() });
            }
            if !known.contains(&rules.strategy.as_str()) {
                return Err(InvalidAcdConfig::UnknownStrategy {
                    queue: rules.queue.clone(),
                    strategy: rules.strategy.clone(),
                    known: known.join(", "),
                });
            }
            rules.check().map_err(|(field, reason)| InvalidAcdConfig::Value {
                queue: rules.queue.clone(),
                field,
                reason,
            })?;
        }
        let mut seen = BTreeSet::new();
        for profile in &self.agents {
            let agent = || profile.agent.clone();
            if !seen.insert(&profile.agent) {
                return Err(InvalidAcdConfig::AgentTwice { agent: agent() });
            }
            profile.check().map_err(|(field, reason)| InvalidAcdConfig::AgentValue {
                agent: agent(),
                field,
                reason,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["longest_idle", "fewest_calls"];

    fn config(json: &str) -> Result<(), String> {
        let config: AcdConfig = serde_json::from_str(json).map_err(|error| error.to_string())?;
        config.check(KNOWN).map_err(|error| error.to_string())
    }

    #[test]
    fn a_queue_that_only_has_a_name_gets_longest_idle_and_no_limits() {
        let config: AcdConfig =
            serde_json::from_str(r#"{"queues": [{"queue": "general"}]}"#).unwrap();
        assert_eq!(config.queues[0], QueueRules::new(QueueId::new("general").unwrap()));
        assert_eq!(config.check(KNOWN), Ok(()));
    }

    #[test]
    fn rules_are_read_back_from_what_they_are_written_as() {
        let json = r#"{
            "queues": [{"queue": "vip", "strategy": "fewest_calls", "max_wait_ms": 180000, "max_length": 20,
                "weight": 3, "ageing": {"by": "linear", "worth_ms": 30000}, "lift_after_ms": 300000,
                "relax": [{"after_ms": 60000, "levels_down": 2, "queues": ["general"]},
                          {"after_ms": 120000, "move_to": "general"}],
                "min_service_level": {"percent": 80, "within_ms": 15000}, "schedule": "day"}],
            "agents": [{"agent": "8001", "skills": {"english": 7}, "site": "north",
                "queues": {"vip": {"tier": 2}}}],
            "between": "ratio",
            "misses": {"after_no_answer_ms": 5000, "max_misses": 3, "pause_ms": 600000}
        }"#;
        let config: AcdConfig = serde_json::from_str(json).unwrap();
        assert_eq!(config.check(KNOWN), Ok(()));
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<AcdConfig>(&written).unwrap(), config);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_queue_and_field() {
        let wrong = |json: &str| config(json).unwrap_err();
        let queue = |fields: &str| wrong(&format!(r#"{{"queues": [{{"queue": "a", {fields}}}]}}"#));
        assert_eq!(
            wrong(r#"{"queues": [{"queue": "a"}, {"queue": "a"}]}"#),
            "queue a is listed twice"
        );
        assert_eq!(
            queue(r#""strategy": "best""#),
            "queue a: there is no strategy named best, only longest_idle, fewest_calls"
        );
        assert_eq!(
            queue(r#""max_wait_ms": 10"#),
            "queue a: max_wait_ms must lie between 1000 and 86400000"
        );
        assert_eq!(
            queue(r#""nobody_staffed_after_ms": 10001"#),
            "queue a: nobody_staffed_after_ms must be at most 10000"
        );
        assert_eq!(queue(r#""weight": 0"#), "queue a: weight must lie between 1 and 1000");
        assert_eq!(
            queue(r#""relax": [{"after_ms": 5000}, {"after_ms": 4000}]"#),
            "queue a: relax must have steps at rising times"
        );
        assert_eq!(
            queue(r#""min_service_level": {"percent": 101}"#),
            "queue a: min_service_level.percent must lie between 1 and 100"
        );
        assert!(queue(r#""max_lenght": 1"#).contains("max_lenght"));
        assert_eq!(
            wrong(r#"{"queues": [], "agents": [{"agent": "8001", "skills": {"english": 11}}]}"#),
            "agent 8001: skills must have levels between 1 and 10"
        );
        assert!(
            queue(r#""missed": {"once_in_ms": 99999999999}"#)
                .contains("missed must have once_in_ms")
        );
        assert_eq!(
            queue(r#""ring_at_most": 33"#),
            "queue a: ring_at_most must lie between 1 and 32"
        );
    }
}
