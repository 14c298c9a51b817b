//! Keeping the classes: made when a contact asks for something new, dropped when nobody has for a while.

use super::Acd;
use crate::{
    agents::Agent,
    class::{Class, Requirement},
    place::{AgentNo, ClassNo, Preference, QueueNo},
    strategy::Candidate,
};

/// How many classes without contacts are kept, so that a requirement that comes and goes is not made again each time.
const IDLE_CLASSES: usize = 256;

impl Acd {
    /// Returns the class of a requirement. A new one is told to the agents of its queues, and to nobody else.
    pub(super) fn class_number(&mut self, requirement: Requirement) -> ClassNo {
        if let Some(number) = self.class_numbers.get(&requirement) {
            return *number;
        }
        let number = self.free_classes.pop().unwrap_or(ClassNo::of(self.classes.len()));
        self.class_numbers.insert(requirement.clone(), number);
        let class = Class::new(requirement.clone());
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
        let joined = it.index.classes.iter().any(|(other, ..)| *other == class);
        if joined || it.device.is_none() || requirement.check(agent, it).is_err() {
            return;
        }
        let it = &mut self.agents[agent.index()];
        it.index.classes.push((class, requirement.medium, None));
        if it.index.staffed {
            self.classes[class.index()].staffed += 1;
        }
        if !it.index.fresh && it.index.free.contains(requirement.medium) {
            let entry = self.agents[agent.index()].index.classes.len() - 1;
            self.enter_ready(agent, entry);
        }
    }

    /// Counts one contact less; a class that has none left may be dropped later.
    pub(super) fn leave_class(&mut self, number: ClassNo) {
        let class = &mut self.classes[number.index()];
        class.contacts -= 1;
        if class.contacts > 0 {
            return;
        }
        let home = class.requirement.queue.index();
        self.queues[home].classes.retain(|it| *it != number);
        self.idle_classes.retain(|it| *it != number);
        self.idle_classes.push_back(number);
        if self.idle_classes.len() > IDLE_CLASSES
            && let Some(oldest) = self.idle_classes.pop_front()
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
            self.queues[home].classes.push(number);
            self.idle_classes.retain(|it| *it != number);
        }
    }

    fn drop_class(&mut self, number: ClassNo) {
        let requirement = self.classes[number.index()].requirement.clone();
        self.class_numbers.remove(&requirement);
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
            self.agents[agent.index()].index.classes.retain(|(class, ..)| *class != number);
        }
        self.classes[number.index()] =
            Class::new(Requirement::plain(requirement.queue, requirement.medium));
        self.free_classes.push(number);
    }

    /// Enters an agent among the ready of one of his classes.
    pub(super) fn enter_ready(&mut self, number: AgentNo, entry: usize) {
        let agent = &self.agents[number.index()];
        let (class_number, _, entered) = agent.index.classes[entry];
        if entered.is_some() {
            return;
        }
        let class = &self.classes[class_number.index()];
        let queue = &self.queues[class.requirement.queue.index()];
        let candidate = candidate(agent, &class.requirement, &queue.rules.queue);
        let key = Self::scripted_agent_key(&mut self.health, queue.script.as_deref(), &candidate);
        let key = key.unwrap_or_else(|| queue.strategy.key(&candidate));
        let idle_no = match queue.strategy.turn().by_idle_time() {
            true => agent.idle_no.0,
            false => 0,
        };
        let preference = Preference { key, idle_no, agent: number };
        self.classes[class_number.index()].ready.insert(preference);
        self.agents[number.index()].index.classes[entry].2 = Some(preference);
        self.rehot(class_number);
    }

    /// Takes an agent out of the ready of one of his classes.
    pub(super) fn leave_ready(&mut self, number: AgentNo, entry: usize) {
        let (class, _, preference) = &mut self.agents[number.index()].index.classes[entry];
        if let Some(preference) = preference.take() {
            let class = *class;
            self.classes[class.index()].ready.remove(&preference);
            self.rehot(class);
        }
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
        let rung = class.rung.first().copied().filter(|_| !class.ready.is_empty());
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
