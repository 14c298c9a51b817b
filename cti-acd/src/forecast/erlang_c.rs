//! Erlang C: whoever finds all agents busy waits for as long as it takes.

use std::time::Duration;

use super::{
    series::idle_ratio,
    traffic::{InvalidForecast, Traffic, check_agents, seconds},
};

/// A queue whose callers never give up (M/M/n).
///
/// With as much traffic as agents, or more, the queue grows without end: everybody waits, and there is no average wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    traffic: Traffic,
    agents: u32,
    idle_ratio: f64,
}

impl ErlangC {
    /// Returns the model of `agents` for `traffic`.
    ///
    /// # Errors
    /// When there are no agents or more than [`MAX_AGENTS`](super::MAX_AGENTS).
    pub fn new(traffic: Traffic, agents: u32) -> Result<Self, InvalidForecast> {
        let agents = check_agents(agents)?;
        Ok(Self { traffic, agents, idle_ratio: idle_ratio(traffic.erlangs(), agents) })
    }

    /// Returns whether the queue is in balance: less traffic than agents.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.traffic.erlangs() < f64::from(self.agents)
    }

    /// Returns the probability that a caller has to wait, Erlang's C.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        1.0 / (1.0 + self.weight_of_idle())
    }

    /// Returns the share of callers who are answered within `time`.
    #[must_use]
    pub fn service_level(&self, time: Duration) -> f64 {
        if !self.is_stable() {
            return 0.0;
        }
        let idle = self.weight_of_idle();
        let at_once = if idle.is_infinite() { 1.0 } else { idle / (1.0 + idle) };
        // Both parts are positive: nothing cancels when nearly everybody waits.
        at_once + self.wait_probability() * -(-self.spare_rate() * time.as_secs_f64()).exp_m1()
    }

    /// Returns the mean wait of all callers, the ASA; `None` when the queue grows without end.
    #[must_use]
    pub fn average_wait(&self) -> Option<Duration> {
        self.is_stable().then(|| seconds(self.wait_probability() / self.spare_rate()))
    }

    /// Returns the mean wait of those who have to wait.
    #[must_use]
    pub fn average_wait_of_waiting(&self) -> Option<Duration> {
        self.is_stable().then(|| seconds(1.0 / self.spare_rate()))
    }

    /// Returns the mean number of callers waiting.
    #[must_use]
    pub fn average_queue(&self) -> Option<f64> {
        self.is_stable()
            .then(|| self.wait_probability() / self.spare_rate() * self.traffic.arrival_rate())
    }

    /// Returns the share of time that an agent is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        (self.traffic.erlangs() / f64::from(self.agents)).min(1.0)
    }

    /// Returns the mean wait of a caller who finds everybody busy and `ahead` waiting before him.
    #[must_use]
    pub fn expected_wait(&self, ahead: u32) -> Duration {
        let rate = f64::from(self.agents) * self.traffic.service_rate();
        seconds((f64::from(ahead) + 1.0) / rate)
    }

    /// Weight of "somebody is free", "all busy" counting 1.
    fn weight_of_idle(&self) -> f64 {
        let spare = 1.0 - self.traffic.erlangs() / f64::from(self.agents);
        if spare > 0.0 { self.idle_ratio * spare } else { 0.0 }
    }

    /// How much faster callers are served than they come when all are busy, per second.
    fn spare_rate(&self) -> f64 {
        f64::from(self.agents) * self.traffic.service_rate() - self.traffic.arrival_rate()
    }
}
