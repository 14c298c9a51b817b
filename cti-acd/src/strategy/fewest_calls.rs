//! Fewest calls: who has answered least in this shift (接听次数最少).

use cti_core::time::Timestamp;

use super::{AgentFigures, Strategy, Words};

/// Prefers the agent who has answered the fewest calls in his shift.
#[derive(Clone, Copy, Debug)]
pub struct FewestCalls;

impl Strategy for FewestCalls {
    fn name(&self) -> &'static str {
        "fewest_calls"
    }

    fn key(&self, agent: &AgentFigures) -> i64 {
        i64::try_from(agent.calls).unwrap_or(i64::MAX)
    }

    fn why(&self, agent: &AgentFigures, _now: Timestamp) -> Words {
        Words {
            zh: format!("接听次数最少：本班已接 {} 个", agent.calls),
            en: format!("fewest calls: {} in this shift", agent.calls),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_answered_less_is_preferred_and_the_reason_names_the_count() {
        let with = |calls| AgentFigures { calls, ..AgentFigures::default() };
        assert!(FewestCalls.key(&with(2)) < FewestCalls.key(&with(3)));
        assert_eq!(FewestCalls.why(&with(2), Timestamp::ZERO).zh, "接听次数最少：本班已接 2 个");
    }
}
