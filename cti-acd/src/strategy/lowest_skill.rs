//! Lowest skill that fits: who is just good enough, so that the best stay free (够用的最低技能).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words};

/// Prefers the agent with the lowest levels that are still high enough, then the one with the fewest other skills.
#[derive(Clone, Copy, Debug)]
pub struct LowestSkill;

impl Strategy for LowestSkill {
    fn name(&self) -> &'static str {
        "lowest_skill"
    }

    fn description(&self) -> Words {
        Words::new(
            "技能够用即可者优先，把专家留给更难的来电",
            "the agent whose levels are just high enough, so that experts stay free",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::from(agent.skill) << 32 | i64::from(agent.all_skills)
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (skill, all) = (agent.skill, agent.all_skills);
        Words::new(
            format!("技能够用：所需技能合计 {skill} 级，全部 {all} 级"),
            format!("lowest skill that fits: {skill} levels of what is asked for, {all} in all"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::skilled;

    #[test]
    fn just_good_enough_goes_first_and_a_specialist_of_other_things_last() {
        assert!(LowestSkill.key(&skilled(3, 30)) < LowestSkill.key(&skilled(4, 4)));
        assert!(LowestSkill.key(&skilled(3, 3)) < LowestSkill.key(&skilled(3, 12)));
        let words = LowestSkill.why(&skilled(3, 12), Timestamp::ZERO);
        assert_eq!(words.zh, "技能够用：所需技能合计 3 级，全部 12 级");
    }
}
