//! Explaining: what was decided about a contact, and where it stands now.

use std::collections::VecDeque;

use cti_core::{
    id::{AgentId, ContactId},
    needs::WantedFor,
    router::{Explanation, Why},
    time::Timestamp,
};

use super::Acd;
use crate::{
    contacts::{Contact, Decision},
    place::Place,
    queue::Queue,
    words,
};

/// How many agents, and how many contacts before one, are named one by one.
const NAMED: usize = 16;

impl Acd {
    pub(super) fn explanations(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        let Some(slot) = self.slots.get(&contact) else { return Vec::new() };
        let known = &self.contacts[slot.index()];
        let none = VecDeque::new();
        let history = known.more.as_ref().map_or(&none, |more| &more.history);
        let mut all: Vec<Explanation> = history
            .iter()
            .map(|(at, decision)| Explanation { at: *at, why: in_words(decision) })
            .collect();
        let queue = &self.queues[known.queue.index()];
        if all.is_empty() {
            let (queue, priority) = (queue.rules.queue.clone(), known.priority);
            let why = in_words(&Decision::Queued { queue, priority });
            all.push(Explanation { at: known.entered(), why });
        }
        if let Some((queue, ahead)) = self.ahead(contact) {
            all.push(Explanation { at: now, why: self.standing(known, queue, ahead, now) });
        }
        all
    }

    /// "队列 general 第 3 位，已等待 35 秒；前面还有 2 位：contact-7 来得更早；… 组内 3 名坐席：8001 通话中；8002 …"
    fn standing(&self, contact: &Contact, queue: &Queue, ahead: usize, now: Timestamp) -> Why {
        let name = &queue.rules.queue;
        let waited = now.since(contact.since);
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
        let before = self.before(queue, contact.place());
        let mut separators = ("：", ": ");
        for other in before.iter().take(NAMED) {
            let (because_zh, because_en) = self.goes_first(other, contact);
            zh += &format!("{}{} {because_zh}", separators.0, other.id);
            en += &format!("{}{} {because_en}", separators.1, other.id);
            separators = ("；", "; ");
        }
        if !contact.offered().is_empty() {
            let rung: Vec<&str> = contact.offered().iter().map(|agent| agent.as_str()).collect();
            zh += &format!("；正在向 {} 振铃", rung.join("、"));
            let is = if rung.len() == 1 { "is" } else { "are" };
            en += &format!("; {} {is} being rung", rung.join(", "));
        }
        let class = contact.class.map(|class| &self.classes[class.index()]);
        if let Some(only) = class.and_then(|class| class.requirement.only) {
            let agent = &self.agents[only.index()].id;
            let (only_zh, only_en) = only_waits(contact, agent, now);
            zh += &format!("；{only_zh}");
            en += &format!("; {only_en}");
        } else if let Some(class) = class {
            let it = &class.requirement;
            let levels = it.skills.iter().map(|(skill, level)| format!("{skill} ≥ {level}"));
            let asked: Vec<String> =
                levels.chain(it.language.iter().map(ToString::to_string)).collect();
            if !asked.is_empty() {
                zh += &format!("；要求 {}，在岗 {} 名坐席符合", asked.join("、"), class.staffed);
                en += &format!(
                    "; asks for {}, {} agents at work fit",
                    asked.join(", "),
                    class.staffed
                );
            }
        }

        let members = queue.members.len();
        zh += &format!("；组内 {members} 名坐席");
        en += &format!("; {members} agents signed in");
        let mut separators = ("：", ": ");
        for agent in queue.members.iter().take(NAMED).map(|number| &self.agents[number.index()]) {
            let device = self.device_of(agent);
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
        if let Some(expected) = self.expected(contact.id, now) {
            zh += &format!("；预计还需 {}", words::zh(expected));
            en += &format!("; expected to wait {} more", words::en(expected));
        }
        Why { rule: "standing".to_owned(), zh, en }
    }

    /// Returns some of those who wait before a place, the first ones first.
    fn before(&self, queue: &Queue, place: Place) -> Vec<&Contact> {
        let mut places: Vec<Place> = queue.ringing.range(..place).take(NAMED).copied().collect();
        for class in &queue.classes {
            let waiting = self.classes[class.index()].waiting.iter();
            places.extend(waiting.take_while(|it| *it < place).take(NAMED));
        }
        places.sort();
        places.truncate(NAMED);
        places.iter().map(|it| &self.contacts[self.slots[&it.contact].index()]).collect()
    }

    /// Says why one contact goes before another.
    fn goes_first(&self, one: &Contact, other: &Contact) -> (String, String) {
        let assigned = one.more.as_ref().is_some_and(|more| more.assigned.is_some());
        if assigned {
            ("由班长指定".to_owned(), "was assigned by a supervisor".to_owned())
        } else if one.place().is_lifted() && !other.place().is_lifted() {
            ("等待已达上限，提到最前".to_owned(), "was lifted after its long wait".to_owned())
        } else if one.priority > other.priority {
            (
                format!("优先级 {} 更高", one.priority),
                format!("has the higher priority {}", one.priority),
            )
        } else if one.since < other.since {
            let by = other.since.since(one.since);
            (format!("早到 {}", words::zh(by)), format!("came {} earlier", words::en(by)))
        } else {
            ("按规则在前".to_owned(), "goes first by the queue's rules".to_owned())
        }
    }
}

/// Says for whom alone a contact waits, why him, and for how long.
fn only_waits(contact: &Contact, agent: &AgentId, now: Timestamp) -> (String, String) {
    let more = contact.more.as_ref().filter(|more| more.assigned.is_none());
    let Some(wanted) = more.and_then(|more| more.needs.agent.as_ref()) else {
        return (format!("只等 {agent}"), format!("waits for {agent} only"));
    };
    let (whose_zh, whose_en) = match wanted.because {
        WantedFor::Named => ("", ""),
        WantedFor::Customer => ("专属坐席 ", "his own agent "),
        WantedFor::Last => ("上次受理的坐席 ", "his last agent "),
    };
    match wanted.only_for {
        None => (format!("只等{whose_zh}{agent}"), format!("waits for {whose_en}{agent} only")),
        Some(time) => {
            let left = (contact.entered() + time).since(now);
            (
                format!("先等{whose_zh}{agent}，{} 后任何人均可", words::zh(left)),
                format!(
                    "waits for {whose_en}{agent} for {} more, then for anyone",
                    words::en(left)
                ),
            )
        }
    }
}

fn in_words(decision: &Decision) -> Why {
    let (rule, zh, en) = match decision {
        Decision::Queued { queue, priority } => (
            "queued",
            format!("进入队列 {queue}，优先级 {priority}"),
            format!("entered queue {queue} with priority {priority}"),
        ),
        Decision::PrioritySet { priority, by } => (
            "priority_set",
            format!("优先级改为 {priority}（{by}）"),
            format!("priority set to {priority} by {by}"),
        ),
        Decision::Assigned { agent: Some(agent), by } => (
            "assigned",
            format!("指定由 {agent} 接听（{by}）"),
            format!("assigned to {agent} by {by}"),
        ),
        Decision::Assigned { agent: None, by } => (
            "assigned",
            format!("不再指定坐席（{by}）"),
            format!("given back to everybody by {by}"),
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
