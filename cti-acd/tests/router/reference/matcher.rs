//! Who gets the call, the obvious way: each time everybody is looked at, from end to end, and nothing is kept.

use cti_acd::config::{Ageing, Between};
use cti_core::{
    id::{AgentId, ContactId, QueueId, SkillId},
    time::Timestamp,
};

use super::lists::{Agent, Contact, Lists};

impl Lists {
    /// The first contact for whom somebody is free gets whom its queue prefers; he chooses of all that he can take.
    pub(super) fn offer(&self, now: Timestamp) -> Option<(ContactId, AgentId)> {
        let mut open: Vec<&Contact> = self.contacts.values().filter(|it| !it.rung).collect();
        open.sort_by_key(|it| self.place(it, now));
        let can = |agent: &Agent, it: &Contact| {
            self.fits(agent, it, now) && self.free(agent, it.needs.medium, now)
        };
        open.iter().find_map(|first| {
            let able = self.agents.values().filter(|agent| can(agent, first));
            let agent = able.min_by_key(|agent| self.preference(agent, first))?;
            let best = open.iter().filter(|it| can(agent, it));
            Some((best.min_by_key(|it| self.choice(agent, it, now))?.id, agent.id.clone()))
        })
    }

    /// Smaller is chosen: assigned and lifted ones, then by the rule between queues.
    fn choice(&self, agent: &Agent, it: &Contact, now: Timestamp) -> impl Ord + use<> {
        let place = self.place(it, now);
        let waited = (i128::from(now.as_micros()) - place.1).max(0);
        let rule = match self.config.between {
            Between::QueueRank => i128::from(self.member(&agent.id, &it.queue).rank),
            Between::WeightedWait => -(waited * i128::from(self.rules(&it.queue).weight)),
            Between::Ratio => i128::from(self.passes.get(&it.queue).copied().unwrap_or(0)),
            Between::FirstCome => 0,
        };
        (place.0, if place.0 == 2 { rule } else { 0 }, place)
    }

    /// Smaller goes first: assigned, lifted, by virtual arrival.
    pub(super) fn place(&self, it: &Contact, now: Timestamp) -> (u8, i128, ContactId) {
        let (rules, since) = (self.rules(&it.queue), i128::from(it.since.as_micros()));
        let level = i128::from(it.priority);
        let ahead = match &rules.ageing {
            Ageing::Linear { worth } => level * worth.as_micros() as i128,
            Ageing::Steps { steps } => {
                let up = steps.iter().rev().find(|step| it.since + step.after <= now);
                (level + up.map_or(0, |step| i128::from(step.up))).min(255) << 54
            }
            Ageing::Strict | Ageing::Doubling { .. } => level << 54,
        };
        let lifted = rules.lift_after.is_some_and(|after| it.since + after <= now);
        match (&it.assigned, lifted) {
            (Some(_), _) => (0, since, it.id),
            (None, true) => (1, since, it.id),
            (None, false) => (2, since - ahead - rules.head_start.as_micros() as i128, it.id),
        }
    }

    /// Whether the agent can take the contact when he is free.
    pub(super) fn fits(&self, agent: &Agent, it: &Contact, now: Timestamp) -> bool {
        let (rules, profile) = (self.rules(&it.queue), self.profile(&agent.id));
        let (needs, relaxed) = (&it.needs, self.relaxed(it, now));
        let level = |skill: &SkillId| profile.skills.get(skill).copied().unwrap_or(0);
        let enough = |(skill, asked): (_, &u8)| level(skill) + relaxed.levels_down >= *asked;
        let serves = |queue: &QueueId| agent.queues.contains(queue);
        let here = profile.site.as_ref().is_some_and(|site| rules.sites.contains(site));
        let home = needs.region.as_ref().is_none_or(|region| profile.regions.contains(region));
        let anyone = (serves(&it.queue) || relaxed.queues.iter().any(serves))
            && (relaxed.any_skill || needs.skills.iter().all(enough))
            && (relaxed.any_language || needs.language.as_ref().is_none_or(|it| level(it) > 0))
            && (relaxed.any_region || profile.regions.is_empty() || home)
            && (relaxed.any_site || rules.sites.is_empty() || here);
        let takes = agent.device.is_some() && agent.capacity(needs.medium) > 0;
        takes && self.only(it, now).map_or(anyone, |only| *only == agent.id)
    }

    /// Smaller is preferred.
    fn preference(&self, agent: &Agent, it: &Contact) -> impl Ord + use<> {
        let member = self.member(&agent.id, &it.queue);
        let (tier, position) = (i64::from(member.tier), i64::from(member.position));
        let [asked, all] = self.levels(&agent.id, &it.needs);
        match self.rules(&it.queue).strategy.as_str() {
            "fewest_calls" => ([agent.calls, 0, 0], agent.idle),
            "longest_average_idle" => ([-agent.average_idle(), 0, 0], agent.idle),
            "top_down" => ([tier, 0, 0], agent.idle),
            "highest_skill" => ([-asked, -all, 0], agent.idle),
            "round_robin" => {
                let had_his_turn = self.last_order(&it.queue) >= Some((tier, position));
                ([i64::from(had_his_turn), tier, position], Default::default())
            }
            "ring_progressively" => {
                let tried = i64::from(it.tried.contains(&agent.id));
                ([tried, tier * (1 - tried), position], Default::default())
            }
            _ => ([0, 0, 0], agent.idle),
        }
    }
}
