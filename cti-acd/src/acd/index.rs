//! Keeping the indexes: after each fact, the entries of what it touched are made anew, and of nothing else.

use cti_core::{agent::AgentState, id::ContactId, time::Timestamp};

use super::Acd;
use crate::{
    place::{AgentNo, Preference, QueueNo},
    queue::Queue,
};

impl Acd {
    /// Makes an agent a member of the queues he signed in for, and of no others.
    pub(super) fn enrol_agent(&mut self, at: Timestamp, number: AgentNo) {
        self.set_free(at, number, false);
        self.set_staffed(at, number, false);
        let agent = &mut self.agents[number.0];
        for queue in agent.index.queues.drain(..) {
            self.queues[queue.0].members.remove(&number);
        }
        if agent.device.is_some() {
            for queue in &agent.queues {
                let queue = self.queue_numbers[queue];
                self.queues[queue.0].members.insert(number);
                agent.index.queues.push(queue);
            }
        }
        self.index_agent(at, number);
    }

    /// Enters an agent where his state and his device put him.
    pub(super) fn index_agent(&mut self, at: Timestamp, number: AgentNo) {
        let agent = &self.agents[number.0];
        let device = agent.device.as_ref().and_then(|device| self.devices.get(device));
        let reachable = device.is_some_and(|device| device.in_service);
        let engaged = device.is_some_and(|device| device.calls > 0);
        let staffed = reachable && agent.takes_calls();
        let free = reachable
            && !engaged
            && !agent.index.asked
            && agent.offered.is_none()
            && agent.state == AgentState::Ready;
        self.set_staffed(at, number, staffed);
        self.set_free(at, number, free);
    }

    fn set_staffed(&mut self, at: Timestamp, number: AgentNo, staffed: bool) {
        let agent = &mut self.agents[number.0];
        if agent.index.staffed == staffed {
            return;
        }
        agent.index.staffed = staffed;
        let queues = std::mem::take(&mut agent.index.queues);
        for number in &queues {
            let queue = &mut self.queues[number.0];
            match staffed {
                true => queue.staffed += 1,
                false => queue.staffed -= 1,
            }
            self.index_queue(at, *number);
        }
        self.agents[number.0].index.queues = queues;
    }

    /// An agent's figures stand still while he is free, so his entries stay right until he is not.
    fn set_free(&mut self, at: Timestamp, number: AgentNo, free: bool) {
        let agent = &mut self.agents[number.0];
        if agent.index.ready.is_empty() != free {
            return;
        }
        let mut entries = std::mem::take(&mut agent.index.ready);
        if free {
            entries.extend(agent.index.queues.iter().map(|queue| {
                let preference = Preference {
                    key: self.queues[queue.0].strategy.key(&agent.figures),
                    since: agent.figures.idle_since,
                    no: agent.idle_no,
                    agent: number,
                };
                (*queue, preference)
            }));
        }
        for (queue, preference) in &entries {
            let ready = &mut self.queues[queue.0].ready;
            match free {
                true => ready.insert(*preference),
                false => ready.remove(preference),
            };
            self.index_queue(at, *queue);
        }
        if free {
            self.agents[number.0].index.ready = entries;
        }
    }

    /// Enters a contact where its wait puts it.
    pub(super) fn index_contact(&mut self, at: Timestamp, contact: ContactId) {
        let Some(wait) = self.contacts.get_mut(&contact).and_then(|contact| contact.wait.as_mut())
        else {
            return;
        };
        let number = self.queue_numbers[&wait.queue];
        let queue = &mut self.queues[number.0];
        let entry = (wait.place, number);

        wait.index.queue = Some(number);
        queue.places.insert(wait.place);
        let open = wait.offered.is_none() && !wait.index.asked;
        if open != wait.index.open {
            wait.index.open = open;
            match open {
                true => queue.waiting.insert(wait.place),
                false => queue.waiting.remove(&wait.place),
            };
        }
        let deadline = queue.rules.max_wait.filter(|_| open).map(|max_wait| wait.since + max_wait);
        if deadline != wait.index.deadline {
            if let Some(old) = wait.index.deadline {
                self.deadlines.remove(&(old, wait.place, number));
            }
            if let Some(new) = deadline {
                self.deadlines.insert((new, wait.place, number));
            }
            wait.index.deadline = deadline;
        }
        let over_length = open && wait.over_length;
        if over_length != wait.index.over_length {
            wait.index.over_length = over_length;
            match over_length {
                true => self.over_length.insert(entry),
                false => self.over_length.remove(&entry),
            };
        }
        self.index_queue(at, number);
    }

    /// Takes a contact that no longer waits out of all indexes.
    pub(super) fn unindex_contact(&mut self, at: Timestamp, contact: ContactId) {
        let Some(wait) = self.contacts.get_mut(&contact).and_then(|contact| contact.wait.take())
        else {
            return;
        };
        let Some(number) = wait.index.queue else { return };
        let queue = &mut self.queues[number.0];
        queue.places.remove(&wait.place);
        queue.waiting.remove(&wait.place);
        self.over_length.remove(&(wait.place, number));
        if let Some(deadline) = wait.index.deadline {
            self.deadlines.remove(&(deadline, wait.place, number));
        }
        self.index_queue(at, number);
    }

    /// Enters a queue where its contacts, its agents and its alarm put it.
    pub(super) fn index_queue(&mut self, at: Timestamp, number: QueueNo) {
        let queue = &mut self.queues[number.0];

        let hot = match queue.ready.is_empty() {
            true => None,
            false => queue.waiting.first().copied(),
        };
        if hot != queue.hot {
            if let Some(old) = queue.hot {
                self.hot.remove(&(old, number));
            }
            if let Some(new) = hot {
                self.hot.insert((new, number));
            }
            queue.hot = hot;
        }

        let is_lost = queue.staffed == 0 && !queue.places.is_empty();
        queue.told.lost_since = is_lost.then(|| queue.told.lost_since.unwrap_or(at));
        let lost = queue.lost_due();
        if lost != queue.lost {
            if let Some(old) = queue.lost {
                self.lost.remove(&(old, number));
            }
            if let Some(new) = lost {
                self.lost.insert((new, number));
            }
            queue.lost = lost;
        }

        match queue.told.alarm.is_some() && queue.staffed > 0 && !queue.asked {
            true => self.staffed_again.insert(number),
            false => self.staffed_again.remove(&number),
        };
    }

    /// Returns the queue where a contact waits and how many others are before it there.
    pub(super) fn ahead(&self, contact: ContactId) -> Option<(&Queue, usize)> {
        let wait = self.contacts.get(&contact)?.wait.as_ref()?;
        let queue = &self.queues[wait.index.queue?.0];
        Some((queue, queue.places.rank(&wait.place)))
    }
}
