//! Ring progressively: down the order, each agent once, until one answers (逐个振铃).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Turn, Words, in_order};

/// Prefers the first agent of the order to whom this contact was not offered yet; once all were asked it begins anew.
#[derive(Clone, Copy, Debug)]
pub struct RingProgressively;

impl Strategy for RingProgressively {
    fn name(&self) -> &'static str {
        "ring_progressively"
    }

    fn description(&self) -> Words {
        Words::new(
            "逐个振铃：无人接听时换下一位，全部试过后从头开始",
            "one agent after another in a fixed order; who let this contact ring before comes after all others",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        in_order(agent)
    }

    fn turn(&self) -> Turn {
        Turn::NotTried
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (tier, position) = (agent.membership.tier, agent.membership.position);
        Words::new(
            format!("逐个振铃：第 {tier} 级第 {position} 位"),
            format!("ring progressively: place {position} in tier {tier}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::at;

    #[test]
    fn the_order_is_fixed_and_who_was_tried_comes_after_the_others() {
        assert!(RingProgressively.key(&at(1, 0)) < RingProgressively.key(&at(1, 1)));
        assert_eq!(RingProgressively.turn(), Turn::NotTried);
        let words = RingProgressively.why(&at(1, 1), Timestamp::ZERO);
        assert_eq!(words.zh, "逐个振铃：第 1 级第 1 位");
    }
}
