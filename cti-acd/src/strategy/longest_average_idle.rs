//! Longest average idle: who has waited longest for his calls on average (平均空闲时间最长).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words, micros};
use crate::words;

/// Prefers the agent whose waiting times have been longest on average; one who has not waited yet comes first.
///
/// The average moves when a waiting time ends, so agents who are ready keep their order.
#[derive(Clone, Copy, Debug)]
pub struct LongestAverageIdle;

impl Strategy for LongestAverageIdle {
    fn name(&self) -> &'static str {
        "longest_average_idle"
    }

    fn description(&self) -> Words {
        Words::new(
            "本班平均空闲时间最长者优先，尚未接过电话者最先",
            "the agent whose waits for a call were longest on average in this shift; one without a wait first",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        agent.figures.average_idle().map_or(i64::MIN, |average| -micros(average))
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        match agent.figures.average_idle() {
            Some(average) => Words::new(
                format!("平均空闲时间最长：平均 {}", words::zh(average)),
                format!("longest average idle: {}", words::en(average)),
            ),
            None => Words::new(
                "平均空闲时间最长：本班尚未接过电话",
                "longest average idle: first call of the shift",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::strategy::{AgentFigures, testing::candidate};

    fn waited(idle_periods: u64, seconds: u64) -> AgentFigures {
        let idle_total = Duration::from_secs(seconds);
        AgentFigures { idle_periods, idle_total, ..AgentFigures::default() }
    }

    #[test]
    fn the_average_decides_and_not_the_sum() {
        let key = |figures| LongestAverageIdle.key(&candidate(&figures));
        assert!(key(waited(1, 60)) < key(waited(10, 300)));
        assert!(key(waited(0, 0)) < key(waited(1, 9999)));
        let words = LongestAverageIdle.why(&candidate(&waited(10, 300)), Timestamp::ZERO);
        assert_eq!(words.zh, "平均空闲时间最长：平均 30 秒");
    }
}
