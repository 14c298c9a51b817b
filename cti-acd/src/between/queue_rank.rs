//! Queue rank: each agent has first, second and further queues (队列次序).

use super::Head;
use crate::{place::Place, strategy::Words};

pub(super) const NAME: &str = "queue_rank";

pub(super) fn description() -> Words {
    Words::new(
        "坐席先接其首选队列，首选队列无人时接下一队列",
        "the queue that ranks first among the agent's queues; the next one when nobody waits there",
    )
}

pub(super) fn order(head: &Head) -> (u8, Place) {
    (head.rank, head.place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::between::testing::head;

    #[test]
    fn the_first_queue_goes_first_and_within_a_rank_who_came_first() {
        assert!(order(&head(9, 1, 1, 0)) < order(&head(1, 2, 1, 0)));
        assert!(order(&head(1, 2, 1, 0)) < order(&head(2, 2, 1, 0)));
    }
}
