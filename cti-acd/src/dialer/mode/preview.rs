//! Preview: each free agent is shown one record.

use super::{Limit, Pace, Situation};

/// Takes one record for each agent who is free.
pub(super) fn pace(situation: &Situation) -> Pace {
    if situation.lines == 0 {
        return Pace { take: 0, limit: Limit::Lines };
    }
    Pace { take: situation.idle.saturating_sub(situation.waiting), limit: Limit::Agents }
}
