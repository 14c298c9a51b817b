//! What a day came to.

use std::{collections::BTreeMap, time::Duration};

use cti_core::id::{AgentId, QueueId};
use serde::{Deserialize, Serialize};

use super::{End, Outcome};

/// Within which time a contact counts as answered in time.
const IN_TIME: Duration = Duration::from_secs(15);

/// What a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// All contacts together.
    pub all: QueueReport,
    /// The contacts that came to each queue.
    pub queues: BTreeMap<QueueId, QueueReport>,
    /// What each agent had to do.
    pub agents: BTreeMap<AgentId, AgentLoad>,
}

/// What a queue's day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// How many came.
    pub contacts: u64,
    /// How many were answered.
    pub answered: u64,
    /// How many were answered within 15 s.
    pub in_time: u64,
    /// How many gave up.
    pub abandoned: u64,
    /// How many the rules sent elsewhere.
    pub overflowed: u64,
    /// The waits of those who were answered.
    pub waits: Waits,
    /// How often a contact was answered before another one of the same queue, priority and needs that came earlier.
    pub overtakes: u64,
}

/// How long contacts waited, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// The mean.
    pub mean_ms: u64,
    /// Half of them waited no longer.
    pub p50_ms: u64,
    /// Nine in ten waited no longer.
    pub p90_ms: u64,
    /// 95 in a hundred waited no longer.
    pub p95_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

/// What an agent had to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLoad {
    /// How many contacts he answered.
    pub answered: u64,
    /// How long he was busy with them.
    pub busy: Duration,
    /// How long he waited for them.
    pub idle: Duration,
}

impl AgentLoad {
    /// Returns the part of his time that he was busy, in thousandths.
    #[must_use]
    pub fn occupancy(&self) -> u64 {
        let busy = self.busy.as_millis();
        let all = busy + self.idle.as_millis();
        u64::try_from((busy * 1000).checked_div(all).unwrap_or(0)).unwrap_or(1000)
    }
}

impl QueueReport {
    /// Returns how many of a hundred who came were answered within 15 s, in thousandths.
    #[must_use]
    pub fn service_level(&self) -> u64 {
        (self.in_time * 1000).checked_div(self.contacts).unwrap_or(1000)
    }
}

impl Report {
    /// Returns the figures of the whole day with their names.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: String| (name.to_owned(), value);
        let percent = |part: u64| format!("{}.{} %", part / 10, part % 10);
        let seconds = |ms: u64| format!("{}.{} s", ms / 1000, ms % 1000 / 100);
        let it = &self.all;
        let occupancy: Vec<u64> = self.agents.values().map(AgentLoad::occupancy).collect();
        let most = occupancy.iter().max().copied().unwrap_or(0);
        let least = occupancy.iter().min().copied().unwrap_or(0);
        let rate = |part: u64| percent((part * 1000).checked_div(it.contacts).unwrap_or(0));
        let mut lines = vec![
            line("contacts / 来电", it.contacts.to_string()),
            line("answered within 15 s / 15 秒接通率", percent(it.service_level())),
            line("abandoned / 放弃", rate(it.abandoned)),
            line("overflowed / 溢出", rate(it.overflowed)),
            line("mean wait / 平均等待", seconds(it.waits.mean_ms)),
            line("50 % wait at most / 等待中位数", seconds(it.waits.p50_ms)),
            line("90 % wait at most / 等待 90 分位", seconds(it.waits.p90_ms)),
            line("95 % wait at most / 等待 95 分位", seconds(it.waits.p95_ms)),
            line("longest wait / 最长等待", seconds(it.waits.max_ms)),
            line("overtakes within a class / 同类超越", it.overtakes.to_string()),
            line("busiest agent / 最忙坐席利用率", percent(most)),
            line("least busy agent / 最闲坐席利用率", percent(least)),
        ];
        for (queue, it) in &self.queues {
            let name = format!("{queue}: within 15 s / 15 秒接通率");
            lines.push((name, percent(it.service_level())));
        }
        lines
    }
}

/// Counts what became of contacts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    report: Report,
    waits: BTreeMap<QueueId, Vec<u64>>,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Outcome<'_>) {
        let queue = &outcome.arrival.queue;
        let waited = u64::try_from(outcome.waited.as_millis()).unwrap_or(u64::MAX);
        let of_queue = self.report.queues.entry(queue.clone()).or_default();
        for it in [of_queue, &mut self.report.all] {
            it.contacts += 1;
            match outcome.end {
                End::Answered { .. } => {
                    it.answered += 1;
                    it.in_time += u64::from(outcome.waited <= IN_TIME);
                    it.overtakes += u64::try_from(outcome.overtook).unwrap_or(u64::MAX);
                }
                End::Abandoned => it.abandoned += 1,
                End::Overflowed(_) => it.overflowed += 1,
            }
        }
        if let End::Answered { .. } = outcome.end {
            self.waits.entry(queue.clone()).or_default().push(waited);
        }
    }

    pub(super) fn finish(mut self, agents: BTreeMap<AgentId, AgentLoad>) -> Report {
        let mut all = Vec::new();
        for (queue, mut waits) in self.waits {
            all.extend(&waits);
            if let Some(report) = self.report.queues.get_mut(&queue) {
                report.waits = percentiles(&mut waits);
            }
        }
        self.report.all.waits = percentiles(&mut all);
        self.report.agents = agents;
        self.report
    }
}

fn percentiles(waits: &mut [u64]) -> Waits {
    waits.sort_unstable();
    let Some(max_ms) = waits.last().copied() else { return Waits::default() };
    // The nearest rank: the smallest wait that so many of a hundred do not exceed.
    let rank = |percent: usize| waits[(waits.len() * percent).div_ceil(100).max(1) - 1];
    let count = u64::try_from(waits.len()).unwrap_or(u64::MAX);
    Waits {
        mean_ms: waits.iter().sum::<u64>() / count,
        p50_ms: rank(50),
        p90_ms: rank(90),
        p95_ms: rank(95),
        max_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_waits_that_somebody_had() {
        let mut waits: Vec<u64> = (1..=20).rev().map(|it| it * 1000).collect();
        let waits = percentiles(&mut waits);
        assert_eq!((waits.mean_ms, waits.p50_ms, waits.p90_ms), (10_500, 10_000, 18_000));
        assert_eq!((waits.p95_ms, waits.max_ms), (19_000, 20_000));
        assert_eq!(percentiles(&mut [7]).p95_ms, 7);
        assert_eq!(percentiles(&mut []), Waits::default());
    }

    #[test]
    fn occupancy_is_the_busy_part_of_the_time_at_work() {
        let load = AgentLoad {
            answered: 3,
            busy: Duration::from_secs(300),
            idle: Duration::from_secs(100),
        };
        assert_eq!(load.occupancy(), 750);
        assert_eq!(AgentLoad::default().occupancy(), 0);
    }
}
