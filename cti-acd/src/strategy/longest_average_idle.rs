//! Longest average idle: who has waited longest for his calls on average (平均空闲时间最长).

use cti_core::time::Timestamp;

use super::{AgentFigures, Strategy, Words};
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

    fn key(&self, agent: &AgentFigures) -> i64 {
        match agent.average_idle() {
            Some(average) => -i64::try_from(average.as_micros()).unwrap_or(i64::MAX),
            None => i64::MIN,
        }
    }

    fn why(&self, agent: &AgentFigures, _now: Timestamp) -> Words {
        match agent.average_idle() {
            Some(average) => Words {
                zh: format!("平均空闲时间最长：平均 {}", words::zh(average)),
                en: format!("longest average idle: {}", words::en(average)),
            },
            None => Words {
                zh: "平均空闲时间最长：本班尚未接过电话".to_owned(),
                en: "longest average idle: first call of the shift".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn waited(periods: u64, seconds: u64) -> AgentFigures {
        AgentFigures {
            idle_periods: periods,
            idle_total: Duration::from_secs(seconds),
            ..AgentFigures::default()
        }
    }

    #[test]
    fn the_average_decides_and_not_the_sum() {
        assert!(LongestAverageIdle.key(&waited(1, 60)) < LongestAverageIdle.key(&waited(10, 300)));
        assert!(LongestAverageIdle.key(&waited(0, 0)) < LongestAverageIdle.key(&waited(1, 9999)));
        assert_eq!(
            LongestAverageIdle.why(&waited(10, 300), Timestamp::ZERO).zh,
            "平均空闲时间最长：平均 30 秒"
        );
    }
}
