//! Keeping the agents: after each fact, the entries of whom it touched are made anew, and of nobody else.

use std::sync::Arc;

use super::{Acd, Device};
use crate::{
    agents::{Agent, Media},
    place::AgentNo,
    script::Keys,
};

impl Acd {
    /// Makes an agent a member of the queues he signed in for, and of no others.
    pub(super) fn enrol_agent(&mut self, number: AgentNo) {
        self.set_free(number, Media::default());
        self.set_staffed(number, false);
        self.leave_all(number);
        let profile = self.profile_of(&self.agents[number.index()].id);
        let device = self.agents[number.index()].device.clone();
        let device = device.map(|device| self.device_number(&device));
        let agent = &mut self.agents[number.index()];
        agent.index.profile = profile;
        agent.index.keys = Keys::default();
        agent.index.device = device;
        for queue in agent.index.queues.drain(..) {
            self.queues[queue.index()].members.remove(&number);
        }
        if agent.device.is_some() {
            for queue in &agent.queues {
                let queue = self.queue_numbers[queue];
                self.queues[queue.index()].members.insert(number);
                agent.index.queues.push(queue);
            }
        }
        let mut classes = self.agents[number.index()].index.own.clone();
        for queue in &self.agents[number.index()].index.queues {
            classes.extend(&self.queues[queue.index()].serves);
        }
        for class in classes {
            let requirement = Arc::clone(&self.classes[class.index()].requirement);
            self.join(number, class, &requirement);
        }
        self.index_agent(number);
    }

    /// Returns the device where an agent sits.
    pub(super) fn device_of(&self, agent: &Agent) -> Option<&Device> {
        agent.index.device.map(|device| &self.devices[device.index()])
    }

    /// Enters an agent where his state and his device put him.
    pub(super) fn index_agent(&mut self, number: AgentNo) {
        let agent = &self.agents[number.index()];
        let device = self.device_of(agent);
        let reachable = device.is_some_and(|device| device.in_service);
        let engaged = device.is_some_and(|device| device.calls > 0);
        let staffed = reachable && !agent.unheard && agent.takes_calls();
        let held = agent.held_until(&self.config.misses).filter(|until| *until > self.clock);
        let free = match held {
            Some(_) => Media::default(),
            None if agent.device.is_none() || agent.unheard => Media::default(),
            None => agent.free_for(reachable && !engaged),
        };
        if held != agent.index.held_until {
            if let Some(old) = agent.index.held_until {
                self.held.remove(&(old, number));
            }
            if let Some(new) = held {
                self.held.insert((new, number));
            }
            self.agents[number.index()].index.held_until = held;
        }
        self.set_staffed(number, staffed);
        self.set_free(number, free);
    }

    fn set_staffed(&mut self, number: AgentNo, staffed: bool) {
        let agent = &mut self.agents[number.index()];
        if agent.index.staffed == staffed {
            return;
        }
        agent.index.staffed = staffed;
        let count = |count: &mut u32| match staffed {
            true => *count += 1,
            false => *count -= 1,
        };
        let (queues, parts) = (agent.index.queues.clone(), std::mem::take(&mut agent.index.parts));
        let wanted_by = agent.index.wanted_by.clone();
        for queue in &queues {
            count(&mut self.queues[queue.index()].staffed);
        }
        for part in &parts {
            let class = &mut self.classes[part.class.index()];
            count(&mut class.staffed);
            let home = class.requirement.queue;
            if !queues.contains(&home) {
                self.index_queue(home);
            }
        }
        self.agents[number.index()].index.parts = parts;
        for queue in queues {
            self.index_queue(queue);
        }
        // Whoever waits for him as long as he is there waits for anybody now, or for him again.
        for slot in wanted_by {
            self.contacts[slot.index()].stale = true;
            self.index_contact(slot);
        }
    }

    /// An agent's figures stand still while he is free, so his entries stay right until he is not. One who becomes free
    /// is entered among the ready only when nobody waits for him: see [`flush`](Self::flush).
    fn set_free(&mut self, number: AgentNo, free: Media) {
        let agent = &mut self.agents[number.index()];
        let before = agent.index.free;
        if before == free {
            return;
        }
        agent.index.free = free;
        if agent.index.fresh {
            if free.is_empty() {
                agent.index.fresh = false;
                self.fresh.retain(|it| *it != number);
            }
        } else if before.is_empty() {
            agent.index.fresh = true;
            self.fresh.push(number);
        } else {
            self.enter_where_free(number);
        }
    }

    /// Enters all who became free among the ready.
    pub(super) fn flush(&mut self) {
        for number in std::mem::take(&mut self.fresh) {
            self.agents[number.index()].index.fresh = false;
            self.ask_script(number);
            self.enter_where_free(number);
        }
    }

    fn enter_where_free(&mut self, number: AgentNo) {
        for part in 0..self.agents[number.index()].index.parts.len() {
            self.index_part(number, part);
        }
    }
}
