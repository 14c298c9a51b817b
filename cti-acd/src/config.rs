//! What the administrator decides about each queue: who is preferred, and when a caller goes elsewhere.

use std::{collections::BTreeSet, time::Duration};

use cti_core::{id::QueueId, time::millis};
use serde::{Deserialize, Serialize};

/// The longest time after which a queue without staff must be reported.
pub const NOBODY_STAFFED_AT_MOST: Duration = Duration::from_secs(10);

/// The rules of all queues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcdConfig {
    /// One entry for each queue; a queue that is not listed has [`QueueRules::new`].
    pub queues: Vec<QueueRules>,
}

/// The rules of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueRules {
    /// Which queue.
    pub queue: QueueId,
    /// The name of the [`Strategy`](crate::strategy::Strategy) that prefers one ready agent to another.
    #[serde(default = "longest_idle")]
    pub strategy: String,
    /// How long a contact waits before it overflows; for ever when absent.
    #[serde(default, rename = "max_wait_ms", with = "optional_millis")]
    pub max_wait: Option<Duration>,
    /// How many contacts may wait; one more overflows, unless an agent is free for it. Any number when absent.
    #[serde(default)]
    pub max_length: Option<u32>,
    /// How long contacts wait for a queue without staff before the alarm is raised and they overflow.
    #[serde(default = "nobody_staffed_after", rename = "nobody_staffed_after_ms", with = "millis")]
    pub nobody_staffed_after: Duration,
}

impl QueueRules {
    /// Returns the rules of a queue about which nothing was decided: longest idle, no limits, an alarm after 5 s.
    #[must_use]
    pub fn new(queue: QueueId) -> Self {
        Self {
            queue,
            strategy: longest_idle(),
            max_wait: None,
            max_length: None,
            nobody_staffed_after: nobody_staffed_after(),
        }
    }
}

fn longest_idle() -> String {
    "longest_idle".to_owned()
}

fn nobody_staffed_after() -> Duration {
    Duration::from_secs(5)
}

/// A configuration that contradicts itself; names the queue and the reason.
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
}

impl AcdConfig {
    /// Returns what contradicts itself first, if anything does, where `strategies` are the names to choose from.
    ///
    /// # Errors
    /// When a queue is listed twice, a strategy is unknown or a value is out of its range.
    pub fn check(&self, strategies: &[&str]) -> Result<(), InvalidAcdConfig> {
        let mut seen = BTreeSet::new();
        for rules in &self.queues {
            let queue = || rules.queue.clone();
            if !seen.insert(&rules.queue) {
                return Err(InvalidAcdConfig::Twice { queue: queue() });
            }
            if !strategies.contains(&rules.strategy.as_str()) {
                return Err(InvalidAcdConfig::UnknownStrategy {
                    queue: queue(),
                    strategy: rules.strategy.clone(),
                    known: strategies.join(", "),
                });
            }
            if rules.max_wait.is_some_and(|wait| {
                wait < Duration::from_secs(1) || wait > Duration::from_secs(24 * 3600)
            }) {
                return Err(InvalidAcdConfig::Value {
                    queue: queue(),
                    field: "max_wait_ms",
                    reason: "must lie between 1000 and 86400000",
                });
            }
            if rules.nobody_staffed_after > NOBODY_STAFFED_AT_MOST {
                return Err(InvalidAcdConfig::Value {
                    queue: queue(),
                    field: "nobody_staffed_after_ms",
                    reason: "must be at most 10000",
                });
            }
        }
        Ok(())
    }
}

/// Writes an optional duration as whole milliseconds.
mod optional_millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde's `with` asks for")]
    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => cti_core::time::millis::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
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
        let rules = QueueRules {
            max_wait: Some(Duration::from_secs(180)),
            max_length: Some(20),
            ..QueueRules::new(QueueId::new("general").unwrap())
        };
        let json = serde_json::to_string(&rules).unwrap();
        assert!(json.contains(r#""max_wait_ms":180000"#), "{json}");
        assert_eq!(serde_json::from_str::<QueueRules>(&json).unwrap(), rules);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_queue_and_field() {
        let wrong = |json| config(json).unwrap_err();
        assert_eq!(
            wrong(r#"{"queues": [{"queue": "a"}, {"queue": "a"}]}"#),
            "queue a is listed twice"
        );
        assert_eq!(
            wrong(r#"{"queues": [{"queue": "a", "strategy": "best"}]}"#),
            "queue a: there is no strategy named best, only longest_idle, fewest_calls"
        );
        assert_eq!(
            wrong(r#"{"queues": [{"queue": "a", "max_wait_ms": 10}]}"#),
            "queue a: max_wait_ms must lie between 1000 and 86400000"
        );
        assert_eq!(
            wrong(r#"{"queues": [{"queue": "a", "nobody_staffed_after_ms": 10001}]}"#),
            "queue a: nobody_staffed_after_ms must be at most 10000"
        );
        assert!(wrong(r#"{"queues": [{"queue": "a", "max_lenght": 1}]}"#).contains("max_lenght"));
    }
}
