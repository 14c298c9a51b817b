//! Top down: the lowest tier that has somebody ready, within it the longest idle (按梯队).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words};
use crate::words;

/// Prefers agents of a lower tier of the queue; within a tier the one who has been idle longest.
#[derive(Clone, Copy, Debug)]
pub struct TopDown;

impl Strategy for TopDown {
    fn name(&self) -> &'static str {
        "top_down"
    }

    fn description(&self) -> Words {
        Words::new(
            "按梯队由低到高，同一梯队内空闲时间最长者优先",
            "tier by tier; within a tier the agent who has been ready longest",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::from(agent.membership.tier)
    }

    fn why(&self, agent: &Candidate<'_>, now: Timestamp) -> Words {
        let (tier, idle) = (agent.membership.tier, now.since(agent.figures.idle_since));
        Words::new(
            format!("第 {tier} 梯队，已空闲 {}", words::zh(idle)),
            format!("tier {tier}, idle for {}", words::en(idle)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::{Turn, testing::at};

    #[test]
    fn a_lower_tier_goes_first_and_idle_time_decides_within_it() {
        assert!(TopDown.key(&at(1, 7)) < TopDown.key(&at(2, 0)));
        assert_eq!(TopDown.key(&at(1, 7)), TopDown.key(&at(1, 0)));
        assert_eq!(TopDown.turn(), Turn::First);
        assert_eq!(TopDown.why(&at(2, 0), Timestamp::from_secs(5)).en, "tier 2, idle for 5 s");
    }
}
