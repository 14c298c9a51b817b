//! Ring progressively: down the order, one more agent every few seconds while the others ring on (逐个加振).

use cti_core::time::Timestamp;

use super::{Candidate, Ring, Strategy, Turn, Words, in_order};

/// Rings the first agent of the order who has not let this contact ring, and one more after each
/// [`ring_step`](crate::config::QueueRules::ring_step); the first answer wins. Once all were rung it begins anew.
#[derive(Clone, Copy, Debug)]
pub struct RingProgressively;

impl Strategy for RingProgressively {
    fn name(&self) -> &'static str {
        "ring_progressively"
    }

    fn description(&self) -> Words {
        Words::new(
            "按固定次序逐个加振：每隔数秒再向一名坐席振铃，先接者得；未接过的优先",
            "agents in a fixed order, one more every few seconds while the others ring on; the first answer wins",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        in_order(agent)
    }

    fn turn(&self) -> Turn {
        Turn::NotTried
    }

    fn ring(&self) -> Ring {
        Ring::Progressively
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (tier, position) = (agent.membership.tier, agent.membership.position);
        Words::new(
            format!("逐个加振：第 {tier} 级第 {position} 位"),
            format!("ring progressively: place {position} in tier {tier}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::at;

    #[test]
    fn the_order_is_fixed_and_one_more_is_rung_after_each_step() {
        assert!(RingProgressively.key(&at(1, 0)) < RingProgressively.key(&at(1, 1)));
        assert_eq!(RingProgressively.turn(), Turn::NotTried);
        assert_eq!(RingProgressively.ring(), Ring::Progressively);
        let words = RingProgressively.why(&at(1, 1), Timestamp::ZERO);
        assert_eq!(words.zh, "逐个加振：第 1 级第 1 位");
    }
}
