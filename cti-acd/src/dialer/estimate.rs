//! What experience says of the list: moving averages that forget slowly.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::config::FirstGuess;

/// A share or a time, kept so that a snapshot gives back the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(super) struct Average(pub(super) f64);

impl From<u64> for Average {
    fn from(bits: u64) -> Self {
        Self(f64::from_bits(bits))
    }
}

impl From<Average> for u64 {
    fn from(average: Average) -> Self {
        average.0.to_bits()
    }
}

impl Average {
    fn learn(&mut self, value: f64, weight: f64) {
        self.0 += (value - self.0) * weight;
    }
}

/// How fast the rate of answers is forgotten: by one part in a hundred with each attempt.
const RATE: f64 = 0.01;

/// How fast times are forgotten.
const TIME: f64 = 0.02;

/// How fast the shape of the curves is forgotten.
const SHAPE: f64 = 0.002;

/// Moving averages of a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Estimates {
    answer_rate: Average,
    handle: Average,
    answered: Curve,
    not_answered: Curve,
}

impl Estimates {
    pub(super) fn new(guess: &FirstGuess, ring_for: Duration) -> Self {
        let seconds = usize::try_from(ring_for.as_secs()).unwrap_or(0) + 1;
        let after = guess.answer_after.as_secs_f64();
        let answered = (0..seconds).map(|second| (-(second as f64) / after).exp());
        let not_answered = (0..seconds).map(|second| f64::from(u8::from(second + 1 == seconds)));
        Self {
            answer_rate: Average(guess.answer_rate),
            handle: Average(guess.handle.as_secs_f64()),
            answered: Curve::of(answered.collect()),
            not_answered: Curve::of(not_answered.collect()),
        }
    }

    /// Learns what came of an attempt after so long: a person answered, or nobody did.
    pub(super) fn attempt(&mut self, answered: bool, after: Duration) {
        self.answer_rate.learn(f64::from(u8::from(answered)), RATE);
        let curve = if answered { &mut self.answered } else { &mut self.not_answered };
        curve.learn(after);
    }

    /// Learns how long a call took an agent.
    pub(super) fn handled(&mut self, time: Duration) {
        self.handle.learn(time.as_secs_f64(), TIME);
    }

    /// The share of phones that rang for `age` seconds without an answer and that a person answers in the next
    /// `within` seconds.
    ///
    /// Most answers come early, so a phone that has rung for long will hardly be answered.
    pub(super) fn answers(&self, age: u64, within: u64) -> f64 {
        let rate = self.answer_rate.0.clamp(0.001, 1.0);
        let still = rate * (1.0 - self.answered.ended_by(age))
            + (1.0 - rate) * (1.0 - self.not_answered.ended_by(age));
        if still <= 1e-9 {
            return 0.0;
        }
        let soon = self.answered.ended_by(age + within) - self.answered.ended_by(age);
        (rate * soon / still).clamp(0.0, 1.0)
    }

    /// The mean time to an answer, in whole seconds.
    pub(super) fn answer_after(&self) -> u64 {
        self.answered.mean().round().max(1.0) as u64
    }

    /// The share of busy agents who come back within so many seconds.
    pub(super) fn come_back(&self, within: u64) -> f64 {
        -(-(within as f64) / self.handle.0.max(1.0)).exp_m1()
    }
}

/// How long phones ring, as the share of them that stops in each second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Curve(Vec<Average>);

impl Curve {
    fn of(weights: Vec<f64>) -> Self {
        let total: f64 = weights.iter().sum();
        Self(weights.into_iter().map(|weight| Average(weight / total)).collect())
    }

    fn learn(&mut self, after: Duration) {
        let last = self.0.len() - 1;
        let second = usize::try_from(after.as_secs()).map_or(last, |second| second.min(last));
        for (index, share) in self.0.iter_mut().enumerate() {
            share.learn(f64::from(u8::from(index == second)), SHAPE);
        }
    }

    /// The share that stopped before this second began.
    fn ended_by(&self, second: u64) -> f64 {
        let count = usize::try_from(second).unwrap_or(usize::MAX);
        self.0.iter().take(count).map(|share| share.0).sum::<f64>().min(1.0)
    }

    fn mean(&self) -> f64 {
        self.0.iter().enumerate().map(|(second, share)| (second as f64 + 0.5) * share.0).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_has_rung_for_long_will_hardly_be_answered() {
        let guess = FirstGuess { answer_rate: 0.3, ..FirstGuess::default() };
        let mut learnt = Estimates::new(&guess, Duration::from_secs(25));
        for number in 0..20_000_u64 {
            // Three in ten are answered, after 4 to 11 s; the others ring for 25 s.
            let answered = number % 10 < 3;
            let after = if answered { 4 + number % 8 } else { 25 };
            learnt.attempt(answered, Duration::from_secs(after));
        }
        assert!((learnt.answers(0, 60) - 0.3).abs() < 0.06);
        assert!(learnt.answers(0, 4) < 1e-5, "nobody answers so soon");
        assert!(learnt.answers(8, 60) < 0.2);
        assert!(learnt.answers(12, 60) < 1e-5);
        assert!(learnt.answers(60, 60) < 1e-5);
        assert!((7..=8).contains(&learnt.answer_after()));
    }

    #[test]
    fn what_was_learnt_is_the_same_to_the_last_bit_after_a_snapshot() {
        let mut learnt = Estimates::new(&FirstGuess::default(), Duration::from_secs(25));
        for number in 0..100 {
            learnt.attempt(number % 3 == 0, Duration::from_millis(number * 137 % 25_000));
        }
        let text = serde_json::to_string(&learnt).unwrap();
        assert_eq!(serde_json::from_str::<Estimates>(&text).unwrap(), learnt);
    }
}
