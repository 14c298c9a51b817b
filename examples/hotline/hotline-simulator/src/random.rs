//! Chance from a seed: small generators that give the same numbers on every run.
//!
//! Each kind of chance (arrivals, patience, talk …) has its own stream, so that a change to one, for example to the
//! number of agents, leaves the others as they were, and two runs can be compared caller by caller.

use std::{f64::consts::TAU, time::Duration};

use serde::{Deserialize, Serialize};

/// A stream of random numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
pub(crate) struct Stream(u64);

impl Stream {
    /// Returns the stream of this number for this seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut stream = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        stream.0 = stream.next();
        stream
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number above 0 and at most 1.
    pub(crate) fn unit(&mut self) -> f64 {
        // 53 bits are what an f64 holds.
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Returns whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() <= probability
    }

    /// Returns a number with exponential distribution and mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }

    /// Returns a number with standard normal distribution (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// How a length of time is spread over callers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Always the same.
    Fixed {
        /// In seconds.
        seconds: f64,
    },
    /// Many short ones and few long ones, without memory.
    Exponential {
        /// The mean in seconds.
        mean: f64,
    },
    /// As talk times are found to be: its logarithm is normal (Brown et al. 2005).
    LogNormal {
        /// Half are shorter, in seconds.
        median: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Spread {
    /// Draws a length.
    pub(crate) fn draw(self, stream: &mut Stream) -> Duration {
        let seconds = match self {
            Self::Fixed { seconds } => seconds,
            Self::Exponential { mean } => mean * stream.exponential(),
            Self::LogNormal { median, sigma } => median * (sigma * stream.normal()).exp(),
        };
        // A day is longer than any call; the bound keeps sums of times in range.
        Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0))
    }

    /// Returns what is wrong with the numbers, if anything is.
    pub(crate) fn check(self) -> Option<&'static str> {
        let fits = match self {
            Self::Fixed { seconds } => (0.0..=86_400.0).contains(&seconds),
            Self::Exponential { mean } => (0.0..=1e9).contains(&mean),
            Self::LogNormal { median, sigma } => {
                (0.0..=86_400.0).contains(&median) && (0.0..=10.0).contains(&sigma)
            }
        };
        (!fits).then_some("must be a length between 0 and 86400 s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(spread: Spread) -> f64 {
        let mut stream = Stream::new(7, 1);
        (0..200_000).map(|_| spread.draw(&mut stream).as_secs_f64()).sum::<f64>() / 200_000.0
    }

    #[test]
    fn lengths_have_the_mean_that_their_spread_says() {
        assert!((mean(Spread::Exponential { mean: 100.0 }) - 100.0).abs() < 1.0);
        // The mean of a lognormal is median · exp(sigma² / 2).
        let expected = 120.0 * (0.5f64 * 0.25).exp();
        assert!((mean(Spread::LogNormal { median: 120.0, sigma: 0.5 }) - expected).abs() < 1.0);
        assert!((mean(Spread::Fixed { seconds: 3.0 }) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let draw = |number| {
            let mut stream = Stream::new(42, number);
            [stream.next(), stream.next()]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
