//! Longest idle: who has been waiting for a call longest (空闲时间最长).

use cti_core::time::Timestamp;

use super::{AgentFigures, Strategy, Words};
use crate::words;

/// Prefers the agent who became ready first.
#[derive(Clone, Copy, Debug)]
pub struct LongestIdle;

impl Strategy for LongestIdle {
    fn name(&self) -> &'static str {
        "longest_idle"
    }

    fn key(&self, agent: &AgentFigures) -> i64 {
        i64::try_from(agent.idle_since.as_micros()).unwrap_or(i64::MAX)
    }

    fn why(&self, agent: &AgentFigures, now: Timestamp) -> Words {
        let idle = now.since(agent.idle_since);
        Words {
            zh: format!("空闲时间最长：已空闲 {}", words::zh(idle)),
            en: format!("longest idle: for {}", words::en(idle)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(seconds: u64) -> AgentFigures {
        AgentFigures { idle_since: Timestamp::from_secs(seconds), ..AgentFigures::default() }
    }

    #[test]
    fn who_became_ready_earlier_is_preferred() {
        assert!(LongestIdle.key(&since(10)) < LongestIdle.key(&since(11)));
    }

    #[test]
    fn the_reason_names_the_idle_time() {
        let words = LongestIdle.why(&since(10), Timestamp::from_secs(45));
        assert_eq!(words.zh, "空闲时间最长：已空闲 35 秒");
        assert_eq!(words.en, "longest idle: for 35 s");
    }
}
