//! The fewest agents that reach a target.

use std::time::Duration;

use super::{
    erlang_a::{Counting, ErlangA},
    erlang_c::ErlangC,
    traffic::{InvalidForecast, MAX_AGENTS, Traffic, in_range},
};

/// What is to be reached; every part that is given must be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Target {
    /// The least share of all callers to be answered within a time.
    pub service_level: Option<(f64, Duration)>,
    /// The longest mean wait.
    pub average_wait: Option<Duration>,
    /// The greatest share of callers who give up; counts only where callers have a patience.
    pub abandonment: Option<f64>,
    /// The greatest share of time that agents are busy, so that they last the day.
    pub occupancy: Option<f64>,
}

impl Target {
    /// Returns the target that `share` of all callers are answered within `time`, such as 0.8 and 20 s.
    #[must_use]
    pub fn service_level(share: f64, time: Duration) -> Self {
        Self { service_level: Some((share, time)), ..Self::default() }
    }

    fn check(&self) -> Result<(), InvalidForecast> {
        if let Some((share, _)) = self.service_level {
            in_range("service level", share, 0.0, 0.999_999)?;
        }
        if let Some(share) = self.abandonment {
            in_range("abandonment", share, 1e-9, 1.0)?;
        }
        if let Some(share) = self.occupancy {
            in_range("occupancy", share, 0.01, 1.0)?;
        }
        if let Some(wait) = self.average_wait {
            in_range("average wait in seconds", wait.as_secs_f64(), 1e-3, f64::MAX)?;
        }
        Ok(())
    }

    fn is_met(&self, reached: &Reached, service_level: f64) -> bool {
        self.service_level.is_none_or(|(share, _)| service_level >= share)
            && self.average_wait.is_none_or(|most| reached.average_wait.is_some_and(|w| w <= most))
            && self.abandonment.is_none_or(|most| reached.abandonment <= most)
            && self.occupancy.is_none_or(|most| reached.occupancy <= most)
    }
}

/// What a number of agents reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// Share of all callers who are answered within the time asked for, or within 20 s when none was.
    pub service_level: f64,
    /// Mean wait of all callers; `None` when the queue grows without end.
    pub average_wait: Option<Duration>,
    /// Share of callers who give up; 0 where nobody does.
    pub abandonment: f64,
    /// Share of time that agents are busy.
    pub occupancy: f64,
}

impl Reached {
    /// Returns what `agents` reach for `traffic`, by Erlang A with a patience and by Erlang C without.
    ///
    /// # Errors
    /// As [`ErlangA::new`] and [`ErlangC::new`].
    pub fn with(
        traffic: Traffic,
        agents: u32,
        patience: Option<Duration>,
        within: Duration,
    ) -> Result<Self, InvalidForecast> {
        let Some(patience) = patience else {
            let queue = ErlangC::new(traffic, agents)?;
            return Ok(Self {
                service_level: queue.service_level(within),
                average_wait: queue.average_wait(),
                abandonment: 0.0,
                occupancy: queue.occupancy(),
            });
        };
        let queue = ErlangA::new(traffic, agents, patience)?;
        Ok(Self {
            service_level: queue.service_level(within, Counting::Offered),
            average_wait: Some(queue.average_wait()),
            abandonment: queue.abandonment(),
            occupancy: queue.occupancy(),
        })
    }
}

/// Returns the fewest agents that reach `target` for `traffic`; at least one.
///
/// Callers with a `patience` give up (Erlang A), without one they wait for ever (Erlang C).
///
/// # Errors
/// When the target is no share or no time, or no number of agents up to [`MAX_AGENTS`] reaches it.
pub fn agents_for(
    traffic: Traffic,
    patience: Option<Duration>,
    target: &Target,
) -> Result<u32, InvalidForecast> {
    target.check()?;
    let within = target.service_level.map_or(Duration::from_secs(20), |(_, time)| time);
    let enough = |agents: u32| {
        match Reached::with(traffic, agents, patience, within) {
            Ok(reached) => Ok(target.is_met(&reached, reached.service_level)),
            // So great an overload needs more agents, whatever the target.
            Err(InvalidForecast::QueueWithoutEnd { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    };
    // More agents never make it worse, so the least number is found by halving.
    let (mut too_few, mut step) = (0, 1_u32);
    let mut plenty = loop {
        let candidate = (too_few + step).min(MAX_AGENTS);
        if enough(candidate)? {
            break candidate;
        }
        if candidate == MAX_AGENTS {
            return Err(InvalidForecast::OutOfReach { reason: "too few agents are possible" });
        }
        too_few = candidate;
        step *= 2;
    };
    while plenty - too_few > 1 {
        let middle = too_few + (plenty - too_few) / 2;
        if enough(middle)? {
            plenty = middle;
        } else {
            too_few = middle;
        }
    }
    Ok(plenty)
}
