//! First come: the best place of all queues (先到先服务).

use super::Head;
use crate::{place::Place, strategy::Words};

pub(super) const NAME: &str = "first_come";

pub(super) fn description() -> Words {
    Words::new(
        "跨队列先到先服务，位置最靠前者优先",
        "the contact with the best place of all queues",
    )
}

pub(super) fn order(head: &Head) -> Place {
    head.place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::between::testing::head;

    #[test]
    fn the_earlier_one_goes_first_whatever_rank_and_weight() {
        assert!(order(&head(1, 9, 1, 9)) < order(&head(2, 1, 9, 0)));
    }
}
