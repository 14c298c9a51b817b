//! A finite queue: whoever finds a place waits, whoever finds none is turned away.

use std::time::Duration;

use super::{
    series::idle_ratio,
    traffic::{InvalidForecast, MAX_AGENTS, Traffic, check_agents, in_range, seconds},
};

/// A queue with a limited number of places, whose callers never give up (M/M/n/K with K = agents + places).
///
/// ```
/// use std::time::Duration;
/// use cti_acd::forecast::{FiniteQueue, Traffic};
///
/// let traffic = Traffic::per_hour(100.0, Duration::from_secs(180))?;
/// let queue = FiniteQueue::new(traffic, 4, 2)?;
/// assert!(queue.blocking() > FiniteQueue::new(traffic, 4, 20)?.blocking());
/// # Ok::<(), cti_acd::forecast::InvalidForecast>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteQueue {
    traffic: Traffic,
    agents: u32,
    places: u32,
    /// Probability that somebody is free.
    idle: f64,
    /// Probability that all are busy and nobody waits, as its logarithm.
    ln_full: f64,
}

impl FiniteQueue {
    /// Returns the model of `agents` with `places` to wait in for `traffic`.
    ///
    /// # Errors
    /// When there are no agents, or more agents or places than [`MAX_AGENTS`].
    pub fn new(traffic: Traffic, agents: u32, places: u32) -> Result<Self, InvalidForecast> {
        let agents = check_agents(agents)?;
        in_range("places", f64::from(places), 0.0, f64::from(MAX_AGENTS))?;
        let idle_ratio = idle_ratio(traffic.erlangs(), agents);
        let ln_load = (traffic.erlangs() / f64::from(agents)).ln();
        // Weights relative to the heaviest of the states from "all busy" on.
        let shift = (f64::from(places) * ln_load).max(0.0);
        let busy: f64 = (0..=places).map(|k| weight(k, ln_load, shift)).sum();
        let free = idle_ratio * (-shift).exp();
        let idle = if free.is_infinite() { 1.0 } else { free / (free + busy) };
        Ok(Self { traffic, agents, places, idle, ln_full: -shift - (free + busy).ln() })
    }

    /// Returns the share of callers who find no place and are turned away.
    #[must_use]
    pub fn blocking(&self) -> f64 {
        self.probability(self.places)
    }

    /// Returns the share of all callers who have to wait.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        (0..self.places).map(|k| self.probability(k)).sum()
    }

    /// Returns the share of all callers who are answered within `time`.
    #[must_use]
    pub fn answered_within(&self, time: Duration) -> f64 {
        let served = f64::from(self.agents) * self.traffic.service_rate() * time.as_secs_f64();
        let at_most = PoissonSums::new(served, self.places);
        // Who finds k waiting is answered in time if more than k calls are completed in it.
        self.idle
            + (0..self.places).map(|k| self.probability(k) * at_most.more_than(k)).sum::<f64>()
    }

    /// Returns the share of callers who are answered within `time`, of those who were not turned away.
    #[must_use]
    pub fn service_level(&self, time: Duration) -> f64 {
        self.answered_within(time) / self.accepted()
    }

    /// Returns the mean number of callers waiting.
    #[must_use]
    pub fn average_queue(&self) -> f64 {
        (0..=self.places).map(|k| f64::from(k) * self.probability(k)).sum()
    }

    /// Returns the mean wait of those who were not turned away.
    #[must_use]
    pub fn average_wait(&self) -> Duration {
        match self.traffic.arrival_rate() {
            0.0 => Duration::ZERO,
            arrivals => seconds(self.average_queue() / (arrivals * self.accepted())),
        }
    }

    /// Returns the share of time that an agent is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.traffic.erlangs() * self.accepted() / f64::from(self.agents)
    }

    fn accepted(&self) -> f64 {
        self.idle + self.wait_probability()
    }

    /// Probability that all are busy and `k` wait.
    fn probability(&self, k: u32) -> f64 {
        let ln_load = (self.traffic.erlangs() / f64::from(self.agents)).ln();
        weight(k, ln_load, -self.ln_full)
    }
}

/// load^k·e^(−shift); 0^0 is 1.
fn weight(k: u32, ln_load: f64, shift: f64) -> f64 {
    if k == 0 { (-shift).exp() } else { (f64::from(k) * ln_load - shift).exp() }
}

/// P(more than k events) of a Poisson distribution, for k below a limit.
struct PoissonSums {
    more_than: Vec<f64>,
}

impl PoissonSums {
    fn new(mean: f64, below: u32) -> Self {
        if mean == 0.0 {
            return Self { more_than: vec![0.0; below as usize] };
        }
        // Weights relative to the most likely count, outwards until they vanish.
        let peak = mean.floor();
        let mut down = Vec::new();
        let (mut weight, mut count) = (1.0_f64, peak);
        while count > 0.0 && weight > 0.0 {
            weight *= count / mean;
            count -= 1.0;
            down.push(weight);
        }
        let lowest = peak - down.len() as f64;
        let mut weights: Vec<f64> = down.into_iter().rev().collect();
        let (mut weight, mut count) = (1.0_f64, peak);
        while weight > 0.0 {
            weights.push(weight);
            count += 1.0;
            weight *= mean / count;
        }
        let total: f64 = weights.iter().sum();
        let mut tails = vec![0.0; weights.len() + 1];
        for index in (0..weights.len()).rev() {
            tails[index] = tails[index + 1] + weights[index] / total;
        }
        let more_than = (0..below)
            .map(|k| {
                let index = f64::from(k) + 1.0 - lowest;
                if index <= 0.0 { 1.0 } else { tails.get(index as usize).copied().unwrap_or(0.0) }
            })
            .collect();
        Self { more_than }
    }

    fn more_than(&self, k: u32) -> f64 {
        self.more_than[k as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_sums_are_those_of_a_small_table() {
        let sums = PoissonSums::new(2.0, 4);
        let e2 = (-2.0_f64).exp();
        for (k, more) in [(0, 1.0 - e2), (1, 1.0 - 3.0 * e2), (2, 1.0 - 5.0 * e2)] {
            assert!((sums.more_than(k) - more).abs() < 1e-15, "{k}");
        }
        let many = PoissonSums::new(5_000.0, 10_000);
        assert!((many.more_than(5_000) - 0.496_2).abs() < 1e-3);
        assert!(many.more_than(9_999) < 1e-300);
        assert_eq!(many.more_than(10), 1.0);
    }
}
