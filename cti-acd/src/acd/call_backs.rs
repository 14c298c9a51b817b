//! Calling back those who gave up: when a caller is missed, when he is due, and when he is not needed any more.

use cti_core::{
    calendar::DayPart,
    id::ContactId,
    router::{Proposal, Why},
    time::Timestamp,
};

use super::{ASK_AGAIN, About, Acd, Asked};
use crate::{
    missed::{Dropped, Pending},
    words,
};

/// The rule's name.
const NAME: &str = "missed_call_back";

impl Acd {
    /// A caller gave up waiting.
    pub(super) fn gave_up(&mut self, at: Timestamp, contact: ContactId) {
        let Some(slot) = self.slots.get(&contact) else { return };
        let it = &self.contacts[slot.index()];
        let rules = &self.queues[it.queue.index()].rules;
        if !it.waits {
            return;
        }
        if !rules.reentry.is_zero() {
            let (queue, until) = (rules.queue.clone(), at + rules.reentry);
            self.missed.dropped(at, contact, Dropped { queue, since: it.since, until });
        }
        let Some(missed) = rules.missed.as_ref() else { return };
        let waited = at.since(it.since);
        if waited < missed.after {
            return;
        }
        let pending = Pending {
            contact,
            queue: rules.queue.clone(),
            priority: missed.priority.unwrap_or(it.priority),
            needs: it.needs().cloned().unwrap_or_default(),
            since: missed.keeps_place.then_some(it.since),
            waited,
            delay: missed.delay,
            once_in: missed.once_in,
            due: None,
        };
        self.missed.gave_up(at, pending);
    }

    /// Proposes the next call-back that is due, or to withdraw one that is not needed any more.
    pub(super) fn call_back(&mut self, now: Timestamp) -> Option<Proposal> {
        let moot = self.missed.moot().find(|contact| !self.is_asked(*contact));
        if let Some(contact) = moot {
            return self.withdraw(now, contact);
        }
        let asked = |number| {
            let about = About::CallBack(number);
            self.asked.iter().any(|asked| asked.about == about)
        };
        let due = self.missed.due(now).find(|(number, _)| !asked((*number).clone()));
        let (number, pending) = due.map(|(number, pending)| (number.clone(), pending.clone()))?;
        if !self.may_call_back(&pending, now) {
            self.missed.forget(&number);
            return self.call_back(now);
        }
        let about = About::CallBack(number.clone());
        self.asked.push(Asked { again_at: now + ASK_AGAIN, about });
        let Pending { contact, queue, priority, needs, since, waited, .. } = pending;
        let why = Why {
            rule: NAME.to_owned(),
            zh: format!("漏接回拨：{contact} 等待 {} 后挂机", words::zh(waited)),
            en: format!("missed call: {contact} gave up after {}", words::en(waited)),
        };
        Some(Proposal::CallBack { contact, number, queue, priority, needs, since, why })
    }

    /// Returns whether the hour is one of those in which callers of the queue are called back.
    fn may_call_back(&self, pending: &Pending, now: Timestamp) -> bool {
        let rules = self.queue_numbers.get(&pending.queue).map(|it| &self.queues[it.index()].rules);
        let Some(missed) = rules.and_then(|rules| rules.missed.as_ref()) else { return false };
        missed.schedule.as_ref().is_none_or(|schedule| {
            self.calendars.get(schedule).is_some_and(|it| it.day_part(now) == DayPart::Work)
        })
    }

    fn is_asked(&self, contact: ContactId) -> bool {
        self.slots.get(&contact).is_none_or(|slot| self.contacts[slot.index()].asked)
    }

    fn withdraw(&mut self, now: Timestamp, contact: ContactId) -> Option<Proposal> {
        let slot = self.slots.get(&contact).copied()?;
        self.ask_about_contact(now, slot, None);
        let why = Why {
            rule: NAME.to_owned(),
            zh: "来电人已再次来电并接通，不再回拨".to_owned(),
            en: "the caller called again and was answered".to_owned(),
        };
        Some(Proposal::Withdraw { contact, why })
    }
}
