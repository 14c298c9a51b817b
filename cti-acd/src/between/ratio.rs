//! Ratio: queues are served in the ratio of their weights (按比例).
//!
//! Stride scheduling (Waldspurger, Weihl 1995): serving a queue moves its *pass* on by the reciprocal of its weight,
//! and the queue with the least pass is served. A queue that was empty begins where the others are, so it gets its
//! share from then on and nothing for the time that nobody waited.

use serde::{Deserialize, Serialize};

use super::Head;
use crate::{place::Place, strategy::Words};

pub(super) const NAME: &str = "ratio";

/// One turn of a queue of weight 1.
const PASS: u64 = 1 << 20;

pub(super) fn description() -> Words {
    Words::new("按各队列权重的比例轮流服务", "queues in turn, in the ratio of their weights")
}

pub(super) fn order(head: &Head) -> (u64, Place) {
    (head.pass, head.place)
}

/// How far queues have been served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Turns {
    /// The furthest pass from which a queue was served.
    now: u64,
}

impl Turns {
    /// Returns the pass of a queue in which somebody begins to wait.
    pub(crate) fn begin(self, pass: u64) -> u64 {
        pass.max(self.now)
    }

    /// Returns the pass of a queue after it was served.
    pub(crate) fn serve(&mut self, pass: u64, weight: u32) -> u64 {
        self.now = self.now.max(pass);
        pass + PASS / u64::from(weight.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::between::testing::head;

    #[test]
    fn three_to_one_is_three_to_one() {
        let (mut turns, mut passes) = (Turns::default(), [0, 0]);
        let mut served = [0, 0];
        for _ in 0..400 {
            let heads = [head(1, 1, 3, passes[0]), head(2, 1, 1, passes[1])];
            let next = usize::from(order(&heads[1]) < order(&heads[0]));
            passes[next] = turns.serve(passes[next], heads[next].weight);
            served[next] += 1;
        }
        assert_eq!(served, [300, 100]);
    }

    #[test]
    fn a_queue_that_was_empty_gets_nothing_for_the_time_before() {
        let (mut turns, mut busy) = (Turns::default(), 0);
        for _ in 0..100 {
            busy = turns.serve(busy, 1);
        }
        assert_eq!(turns.begin(0), 99 * PASS);
    }
}
