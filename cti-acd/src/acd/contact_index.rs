//! Keeping the contacts: after each fact, and when the clock comes to a moment of theirs, their entries are made anew.

use std::time::Duration;

use cti_core::{
    id::ContactId,
    needs::{Medium, Needs},
    time::Timestamp,
};

use super::{Acd, plan::Wanting};
use crate::{
    class::Requirement,
    contacts::{Contact, OneMore},
    place::{ClassNo, Place, QueueNo, Slot},
    queue::Queue,
};

impl Acd {
    /// Returns the contact's place in the list, a new one if it is not known.
    pub(super) fn slot_of(&mut self, contact: ContactId, queue: QueueNo) -> Slot {
        if let Some(slot) = self.slots.get(&contact) {
            return *slot;
        }
        let new = Contact::new(contact, queue);
        let slot = match self.free_slots.pop() {
            Some(slot) => {
                self.contacts[slot.index()] = new;
                slot
            }
            None => {
                self.contacts.push(new);
                Slot::of(self.contacts.len() - 1)
            }
        };
        self.slots.insert(contact, slot);
        slot
    }

    /// Forgets a contact that does not wait.
    pub(super) fn forget(&mut self, contact: ContactId) {
        if let Some(slot) = self.slots.remove(&contact) {
            self.contacts[slot.index()].more = None;
            self.free_slots.push(slot);
        }
        self.announced.get_mut().remove(&contact);
    }

    /// Enters a waiting contact where its wait and the clock put it.
    pub(super) fn index_contact(&mut self, slot: Slot) {
        let contact = &self.contacts[slot.index()];
        if !contact.waits {
            return;
        }
        let open = contact.offered().is_empty() && !contact.asked;
        if !contact.stale && contact.class.is_some() && contact.open == open {
            return;
        }
        self.leave_places(slot);
        if self.contacts[slot.index()].stale {
            self.replan(slot);
        }
        self.enter_places(slot, open);
        let queue = self.contacts[slot.index()].queue;
        self.index_queue(queue);
    }

    /// Takes a contact out of all indexes: it does not wait any more.
    pub(super) fn unindex_contact(&mut self, slot: Slot) {
        if !self.contacts[slot.index()].waits {
            return;
        }
        self.leave_places(slot);
        self.set_due(slot, None);
        self.set_wanting(slot, Wanting::default());
        let contact = &mut self.contacts[slot.index()];
        contact.waits = false;
        contact.refused = None;
        contact.stale = true;
        let (class, queue) = (contact.class.take(), contact.queue);
        if let Some(class) = class {
            self.leave_class(class);
        }
        self.queues[queue.index()].length -= 1;
        self.index_queue(queue);
    }

    fn leave_places(&mut self, slot: Slot) {
        let contact = &mut self.contacts[slot.index()];
        let Some(class) = contact.class else { return };
        let place = contact.place();
        let action = contact.more.as_mut().and_then(|more| more.action.take());
        match std::mem::take(&mut contact.open) {
            true => {
                self.classes[class.index()].waiting.remove(&place);
                self.rehot(class);
            }
            false => {
                let one_more = contact.more.as_mut().and_then(|more| more.one_more.take());
                self.queues[contact.queue.index()].ringing.remove(&place);
                match one_more {
                    Some(OneMore::Now) => {
                        self.classes[class.index()].rung.remove(&place);
                        self.rehot(class);
                    }
                    Some(OneMore::At(at)) => {
                        self.steps.remove(&(at, slot));
                    }
                    None => {}
                }
            }
        }
        if let Some(action) = action {
            self.actions.remove(&action);
        }
    }

    fn enter_places(&mut self, slot: Slot, open: bool) {
        let contact = &mut self.contacts[slot.index()];
        contact.open = open;
        let (place, queue) = (contact.place(), contact.queue);
        let class = contact.class.expect("a contact is planned before it is entered");
        if !open {
            self.queues[queue.index()].ringing.insert(place);
            self.enter_rung(slot, class, place);
            return;
        }
        self.refresh(class);
        self.classes[class.index()].waiting.insert(place);
        self.rehot(class);
        if let Some((at, _)) = self.pending(&self.contacts[slot.index()]) {
            self.contacts[slot.index()].more().action = Some((at, place));
            self.actions.insert((at, place));
        }
    }

    /// Enters a contact that is on offer where one more agent can be found for it.
    fn enter_rung(&mut self, slot: Slot, class: ClassNo, place: Place) {
        let Some(at) = self.one_more_at(&self.contacts[slot.index()]) else { return };
        let entry = match at <= self.clock {
            true => {
                self.refresh(class);
                self.classes[class.index()].rung.insert(place);
                self.rehot(class);
                OneMore::Now
            }
            false => {
                self.steps.insert((at, slot));
                OneMore::At(at)
            }
        };
        self.contacts[slot.index()].more().one_more = Some(entry);
    }

    /// Lets the entry of a contact on offer be made anew: to how many it is on offer has changed, or will.
    pub(super) fn touch_rung(&mut self, slot: Slot) {
        let contact = &mut self.contacts[slot.index()];
        contact.stale |= !contact.offered().is_empty();
    }

    /// Finds class, place and next moment of a contact that is entered nowhere.
    fn replan(&mut self, slot: Slot) {
        let contact = &self.contacts[slot.index()];
        let wanting = self.wanting(contact);
        let due = self.next_change(contact);
        let class = self.class_of(slot, wanting);
        self.set_class(slot, class);
        let place = self.place_of(slot);
        let contact = &mut self.contacts[slot.index()];
        contact.key = place.key;
        contact.stale = false;
        self.set_due(slot, due);
        self.set_wanting(slot, wanting);
    }

    fn class_of(&mut self, slot: Slot, wanting: Wanting) -> ClassNo {
        let contact = &self.contacts[slot.index()];
        let queue = contact.queue;
        let medium = contact.needs().map_or(Medium::Voice, |needs| needs.medium);
        if let Some(agent) = wanting.agent.filter(|_| wanting.only) {
            let requirement =
                Requirement { only: Some(agent), ..Requirement::plain(queue, medium) };
            return self.class_number(requirement);
        }
        let rules = &self.queues[queue.index()].rules;
        let steps = Self::steps_reached(rules, self.clock.since(contact.entered()));
        let requirement = match contact.needs() {
            None if steps == 0 && rules.sites.is_empty() => Requirement::plain(queue, medium),
            None => self.requirement(queue, &Needs::default(), steps),
            Some(needs) => self.requirement(queue, needs, steps),
        };
        self.class_number(requirement)
    }

    fn set_class(&mut self, slot: Slot, class: ClassNo) {
        let before = self.contacts[slot.index()].class.replace(class);
        if before != Some(class) {
            self.enter_class(class);
            if let Some(before) = before {
                self.leave_class(before);
            }
        }
    }

    fn place_of(&mut self, slot: Slot) -> Place {
        let contact = &self.contacts[slot.index()];
        let (id, since, priority, queue) =
            (contact.id, contact.since, contact.priority, contact.queue);
        let waited = self.clock.since(since);
        if contact.more.as_ref().is_some_and(|more| more.assigned.is_some()) {
            return Place::assigned(since, id);
        }
        let rules = &self.queues[queue.index()].rules;
        if rules.lift_after.is_some_and(|after| after <= waited) {
            return Place::lifted(since, id);
        }
        let head_start = rules.head_start;
        if self.queues[queue.index()].script.is_some() {
            let needs = self.contacts[slot.index()].needs().cloned().unwrap_or_default();
            if let Some(key) = self.scripted_contact_key(queue, since, priority, &needs) {
                let ahead = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
                let ahead = ahead.saturating_sub(key).saturating_add(micros(head_start));
                return Place::new(since, ahead, id);
            }
        }
        let rules = &self.queues[queue.index()].rules;
        Place::new(since, Self::head_start(rules, priority, waited), id)
    }

    fn set_due(&mut self, slot: Slot, due: Option<Timestamp>) {
        let contact = &mut self.contacts[slot.index()];
        let due = due.map_or(0, Timestamp::as_micros);
        let before = std::mem::replace(&mut contact.due, due);
        if before != due {
            if before != 0 {
                self.due.remove(&(Timestamp::from_micros(before), slot));
            }
            if due != 0 {
                self.due.insert((Timestamp::from_micros(due), slot));
            }
        }
    }

    fn set_wanting(&mut self, slot: Slot, wanting: Wanting) {
        let Some(more) = self.contacts[slot.index()].more.as_mut() else { return };
        let before = std::mem::replace(&mut more.wanting, wanting.agent);
        if before != wanting.agent {
            if let Some(before) = before {
                self.agents[before.index()].index.wanted_by.retain(|it| *it != slot);
            }
            if let Some(agent) = wanting.agent {
                self.agents[agent.index()].index.wanted_by.push(slot);
            }
        }
    }

    /// Lets the clock come to `now`: what was to change until then has changed.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.clock = self.clock.max(now);
        self.missed.give_up(self.clock);
        while let Some((at, slot)) = self.due.first().copied().filter(|(at, _)| *at <= self.clock) {
            self.due.remove(&(at, slot));
            let contact = &mut self.contacts[slot.index()];
            contact.due = 0;
            contact.stale = true;
            self.index_contact(slot);
        }
        while let Some((at, slot)) = self.steps.first().copied().filter(|(at, _)| *at <= self.clock)
        {
            self.touch_rung(slot);
            self.index_contact(slot);
            debug_assert!(!self.steps.contains(&(at, slot)), "a step that is over is entered");
        }
        while let Some((_, agent)) = self.held.first().copied().filter(|(at, _)| *at <= self.clock)
        {
            self.index_agent(agent);
        }
    }

    /// Enters a queue where its staff and its contacts put it.
    pub(super) fn index_queue(&mut self, number: QueueNo) {
        let queue = &mut self.queues[number.index()];
        let is_lost = queue.staffed == 0 && queue.length > 0;
        let told_at = self.told_at;
        queue.told.lost_since = is_lost.then(|| queue.told.lost_since.unwrap_or(told_at));
        let lost = if is_lost { self.lost_due(number) } else { None };
        let queue = &mut self.queues[number.index()];
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

    /// Returns since when the queue's overflow and alarm for want of staff have been due, if they are or will be.
    fn lost_due(&self, number: QueueNo) -> Option<Timestamp> {
        let queue = &self.queues[number.index()];
        let since = queue.told.lost_since?;
        let without = queue.classes.iter().filter(|it| self.classes[it.index()].staffed == 0);
        let mut without = without.peekable();
        without.peek()?;
        let open = without.any(|it| !self.classes[it.index()].waiting.is_empty());
        match queue.told.alarm {
            Some(_) => open.then_some(since),
            None => (!queue.asked || open).then_some(since + queue.rules.nobody_staffed_after),
        }
    }

    /// Returns the queue where a contact waits and how many others are before it there.
    pub(super) fn ahead(&self, contact: ContactId) -> Option<(&Queue, usize)> {
        let contact = &self.contacts[self.slots.get(&contact)?.index()];
        if !contact.waits {
            return None;
        }
        let queue = &self.queues[contact.queue.index()];
        let place = contact.place();
        let waiting = queue.classes.iter().map(|it| self.classes[it.index()].waiting.rank(&place));
        let ringing = queue.ringing.range(..place).count();
        Some((queue, waiting.sum::<usize>() + ringing))
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
