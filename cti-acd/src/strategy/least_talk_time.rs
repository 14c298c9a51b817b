//! Least talk time: who has talked least in this shift (通话时长最短).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words, micros};
use crate::words;

/// Prefers the agent who has talked least in his shift; after-call work does not count.
#[derive(Clone, Copy, Debug)]
pub struct LeastTalkTime;

impl Strategy for LeastTalkTime {
    fn name(&self) -> &'static str {
        "least_talk_time"
    }

    fn description(&self) -> Words {
        Words::new(
            "本班通话总时长最短者优先，话后处理不计",
            "the agent who has talked least in this shift, after-call work not counted",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        micros(agent.figures.talked)
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let talked = agent.figures.talked;
        Words::new(
            format!("通话时长最短：本班共 {}", words::zh(talked)),
            format!("least talk time: {} in this shift", words::en(talked)),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::strategy::{AgentFigures, testing::candidate};

    #[test]
    fn talk_decides_whatever_the_number_of_calls_and_the_writing_up() {
        let with = |talked, handled, calls| AgentFigures {
            talked: Duration::from_secs(talked),
            handled: Duration::from_secs(handled),
            calls,
            ..AgentFigures::default()
        };
        let (short, long) = (with(100, 900, 9), with(101, 102, 1));
        assert!(LeastTalkTime.key(&candidate(&short)) < LeastTalkTime.key(&candidate(&long)));
        let words = LeastTalkTime.why(&candidate(&short), Timestamp::ZERO);
        assert_eq!(words.zh, "通话时长最短：本班共 1 分 40 秒");
    }
}
