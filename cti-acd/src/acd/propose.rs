//! Proposing: the head of an index, or nothing.

use cti_core::{
    id::{AgentId, ContactId},
    needs::{Medium, WantedFor},
    router::{OverflowReason, Proposal, Why},
    time::Timestamp,
};

use super::{ASK_AGAIN, About, Acd, Asked, class_index::candidate, plan::Action};
use crate::{
    between::{Between, Head},
    place::{AgentNo, ClassNo, Place, Preference, QueueNo, Slot},
    script::{ContactView, MAX_PICK},
    strategy::{self, Turn, Words, random},
    words,
};

/// After how many ways out of queues a contact goes where its flow sends it: the routes of its queues lead in a circle.
const MAX_SENT_ON: u8 = 16;

impl Acd {
    /// Offers go first: a contact that can have an agent at this moment neither overflows nor raises an alarm.
    pub(super) fn next_proposal(&mut self, now: Timestamp) -> Option<Proposal> {
        while let Some(asked) = self.asked.iter().find(|asked| asked.again_at <= now) {
            let about = asked.about.clone();
            self.forget_asked(&about);
        }
        self.advance(now);
        self.staffed_again(now)
            .or_else(|| self.rule_trouble(now))
            .or_else(|| self.offer(now))
            .or_else(|| self.act(now))
            .or_else(|| self.call_back(now))
            .or_else(|| self.nobody_staffed(now))
    }

    /// Returns the offer that it would make at this moment if it were asked, and forgets that it was.
    pub(crate) fn would_offer(&mut self, now: Timestamp) -> Option<(ContactId, AgentId)> {
        self.advance(now);
        let offer = match self.offer(now)? {
            Proposal::Offer { contact, agent, .. } => Some((contact, agent)),
            Proposal::Overflow { .. }
            | Proposal::Move { .. }
            | Proposal::Raise { .. }
            | Proposal::CallBack { .. }
            | Proposal::Withdraw { .. }
            | Proposal::RuleFailed { .. }
            | Proposal::RuleWorksAgain { .. }
            | Proposal::NobodyStaffed { .. }
            | Proposal::StaffedAgain { .. } => None,
        };
        while let Some(about) = self.asked.first().map(|asked| asked.about.clone()) {
            self.forget_asked(&about);
        }
        offer
    }

    fn staffed_again(&mut self, now: Timestamp) -> Option<Proposal> {
        let queue = *self.staffed_again.first()?;
        self.ask_about_staff(now, queue);
        Some(Proposal::StaffedAgain { queue: self.queues[queue.index()].rules.queue.clone() })
    }

    /// Of all contacts for whom an agent is ready the first gets the agent whom its queue prefers, and he chooses
    /// between the first contacts of his queues.
    fn offer(&mut self, now: Timestamp) -> Option<Proposal> {
        let (place, class, agent) = match (&self.fresh[..], self.hot.is_empty()) {
            ([], true) => return self.one_more(now),
            // Nobody else is ready for anybody, so all that he can take is his to choose from.
            (&[agent], true) => match self.choose(now, agent) {
                Some((place, class)) => (place, class, agent),
                None => {
                    self.flush();
                    return self.one_more(now);
                }
            },
            _ => {
                self.flush();
                let Some((place, class)) = self.hot.first().copied() else {
                    return self.one_more(now);
                };
                let agent = self.select(class, place);
                match self.config.between {
                    Between::FirstCome => (place, class, agent),
                    Between::QueueRank | Between::WeightedWait | Between::Ratio => {
                        let (place, class) = self
                            .choose(now, agent)
                            .expect("he is ready for a class in which somebody waits");
                        (place, class, agent)
                    }
                }
            }
        };
        Some(self.offer_to(now, place, class, agent))
    }

    /// Rings one more agent for a contact that is on offer; whoever is offered to nobody went before.
    fn one_more(&mut self, now: Timestamp) -> Option<Proposal> {
        let (place, class) = *self.hot_rung.first()?;
        let agent = self.select(class, place);
        Some(self.offer_to(now, place, class, agent))
    }

    fn offer_to(
        &mut self,
        now: Timestamp,
        place: Place,
        class: ClassNo,
        agent: AgentNo,
    ) -> Proposal {
        let slot = self.slots[&place.contact];
        let why = self.why(now, slot, class, agent);
        let agent_id = self.agents[agent.index()].id.clone();
        self.ask_about_contact(now, slot, Some(agent));
        Proposal::Offer { contact: place.contact, agent: agent_id, why }
    }

    /// Returns the contact whom a free agent takes: of the first ones of his classes the one that the rule between
    /// queues prefers.
    fn choose(&self, now: Timestamp, agent: AgentNo) -> Option<(Place, ClassNo)> {
        let index = &self.agents[agent.index()].index;
        let mut best: Option<(Head, ClassNo)> = None;
        for part in &index.parts {
            if !index.free.contains(part.medium) {
                continue;
            }
            let class = &self.classes[part.class.index()];
            let Some(place) = class.waiting.first() else { continue };
            let queue = &self.queues[class.requirement.queue.index()];
            let head = Head {
                place,
                rank: match self.config.between {
                    Between::QueueRank => index.profile.membership(&queue.rules.queue).rank,
                    Between::FirstCome | Between::WeightedWait | Between::Ratio => 1,
                },
                weight: queue.rules.weight,
                pass: queue.told.pass,
            };
            let better = best
                .as_ref()
                .is_none_or(|(best, _)| self.config.between.prefers(now.as_micros(), &head, best));
            if better {
                best = Some((head, part.class));
            }
        }
        best.map(|(head, class)| (head.place, class))
    }

    /// Returns the ready agent of a class whom its queue prefers for a contact: of those who do not have it on offer.
    fn select(&mut self, number: ClassNo, place: Place) -> AgentNo {
        let class = &self.classes[number.index()];
        let contact = &self.contacts[self.slots[&place.contact].index()];
        let free = |it: &Preference| !contact.passes_over(&self.agents[it.agent.index()].id);
        let from = |it: Option<Preference>| {
            std::iter::successors(it, |it| class.ready.after(it)).find(&free)
        };
        let first = from(class.ready.first()).expect(
            "a class is hot only while an agent is ready who can be offered its first contact",
        );
        if class.ready.len() == 1 {
            return first.agent;
        }
        let queue_number = class.requirement.queue;
        if let Some(script) = self.script_of(queue_number).filter(|script| script.has_pick) {
            let queue = &self.queues[queue_number.index()];
            let agents: Vec<AgentNo> =
                class.ready.iter().filter(&free).take(MAX_PICK).map(|it| it.agent).collect();
            let candidates = agents.iter().map(|agent| {
                candidate(&self.agents[agent.index()], &class.requirement, &queue.rules.queue)
            });
            let needs = contact.needs().cloned().unwrap_or_default();
            let name = queue.rules.queue.as_str();
            let view = ContactView::new(name, contact.since, contact.priority, &needs);
            let picked = script.pick(view, candidates.collect());
            return self.note_pick(&script, picked).map_or(first.agent, |picked| agents[picked]);
        }
        let queue = &self.queues[queue_number.index()];
        let more = contact.more.as_ref();
        let chosen = match queue.strategy.turn() {
            Turn::First | Turn::FirstInOrder => None,
            Turn::AfterLast => {
                self.last_preference(number).and_then(|it| from(class.ready.after(&it)))
            }
            Turn::NotTried => class.ready.iter().find(|it| {
                let agent = &self.agents[it.agent.index()].id;
                free(it) && more.is_none_or(|more| !more.tried.contains(agent))
            }),
            Turn::Drawn => {
                let offers = u64::from(more.map_or(0, |more| more.offers));
                let count = class.ready.len();
                from(class.ready.nth(random::draw(queue.rules.seed, contact.id, offers, count)))
            }
        };
        chosen.unwrap_or(first).agent
    }

    /// Returns where the agent who was offered a contact of the queue last stands in the order of a class.
    fn last_preference(&self, number: ClassNo) -> Option<Preference> {
        let class = &self.classes[number.index()];
        let queue = &self.queues[class.requirement.queue.index()];
        let agent = *self.agent_numbers.get(queue.told.last_offered.as_ref()?)?;
        let it = &self.agents[agent.index()];
        let key = queue.strategy.key(&candidate(it, &class.requirement, &queue.rules.queue));
        Some(Preference { key, idle_no: 0, agent })
    }

    /// Says why a contact goes to an agent.
    fn why(&self, now: Timestamp, slot: Slot, number: ClassNo, agent: AgentNo) -> Why {
        let class = &self.classes[number.index()];
        let contact = &self.contacts[slot.index()];
        let queue = &self.queues[class.requirement.queue.index()];
        let id = &self.agents[agent.index()].id;
        let (rule, said) = if class.requirement.only.is_some() {
            let more = contact.more.as_ref();
            let wanted = more.and_then(|more| more.needs.agent.as_ref()).map(|it| it.because);
            match (more.is_some_and(|more| more.assigned.is_some()), wanted) {
                (true, _) | (false, None) => (
                    "assigned",
                    Words::new(
                        format!("班长指定由 {id} 接听"),
                        format!("a supervisor gave it to {id}"),
                    ),
                ),
                (false, Some(WantedFor::Named)) => {
                    (strategy::named_agent::NAME, strategy::named_agent::why(id))
                }
                (false, Some(WantedFor::Customer)) => {
                    (strategy::customer_agent::NAME, strategy::customer_agent::why(id))
                }
                (false, Some(WantedFor::Last)) => {
                    (strategy::last_agent::NAME, strategy::last_agent::why(id))
                }
            }
        } else {
            let agent = &self.agents[agent.index()];
            match self.script_of(class.requirement.queue) {
                Some(_) => (
                    queue.rules.strategy.as_str(),
                    Words::new(
                        format!("脚本 {} 决定", queue.rules.strategy),
                        format!("decided by script {}", queue.rules.strategy),
                    ),
                ),
                None => {
                    let it = candidate(agent, &class.requirement, &queue.rules.queue);
                    (queue.strategy.name(), queue.strategy.why(&it, now))
                }
            }
        };
        let mut why = Why { rule: rule.to_owned(), zh: said.zh, en: said.en };
        let beside = contact.offered().len();
        if beside > 0 {
            why.zh += &format!("；与另外 {beside} 名坐席同时振铃，先接者得");
            why.en += &format!("; rung beside {beside} more, the first answer wins");
        }
        let steps = Self::steps_reached(&queue.rules, now.since(contact.entered()));
        if steps > 0 && class.requirement.only.is_none() {
            why.zh += &format!("；要求已放宽 {steps} 步");
            why.en += &format!("; relaxed by {steps} of {} steps", queue.rules.relax.len());
        }
        why
    }

    /// Proposes what is due for a contact for whom no agent is free.
    fn act(&mut self, now: Timestamp) -> Option<Proposal> {
        let (_, place) = *self.actions.first()?;
        let slot = self.slots[&place.contact];
        let (_, action) = self
            .pending(&self.contacts[slot.index()])
            .expect("an action that is due stays so until a fact answers it");
        self.ask_about_contact(now, slot, None);
        Some(match action {
            Action::Overflow(reason) => self.overflow(slot, reason),
            Action::Move(step) => self.move_on(slot, step),
            Action::Raise(step) => self.raise(slot, step),
        })
    }

    fn nobody_staffed(&mut self, now: Timestamp) -> Option<Proposal> {
        let (due, number) = *self.lost.first()?;
        if due > now {
            return None;
        }
        let queue = &self.queues[number.index()];
        if queue.told.alarm.is_none() && !queue.asked {
            let proposal = Proposal::NobodyStaffed { queue: queue.rules.queue.clone() };
            self.ask_about_staff(now, number);
            return Some(proposal);
        }
        let without = queue.classes.iter().filter(|it| self.classes[it.index()].staffed == 0);
        let first = without.filter_map(|it| self.classes[it.index()].waiting.first()).min()?;
        let slot = self.slots[&first.contact];
        self.ask_about_contact(now, slot, None);
        Some(self.overflow(slot, OverflowReason::NobodyStaffed))
    }

    fn overflow(&self, slot: Slot, reason: OverflowReason) -> Proposal {
        let contact = &self.contacts[slot.index()];
        let queue = &self.queues[contact.queue.index()];
        let rules = &queue.rules;
        let time = |limit: Option<std::time::Duration>| limit.unwrap_or_default();
        let (rule, zh, en) = match reason {
            OverflowReason::WaitedTooLong => {
                let limit = time(rules.max_wait);
                (
                    "max_wait",
                    format!("等待已达上限 {}", words::zh(limit)),
                    format!("waited as long as the queue allows: {}", words::en(limit)),
                )
            }
            OverflowReason::QueueFull => {
                let limit = rules.max_length.unwrap_or_default();
                (
                    "max_length",
                    format!("到达时队列已满：上限 {limit} 位"),
                    format!("the queue was full: its limit is {limit}"),
                )
            }
            OverflowReason::NobodyStaffed => {
                let signed_in = queue.members.len();
                (
                    "nobody_staffed",
                    format!("无坐席可接听：已签入 {signed_in} 名，均示忙或话机不通"),
                    format!(
                        "nobody can take calls: {signed_in} signed in, none ready and reachable"
                    ),
                )
            }
            OverflowReason::ExpectedWait => {
                let limit = time(rules.max_expected_wait);
                (
                    "expected_wait",
                    format!("到达时预计等待超过 {}", words::zh(limit)),
                    format!("could expect to wait longer than {}", words::en(limit)),
                )
            }
            OverflowReason::ServiceLevel => {
                let percent = rules.min_service_level.map_or(0, |it| it.percent);
                (
                    "service_level",
                    format!("到达时及时接通率低于 {percent}%"),
                    format!("fewer than {percent} % were answered in time"),
                )
            }
            OverflowReason::Closed => {
                let schedule = rules.schedule.clone().unwrap_or_default();
                (
                    "closed",
                    format!("到达时不在服务时间（{schedule}）"),
                    format!("came outside the hours of schedule {schedule}"),
                )
            }
        };
        let why = Why { rule: rule.to_owned(), zh, en };
        let routed = contact.more.as_ref().map_or(0, |more| more.sent_on);
        let to = rules.routes.get(&reason).filter(|_| routed < MAX_SENT_ON).cloned();
        Proposal::Overflow { contact: contact.id, reason, to, why }
    }

    fn move_on(&self, slot: Slot, step: usize) -> Proposal {
        let contact = &self.contacts[slot.index()];
        let rules = &self.queues[contact.queue.index()].rules;
        let after = rules.relax[step].after;
        let queue = rules.relax[step].move_to.clone().expect("a step that moves says where to");
        let why = Why {
            rule: "move_to".to_owned(),
            zh: format!("等待 {} 后转入 {queue}，位置保留", words::zh(after)),
            en: format!("moves to {queue} after {} and keeps its place", words::en(after)),
        };
        Proposal::Move { contact: contact.id, queue, why }
    }

    fn raise(&self, slot: Slot, step: usize) -> Proposal {
        let contact = &self.contacts[slot.index()];
        let step = &self.queues[contact.queue.index()].rules.relax[step];
        let priority = step.raise_to.expect("a step that raises says how far");
        let why = Why {
            rule: "raise_to".to_owned(),
            zh: format!("等待 {} 后优先级升为 {priority}", words::zh(step.after)),
            en: format!("rises to priority {priority} after {}", words::en(step.after)),
        };
        Proposal::Raise { contact: contact.id, priority, why }
    }

    pub(super) fn ask_about_contact(&mut self, now: Timestamp, slot: Slot, agent: Option<AgentNo>) {
        let contact = &mut self.contacts[slot.index()];
        let id: ContactId = contact.id;
        let medium = contact.needs().map_or(Medium::Voice, |needs| needs.medium);
        contact.asked = true;
        contact.stale |= !contact.offered().is_empty();
        self.asked.push(Asked { again_at: now + ASK_AGAIN, about: About::Contact(id, agent) });
        self.index_contact(slot);
        if let Some(agent) = agent {
            self.agents[agent.index()].index.asked.push((id, medium));
            self.index_agent(agent);
        }
    }

    fn ask_about_staff(&mut self, now: Timestamp, queue: QueueNo) {
        self.asked.push(Asked { again_at: now + ASK_AGAIN, about: About::Staff(queue) });
        self.queues[queue.index()].asked = true;
        self.index_queue(queue);
    }
}
