//! Erlang B: whoever finds all lines busy is turned away.

use super::{
    series::idle_ratio,
    traffic::{InvalidForecast, MAX_AGENTS, Traffic, check_agents, in_range},
};

/// A group of lines or agents without a queue (M/M/n/n). Holds for any distribution of handling times.
///
/// ```
/// use std::time::Duration;
/// use cti_acd::forecast::{ErlangB, Traffic};
///
/// let busy_hour = Traffic::erlangs_of(20.0, Duration::from_secs(180))?;
/// assert_eq!(ErlangB::lines_for(busy_hour, 0.01)?, 30); // one trunk of 30 channels loses less than 1 %
/// # Ok::<(), cti_acd::forecast::InvalidForecast>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangB {
    traffic: Traffic,
    lines: u32,
    idle_ratio: f64,
}

impl ErlangB {
    /// Returns the model of `lines` for `traffic`.
    ///
    /// # Errors
    /// When there are no lines or more than [`MAX_AGENTS`].
    pub fn new(traffic: Traffic, lines: u32) -> Result<Self, InvalidForecast> {
        let lines = check_agents(lines)?;
        Ok(Self { traffic, lines, idle_ratio: idle_ratio(traffic.erlangs(), lines) })
    }

    /// Returns the share of calls that find all lines busy and are lost.
    #[must_use]
    pub fn blocking(&self) -> f64 {
        1.0 / (1.0 + self.idle_ratio)
    }

    /// Returns the share of time that a line is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        let carried = self.idle_ratio / (1.0 + self.idle_ratio);
        if carried.is_nan() {
            return self.traffic.erlangs() / f64::from(self.lines);
        }
        carried * self.traffic.erlangs() / f64::from(self.lines)
    }

    /// Returns the fewest lines that lose at most `blocking` of the calls.
    ///
    /// # Errors
    /// When `blocking` is not a share above 0, or [`MAX_AGENTS`] lines are too few.
    pub fn lines_for(traffic: Traffic, blocking: f64) -> Result<u32, InvalidForecast> {
        in_range("blocking", blocking, f64::MIN_POSITIVE, 1.0)?;
        let mut ratio = 0.0;
        for lines in 1..=MAX_AGENTS {
            ratio = f64::from(lines) / traffic.erlangs() * (1.0 + ratio);
            if 1.0 / (1.0 + ratio) <= blocking {
                return Ok(lines);
            }
        }
        Err(InvalidForecast::OutOfReach { reason: "blocking" })
    }
}
