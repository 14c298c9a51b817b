//! Ring all: every agent who is free and fits is rung, the first answer wins (群呼，先接先得).

use cti_core::time::Timestamp;

use super::{Candidate, Ring, Strategy, Words};
use crate::words;

/// Rings every agent who is free and fits; where there are more than may ring at a time, who has been ready longest.
#[derive(Clone, Copy, Debug)]
pub struct RingAll;

impl Strategy for RingAll {
    fn name(&self) -> &'static str {
        "ring_all"
    }

    fn description(&self) -> Words {
        Words::new(
            "同时向所有空闲坐席振铃，先接者得，其余立即恢复空闲",
            "every free agent at a time; the first answer wins and the others are ready again at once",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::try_from(agent.figures.idle_since.as_micros()).unwrap_or(i64::MAX)
    }

    fn ring(&self) -> Ring {
        Ring::All
    }

    fn why(&self, agent: &Candidate<'_>, now: Timestamp) -> Words {
        let idle = now.since(agent.figures.idle_since);
        Words::new(
            format!("群呼：已空闲 {}", words::zh(idle)),
            format!("ring all: ready for {}", words::en(idle)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::{AgentFigures, testing::candidate};

    #[test]
    fn all_are_rung_and_who_has_been_ready_longest_first() {
        let figures =
            |at| AgentFigures { idle_since: Timestamp::from_secs(at), ..AgentFigures::default() };
        let (first, second) = (figures(10), figures(20));
        assert!(RingAll.key(&candidate(&first)) < RingAll.key(&candidate(&second)));
        assert_eq!(RingAll.ring(), Ring::All);
        let words = RingAll.why(&candidate(&first), Timestamp::from_secs(40));
        assert_eq!(words.zh, "群呼：已空闲 30 秒");
    }
}
