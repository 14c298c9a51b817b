//! Round robin: one after another in a circle (轮流).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Turn, Words, in_order};

/// Prefers the next agent in the order after whoever was offered a contact of the queue last.
#[derive(Clone, Copy, Debug)]
pub struct RoundRobin;

impl Strategy for RoundRobin {
    fn name(&self) -> &'static str {
        "round_robin"
    }

    fn description(&self) -> Words {
        Words::new(
            "按固定次序轮流，从上次分配的下一位开始",
            "agents in a fixed order, going on after whoever was offered a contact last",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        in_order(agent)
    }

    fn turn(&self) -> Turn {
        Turn::AfterLast
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (tier, position) = (agent.membership.tier, agent.membership.position);
        Words::new(
            format!("轮流：轮到第 {tier} 级第 {position} 位"),
            format!("round robin: the turn of place {position} in tier {tier}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::at;

    #[test]
    fn the_order_is_by_tier_and_position_and_goes_on_after_the_last() {
        assert!(RoundRobin.key(&at(1, 9)) < RoundRobin.key(&at(2, 0)));
        assert!(RoundRobin.key(&at(2, 0)) < RoundRobin.key(&at(2, 1)));
        assert_eq!(RoundRobin.turn(), Turn::AfterLast);
        assert_eq!(RoundRobin.why(&at(2, 1), Timestamp::ZERO).zh, "轮流：轮到第 2 级第 1 位");
    }
}
