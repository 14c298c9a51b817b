//! What is simulated: when, how many call, how patient they are, how long they talk, who is there.

use cti_core::{address::PhoneNumber, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::random::Spread;

/// A time in the life of a centre.
///
/// ```
/// use hotline_simulator::SimulationConfig;
///
/// let morning = SimulationConfig { seed: 7, agents: 12, ..SimulationConfig::default() };
/// assert_eq!(morning.check(), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulationConfig {
    /// The same seed gives the same callers and agents.
    pub seed: u64,
    /// The first moment at which somebody may call.
    pub from: Timestamp,
    /// The end: callers who are still inside are counted as such.
    pub to: Timestamp,
    /// The number that is dialled.
    pub called: PhoneNumber,
    /// How many agents sign in: the first ones of the centre's list, each at the seat of the same place in the list
    /// of seats.
    pub agents: usize,
    /// Calls per hour, one value for each hour from `from` on; the last one stays.
    pub calls_per_hour: Vec<f64>,
    /// How long a caller waits in a queue before he gives up.
    pub patience: Spread,
    /// How long caller and agent talk.
    pub talk: Spread,
    /// How long an agent takes to answer a ringing phone.
    pub pick_up: Spread,
    /// How many of a hundred offers an agent misses; he is ready again after a minute.
    pub missed_percent: f64,
    /// How many of a hundred callers press `*` halfway through their patience, to leave a message.
    pub star_percent: f64,
    /// How long a message is.
    pub message: Spread,
}

impl Default for SimulationConfig {
    /// A Monday morning, 08:30 to 12:00 in Beijing, of a centre with twelve agents.
    fn default() -> Self {
        Self {
            seed: 1,
            // 2026-11-23T08:30:00+08:00
            from: Timestamp::from_secs(1_795_393_800),
            to: Timestamp::from_secs(1_795_393_800 + 3 * 3600 + 1800),
            called: PhoneNumber::parse("12345").expect("five digits are a number"),
            agents: 12,
            calls_per_hour: vec![150.0, 190.0, 170.0, 130.0],
            patience: Spread::Exponential { mean: 180.0 },
            talk: Spread::LogNormal { median: 140.0, sigma: 0.7 },
            pick_up: Spread::LogNormal { median: 3.0, sigma: 0.4 },
            missed_percent: 1.0,
            star_percent: 2.0,
            message: Spread::LogNormal { median: 30.0, sigma: 0.5 },
        }
    }
}

/// A value of a simulation is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidSimulation {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl SimulationConfig {
    /// Returns the first value that is out of its range, if one is.
    ///
    /// # Errors
    /// Names that value and the reason.
    pub fn check(&self) -> Result<(), InvalidSimulation> {
        let wrong = |field, reason| Err(InvalidSimulation { field, reason });
        if self.to <= self.from {
            return wrong("to", "must be after from");
        }
        if self.calls_per_hour.is_empty() {
            return wrong("calls_per_hour", "must have a value");
        }
        if !self.calls_per_hour.iter().all(|rate| (0.0..=1_000_000.0).contains(rate)) {
            return wrong("calls_per_hour", "must lie between 0 and 1000000");
        }
        for (field, percent) in
            [("missed_percent", self.missed_percent), ("star_percent", self.star_percent)]
        {
            if !(0.0..=100.0).contains(&percent) {
                return wrong(field, "must lie between 0 and 100");
            }
        }
        for (field, spread) in [
            ("patience", self.patience),
            ("talk", self.talk),
            ("pick_up", self.pick_up),
            ("message", self.message),
        ] {
            if let Some(reason) = spread.check() {
                return wrong(field, reason);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_out_of_range_is_named() {
        let wrong = |change: fn(&mut SimulationConfig)| {
            let mut config = SimulationConfig::default();
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert_eq!(wrong(|it| it.to = it.from), "to must be after from");
        assert_eq!(wrong(|it| it.calls_per_hour.clear()), "calls_per_hour must have a value");
        assert_eq!(
            wrong(|it| it.star_percent = f64::NAN),
            "star_percent must lie between 0 and 100"
        );
        assert_eq!(
            wrong(|it| it.talk = Spread::Exponential { mean: -1.0 }),
            "talk must be a length between 0 and 86400 s"
        );
    }
}
