//! What experience says of the list: moving averages that forget slowly.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::config::FirstGuess;

/// A share or a time, kept so that a snapshot gives back the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
struct Average(f64);

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

/// Moving averages of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Estimates {
    answer_rate: Average,
    answer_after: Average,
    handle: Average,
}

impl Estimates {
    pub(super) fn new(guess: &FirstGuess) -> Self {
        Self {
            answer_rate: Average(guess.answer_rate),
            answer_after: Average(guess.answer_after.as_secs_f64()),
            handle: Average(guess.handle.as_secs_f64()),
        }
    }

    /// Learns what came of an attempt: a person answered after so long, or nobody did.
    pub(super) fn attempt(&mut self, answered_after: Option<Duration>) {
        self.answer_rate.learn(f64::from(u8::from(answered_after.is_some())), 0.01);
        if let Some(after) = answered_after {
            self.answer_after.learn(after.as_secs_f64(), 0.02);
        }
    }

    /// Learns how long a call took an agent.
    pub(super) fn handled(&mut self, time: Duration) {
        self.handle.learn(time.as_secs_f64(), 0.02);
    }

    pub(super) fn answer_rate(&self) -> f64 {
        self.answer_rate.0.clamp(0.001, 1.0)
    }

    /// The share of busy agents who come back until a call that is dialled now is answered.
    pub(super) fn come_back(&self) -> f64 {
        -(-self.answer_after.0 / self.handle.0.max(1.0)).exp_m1()
    }
}
