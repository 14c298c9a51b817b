//! Planning: what a contact asks for and what place it has at a moment of its wait, and when that changes next.
//!
//! All of it follows from what facts told and from the clock; nothing of it is durable.

use std::time::Duration;

use cti_core::{id::SkillId, needs::Needs, router::OverflowReason, time::Timestamp};

use super::Acd;
use crate::{
    class::Requirement,
    config::{Ageing, QueueRules, Relaxation},
    contacts::Contact,
    place::{AgentNo, LEVEL, QueueNo},
    strategy::Ring,
};

/// What is due for a contact when no agent is free for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Overflow(OverflowReason),
    /// Which step of relaxation moves it.
    Move(usize),
    /// Which step of relaxation raises it.
    Raise(usize),
}

/// The one agent whom a contact wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanting {
    /// Whom.
    pub(super) agent: Option<AgentNo>,
    /// Whether only he will do, now.
    pub(super) only: bool,
}

impl Acd {
    /// Returns how many steps of relaxation have been reached after a wait.
    pub(super) fn steps_reached(rules: &QueueRules, waited: Duration) -> usize {
        rules.relax.iter().take_while(|step| step.after <= waited).count()
    }

    /// Returns whom a contact wants at this moment.
    pub(super) fn wanting(&self, contact: &Contact) -> Wanting {
        let Some(more) = &contact.more else { return Wanting::default() };
        if let Some(agent) = &more.assigned {
            return Wanting { agent: self.agent_numbers.get(agent).copied(), only: true };
        }
        let Some(wanted) = more.needs.agent.as_ref().filter(|_| !more.anyone) else {
            return Wanting::default();
        };
        let agent = self.agent_numbers.get(&wanted.agent).copied();
        let only = match wanted.only_for {
            None => true,
            Some(time) => {
                self.clock < contact.entered() + time
                    && agent.is_some_and(|agent| self.agents[agent.index()].index.staffed)
            }
        };
        Wanting { agent, only }
    }

    /// Returns what a contact that wants no certain agent asks for after so many steps.
    pub(super) fn requirement(&self, queue: QueueNo, needs: &Needs, steps: usize) -> Requirement {
        let rules = &self.queues[queue.index()].rules;
        let reached = &rules.relax[..steps];
        let any = |is: fn(&Relaxation) -> bool| reached.iter().any(is);
        let down: u32 = reached.iter().map(|step| u32::from(step.levels_down)).sum();
        let down = u8::try_from(down).unwrap_or(u8::MAX);
        let skills: Vec<(SkillId, u8)> = match any(|step| step.any_skill) {
            true => Vec::new(),
            false => needs
                .skills
                .iter()
                .filter(|(_, level)| **level > down)
                .map(|(skill, level)| (skill.clone(), level - down))
                .collect(),
        };
        let mut groups: Vec<QueueNo> = reached
            .iter()
            .flat_map(|step| &step.queues)
            .filter_map(|group| self.queue_numbers.get(group).copied())
            .filter(|group| *group != queue)
            .collect();
        groups.sort();
        groups.dedup();
        Requirement {
            queue,
            medium: needs.medium,
            only: None,
            groups,
            skills,
            language: needs.language.clone().filter(|_| !any(|step| step.any_language)),
            region: needs.region.clone().filter(|_| !any(|step| step.any_region)),
            sites: match any(|step| step.any_site) {
                true => Vec::new(),
                false => rules.sites.clone(),
            },
        }
    }

    /// Returns how many microseconds earlier than it did a contact of this priority counts as having come.
    pub(super) fn head_start(rules: &QueueRules, priority: u8, waited: Duration) -> i64 {
        let level = i64::from(priority);
        let ahead = match &rules.ageing {
            Ageing::Strict => level * LEVEL,
            Ageing::Linear { worth } => micros(*worth).saturating_mul(level),
            Ageing::Doubling { every } => {
                let scaled = i128::from(micros(*every)) * i128::from(log2(u32::from(priority) + 1));
                i64::try_from(scaled >> LOG_BITS).unwrap_or(i64::MAX)
            }
            Ageing::Steps { steps } => {
                let up = steps.iter().rev().find(|step| step.after <= waited).map_or(0, |it| it.up);
                i64::from(priority.saturating_add(up)) * LEVEL
            }
        };
        ahead.saturating_add(micros(rules.head_start))
    }

    /// Returns what is due for a waiting contact, and since when.
    pub(super) fn pending(&self, contact: &Contact) -> Option<(Timestamp, Action)> {
        let rules = &self.queues[contact.queue.index()].rules;
        let entered = contact.entered();
        let refused = contact.refused.map(|reason| (entered, Action::Overflow(reason)));
        if refused.is_none() && rules.max_wait.is_none() && rules.relax.is_empty() {
            return None;
        }
        let waited = rules
            .max_wait
            .filter(|_| !rules.advanced)
            .map(|limit| (entered + limit, Action::Overflow(OverflowReason::WaitedTooLong)));
        let raised = contact.more.as_ref().map_or(0, |more| usize::from(more.raised));
        let steps = rules.relax.iter().enumerate().flat_map(|(index, step)| {
            let at = entered + step.after;
            let moves = step.move_to.is_some() && !rules.advanced;
            let raises = index >= raised && step.raise_to.is_some_and(|to| to > contact.priority);
            let moves = moves.then_some((at, Action::Move(index)));
            moves.into_iter().chain(raises.then_some((at, Action::Raise(index))))
        });
        let all = refused.into_iter().chain(waited).chain(steps);
        all.filter(|(at, _)| *at <= self.clock).min()
    }

    /// Returns from when on one more agent can be rung for a contact that is on offer to some.
    pub(super) fn one_more_at(&self, contact: &Contact) -> Option<Timestamp> {
        let more = contact.more.as_ref()?;
        let queue = &self.queues[contact.queue.index()];
        let only = self.classes[contact.class?.index()].requirement.only.is_some();
        let full = more.offered.len() >= usize::from(queue.rules.ring_at_most);
        if more.offered.is_empty() || contact.asked || only || full {
            return None;
        }
        let last = more.offered_at?;
        match queue.strategy.ring() {
            Ring::One => None,
            Ring::All => Some(last),
            Ring::Progressively => Some(last + queue.rules.ring_step),
        }
    }

    /// Returns when something changes next for a waiting contact though nothing happens.
    pub(super) fn next_change(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.queues[contact.queue.index()].rules;
        let entered = contact.entered();
        let mut next: Option<Timestamp> = None;
        let mut at = |moment: Timestamp| {
            if moment > self.clock {
                next = Some(next.map_or(moment, |next| next.min(moment)));
            }
        };
        if let Some(limit) = rules.max_wait.filter(|_| !rules.advanced) {
            at(entered + limit);
        }
        rules.relax.iter().for_each(|step| at(entered + step.after));
        if let Some(after) = rules.lift_after {
            at(contact.since + after);
        }
        if let Ageing::Steps { steps } = &rules.ageing {
            steps.iter().for_each(|step| at(contact.since + step.after));
        }
        if let Some(more) = &contact.more
            && let Some(time) = more.needs.agent.as_ref().and_then(|wanted| wanted.only_for)
            && more.assigned.is_none()
            && !more.anyone
        {
            at(entered + time);
        }
        next
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// How many bits of a logarithm lie behind the point.
const LOG_BITS: u32 = 24;

/// Returns the binary logarithm of 1 to 2³² − 1, in units of 2⁻²⁴: each squaring of the rest gives one more bit.
fn log2(number: u32) -> u64 {
    let whole = number.ilog2();
    let mut log = u64::from(whole) << LOG_BITS;
    // Between 1 and 2, in units of 2⁻³¹.
    let mut rest = u64::from(number) << (31 - whole);
    for bit in (0..LOG_BITS).rev() {
        rest = (rest * rest) >> 31;
        if rest >= 1 << 32 {
            rest >>= 1;
            log |= 1 << bit;
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use cti_core::id::QueueId;

    use super::*;
    use crate::config::AgeStep;

    fn ahead(ageing: Ageing, priority: u8, waited: u64) -> i64 {
        let rules = QueueRules { ageing, ..QueueRules::new(QueueId::new("a").unwrap()) };
        Acd::head_start(&rules, priority, Duration::from_secs(waited))
    }

    #[test]
    fn the_logarithm_is_exact_at_powers_of_two_and_right_between() {
        for power in 0..9u32 {
            assert_eq!(log2(1 << power), u64::from(power) << LOG_BITS);
        }
        for number in 1..=256u32 {
            let exact = f64::from(number).log2() * f64::from(1 << LOG_BITS);
            assert!((log2(number) as f64 - exact).abs() < 2.0, "{number}");
        }
    }

    #[test]
    fn a_level_is_worth_what_the_formula_says() {
        assert_eq!(ahead(Ageing::Strict, 3, 0), 3 * LEVEL);
        let linear = Ageing::Linear { worth: Duration::from_secs(30) };
        assert_eq!(ahead(linear, 4, 0), 120_000_000);
        let doubling = Ageing::Doubling { every: Duration::from_secs(60) };
        assert_eq!(ahead(doubling.clone(), 0, 0), 0);
        assert_eq!(ahead(doubling.clone(), 1, 0), 60_000_000);
        assert_eq!(ahead(doubling, 3, 0), 120_000_000);
        let steps = Ageing::Steps {
            steps: [(60, 1), (120, 5)]
                .map(|(after, up)| AgeStep { after: Duration::from_secs(after), up })
                .to_vec(),
        };
        assert_eq!(ahead(steps.clone(), 2, 59), 2 * LEVEL);
        assert_eq!(ahead(steps.clone(), 2, 60), 3 * LEVEL);
        assert_eq!(ahead(steps.clone(), 2, 500), 7 * LEVEL);
        assert_eq!(ahead(steps, 253, 500), 255 * LEVEL);
    }

    #[test]
    fn the_weight_of_a_contact_doubles_with_each_such_time_of_waiting() {
        // Weight 4 now against weight 1 that has waited for two doublings: equal but for who came first.
        let doubling = Ageing::Doubling { every: Duration::from_secs(60) };
        let (vip, usual) = (ahead(doubling.clone(), 3, 0), ahead(doubling, 0, 120));
        assert_eq!(vip - usual, 120_000_000);
    }
}
