//! What is proposed when nobody can be offered: overflow, moves, raises, alarms.

use cti_core::{
    id::{AgentId, ContactId, QueueId},
    router::{OverflowReason, Proposal},
    time::Timestamp,
};

use super::lists::{Contact, Lists};

/// What is proposed, without words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plain {
    Offer(ContactId, AgentId),
    Overflow(ContactId, OverflowReason),
    Move(ContactId, QueueId),
    Raise(ContactId, u8),
    NobodyStaffed(QueueId),
    StaffedAgain(QueueId),
}

impl From<&Proposal> for Plain {
    fn from(proposal: &Proposal) -> Self {
        match proposal {
            Proposal::Offer { contact, agent, .. } => Self::Offer(*contact, agent.clone()),
            Proposal::Overflow { contact, reason, .. } => Self::Overflow(*contact, *reason),
            Proposal::Move { contact, queue, .. } => Self::Move(*contact, queue.clone()),
            Proposal::Raise { contact, priority, .. } => Self::Raise(*contact, *priority),
            Proposal::NobodyStaffed { queue } => Self::NobodyStaffed(queue.clone()),
            Proposal::StaffedAgain { queue } => Self::StaffedAgain(queue.clone()),
            Proposal::CallBack { .. }
            | Proposal::Withdraw { .. }
            | Proposal::RuleFailed { .. }
            | Proposal::RuleWorksAgain { .. } => {
                panic!("there are no scripts, and nobody is called back: {proposal:?}")
            }
        }
    }
}

impl Lists {
    pub(super) fn propose(&self, now: Timestamp) -> Option<Plain> {
        self.staffed_again()
            .or_else(|| self.offer(now).map(|(contact, agent)| Plain::Offer(contact, agent)))
            .or_else(|| self.due(now))
            .or_else(|| self.nobody_staffed(now))
    }

    fn staffed_again(&self) -> Option<Plain> {
        let over = |it: &&QueueId| self.alarmed(it) && self.is_staffed(it);
        let queue = self.config.queues.iter().map(|rules| &rules.queue).find(over)?;
        Some(Plain::StaffedAgain(queue.clone()))
    }

    fn due(&self, now: Timestamp) -> Option<Plain> {
        let open = self.contacts.values().filter(|it| !it.rung);
        let due = open.filter_map(|it| Some((self.pending(it, now)?, self.place(it, now))));
        due.min_by_key(|((at, ..), place)| (*at, *place)).map(|((.., proposal), _)| proposal)
    }

    /// Returns what is due first for a contact, and since when.
    fn pending(&self, it: &Contact, now: Timestamp) -> Option<(Timestamp, u8, Plain)> {
        let rules = self.rules(&it.queue);
        let refused = it.refused.map(|why| (it.entered, 0, Plain::Overflow(it.id, why)));
        let mut all: Vec<_> = refused.into_iter().collect();
        all.extend(rules.max_wait.map(|wait| {
            (it.entered + wait, 0, Plain::Overflow(it.id, OverflowReason::WaitedTooLong))
        }));
        for (index, step) in rules.relax.iter().enumerate() {
            let at = it.entered + step.after;
            all.extend(step.move_to.clone().map(|to| (at, 1, Plain::Move(it.id, to))));
            let raise = step.raise_to.filter(|to| *to > it.priority && index >= it.raised);
            all.extend(raise.map(|to| (at, 2, Plain::Raise(it.id, to))));
        }
        all.into_iter().filter(|(at, ..)| *at <= now).min_by_key(|(at, kind, _)| (*at, *kind))
    }

    fn nobody_staffed(&self, now: Timestamp) -> Option<Plain> {
        let alone = |it: &&Contact| {
            !self.agents.values().any(|agent| self.staffed(agent) && self.fits(agent, it, now))
        };
        let lost = self.config.queues.iter().enumerate().filter_map(|(index, rules)| {
            let since = *self.lost_since.get(&rules.queue)?;
            let waiting = || self.contacts.values().filter(|it| it.queue == rules.queue);
            waiting().find(alone)?;
            let (due, proposal) = match self.alarmed(&rules.queue) {
                false => {
                    (since + rules.nobody_staffed_after, Plain::NobodyStaffed(rules.queue.clone()))
                }
                true => {
                    let open = waiting().filter(|it| !it.rung).filter(alone);
                    let first = open.min_by_key(|it| self.place(it, now))?;
                    (since, Plain::Overflow(first.id, OverflowReason::NobodyStaffed))
                }
            };
            (due <= now).then_some((due, index, proposal))
        });
        lost.min_by_key(|(due, index, _)| (*due, *index)).map(|(_, _, proposal)| proposal)
    }
}
