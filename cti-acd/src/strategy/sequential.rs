//! Sequential: always from the top of a fixed order (顺序).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Turn, Words, in_order};

/// Prefers the first ready agent of a fixed order, however long others have been idle.
#[derive(Clone, Copy, Debug)]
pub struct Sequential;

impl Strategy for Sequential {
    fn name(&self) -> &'static str {
        "sequential"
    }

    fn description(&self) -> Words {
        Words::new(
            "按固定次序，总是从第一位开始",
            "the first ready agent of a fixed order, however long others have been idle",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        in_order(agent)
    }

    fn turn(&self) -> Turn {
        Turn::FirstInOrder
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (tier, position) = (agent.membership.tier, agent.membership.position);
        Words::new(
            format!("固定次序：第 {tier} 级第 {position} 位"),
            format!("fixed order: place {position} in tier {tier}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::at;

    #[test]
    fn the_order_is_fixed_and_idle_time_does_not_matter() {
        assert!(Sequential.key(&at(1, 0)) < Sequential.key(&at(1, 1)));
        assert!(Sequential.key(&at(1, 1)) < Sequential.key(&at(2, 0)));
        assert!(!Sequential.turn().by_idle_time());
        let words = Sequential.why(&at(1, 3), Timestamp::ZERO);
        assert_eq!(words.en, "fixed order: place 3 in tier 1");
    }
}
