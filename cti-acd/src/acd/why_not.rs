//! "Why not agent 8003?": what keeps an agent and a contact apart, the most lasting reason first.

use cti_core::{
    agent::AgentState,
    id::{AgentId, ContactId},
    needs::Medium,
    router::{Explanation, Why},
    time::Timestamp,
};

use super::Acd;
use crate::{
    agents::Agent,
    class::Misfit,
    place::{AgentNo, Slot},
    strategy::Words,
    words,
};

impl Acd {
    /// Says why a contact is not offered to an agent at this moment, or that it is.
    #[must_use]
    pub fn why_not(&self, contact: ContactId, agent: &AgentId, now: Timestamp) -> Explanation {
        let (rule, said) = self.apart(contact, agent, now);
        Explanation { at: now, why: Why { rule: rule.to_owned(), zh: said.zh, en: said.en } }
    }

    fn apart(&self, contact: ContactId, agent: &AgentId, now: Timestamp) -> (&'static str, Words) {
        let Some(slot) = self.slots.get(&contact).copied() else {
            return ("unknown_contact", Words::new("没有这个来电", "there is no such contact"));
        };
        let it = &self.contacts[slot.index()];
        if !it.waits {
            return ("not_waiting", Words::new("已不在排队", "it does not wait"));
        }
        let Some(number) = self.agent_numbers.get(agent).copied() else {
            return (
                "unknown_agent",
                Words::new(format!("{agent} 从未签入"), format!("{agent} has never signed in")),
            );
        };
        let known = &self.agents[number.index()];
        if it.offered().contains(agent) {
            let said = Words::new(format!("正在向 {agent} 振铃"), format!("{agent} is being rung"));
            return ("offered", said);
        }
        if it.passes_over(agent) {
            let said = Words::new(
                format!("{agent} 未接，其他坐席仍在振铃"),
                format!("{agent} did not take it, and others still have it on offer"),
            );
            return ("declined", said);
        }
        if let Some(rung) = it.offered().first()
            && self.one_more_at(it).is_none()
        {
            let said = Words::new(
                format!("正在向另一坐席 {rung} 振铃"),
                format!("another agent, {rung}, is being rung"),
            );
            return ("offered", said);
        }
        if known.device.is_none() {
            return (
                "signed_out",
                Words::new(format!("{agent} 未签入"), format!("{agent} is not signed in")),
            );
        }
        self.misfit(slot, number, now)
            .or_else(|| self.busy(slot, number, now))
            .or_else(|| self.rung_later(slot, number, now))
            .unwrap_or_else(|| self.others_first(slot, number))
    }

    /// What keeps them apart whatever the agent is doing.
    fn misfit(&self, slot: Slot, number: AgentNo, now: Timestamp) -> Option<(&'static str, Words)> {
        let contact = &self.contacts[slot.index()];
        let agent = &self.agents[number.index()];
        let requirement = &self.classes[contact.class?.index()].requirement;
        let misfit = requirement.check(number, agent).err()?;
        let rules = &self.queues[contact.queue.index()].rules;
        let waited = now.since(contact.entered());
        let id = &agent.id;
        let (rule, mut said) = match &misfit {
            Misfit::AnotherAgent(other) => {
                let other = &self.agents[other.index()].id;
                (
                    "wants_another",
                    Words::new(format!("该来电只等 {other}"), format!("it waits for {other} only")),
                )
            }
            Misfit::Queue => (
                "not_in_queue",
                Words::new(
                    format!("{id} 未签入队列 {}", rules.queue),
                    format!("{id} is not signed in for queue {}", rules.queue),
                ),
            ),
            Misfit::Medium => (
                "medium",
                Words::new(
                    format!("{id} 不受理 {}", requirement.medium),
                    format!("{id} takes no contacts by {}", requirement.medium),
                ),
            ),
            Misfit::Site => (
                "site",
                Words::new(format!("{id} 属于其他职场"), format!("{id} works at another site")),
            ),
            Misfit::Region(region) => (
                "region",
                Words::new(
                    format!("{id} 不受理地区 {region}"),
                    format!("{id} does not know region {region}"),
                ),
            ),
            Misfit::Skill { skill, asked, has: Some(has) } => (
                "skill",
                Words::new(
                    format!("{id} 的技能 {skill} 为 {has} 级，要求 {asked} 级"),
                    format!("{id} has {skill} at level {has}, {asked} is asked for"),
                ),
            ),
            Misfit::Skill { skill, asked, has: None } => (
                "skill",
                Words::new(
                    format!("{id} 没有技能 {skill}（要求 {asked} 级）"),
                    format!("{id} does not have {skill}, level {asked} is asked for"),
                ),
            ),
        };
        if let Some(next) = rules.relax.iter().find(|step| step.after > waited) {
            let left = next.after.saturating_sub(waited);
            said.zh += &format!("；{} 后放宽要求", words::zh(left));
            said.en += &format!("; less is asked for in {}", words::en(left));
        }
        Some((rule, said))
    }

    /// What keeps them apart for the moment.
    fn busy(&self, slot: Slot, number: AgentNo, now: Timestamp) -> Option<(&'static str, Words)> {
        let agent = &self.agents[number.index()];
        let id = &agent.id;
        let contact = &self.contacts[slot.index()];
        let medium = contact.needs().map_or(Medium::Voice, |needs| needs.medium);
        if agent.state != AgentState::Ready {
            return Some((
                "state",
                Words::new(
                    format!("{id} {}", words::state_zh(&agent.state)),
                    format!("{id} is {}", words::state_en(&agent.state)),
                ),
            ));
        }
        if agent.unheard {
            return Some((
                "unheard",
                Words::new(
                    format!("{id} 的座席程序失去联系"),
                    format!("the program at the seat of {id} is not heard of"),
                ),
            ));
        }
        if let Some(until) = agent.index.held_until.filter(|until| *until > now) {
            let left = until.since(now);
            return Some((
                "held",
                Words::new(
                    format!("{id} 连续 {} 次未接，{} 后恢复分配", agent.misses, words::zh(left)),
                    format!(
                        "{id} missed {} offers in a row, {} to go",
                        agent.misses,
                        words::en(left)
                    ),
                ),
            ));
        }
        let device = self.device_of(agent);
        if medium.is_spoken() && !device.is_some_and(|device| device.in_service) {
            return Some((
                "device",
                Words::new(
                    format!("{id} 的话机不通"),
                    format!("the phone of {id} cannot be reached"),
                ),
            ));
        }
        if medium.is_spoken() && device.is_some_and(|device| device.calls > 0) {
            return Some((
                "device",
                Words::new(format!("{id} 的话机占用"), format!("the phone of {id} is engaged")),
            ));
        }
        (!agent.index.free.contains(medium)).then(|| ("capacity", at_capacity(agent, medium)))
    }

    /// They fit and the agent is free, and he is rung beside others when the queue's step is over.
    fn rung_later(
        &self,
        slot: Slot,
        number: AgentNo,
        now: Timestamp,
    ) -> Option<(&'static str, Words)> {
        let at = self.one_more_at(&self.contacts[slot.index()]).filter(|at| *at > now)?;
        let (id, left) = (&self.agents[number.index()].id, at.since(now));
        Some((
            "ring_step",
            Words::new(
                format!("{} 后再向一名坐席振铃，{id} 可接听", words::zh(left)),
                format!("one more agent is rung in {}; {id} could take it", words::en(left)),
            ),
        ))
    }

    /// They fit and the agent is free: somebody else goes first, or the offer is on its way.
    fn others_first(&self, slot: Slot, number: AgentNo) -> (&'static str, Words) {
        let contact = &self.contacts[slot.index()];
        let id = &self.agents[number.index()].id;
        if contact.asked {
            return (
                "on_its_way",
                Words::new(
                    "已提出分配，等待执行",
                    "an offer was proposed and is being carried out",
                ),
            );
        }
        let class = contact.class.map(|class| &self.classes[class.index()]);
        if let Some(first) = class.and_then(|class| class.waiting.first())
            && first.contact != contact.id
        {
            return (
                "others_first",
                Words::new(
                    format!("{id} 可接听，但 {} 排在前面", first.contact),
                    format!("{id} could take it, and {} goes first", first.contact),
                ),
            );
        }
        ("next", Words::new(format!("{id} 即将接到"), format!("{id} is about to be offered it")))
    }
}

fn at_capacity(agent: &Agent, medium: Medium) -> Words {
    let (id, capacity) = (&agent.id, agent.capacity(medium));
    Words::new(
        format!("{id} 的 {medium} 已达上限 {capacity} 个"),
        format!("{id} has as many contacts by {medium} as he can: {capacity}"),
    )
}
