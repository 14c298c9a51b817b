//! Entering a queue: what speaks against it, and what a contact is told to expect.

use std::time::Duration;

use cti_core::{calendar::DayPart, id::ContactId, router::OverflowReason, time::Timestamp};

use super::Acd;
use crate::place::QueueNo;

impl Acd {
    /// Returns what speaks against a contact that comes now. It is offered all the same where an agent is free for it.
    pub(super) fn refusal(&self, number: QueueNo, at: Timestamp) -> Option<OverflowReason> {
        let queue = &self.queues[number.index()];
        let rules = &queue.rules;
        if rules.advanced {
            return None;
        }
        let closed = rules.schedule.as_ref().is_some_and(|schedule| {
            self.calendars.get(schedule).is_some_and(|it| it.day_part(at) != DayPart::Work)
        });
        if closed {
            return Some(OverflowReason::Closed);
        }
        if rules.refuse_unstaffed && queue.staffed == 0 {
            return Some(OverflowReason::NobodyStaffed);
        }
        let full = |limit: u32| usize::try_from(limit).is_ok_and(|limit| queue.length >= limit);
        if rules.max_length.is_some_and(full) {
            return Some(OverflowReason::QueueFull);
        }
        let expected = || queue.told.learned.expected_wait(queue.length, queue.staffed);
        if rules.max_expected_wait.is_some_and(|most| expected().is_some_and(|wait| wait > most)) {
            return Some(OverflowReason::ExpectedWait);
        }
        let least = rules.min_service_level?;
        let (good, all) = queue.told.service.last(at, least.minutes);
        let low = u64::from(good) * 100 < u64::from(all) * u64::from(least.percent);
        (all >= least.at_least && low).then_some(OverflowReason::ServiceLevel)
    }

    /// Returns the wait to announce, and takes down that it was.
    pub(super) fn announce(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        let told = self.expected(contact, now)?;
        self.announced.borrow_mut().insert(contact, (now, told));
        Some(told)
    }

    /// Returns the wait that a contact can expect. What was announced before never rises, and shrinks no faster than time
    /// passes unless the estimate was too short all along.
    pub(super) fn expected(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        let (queue, ahead) = self.ahead(contact)?;
        let estimate = queue.told.learned.expected_wait(ahead, queue.staffed);
        match (self.announced.borrow().get(&contact), estimate) {
            (None, estimate) => estimate,
            (Some((at, before)), estimate) => {
                let left = before.saturating_sub(now.since(*at));
                Some(estimate.map_or(left, |estimate| estimate.max(left)).min(*before))
            }
        }
    }
}
