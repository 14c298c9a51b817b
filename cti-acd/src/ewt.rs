//! The wait that a contact can expect, with those before it who give up.
//!
//! The queue-length estimator for a centre whose callers give up (Whitt 1999; Ibrahim, Whitt 2009): with all agents
//! busy and `k` before it, a contact waits for `k + 1` departures. While `j` are before it they come at the rate of the
//! agents who finish plus that of the `j` who give up, so the mean wait is `Σ 1 / (n·μ + j·θ)` over `j = 0 … k`. It is
//! exact where times are exponential.
//!
//! `μ` is learned from handling times, `θ` from those who gave up over the time that everybody waited (the estimator
//! of greatest likelihood where patience is exponential), `n` from the staff at work and the part of their time that
//! goes to this queue.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What facts have taught about one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// How long its contacts keep an agent.
    handling: Handling,
    /// How long its contacts have waited in all, in microseconds, old waits at half their weight and less.
    waited: u64,
    /// How many of them gave up, counted likewise.
    gave_up: u32,
    /// How many waits are in it.
    waits: u32,
    /// The part of its agents' handling time that goes to this queue.
    share: Share,
}

impl Learned {
    /// How many waits are kept at full weight.
    const WAITS: u32 = 4096;
    /// Beyond this many terms the rest of the sum is taken as an integral.
    const TERMS: usize = 256;

    /// Learns how long a contact kept an agent.
    pub(crate) fn handled(&mut self, time: Duration) {
        self.handling.learn(time);
    }

    /// Learns that a contact left the queue.
    pub(crate) fn waited(&mut self, time: Duration, gave_up: bool) {
        if self.waits >= Self::WAITS {
            self.waits /= 2;
            self.waited /= 2;
            self.gave_up /= 2;
        }
        self.waits += 1;
        self.waited = self.waited.saturating_add(u64::try_from(time.as_micros()).unwrap_or(0));
        self.gave_up += u32::from(gave_up);
    }

    /// Learns that an agent of this queue has handled a contact of this one, or of another.
    pub(crate) fn shared(&mut self, time: Duration, ours: bool) {
        self.share.learn(time, ours);
    }

    /// Returns the mean wait of a contact with `ahead` others before it and `staffed` agents at work.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate in microseconds; it takes part in no order"
    )]
    pub(crate) fn expected_wait(&self, ahead: usize, staffed: u32) -> Option<Duration> {
        let handling = self.handling.average()?.as_micros().max(1) as f64;
        let leave = f64::from(staffed) * self.share.of() / handling;
        if leave <= 0.0 {
            return None;
        }
        let give_up = match self.waited {
            0 => 0.0,
            waited => f64::from(self.gave_up) / waited as f64,
        };
        let terms = ahead.min(Self::TERMS);
        let sum: f64 = (0..=terms).map(|before| 1.0 / (leave + before as f64 * give_up)).sum();
        // The midpoint rule for the terms after them.
        let (from, to) = (terms as f64 + 0.5, ahead as f64 + 0.5);
        let rest = match ahead > terms {
            true if give_up * to / leave > 1e-9 => {
                ((leave + to * give_up) / (leave + from * give_up)).ln() / give_up
            }
            true => (to - from) / leave,
            false => 0.0,
        };
        Some(Duration::from_micros((sum + rest).min(1e15) as u64))
    }
}

/// The moving average of the time that a contact keeps an agent, after-call work included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Handling {
    samples: u32,
    average: Duration,
}

impl Handling {
    /// With fewer calls nothing is said about waiting times.
    const AT_LEAST: u32 = 5;
    /// The plain mean of the first calls, then an exponential average in which one call weighs 1/256.
    const MEMORY: u32 = 256;

    fn learn(&mut self, time: Duration) {
        self.samples = (self.samples + 1).min(Self::MEMORY);
        let (average, weight) = (self.average, self.samples);
        self.average = if time >= average {
            average + (time - average) / weight
        } else {
            average - (average - time) / weight
        };
    }

    fn average(&self) -> Option<Duration> {
        (self.samples >= Self::AT_LEAST).then_some(self.average)
    }
}

/// How much of some handling time was spent for this queue, in microseconds, old times at half their weight and less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Share {
    ours: u64,
    all: u64,
}

impl Share {
    /// Ten thousand hours of agents' time.
    const MEMORY: u64 = 36_000_000_000_000;

    fn learn(&mut self, time: Duration, ours: bool) {
        if self.all >= Self::MEMORY {
            self.ours /= 2;
            self.all /= 2;
        }
        let micros = u64::try_from(time.as_micros()).unwrap_or(Self::MEMORY).min(Self::MEMORY);
        self.all += micros;
        self.ours += if ours { micros } else { 0 };
    }

    #[expect(clippy::cast_precision_loss, reason = "a part of a whole, for an estimate")]
    fn of(self) -> f64 {
        match self.all {
            0 => 1.0,
            all => self.ours as f64 / all as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(handling: u64, gave_up: u32, waited: u64) -> Learned {
        let mut learned = Learned::default();
        (0..5).for_each(|_| learned.handled(Duration::from_secs(handling)));
        for each in 0..100 {
            learned.waited(Duration::from_secs(waited), each < gave_up);
        }
        learned
    }

    #[test]
    fn nothing_is_said_before_the_fifth_call_or_without_staff() {
        let mut learned = Learned::default();
        (0..4).for_each(|_| learned.handled(Duration::from_secs(100)));
        assert_eq!(learned.expected_wait(0, 2), None);
        learned.handled(Duration::from_secs(200));
        assert_eq!(learned.expected_wait(0, 2), Some(Duration::from_secs(60)));
        assert_eq!(learned.expected_wait(0, 0), None);
    }

    #[test]
    fn where_nobody_gives_up_each_place_is_one_turn_of_the_staff() {
        let patient = learned(120, 0, 10);
        assert_eq!(patient.expected_wait(0, 10), Some(Duration::from_secs(12)));
        assert_eq!(patient.expected_wait(9, 10), Some(Duration::from_secs(120)));
        assert_eq!(patient.expected_wait(999, 10), Some(Duration::from_secs(12_000)));
    }

    #[test]
    fn those_who_give_up_shorten_the_wait_and_the_integral_continues_the_sum() {
        // θ = 50 / (100 · 100 s) = 1 / 200 s; n·μ = 1 / 10 s.
        let learned = learned(100, 50, 100);
        let exact =
            |ahead: u32| (0..=ahead).map(|j| 1.0 / (0.1 + f64::from(j) / 200.0)).sum::<f64>();
        for ahead in [0u32, 1, 20, 256, 257, 300, 5_000, 100_000] {
            let told = learned.expected_wait(ahead as usize, 10).unwrap().as_secs_f64();
            assert!((told / exact(ahead) - 1.0).abs() < 1e-5, "{ahead}: {told} {}", exact(ahead));
        }
    }

    #[test]
    fn agents_who_give_half_their_time_to_another_queue_count_half() {
        let mut learned = learned(120, 0, 10);
        for each in 0..100 {
            learned.shared(Duration::from_secs(60), each % 2 == 0);
        }
        assert_eq!(learned.expected_wait(0, 10), Some(Duration::from_secs(24)));
    }

    #[test]
    fn the_averages_follow_a_change_and_forget_old_calls() {
        let mut learned = learned(60, 0, 10);
        for _ in 0..3000 {
            learned.handled(Duration::from_secs(180));
        }
        let wait = learned.expected_wait(0, 1).unwrap();
        assert!(wait > Duration::from_secs(179) && wait <= Duration::from_secs(180), "{wait:?}");
        for _ in 0..100_000 {
            learned.waited(Duration::from_secs(100), true);
        }
        assert!(learned.waits <= Learned::WAITS);
        assert!(u64::from(learned.gave_up).abs_diff(learned.waited / 100_000_000) < 5);
    }
}
