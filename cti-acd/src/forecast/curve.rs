//! Staffing of a day: interval by interval from a curve of loads.

use std::time::Duration;

use super::{
    staffing::{Reached, Target, agents_for},
    traffic::{InvalidForecast, Traffic, in_range},
};

/// The most intervals of a curve: a year in hours.
const MAX_INTERVALS: usize = 8_784;

/// The load of one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// How many calls are expected in it.
    pub calls: f64,
    /// How long they take on average, after-call work included.
    pub handle: Duration,
}

/// A load that changes over the day, and what is to be reached in every interval of it.
///
/// Each interval is reckoned by itself, as if its load had lasted for ever (the stationary independent
/// period-by-period approach). That holds while calls are short against the interval and no interval leaves a backlog to
/// the next, which the targets usual for telephone calls see to.
///
/// ```
/// use std::time::Duration;
/// use cti_acd::forecast::{Interval, LoadCurve, Target};
///
/// let curve = LoadCurve {
///     interval: Duration::from_secs(1800),
///     patience: Some(Duration::from_secs(120)),
///     shrinkage: 0.3, // breaks, training, leave
///     at_least: 2,
///     target: Target::service_level(0.8, Duration::from_secs(20)),
/// };
/// let calls = [4.0, 35.0, 60.0, 0.0].map(|calls| Interval { calls, handle: Duration::from_secs(240) });
/// let plan = curve.plan(&calls)?;
/// let agents: Vec<_> = plan.intervals.iter().map(|one| one.agents).collect();
/// assert_eq!(agents, [2, 7, 10, 2]);
/// assert_eq!(plan.intervals[2].rostered, 15); // ten at their seats need fifteen on the roster
/// # Ok::<(), cti_acd::forecast::InvalidForecast>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadCurve {
    /// How long each interval is; 15 or 30 minutes usually.
    pub interval: Duration,
    /// How long callers are patient on average; for ever when absent.
    pub patience: Option<Duration>,
    /// The share of paid time in which agents are not at their seats, below 1.
    pub shrinkage: f64,
    /// The fewest agents at their seats in any interval, calls or none; at least one.
    pub at_least: u32,
    /// What every interval must reach.
    pub target: Target,
}

/// The staff of one interval and what it reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalPlan {
    /// The load that was reckoned with.
    pub interval: Interval,
    /// How many agents must be at their seats.
    pub agents: u32,
    /// How many must be on the roster, so that so many are at their seats.
    pub rostered: u32,
    /// What they reach.
    pub reached: Reached,
}

/// The staff of a whole curve.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePlan {
    /// Interval by interval, in the order of the curve.
    pub intervals: Vec<IntervalPlan>,
    /// Share of all callers of the curve who are answered in time.
    pub service_level: f64,
    /// Share of all callers of the curve who give up.
    pub abandonment: f64,
    /// Share of the time at their seats that agents are busy.
    pub occupancy: f64,
    /// Hours on the roster.
    pub rostered_hours: f64,
}

impl LoadCurve {
    /// Returns the fewest agents for each interval and what they reach.
    ///
    /// # Errors
    /// When a figure is out of its range, there are more than 8,784 intervals, or no number of agents is enough.
    pub fn plan(&self, intervals: &[Interval]) -> Result<CurvePlan, InvalidForecast> {
        if intervals.len() > MAX_INTERVALS {
            let (count, most) = (intervals.len(), MAX_INTERVALS);
            return Err(InvalidForecast::TooManyIntervals { count, most });
        }
        in_range("interval in seconds", self.interval.as_secs_f64(), 1.0, 86_400.0)?;
        in_range("shrinkage", self.shrinkage, 0.0, 0.99)?;
        in_range("least number of agents", f64::from(self.at_least), 1.0, 1e6)?;
        let plans: Vec<_> =
            intervals.iter().map(|interval| self.plan_one(*interval)).collect::<Result<_, _>>()?;
        Ok(self.sum_up(plans))
    }

    fn plan_one(&self, interval: Interval) -> Result<IntervalPlan, InvalidForecast> {
        let hours = self.interval.as_secs_f64() / 3600.0;
        let traffic = Traffic::per_hour(interval.calls / hours, interval.handle)?;
        let agents = agents_for(traffic, self.patience, &self.target)?.max(self.at_least);
        let within = self.target.service_level.map_or(Duration::from_secs(20), |(_, time)| time);
        let reached = Reached::with(traffic, agents, self.patience, within)?;
        // Within rounding, 14 / (1 − 0.3) is 20 and not 21.
        let rostered = (f64::from(agents) / (1.0 - self.shrinkage) - 1e-9).ceil() as u32;
        Ok(IntervalPlan { interval, agents, rostered, reached })
    }

    fn sum_up(&self, intervals: Vec<IntervalPlan>) -> CurvePlan {
        let hours = self.interval.as_secs_f64() / 3600.0;
        let sum = |of: fn(&IntervalPlan) -> f64| intervals.iter().map(of).sum::<f64>();
        let calls = sum(|plan| plan.interval.calls);
        let of_calls = |part: f64, without: f64| if calls > 0.0 { part / calls } else { without };
        let seats = sum(|plan| f64::from(plan.agents));
        CurvePlan {
            service_level: of_calls(
                sum(|plan| plan.interval.calls * plan.reached.service_level),
                1.0,
            ),
            abandonment: of_calls(sum(|plan| plan.interval.calls * plan.reached.abandonment), 0.0),
            occupancy: if seats > 0.0 {
                sum(|plan| f64::from(plan.agents) * plan.reached.occupancy) / seats
            } else {
                0.0
            },
            rostered_hours: sum(|plan| f64::from(plan.rostered)) * hours,
            intervals,
        }
    }
}
