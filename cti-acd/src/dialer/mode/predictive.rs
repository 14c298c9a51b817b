//! Predictive: dials ahead of agents who will be free, within two bounds on calls that find nobody.
//!
//! With k more calls, X of those ringing are answered and Y agents are free by then.
//!
//! - **Expected excess**: E[(X − Y)⁺] / E[X] stays below the share aimed at, which rises and falls with what the last 30
//!   minutes left of the budget.
//! - **Worst case**: if every phone that rings were answered and no agent came back, the window would still be within
//!   the cap. So the cap is never exceeded by chance, only by agents who leave while phones ring for them.

use super::{super::excess::expected_excess, Limit, Pace, Situation, progressive};

/// Takes the greatest number of records that both bounds allow, and never less than progressive dialling would.
pub(super) fn pace(situation: &Situation) -> Pace {
    let safe = progressive::pace(situation);
    if safe.limit == Limit::Lines || situation.agents < situation.least_agents {
        let limit = if safe.limit == Limit::Lines { Limit::Lines } else { Limit::FewAgents };
        return Pace { take: safe.take, limit };
    }
    let mut take = safe.take;
    loop {
        if take >= situation.lines {
            return Pace { take, limit: Limit::Lines };
        }
        if let Some(limit) = limit_with(situation, take + 1) {
            return Pace { take, limit };
        }
        take += 1;
    }
}

/// Returns what forbids `more` calls, if anything does.
fn limit_with(situation: &Situation, more: u32) -> Option<Limit> {
    let ringing = situation.ringing + more;
    let uncovered = (ringing + situation.waiting).saturating_sub(situation.idle);
    if uncovered > 0 {
        // Calls of the window before would compete for the same agents: wait until they have ended.
        if situation.over_cap || situation.before > 0 {
            return Some(Limit::Cap);
        }
        let (answers, abandoned) = (situation.answers as f64, situation.abandoned as f64);
        let at_worst = abandoned + f64::from(uncovered);
        if abandoned > situation.cap * answers
            || at_worst > situation.cap * (answers + f64::from(ringing))
        {
            return Some(Limit::Cap);
        }
    }
    let expected = expected_excess(situation, more);
    (expected > situation.aim).then_some(Limit::Excess { expected, allowed: situation.aim })
}

#[cfg(test)]
mod tests {
    use super::{super::Outlook, *};

    fn situation() -> Situation {
        Situation {
            agents: 50,
            idle: 2,
            busy: 48,
            ringing: 6,
            before: 0,
            waiting: 0,
            lines: 500,
            this_second: 0,
            outlooks: [Outlook { answers: 1.8, variance: 1.26, of_new: 0.3, come_back: 0.08 }; 4],
            least_agents: 10,
            cap: 0.03,
            aim: 0.027,
            over_cap: false,
            answers: 100_000,
            abandoned: 0,
        }
    }

    #[test]
    fn agents_who_will_be_free_are_dialled_for_in_advance() {
        let pace = pace(&situation());
        assert!(pace.take > 0, "{pace:?}");
        let Limit::Excess { expected, allowed } = pace.limit else { panic!("{pace:?}") };
        assert!(expected > allowed && allowed == 0.027);
    }

    #[test]
    fn a_small_team_is_dialled_for_one_by_one() {
        let few = Situation { agents: 9, idle: 3, ringing: 1, busy: 6, ..situation() };
        assert_eq!(pace(&few), Pace { take: 2, limit: Limit::FewAgents });
    }

    #[test]
    fn nothing_is_dialled_ahead_that_could_break_the_cap_if_everybody_answered() {
        // 7 ring with one more, 2 agents are idle: 5 could find nobody, which 3 % of 159 + 7 answers do not cover.
        let early = Situation { answers: 159, ..situation() };
        assert_eq!(pace(&early), Pace { take: 0, limit: Limit::Cap });
        let enough = Situation { answers: 160, ..situation() };
        assert!(pace(&enough).take >= 1);
    }

    #[test]
    fn above_the_cap_and_across_windows_one_call_for_each_free_agent_is_left() {
        let idle = Situation { idle: 9, ..situation() };
        for stop in [
            Situation { over_cap: true, ..idle },
            Situation { before: 1, ..idle },
            Situation { answers: 100, abandoned: 4, ..idle },
        ] {
            assert_eq!(pace(&stop), Pace { take: 3, limit: Limit::Cap });
        }
    }
}
