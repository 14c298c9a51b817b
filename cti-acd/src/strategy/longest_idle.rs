//! Longest idle: who has been waiting for a call longest (空闲时间最长).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words};
use crate::words;

/// Prefers the agent who became ready first.
#[derive(Clone, Copy, Debug)]
pub struct LongestIdle;

impl Strategy for LongestIdle {
    fn name(&self) -> &'static str {
        "longest_idle"
    }

    fn description(&self) -> Words {
        Words::new("空闲时间最长者优先", "the agent who has been ready longest")
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::try_from(agent.figures.idle_since.as_micros()).unwrap_or(i64::MAX)
    }

    fn why(&self, agent: &Candidate<'_>, now: Timestamp) -> Words {
        let idle = now.since(agent.figures.idle_since);
        Words::new(
            format!("空闲时间最长：已空闲 {}", words::zh(idle)),
            format!("longest idle: for {}", words::en(idle)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::{AgentFigures, testing::candidate};

    fn since(seconds: u64) -> AgentFigures {
        AgentFigures { idle_since: Timestamp::from_secs(seconds), ..AgentFigures::default() }
    }

    #[test]
    fn who_became_ready_earlier_is_preferred() {
        let (early, late) = (since(10), since(11));
        assert!(LongestIdle.key(&candidate(&early)) < LongestIdle.key(&candidate(&late)));
    }

    #[test]
    fn the_reason_names_the_idle_time() {
        let words = LongestIdle.why(&candidate(&since(10)), Timestamp::from_secs(45));
        assert_eq!(words.zh, "空闲时间最长：已空闲 35 秒");
        assert_eq!(words.en, "longest idle: for 35 s");
    }
}
