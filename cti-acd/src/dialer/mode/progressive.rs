//! Progressive: one call for each free agent, so that whoever answers is answered.

use super::{Limit, Pace, Situation};

/// Takes one record for each free agent for whom nothing rings yet.
pub(super) fn pace(situation: &Situation) -> Pace {
    let under_way = situation.ringing + situation.waiting;
    if situation.lines == 0 {
        return Pace { take: 0, limit: Limit::Lines };
    }
    let take = situation.idle.saturating_sub(under_way).min(situation.lines);
    Pace { take, limit: Limit::Agents }
}
