//! Erlang A: whoever finds all agents busy waits until an agent is free or his patience ends.
//!
//! ∫ of the density of the offered wait, λ·p(n−1)·exp(λH(t) − nμt) with H(t) = (1 − e^(−θt))/θ, is again a sum of the
//! kind in [`series`](super::series), with λe^(−θt) for λ. So every figure below is a quotient of such sums.

use std::time::Duration;

use super::{
    series::{Busy, idle_ratio},
    traffic::{InvalidForecast, Traffic, check_agents, in_range, seconds},
};

/// How many callers may wait on average in an overloaded group, for sums to end in reasonable time.
const LONGEST_QUEUE: f64 = 1e8;

/// Which callers a service level is reckoned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counting {
    /// Answered in time, of all callers.
    Offered,
    /// Answered in time, of those who were answered.
    Answered,
    /// Answered in time, of all but those who gave up within that time.
    WithoutShortAbandons,
}

/// A queue whose callers give up when their patience ends (M/M/n+M). Always in balance, however great the load.
///
/// ```
/// use std::time::Duration;
/// use cti_acd::forecast::{Counting, ErlangA, Traffic};
///
/// // More load than agents: Erlang C knows no answer, callers with three minutes' patience give one.
/// let traffic = Traffic::erlangs_of(105.0, Duration::from_secs(180))?;
/// let queue = ErlangA::new(traffic, 100, Duration::from_secs(180))?;
/// assert_eq!(format!("{:.1} %", 100.0 * queue.abandonment()), "6.7 %");
/// assert_eq!(format!("{:.1} %", 100.0 * queue.occupancy()), "98.0 %");
/// assert!(queue.service_level(Duration::from_secs(20), Counting::Answered) > 0.7);
/// # Ok::<(), cti_acd::forecast::InvalidForecast>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ErlangA {
    traffic: Traffic,
    agents: u32,
    /// Callers whose patience ends, per second and caller waiting.
    theta: f64,
    busy: Busy,
    /// Weight of "somebody is free", "all busy" counting 1.
    idle: f64,
}

impl ErlangA {
    /// Returns the model of `agents` for `traffic` whose callers are patient for `patience` on average.
    ///
    /// # Errors
    /// When there are no agents or more than [`MAX_AGENTS`](super::MAX_AGENTS), the patience is below a millisecond, or
    /// more than 10⁸ callers would wait.
    pub fn new(traffic: Traffic, agents: u32, patience: Duration) -> Result<Self, InvalidForecast> {
        let agents = check_agents(agents)?;
        let patience = in_range("patience in seconds", patience.as_secs_f64(), 1e-3, 1e12)?;
        let (arrivals, theta) = (traffic.arrival_rate(), 1.0 / patience);
        let base = f64::from(agents) * traffic.service_rate();
        if (arrivals - base) / theta > LONGEST_QUEUE {
            return Err(InvalidForecast::QueueWithoutEnd { most: LONGEST_QUEUE });
        }
        let busy = Busy::new(arrivals, base, theta);
        let idle = idle_ratio(traffic.erlangs(), agents) * (-busy.ln_sum()).exp();
        Ok(Self { traffic, agents, theta, busy, idle })
    }

    /// Returns the probability that a caller has to wait.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        1.0 / (1.0 + self.idle)
    }

    /// Returns the share of callers who give up.
    #[must_use]
    pub fn abandonment(&self) -> f64 {
        match self.traffic.arrival_rate() {
            0.0 => 0.0,
            // Little's law for those who wait: they come at λ·P(abandon) to leave at θ each.
            arrivals => self.theta * self.average_queue() / arrivals,
        }
    }

    /// Returns the share of time that an agent is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.traffic.erlangs() * (1.0 - self.abandonment()) / f64::from(self.agents)
    }

    /// Returns the mean number of callers waiting.
    #[must_use]
    pub fn average_queue(&self) -> f64 {
        self.wait_probability() * self.busy.mean_waiting()
    }

    /// Returns the mean wait of all callers, whether they are answered or give up.
    #[must_use]
    pub fn average_wait(&self) -> Duration {
        match self.traffic.arrival_rate() {
            0.0 => Duration::ZERO,
            arrivals => seconds(self.average_queue() / arrivals),
        }
    }

    /// Returns the mean wait of the callers who are answered, the ASA.
    #[must_use]
    pub fn average_speed_of_answer(&self) -> Duration {
        seconds(self.wait_probability() * self.busy.answered_wait / self.busy.sum / self.answered())
    }

    /// Returns the share of all callers who wait longer than `time`, whatever becomes of them.
    #[must_use]
    pub fn waits_longer_than(&self, time: Duration) -> f64 {
        self.tail(time, 0.0)
    }

    /// Returns the share of all callers who are answered within `time`.
    #[must_use]
    pub fn answered_within(&self, time: Duration) -> f64 {
        (self.answered() - self.answered_after(time)).max(0.0)
    }

    /// Returns the share of all callers who give up within `time`.
    #[must_use]
    pub fn abandoned_within(&self, time: Duration) -> f64 {
        let after = self.waits_longer_than(time) - self.answered_after(time);
        (self.abandonment() - after).max(0.0)
    }

    /// Returns the share of callers who are answered within `time`, of those that `counting` says.
    #[must_use]
    pub fn service_level(&self, time: Duration, counting: Counting) -> f64 {
        let of = match counting {
            Counting::Offered => 1.0,
            Counting::Answered => self.answered(),
            Counting::WithoutShortAbandons => 1.0 - self.abandoned_within(time),
        };
        self.answered_within(time) / of
    }

    /// Returns the mean wait of a caller who finds everybody busy and `ahead` waiting before him, if he stays.
    #[must_use]
    pub fn expected_wait(&self, ahead: u32) -> Duration {
        let base = f64::from(self.agents) * self.traffic.service_rate();
        seconds((0..=ahead).map(|before| 1.0 / (base + f64::from(before) * self.theta)).sum())
    }

    fn answered(&self) -> f64 {
        1.0 - self.abandonment()
    }

    /// Share of all callers who are answered after `time`.
    fn answered_after(&self, time: Duration) -> f64 {
        self.tail(time, 1.0)
    }

    /// P(wait > time), of everybody (`answered` 0) or together with being answered (1).
    fn tail(&self, time: Duration, answered: f64) -> f64 {
        let (arrivals, theta, time) = (self.traffic.arrival_rate(), self.theta, time.as_secs_f64());
        let base = f64::from(self.agents) * self.traffic.service_rate();
        let with = base + answered * theta;
        let rest = Busy::new(arrivals * (-theta * time).exp(), with, theta);
        let growth = arrivals * -(-theta * time).exp_m1() / theta - base * time - theta * time;
        let ratio = (growth + rest.ln_sum() - self.busy.ln_sum()).exp();
        self.wait_probability() * base / with * ratio
    }
}
