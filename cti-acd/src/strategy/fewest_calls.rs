//! Fewest calls: who has answered least in this shift (接听次数最少).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words};

/// Prefers the agent who has answered the fewest calls in his shift.
#[derive(Clone, Copy, Debug)]
pub struct FewestCalls;

impl Strategy for FewestCalls {
    fn name(&self) -> &'static str {
        "fewest_calls"
    }

    fn description(&self) -> Words {
        Words::new(
            "本班接听次数最少者优先",
            "the agent who has answered the fewest calls in this shift",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::try_from(agent.figures.calls).unwrap_or(i64::MAX)
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let calls = agent.figures.calls;
        Words::new(
            format!("接听次数最少：本班已接 {calls} 个"),
            format!("fewest calls: {calls} in this shift"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::{AgentFigures, testing::candidate};

    #[test]
    fn who_has_answered_less_is_preferred_and_the_reason_names_the_count() {
        let with = |calls| AgentFigures { calls, ..AgentFigures::default() };
        let (two, three) = (with(2), with(3));
        assert!(FewestCalls.key(&candidate(&two)) < FewestCalls.key(&candidate(&three)));
        let words = FewestCalls.why(&candidate(&two), Timestamp::ZERO);
        assert_eq!(words.zh, "接听次数最少：本班已接 2 个");
    }
}
