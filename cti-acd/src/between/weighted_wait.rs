//! Weighted wait: waiting time times the queue's weight (加权等待时间).

use std::cmp::Reverse;

use super::Head;
use crate::{place::Place, strategy::Words};

pub(super) const NAME: &str = "weighted_wait";

pub(super) fn description() -> Words {
    Words::new(
        "等待时间乘以队列权重，乘积最大者优先",
        "the contact whose waiting time, times the weight of its queue, is longest",
    )
}

/// Exact: a weight of at most 1000 times a difference of 64-bit keys fits easily.
pub(super) fn order(now: u64, head: &Head) -> (Reverse<i128>, Place) {
    let waited = (i128::from(now) - i128::from(head.place.key)).max(0);
    (Reverse(waited * i128::from(head.weight)), head.place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::between::testing::head;

    #[test]
    fn a_double_weight_makes_up_for_half_the_wait_and_no_more() {
        let order = |since, weight| order(100_000_000, &head(since, 1, weight, 0));
        assert!(order(60, 2) < order(30, 1));
        assert!(order(10, 1) < order(60, 2));
        assert!(order(20, 1) < order(60, 2), "a tie goes to who came first");
    }
}
