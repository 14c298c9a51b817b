//! Highest skill: who is best at what is asked for (组内技能最高).

use cti_core::time::Timestamp;

use super::{Candidate, Strategy, Words};

/// Prefers the agent with the highest levels in the skills that are asked for, or in all skills when none is.
#[derive(Clone, Copy, Debug)]
pub struct HighestSkill;

impl Strategy for HighestSkill {
    fn name(&self) -> &'static str {
        "highest_skill"
    }

    fn description(&self) -> Words {
        Words::new(
            "所需技能等级最高者优先；未要求技能时看全部技能",
            "the agent with the highest levels in the skills asked for; in all skills where none is",
        )
    }

    fn key(&self, agent: &Candidate<'_>) -> i64 {
        -(i64::from(agent.skill) << 32 | i64::from(agent.all_skills))
    }

    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let (skill, all) = (agent.skill, agent.all_skills);
        Words::new(
            format!("技能最高：所需技能合计 {skill} 级，全部 {all} 级"),
            format!("highest skill: {skill} levels of what is asked for, {all} in all"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::skilled;

    #[test]
    fn what_is_asked_for_decides_and_all_skills_among_equals() {
        assert!(HighestSkill.key(&skilled(9, 9)) < HighestSkill.key(&skilled(8, 90)));
        assert!(HighestSkill.key(&skilled(0, 12)) < HighestSkill.key(&skilled(0, 5)));
        let words = HighestSkill.why(&skilled(9, 14), Timestamp::ZERO);
        assert_eq!(words.en, "highest skill: 9 levels of what is asked for, 14 in all");
    }
}
