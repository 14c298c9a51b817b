//! Agentless: as many calls as lines and the rate allow; a flow talks, so nobody who answers is abandoned.

use super::{Limit, Pace, Situation};

/// Takes records up to the rate of this second and the free lines.
pub(super) fn pace(situation: &Situation, calls_per_second: u32) -> Pace {
    let left = calls_per_second.saturating_sub(situation.this_second);
    if situation.lines < left {
        return Pace { take: situation.lines, limit: Limit::Lines };
    }
    Pace { take: left, limit: Limit::Rate }
}
