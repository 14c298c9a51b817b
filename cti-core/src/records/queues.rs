//! Queue statistics: how many came into a queue within an interval, what became of them, how long they waited.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Cuts, Interval, entry::Entry, micros};
use crate::{
    event::{DequeueReason, Event},
    id::{CallId, ContactId, EventNo, QueueId},
    time::{Timestamp, millis},
};

/// What counts as answered in time and as given up at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// The waits within which an answer is in time, for example 15 s and 30 s; the first 8 are used.
    #[serde(rename = "answered_within_ms", with = "list_of_millis")]
    pub answered_within: Vec<Duration>,
    /// Who gives up within this wait is a short abandon and counts neither for nor against the queue.
    #[serde(rename = "short_abandon_ms", with = "millis")]
    pub short_abandon: Duration,
}

impl Default for Thresholds {
    /// In time within 15 s, a short abandon within 5 s.
    fn default() -> Self {
        Self {
            answered_within: vec![Duration::from_secs(15)],
            short_abandon: Duration::from_secs(5),
        }
    }
}

/// What came into a queue, what became of it and how long it waited.
///
/// Arrivals are counted where they come, everything else where the stay ends. A stay that goes on from another queue
/// with the place it had there is in time by its wait from the beginning; the sums hold the time in this queue alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCounts {
    /// Were inside before.
    pub inside_before: u32,
    /// Came in.
    pub offered: u32,
    /// An agent answered.
    pub answered: u32,
    /// Were answered within each threshold.
    pub answered_within: Vec<u32>,
    /// Gave up, later than a short abandon.
    pub abandoned: u32,
    /// Gave up at once.
    pub abandoned_short: u32,
    /// The queue sent them on.
    pub overflowed: u32,
    /// Left by a key.
    pub left: u32,
    /// Went on waiting in another queue, or again in this one.
    pub moved: u32,
    /// A supervisor or a program cleared the call.
    pub cleared: u32,
    /// The process that carried the call ended.
    pub restarted: u32,
    /// Of those who were answered, passed on to others; one who is passed on twice counts twice.
    pub transferred: u32,
    /// Are still inside.
    pub inside: u32,
    /// The most that were inside at once.
    pub max_inside: u32,
    /// How long those who were answered had waited, altogether.
    #[serde(rename = "wait_answered_us", with = "micros")]
    pub wait_answered: Duration,
    /// How long those who gave up had waited, altogether, short abandons too.
    #[serde(rename = "wait_abandoned_us", with = "micros")]
    pub wait_abandoned: Duration,
    /// How long all whose stay ended had waited, altogether.
    #[serde(rename = "wait_us", with = "micros")]
    pub wait: Duration,
    /// The longest stay that ended.
    #[serde(rename = "longest_wait_us", with = "micros")]
    pub longest_wait: Duration,
}

impl QueueCounts {
    /// Returns how many stays ended, in whatever way.
    #[must_use]
    pub fn ended(&self) -> u32 {
        self.answered
            + self.abandoned
            + self.abandoned_short
            + self.overflowed
            + self.left
            + self.moved
            + self.cleared
            + self.restarted
    }

    /// Returns whether everyone who was or came inside is accounted for.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.inside_before + self.offered == self.ended() + self.inside
    }

    /// Returns the share, between 0 and 1, that was answered within a threshold, among those who were answered, gave up
    /// later than a short abandon, were sent on or left. Who was moved, cleared or lost by a restart is no one's merit
    /// or fault.
    #[must_use]
    pub fn service_level(&self, threshold: usize) -> Option<f64> {
        let among = self.answered + self.abandoned + self.overflowed + self.left;
        let in_time = *self.answered_within.get(threshold)?;
        (among > 0).then(|| f64::from(in_time) / f64::from(among))
    }

    /// Returns how long those who were answered had waited on average.
    #[must_use]
    pub fn average_speed_of_answer(&self) -> Option<Duration> {
        self.wait_answered.checked_div(self.answered)
    }

    /// Adds the counts of the time that follows this one.
    pub fn extend(&mut self, next: &Self) {
        self.offered += next.offered;
        self.answered += next.answered;
        self.answered_within.resize(self.answered_within.len().max(next.answered_within.len()), 0);
        for (sum, more) in self.answered_within.iter_mut().zip(&next.answered_within) {
            *sum += more;
        }
        self.abandoned += next.abandoned;
        self.abandoned_short += next.abandoned_short;
        self.overflowed += next.overflowed;
        self.left += next.left;
        self.moved += next.moved;
        self.cleared += next.cleared;
        self.restarted += next.restarted;
        self.transferred += next.transferred;
        self.inside = next.inside;
        self.max_inside = self.max_inside.max(next.max_inside);
        self.wait_answered += next.wait_answered;
        self.wait_abandoned += next.wait_abandoned;
        self.wait += next.wait;
        self.longest_wait = self.longest_wait.max(next.longest_wait);
    }

    fn following(before: u32, thresholds: &Thresholds) -> Self {
        Self {
            inside_before: before,
            inside: before,
            max_inside: before,
            answered_within: vec![0; thresholds.answered_within.len().min(MAX_THRESHOLDS)],
            ..Self::default()
        }
    }
}

const MAX_THRESHOLDS: usize = 8;

/// One queue within one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueInterval {
    /// Which queue.
    pub queue: QueueId,
    /// Which interval.
    #[serde(flatten)]
    pub interval: Interval,
    /// What happened.
    #[serde(flatten)]
    pub counts: QueueCounts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stay {
    queue: QueueId,
    /// When it came into this queue.
    from: Timestamp,
    /// From when its place counts.
    since: Timestamp,
}

/// The fold of queue statistics: who is inside, and the interval that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStatistics {
    cuts: Cuts,
    thresholds: Thresholds,
    last: EventNo,
    interval: Option<Interval>,
    inside: BTreeMap<ContactId, Stay>,
    /// The queue that brought live calls to their agents last.
    served: BTreeMap<CallId, QueueId>,
    counts: BTreeMap<QueueId, QueueCounts>,
}

impl QueueStatistics {
    /// Begins with empty queues; intervals are cut as told.
    #[must_use]
    pub fn new(cuts: Cuts, thresholds: Thresholds) -> Self {
        Self {
            cuts,
            thresholds,
            last: EventNo::default(),
            interval: None,
            inside: BTreeMap::new(),
            served: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Returns the last event that was applied.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.last
    }

    /// Returns what has happened in a queue since the interval that runs began.
    #[must_use]
    pub fn current(&self, queue: &QueueId) -> Option<&QueueCounts> {
        self.counts.get(queue)
    }

    /// Follows one event and returns the rows that it completes; one that was applied before changes nothing.
    #[must_use = "a row is returned once"]
    pub fn apply(&mut self, event: &Event) -> Vec<QueueInterval> {
        if event.no <= self.last {
            return Vec::new();
        }
        self.last = event.no;
        let at = event.at;
        let rows = self.advance_to(at);
        match Entry::of(&event.fact) {
            Entry::WaitBegan { contact, queue, since, .. } => {
                self.ended(contact, at, DequeueReason::Moved);
                let since = since.unwrap_or(at);
                self.inside.insert(contact, Stay { queue: queue.clone(), from: at, since });
                let counts = self.counts(queue);
                counts.offered += 1;
                counts.inside += 1;
                counts.max_inside = counts.max_inside.max(counts.inside);
            }
            Entry::WaitEnded { contact, reason } => self.ended(contact, at, reason),
            Entry::TalkBegan { call, queue: Some(queue), .. } => {
                self.served.insert(call, queue.clone());
            }
            Entry::Transferred { call } => {
                if let Some(queue) = self.served.get(&call).cloned() {
                    self.counts(&queue).transferred += 1;
                }
            }
            Entry::CallEnded { call, .. } => drop(self.served.remove(&call)),
            Entry::TalkBegan { queue: None, .. }
            | Entry::SignedIn { .. }
            | Entry::Activity { .. }
            | Entry::SignedOut { .. }
            | Entry::CallBegan { .. }
            | Entry::NumbersRead { .. }
            | Entry::Listed { .. }
            | Entry::CallAnswered { .. }
            | Entry::RingBegan { .. }
            | Entry::RungAt { .. }
            | Entry::Originated { .. }
            | Entry::RingEnded { .. }
            | Entry::RoleChanged { .. }
            | Entry::Conferenced { .. }
            | Entry::ContactOpened { .. }
            | Entry::WorkBegan { .. }
            | Entry::WorkEnded { .. }
            | Entry::ContactClosed { .. }
            | Entry::Held { .. }
            | Entry::Retrieved { .. }
            | Entry::TalkEnded { .. }
            | Entry::RecordingBegan { .. }
            | Entry::RecordingPaused { .. }
            | Entry::RecordingResumed { .. }
            | Entry::RecordingEnded { .. }
            | Entry::VoiceMeasured { .. }
            | Entry::Nothing => {}
        }
        rows
    }

    /// Returns the rows of the intervals that are over at `now`, though nothing has happened since; an event at or
    /// after `now` must come next. A queue that was empty all the time has no row.
    #[must_use = "a row is returned once"]
    pub fn advance_to(&mut self, now: Timestamp) -> Vec<QueueInterval> {
        let mut rows = Vec::new();
        loop {
            let interval = *self.interval.get_or_insert_with(|| self.cuts.around(now));
            if now < interval.until {
                return rows;
            }
            let counts = std::mem::take(&mut self.counts);
            for (queue, counts) in &counts {
                if counts.inside > 0 {
                    let next = QueueCounts::following(counts.inside, &self.thresholds);
                    self.counts.insert(queue.clone(), next);
                }
            }
            rows.extend(counts.into_iter().map(|(queue, counts)| QueueInterval {
                queue,
                interval,
                counts,
            }));
            let next = if self.counts.is_empty() { now } else { interval.until };
            self.interval = Some(self.cuts.around(next));
        }
    }

    fn counts(&mut self, queue: &QueueId) -> &mut QueueCounts {
        let thresholds = &self.thresholds;
        self.counts.entry(queue.clone()).or_insert_with(|| QueueCounts::following(0, thresholds))
    }

    fn ended(&mut self, contact: ContactId, at: Timestamp, reason: DequeueReason) {
        let Some(stay) = self.inside.remove(&contact) else { return };
        let (here, altogether) = (at.since(stay.from), at.since(stay.since));
        let in_time: Vec<u32> = self
            .thresholds
            .answered_within
            .iter()
            .take(MAX_THRESHOLDS)
            .map(|within| u32::from(altogether <= *within))
            .collect();
        let short = altogether <= self.thresholds.short_abandon;
        let counts = self.counts(&stay.queue);
        counts.inside -= 1;
        counts.wait += here;
        counts.longest_wait = counts.longest_wait.max(here);
        match reason {
            DequeueReason::Answered => {
                counts.answered += 1;
                counts.wait_answered += here;
                for (sum, one) in counts.answered_within.iter_mut().zip(in_time) {
                    *sum += one;
                }
            }
            DequeueReason::Abandoned => {
                counts.wait_abandoned += here;
                if short {
                    counts.abandoned_short += 1;
                } else {
                    counts.abandoned += 1;
                }
            }
            DequeueReason::Overflowed(_) => counts.overflowed += 1,
            DequeueReason::Left => counts.left += 1,
            DequeueReason::Moved => counts.moved += 1,
            DequeueReason::Cleared => counts.cleared += 1,
            DequeueReason::SystemRestart => counts.restarted += 1,
        }
    }
}

mod list_of_millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        list: &[Duration],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let millis: Vec<u64> =
            list.iter().map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)).collect();
        millis.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Duration>, D::Error> {
        let millis = Vec::<u64>::deserialize(deserializer)?;
        Ok(millis.into_iter().map(Duration::from_millis).collect())
    }
}
