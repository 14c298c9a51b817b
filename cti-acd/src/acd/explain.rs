//! Explaining: what was decided about a contact, and where it stands now.

use cti_core::{
    id::ContactId,
    router::{Explanation, Why},
    time::Timestamp,
};

use super::Acd;
use crate::{
    contacts::{Decision, Wait},
    queue::Queue,
    words,
};

/// How many agents are named one by one.
const NAMED: usize = 16;

impl Acd {
    pub(super) fn explanations(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        let Some(known) = self.contacts.get(&contact) else { return Vec::new() };
        let mut all: Vec<Explanation> = known
            .history
            .iter()
            .map(|(at, decision)| Explanation { at: *at, why: in_words(decision) })
            .collect();
        if let Some(wait) = &known.wait
            && let Some((queue, ahead)) = self.ahead(contact)
        {
            all.push(Explanation { at: now, why: self.standing(wait, queue, ahead, now) });
        }
        all
    }

    /// "队列 general 第 3 位，已等待 35 秒；前面还有 2 位；组内 3 名坐席：8001 通话中，8002 示忙(午休)，8003 …"
    fn standing(&self, wait: &Wait, queue: &Queue, ahead: usize, now: Timestamp) -> Why {
        let name = &queue.rules.queue;
        let waited = now.since(wait.since);
        let mut zh = format!(
            "队列 {name} 第 {} 位，已等待 {}；前面还有 {ahead} 位",
            ahead + 1,
            words::zh(waited)
        );
        let mut en = format!(
            "number {} in queue {name}, waiting for {}; {ahead} ahead",
            ahead + 1,
            words::en(waited)
        );
        if let Some(agent) = &wait.offered {
            zh += &format!("；正在向 {agent} 振铃");
            en += &format!("; {agent} is being rung");
        }

        let members = queue.members.len();
        zh += &format!("；组内 {members} 名坐席");
        en += &format!("; {members} agents signed in");
        let mut separators = ("：", ": ");
        for agent in queue.members.iter().take(NAMED).map(|number| &self.agents[number.0]) {
            let device = agent.device.as_ref().and_then(|device| self.devices.get(device));
            let (on_zh, on_en) = match device {
                Some(device) if !device.in_service => ("，话机不通", ", phone not reachable"),
                Some(device) if device.calls > 0 => ("，话机占用", ", phone engaged"),
                Some(_) | None => ("", ""),
            };
            let state_zh = words::state_zh(&agent.state);
            let state_en = words::state_en(&agent.state);
            zh += &format!("{}{} {state_zh}{on_zh}", separators.0, agent.id);
            en += &format!("{}{} {state_en}{on_en}", separators.1, agent.id);
            separators = ("；", "; ");
        }
        if members > NAMED {
            zh += &format!("；另有 {} 名", members - NAMED);
            en += &format!("; and {} more", members - NAMED);
        }
        if let Some(expected) = queue.expected_wait(ahead) {
            zh += &format!("；预计还需 {}", words::zh(expected));
            en += &format!("; expected to wait {} more", words::en(expected));
        }
        Why { rule: "standing".to_owned(), zh, en }
    }
}

fn in_words(decision: &Decision) -> Why {
    let (rule, zh, en) = match decision {
        Decision::Queued { queue, priority } => (
            "queued",
            format!("进入队列 {queue}，优先级 {priority}"),
            format!("entered queue {queue} with priority {priority}"),
        ),
        Decision::Offered { agent, why } => (
            why.rule.as_str(),
            format!("分配给 {agent}：{}", why.zh),
            format!("offered to {agent}: {}", why.en),
        ),
        Decision::OfferEnded { agent, end } => {
            let (zh, en) = words::offer_end(*end);
            ("offer_ended", format!("{agent} {zh}"), format!("{agent} {en}"))
        }
        Decision::Dequeued { queue, reason } => {
            let (zh, en) = words::dequeued(*reason);
            ("dequeued", format!("离开队列 {queue}：{zh}"), format!("left queue {queue}: {en}"))
        }
    };
    Why { rule: rule.to_owned(), zh, en }
}
