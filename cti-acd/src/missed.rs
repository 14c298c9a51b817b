//! Callers who gave up waiting, and who of them is to be called back (漏接回拨).
//!
//! ```text
//!   gave up ─▶ pending ── the delay is over ─▶ due ── opened ─▶ open ── an agent calls ─▶ done
//!                 │ he calls again ─▶ held          │              │ he calls again and is answered
//!                 │     answered: forgotten         │ too late     └▶ moot ─▶ withdrawn
//! ```
//!
//! A number is called back once in the time that the rule gives, whatever queue it gave up in.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    id::{ContactId, QueueId},
    needs::Needs,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How many callers can be pending, and how many places are kept; who gives up beyond is not called back.
const MAX_PENDING: usize = 10_000;
/// How many numbers are remembered that were called back; the ones whose time is over first are forgotten first.
const MAX_REMEMBERED: usize = 100_000;
/// For how long a call-back that is due is asked for; one that cannot be opened is given up then.
const GIVE_UP: Duration = Duration::from_secs(10);

/// A caller who gave up and has not been called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) contact: ContactId,
    pub(crate) queue: QueueId,
    pub(crate) priority: u8,
    pub(crate) needs: Needs,
    /// From when its place counts, if not from when the call-back begins to wait.
    pub(crate) since: Option<Timestamp>,
    /// How long he had waited.
    pub(crate) waited: Duration,
    /// How long after his last call the call-back is due.
    pub(crate) delay: Duration,
    pub(crate) once_in: Duration,
    /// When it is due; none while he is in another call.
    pub(crate) due: Option<Timestamp>,
}

/// The place of a caller who gave up, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    pub(crate) queue: QueueId,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// What facts have told of callers who gave up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Missed {
    /// The numbers of those whose calls are going on.
    callers: BTreeMap<ContactId, PhoneNumber>,
    pending: BTreeMap<PhoneNumber, Pending>,
    /// The numbers of those who are pending.
    gave_up: BTreeMap<ContactId, PhoneNumber>,
    /// When they are due.
    due: BTreeSet<(Timestamp, PhoneNumber)>,
    /// The call-backs that wait.
    open: BTreeMap<PhoneNumber, ContactId>,
    numbers: BTreeMap<ContactId, PhoneNumber>,
    /// Until when a number is not called back again.
    spared: BTreeMap<PhoneNumber, Timestamp>,
    /// The places of those who may come back to them.
    dropped: BTreeMap<PhoneNumber, Dropped>,
    /// The call-backs that wait for somebody who has been answered since.
    moot: BTreeSet<ContactId>,
}

impl Missed {
    /// A call came in from outside.
    pub(crate) fn call_began(&mut self, contact: ContactId, caller: &PhoneNumber) {
        if caller.reveal().is_empty() {
            return;
        }
        self.callers.insert(contact, caller.clone());
        self.set_due(caller, None);
    }

    fn set_due(&mut self, number: &PhoneNumber, due: Option<Timestamp>) {
        let Some(pending) = self.pending.get_mut(number) else { return };
        if let Some(before) = std::mem::replace(&mut pending.due, due) {
            self.due.remove(&(before, number.clone()));
        }
        if let Some(at) = due {
            self.due.insert((at, number.clone()));
        }
    }

    /// Forgets one who is not to be called back.
    pub(crate) fn forget(&mut self, number: &PhoneNumber) -> Option<Pending> {
        self.set_due(number, None);
        let pending = self.pending.remove(number)?;
        self.gave_up.remove(&pending.contact);
        Some(pending)
    }

    /// Its caller gave up waiting, and has the same place when he calls again.
    pub(crate) fn dropped(&mut self, at: Timestamp, contact: ContactId, place: Dropped) {
        let Some(number) = self.callers.get(&contact).cloned() else { return };
        if self.dropped.len() >= MAX_PENDING {
            self.dropped.retain(|_, it| it.until > at);
        }
        if self.dropped.len() < MAX_PENDING {
            self.dropped.insert(number, place);
        }
    }

    /// Returns from when the place of a caller counts who comes to a queue again.
    pub(crate) fn kept_place(
        &self,
        caller: &PhoneNumber,
        queue: &QueueId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let place = self.dropped.get(caller)?;
        (place.queue == *queue && place.until > now).then_some(place.since)
    }

    /// Its caller gave up waiting.
    pub(crate) fn gave_up(&mut self, at: Timestamp, pending: Pending) {
        let Some(number) = self.callers.get(&pending.contact).cloned() else { return };
        let spared = self.spared.get(&number).is_some_and(|until| *until > at);
        if spared || self.open.contains_key(&number) || self.pending.len() >= MAX_PENDING {
            return;
        }
        // Who gave up before keeps the place he had then.
        let since = match self.pending.get(&number) {
            Some(before) if before.queue == pending.queue => before.since.min(pending.since),
            Some(_) | None => pending.since,
        };
        self.forget(&number);
        self.gave_up.insert(pending.contact, number.clone());
        self.pending.insert(number, Pending { since, due: None, ..pending });
    }

    /// Its caller talks with an agent.
    pub(crate) fn served(&mut self, contact: ContactId) {
        let Some(number) = self.callers.get(&contact).cloned() else { return };
        self.forget(&number);
        self.dropped.remove(&number);
        if let Some(open) = self.open.get(&number) {
            self.moot.insert(*open);
        }
    }

    /// His call is over.
    pub(crate) fn call_over(&mut self, at: Timestamp, contact: ContactId) {
        let Some(number) = self.callers.remove(&contact) else { return };
        let due = self.pending.get(&number).map(|pending| at + pending.delay);
        self.set_due(&number, due);
    }

    /// A call-back was opened for him.
    pub(crate) fn opened(&mut self, at: Timestamp, contact: ContactId, gave_up: ContactId) {
        let Some(number) = self.gave_up.get(&gave_up).cloned() else { return };
        if let Some(pending) = self.forget(&number) {
            self.spare(at, &number, at + pending.once_in);
            self.open.insert(number.clone(), contact);
            self.numbers.insert(contact, number);
        }
    }

    fn spare(&mut self, at: Timestamp, number: &PhoneNumber, until: Timestamp) {
        if self.spared.len() >= MAX_REMEMBERED {
            self.spared.retain(|_, until| *until > at);
            if self.spared.len() >= MAX_REMEMBERED
                && let Some(first) = self.spared.iter().min_by_key(|(_, until)| **until)
            {
                let first = first.0.clone();
                self.spared.remove(&first);
            }
        }
        self.spared.insert(number.clone(), until);
    }

    /// A call-back waits no more.
    pub(crate) fn closed(&mut self, contact: ContactId) {
        self.moot.remove(&contact);
        if let Some(number) = self.numbers.remove(&contact) {
            self.open.remove(&number);
        }
    }

    /// Forgets those whose call-back could not be opened in time.
    pub(crate) fn give_up(&mut self, now: Timestamp) {
        while let Some((at, number)) = self.due.first().cloned()
            && at + GIVE_UP <= now
        {
            self.forget(&number);
        }
    }

    /// Returns the callers to be called back, the first one due first.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = (&PhoneNumber, &Pending)> {
        let due = self.due.iter().take_while(move |(at, _)| *at <= now);
        due.filter_map(|(_, number)| Some((number, self.pending.get(number)?)))
    }

    /// Returns when the next one is due after `now`.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.due.iter().map(|(at, _)| *at).find(|at| *at > now)
    }

    /// Returns the call-backs that nobody needs any more.
    pub(crate) fn moot(&self) -> impl Iterator<Item = ContactId> {
        self.moot.iter().copied()
    }
}
