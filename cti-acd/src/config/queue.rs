//! The rules of one queue.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    call::Waiting,
    id::{QueueId, RegionId},
    router::OverflowReason,
    target::Target,
    time::{millis, optional_millis},
};
use serde::{Deserialize, Serialize};

use super::{MAX_STEPS, MissedCalls, NOBODY_STAFFED_AT_MOST};

/// The rules of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueRules {
    /// Which queue.
    pub queue: QueueId,
    /// The name of the [`Strategy`](crate::strategy::Strategy) or script that prefers one ready agent to another.
    #[serde(default = "longest_idle")]
    pub strategy: String,
    /// How many agents ring for a contact at a time where the strategy rings several, 1 to 32.
    #[serde(default = "ring_at_most")]
    pub ring_at_most: u8,
    /// After which time one more agent is rung where the strategy rings one after another.
    #[serde(default = "ring_step", rename = "ring_step_ms", with = "millis")]
    pub ring_step: Duration,
    /// How long a contact waits in this queue before it overflows; for ever when absent.
    #[serde(default, rename = "max_wait_ms", with = "optional_millis")]
    pub max_wait: Option<Duration>,
    /// How many contacts may wait; one more overflows, unless an agent is free for it. Any number when absent.
    #[serde(default)]
    pub max_length: Option<u32>,
    /// How long contacts wait for a queue without staff before the alarm is raised and they overflow.
    #[serde(default = "nobody_staffed_after", rename = "nobody_staffed_after_ms", with = "millis")]
    pub nobody_staffed_after: Duration,
    /// Its weight against other queues, 1 to 1000, where the rule between queues asks for one.
    #[serde(default = "one")]
    pub weight: u32,
    /// How much earlier its contacts count as having come than those of other queues.
    #[serde(default, rename = "head_start_ms", with = "millis")]
    pub head_start: Duration,
    /// How priority and waiting time make up a contact's place.
    #[serde(default)]
    pub ageing: Ageing,
    /// After which time a contact goes to the top, whatever the priority of others; never when absent.
    #[serde(default, rename = "lift_after_ms", with = "optional_millis")]
    pub lift_after: Option<Duration>,
    /// What is asked less, and of whom more, the longer a contact waits; at rising times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relax: Vec<Relaxation>,
    /// A contact that would wait longer overflows at once, unless an agent is free for it.
    #[serde(default, rename = "max_expected_wait_ms", with = "optional_millis")]
    pub max_expected_wait: Option<Duration>,
    /// While fewer are answered in time, new contacts overflow, unless an agent is free for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_service_level: Option<MinServiceLevel>,
    /// Whether a contact overflows at once when nobody who is signed in takes calls.
    #[serde(default)]
    pub refuse_unstaffed: bool,
    /// The schedule in whose working hours it is open; always open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether a flow of its own entertains the callers (高级排队). It decides then how long they wait and where they
    /// go: of the rules above ageing, the guard and what a supervisor orders stay in force, and waiting times, entry
    /// conditions and moves do not.
    #[serde(default)]
    pub advanced: bool,
    /// Within which time a caller whose line dropped and who calls again has the place he had; never when zero.
    #[serde(default, rename = "reentry_ms", with = "millis")]
    pub reentry: Duration,
    /// Whether, and how, callers who gave up are called back; they are not when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<MissedCalls>,
    /// Where contacts go on that overflow, by the reason; where their flow sends them when absent. A number outside is
    /// dialled as from a phone of the house. What is not spoken can only go on in a queue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<OverflowReason, Target>,
    /// To which region callers belong who ask for none (区域路由): by area code with its 0 (`0532`; of a mobile number that
    /// of its home), or by how the number begins in normal form (`+86532`), the longest beginning first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub areas: BTreeMap<String, RegionId>,
    /// Whether a caller waits first for the agent who served him last (来电记忆); he does not when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_agent: Option<LastAgent>,
    /// The sites whose agents serve it first; all when empty. [`Relaxation::any_site`] lets the others join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// The seed of the strategy `random`.
    #[serde(default)]
    pub seed: u64,
}

/// How priority and waiting time make up a contact's place. Whatever the formula, of two contacts with the same priority
/// the one who came first is first, and a place never falls back while the contact waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ageing {
    /// A higher priority always goes first.
    #[default]
    Strict,
    /// One level of priority is worth so much waiting time.
    Linear {
        /// How much.
        #[serde(rename = "worth_ms", with = "millis")]
        worth: Duration,
    },
    /// A contact's weight `1 + priority` doubles with each such time of waiting.
    Doubling {
        /// How long a doubling takes.
        #[serde(rename = "every_ms", with = "millis")]
        every: Duration,
    },
    /// The priority rises by steps; a higher one always goes first.
    Steps {
        /// The steps, at rising times.
        steps: Vec<AgeStep>,
    },
}

/// One step of [`Ageing::Steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeStep {
    /// After which wait, counted from when the place counts.
    #[serde(rename = "after_ms", with = "millis")]
    pub after: Duration,
    /// How many levels higher the priority is from then on than it was given.
    pub up: u8,
}

/// What is relaxed after some time; what earlier steps relaxed stays relaxed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relaxation {
    /// After which wait in this queue.
    #[serde(rename = "after_ms", with = "millis")]
    pub after: Duration,
    /// By how much the levels that are asked for fall; a skill whose level falls below 1 is not asked for.
    pub levels_down: u8,
    /// Whether no skill is asked for from here on.
    pub any_skill: bool,
    /// Whether the language is not asked for from here on.
    pub any_language: bool,
    /// Whether the region is not asked for from here on.
    pub any_region: bool,
    /// Whether agents of other sites take part from here on.
    pub any_site: bool,
    /// The queues whose agents take part from here on; the contact stays where it is.
    pub queues: Vec<QueueId>,
    /// The priority that it has at least from here on.
    pub raise_to: Option<u8>,
    /// The queue it goes on waiting in, with the place that its wait so far gives it.
    pub move_to: Option<QueueId>,
}

/// For whom a caller waits first who calls again: the agent who served him last, if that one is signed in for the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastAgent {
    /// How long ago their talk began at most, up to 31 days.
    #[serde(rename = "within_ms", with = "millis")]
    pub within: Duration,
    /// How long he waits for nobody else, up to an hour; anyone in the queue will do afterwards, or when that agent can
    /// take no calls.
    #[serde(default = "for_last_agent", rename = "wait_ms", with = "millis")]
    pub wait: Duration,
}

/// The least part of callers to be answered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinServiceLevel {
    /// How many of a hundred.
    pub percent: u8,
    /// Within which time.
    #[serde(default = "within", rename = "within_ms", with = "millis")]
    pub within: Duration,
    /// Over how many of the last minutes, 1 to 30.
    #[serde(default = "minutes")]
    pub minutes: u8,
    /// How many contacts there must have been for it to count.
    #[serde(default = "at_least")]
    pub at_least: u32,
}

impl QueueRules {
    /// Returns the rules of a queue about which nothing was decided: longest idle, no limits, an alarm after 5 s.
    #[must_use]
    pub fn new(queue: QueueId) -> Self {
        Self {
            queue,
            strategy: longest_idle(),
            ring_at_most: ring_at_most(),
            ring_step: ring_step(),
            max_wait: None,
            max_length: None,
            nobody_staffed_after: nobody_staffed_after(),
            weight: one(),
            head_start: Duration::ZERO,
            ageing: Ageing::Strict,
            lift_after: None,
            relax: Vec::new(),
            max_expected_wait: None,
            min_service_level: None,
            refuse_unstaffed: false,
            schedule: None,
            advanced: false,
            reentry: Duration::ZERO,
            missed: None,
            routes: BTreeMap::new(),
            areas: BTreeMap::new(),
            last_agent: None,
            sites: Vec::new(),
            seed: 0,
        }
    }

    /// Returns the field that is wrong and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let day = Duration::from_secs(24 * 3600);
        let year = 366 * day;
        let in_range = |time: Duration| (Duration::from_secs(1)..=day).contains(&time);
        let wrong = |field, reason| Err((field, reason));
        if !(1..=Waiting::MAX_OFFERS).contains(&usize::from(self.ring_at_most)) {
            return wrong("ring_at_most", "must lie between 1 and 32");
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(180)).contains(&self.ring_step) {
            return wrong("ring_step_ms", "must lie between 1000 and 180000");
        }
        if self.max_wait.is_some_and(|wait| !in_range(wait)) {
            return wrong("max_wait_ms", "must lie between 1000 and 86400000");
        }
        if self.nobody_staffed_after > NOBODY_STAFFED_AT_MOST {
            return wrong("nobody_staffed_after_ms", "must be at most 10000");
        }
        if !(1..=1000).contains(&self.weight) {
            return wrong("weight", "must lie between 1 and 1000");
        }
        if self.reentry > day {
            return wrong("reentry_ms", "must be at most a day");
        }
        if self.routes.values().any(|to| matches!(to, Target::Queue(to) if *to == self.queue)) {
            return wrong("routes", "must not lead back to the queue");
        }
        if self.areas.len() > 1000 {
            return wrong("areas", "must have at most 1000 entries");
        }
        let digits = |it: &str| !it.is_empty() && it.chars().all(|each| each.is_ascii_digit());
        if !self.areas.keys().all(|it| digits(it.strip_prefix('+').unwrap_or(it))) {
            return wrong(
                "areas",
                "must name area codes such as 0532 or beginnings such as +86532",
            );
        }
        if let Some(last) = &self.last_agent {
            if last.within > 31 * day {
                return wrong("last_agent.within_ms", "must be at most 31 days");
            }
            if last.wait > day / 24 {
                return wrong("last_agent.wait_ms", "must be at most an hour");
            }
        }
        if self.head_start > year {
            return wrong("head_start_ms", "must be at most a year");
        }
        if self.lift_after.is_some_and(|after| after > year) {
            return wrong("lift_after_ms", "must be at most a year");
        }
        if self.relax.len() > MAX_STEPS {
            return wrong("relax", "must have at most 16 steps");
        }
        if !self.relax.is_sorted_by(|a, b| a.after < b.after) {
            return wrong("relax", "must have steps at rising times");
        }
        if self.relax.iter().any(|step| step.after > year) {
            return wrong("relax", "must have steps within a year");
        }
        if self.relax.iter().any(|step| step.move_to.as_ref() == Some(&self.queue)) {
            return wrong("relax", "must not move a contact to where it is");
        }
        match &self.ageing {
            Ageing::Strict => {}
            Ageing::Linear { worth } | Ageing::Doubling { every: worth } => {
                if worth.is_zero() || *worth > year {
                    return wrong("ageing", "must have a time of at least 1 ms and at most a year");
                }
            }
            Ageing::Steps { steps } => {
                if steps.len() > MAX_STEPS {
                    return wrong("ageing", "must have at most 16 steps");
                }
                if !steps.is_sorted_by(|a, b| a.after < b.after && a.up <= b.up) {
                    return wrong("ageing", "must have steps at rising times and rising levels");
                }
            }
        }
        if let Some(reason) = self.missed.as_ref().and_then(|it| it.check().err()) {
            return wrong("missed", reason);
        }
        if let Some(level) = self.min_service_level {
            if !(1..=100).contains(&level.percent) {
                return wrong("min_service_level.percent", "must lie between 1 and 100");
            }
            if !(1..=30).contains(&level.minutes) {
                return wrong("min_service_level.minutes", "must lie between 1 and 30");
            }
        }
        Ok(())
    }
}

fn longest_idle() -> String {
    "longest_idle".to_owned()
}

fn ring_at_most() -> u8 {
    16
}

fn ring_step() -> Duration {
    Duration::from_secs(5)
}

fn nobody_staffed_after() -> Duration {
    Duration::from_secs(5)
}

fn one() -> u32 {
    1
}

fn within() -> Duration {
    Duration::from_secs(15)
}

fn minutes() -> u8 {
    15
}

fn at_least() -> u32 {
    20
}

fn for_last_agent() -> Duration {
    Duration::from_secs(20)
}
