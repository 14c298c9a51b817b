//! Keeping the classes: made when a contact asks for something new, dropped when nobody has for a while.
//!
//! Who is ready is sorted where somebody waits. Where nobody does, an agent whose part in the class changes is only put
//! down as stale; his entry is made again when a contact comes, or when [`STALE`] of them have come together. So an agent
//! who answers and is ready again costs his ten classes next to nothing, and a decision has little to catch up with.

use std::sync::Arc;

use super::Acd;
use crate::{
    agents::{Agent, Part},
    class::{Class, Requirement},
    place::{AgentNo, ClassNo, Place, Preference, QueueNo},
    strategy::Candidate,
};

/// How many classes without contacts are kept at least, so that a requirement that comes and goes is not made again
/// each time; of many queues each keeps [`IDLE_CLASSES_PER_QUEUE`].
const IDLE_CLASSES: usize = 256;
const IDLE_CLASSES_PER_QUEUE: usize = 4;
/// How many agents of a class in which nobody waits may be stale.
const STALE: usize = 16;

impl Acd {
    /// Returns the class of a requirement. A new one is told to the agents of its queues, and to nobody else.
    pub(super) fn class_number(&mut self, requirement: Requirement) -> ClassNo {
        if let Some(number) = self.class_numbers.get(&requirement) {
            return *number;
        }
        let requirement = Arc::new(requirement);
        let number = self.free_classes.pop().unwrap_or(ClassNo::of(self.classes.len()));
        self.class_numbers.insert(Arc::clone(&requirement), number);
        let class = Class::new(Arc::clone(&requirement));
        match self.classes.get_mut(number.index()) {
            Some(slot) => *slot = class,
            None => self.classes.push(class),
        }
        match requirement.only {
            Some(agent) => {
                self.agents[agent.index()].index.own.push(number);
                self.join(agent, number, &requirement);
            }
            None => {
                for queue in queues_of(&requirement) {
                    self.queues[queue.index()].serves.push(number);
                    let members: Vec<AgentNo> =
                        self.queues[queue.index()].members.iter().copied().collect();
                    for agent in members {
                        self.join(agent, number, &requirement);
                    }
                }
            }
        }
        number
    }

    /// Lets an agent take part in a class, if he is signed in and fits.
    pub(super) fn join(&mut self, agent: AgentNo, class: ClassNo, requirement: &Requirement) {
        let it = &self.agents[agent.index()];
        let joined = it.index.parts.iter().any(|part| part.class == class);
        if joined || it.device.is_none() || requirement.check(agent, it).is_err() {
            return;
        }
        let it = &mut self.agents[agent.index()];
        let medium = requirement.medium;
        it.index.parts.push(Part { class, medium, entered: None, stale: false });
        if it.index.staffed {
            self.classes[class.index()].staffed += 1;
        }
        if !it.index.fresh {
            let part = self.agents[agent.index()].index.parts.len() - 1;
            self.index_part(agent, part);
        }
    }

    /// Takes an agent out of all classes.
    pub(super) fn leave_all(&mut self, number: AgentNo) {
        for part in std::mem::take(&mut self.agents[number.index()].index.parts) {
            if let Some(preference) = part.entered {
                self.classes[part.class.index()].ready.remove(&preference);
                self.rehot(part.class);
            }
            if part.stale {
                self.classes[part.class.index()].stale.retain(|it| *it != number);
            }
        }
    }

    /// Counts one contact less; a class that has none left may be dropped later.
    pub(super) fn leave_class(&mut self, number: ClassNo) {
        let class = &mut self.classes[number.index()];
        class.contacts -= 1;
        if class.contacts > 0 {
            return;
        }
        self.emptied += 1;
        class.idle_no = Some(self.emptied);
        let home = class.requirement.queue.index();
        self.idle_classes.insert((self.emptied, number));
        self.queues[home].classes.retain(|it| *it != number);
        if self.idle_classes.len() > IDLE_CLASSES.max(IDLE_CLASSES_PER_QUEUE * self.queues.len())
            && let Some((_, oldest)) = self.idle_classes.pop_first()
        {
            self.drop_class(oldest);
        }
    }

    /// Counts one contact more.
    pub(super) fn enter_class(&mut self, number: ClassNo) {
        let class = &mut self.classes[number.index()];
        class.contacts += 1;
        if class.contacts == 1 {
            let home = class.requirement.queue.index();
            if let Some(idle_no) = class.idle_no.take() {
                self.idle_classes.remove(&(idle_no, number));
            }
            self.queues[home].classes.push(number);
        }
    }

    fn drop_class(&mut self, number: ClassNo) {
        let requirement = Arc::clone(&self.classes[number.index()].requirement);
        self.class_numbers.remove(&*requirement);
        let mut agents: Vec<AgentNo> = requirement.only.into_iter().collect();
        if let Some(agent) = requirement.only {
            self.agents[agent.index()].index.own.retain(|it| *it != number);
        } else {
            for queue in queues_of(&requirement) {
                let queue = &mut self.queues[queue.index()];
                queue.serves.retain(|it| *it != number);
                agents.extend(&queue.members);
            }
        }
        for agent in agents {
            self.agents[agent.index()].index.parts.retain(|part| part.class != number);
        }
        self.classes[number.index()] = Class::new(requirement);
        self.free_classes.push(number);
    }

    /// Lets an agent's entry among the ready of one of his classes be as he is: at once where somebody waits.
    pub(super) fn index_part(&mut self, number: AgentNo, part: usize) {
        let index = &mut self.agents[number.index()].index;
        let it = &mut index.parts[part];
        if it.stale || it.entered.is_some() == index.free.contains(it.medium) {
            return;
        }
        let class = it.class;
        if self.classes[class.index()].looks_for_agents() {
            self.enter_part(number, part);
            self.rehot(class);
            return;
        }
        it.stale = true;
        self.classes[class.index()].stale.push(number);
        if self.classes[class.index()].stale.len() >= STALE {
            self.refresh(class);
        }
    }

    /// Makes the entries of all agents who are stale in a class again.
    pub(super) fn refresh(&mut self, class: ClassNo) {
        for number in std::mem::take(&mut self.classes[class.index()].stale) {
            let parts = &self.agents[number.index()].index.parts;
            let part = parts
                .iter()
                .position(|part| part.class == class)
                .expect("who leaves a class is stale there no more");
            self.enter_part(number, part);
        }
    }

    /// Enters an agent among the ready of one of his classes, or takes him out.
    fn enter_part(&mut self, number: AgentNo, part: usize) {
        let index = &self.agents[number.index()].index;
        let it = &index.parts[part];
        let (class, before) = (it.class, it.entered);
        let ready = !index.fresh && index.free.contains(it.medium);
        let after = ready.then(|| self.preference(number, class));
        let it = &mut self.agents[number.index()].index.parts[part];
        (it.entered, it.stale) = (after, false);
        if before != after {
            let ready = &mut self.classes[class.index()].ready;
            if let Some(before) = before {
                ready.remove(&before);
            }
            if let Some(after) = after {
                ready.insert(after);
            }
        }
    }

    /// Lets a script say now what it makes of an agent, so that no decision has to ask it for many at once.
    pub(super) fn ask_script(&mut self, number: AgentNo) {
        if self.scripts.is_empty() {
            return;
        }
        let parts = &self.agents[number.index()].index.parts;
        if let Some(class) = parts.first().map(|part| part.class) {
            self.preference(number, class);
        }
    }

    /// Returns where an agent stands among the ready of a class.
    fn preference(&mut self, number: AgentNo, class: ClassNo) -> Preference {
        let requirement = &self.classes[class.index()].requirement;
        let queue = &self.queues[requirement.queue.index()];
        let agent = &mut self.agents[number.index()];
        let mut keys = std::mem::take(&mut agent.index.keys);
        let candidate = candidate(agent, requirement, &queue.rules.queue);
        let script = queue.script.as_deref();
        let key = Self::scripted_agent_key(&mut self.health, script, &candidate, &mut keys);
        let key = key.unwrap_or_else(|| queue.strategy.key(&candidate));
        let idle_no = match queue.strategy.turn().by_idle_time() {
            true => agent.idle_no.0,
            false => 0,
        };
        agent.index.keys = keys;
        Preference { key, idle_no, agent: number }
    }

    /// Enters a class where its first contact and its agents put it.
    pub(super) fn rehot(&mut self, number: ClassNo) {
        let class = &mut self.classes[number.index()];
        let hot = class.waiting.first().filter(|_| !class.ready.is_empty());
        if hot != class.hot {
            if let Some(old) = class.hot {
                self.hot.remove(&(old, number));
            }
            if let Some(new) = hot {
                self.hot.insert((new, number));
            }
            class.hot = hot;
        }
        let rung = self.first_rung(number);
        let class = &mut self.classes[number.index()];
        if rung != class.hot_rung {
            if let Some(old) = class.hot_rung {
                self.hot_rung.remove(&(old, number));
            }
            if let Some(new) = rung {
                self.hot_rung.insert((new, number));
            }
            class.hot_rung = rung;
        }
    }

    /// Returns the first contact of a class that can be offered to one more agent. Who is passed over is on offer to
    /// every agent who is ready, or was declined by him: they are no more than one agent can have.
    fn first_rung(&self, number: ClassNo) -> Option<Place> {
        let class = &self.classes[number.index()];
        let mut rung = class.rung.iter().filter(|_| !class.ready.is_empty());
        rung.find(|place| {
            let contact = &self.contacts[self.slots[&place.contact].index()];
            class.ready.iter().any(|it| !contact.passes_over(&self.agents[it.agent.index()].id))
        })
        .copied()
    }
}

/// The queues whose agents can take part, each once.
pub(super) fn queues_of(requirement: &Requirement) -> impl Iterator<Item = QueueNo> {
    std::iter::once(requirement.queue).chain(requirement.groups.clone())
}

/// Returns what a strategy may know of an agent when he is to take a contact of a class.
pub(super) fn candidate<'a>(
    agent: &'a Agent,
    requirement: &Requirement,
    queue: &cti_core::id::QueueId,
) -> Candidate<'a> {
    Candidate {
        agent: &agent.id,
        figures: &agent.figures,
        membership: agent.index.profile.membership(queue),
        skill: requirement.skill_of(agent),
        all_skills: agent.index.profile.all_skills(),
    }
}
