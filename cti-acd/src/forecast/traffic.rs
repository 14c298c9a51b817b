//! What is offered to a group of agents: how many calls, and how long each one takes.

use std::time::Duration;

/// The most agents a model reckons with.
pub const MAX_AGENTS: u32 = 1_000_000;

/// The most traffic a model reckons with, in erlangs.
pub const MAX_ERLANGS: f64 = 1e6;

/// A figure that no model can be made of; names the field and the reason.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidForecast {
    /// A figure is out of its range, or no number at all.
    #[error("{field} must lie between {least} and {most}, not {value}")]
    Range {
        /// Which figure.
        field: &'static str,
        /// What it was.
        value: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
    /// The patience is so long that the queue of an overloaded group would never be in balance.
    #[error("patience is too long for this overload: more than {most} callers would wait")]
    QueueWithoutEnd {
        /// How many may wait on average.
        most: f64,
    },
    /// No number of agents up to [`MAX_AGENTS`] reaches the target.
    #[error("no number of agents reaches the target: {reason}")]
    OutOfReach {
        /// Which part of the target cannot be reached.
        reason: &'static str,
    },
    /// A curve has more intervals than it may.
    #[error("a curve has at most {most} intervals, this one has {count}")]
    TooManyIntervals {
        /// How many it has.
        count: usize,
        /// How many it may have.
        most: usize,
    },
}

/// Returns the value if it is a number in the range.
pub(super) fn in_range(
    field: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<f64, InvalidForecast> {
    // NaN compares false and is refused, too.
    if value >= least && value <= most {
        Ok(value)
    } else {
        Err(InvalidForecast::Range { field, value, least, most })
    }
}

pub(super) fn check_agents(agents: u32) -> Result<u32, InvalidForecast> {
    in_range("agents", f64::from(agents), 1.0, f64::from(MAX_AGENTS)).map(|_| agents)
}

/// Returns seconds as a duration; what is longer than a duration can be is the longest one.
pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// Calls at a rate, each of which takes an agent's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// Calls per second.
    arrivals: f64,
    /// Mean handling time in seconds, after-call work included.
    handle: f64,
}

impl Traffic {
    /// Returns the traffic of `calls` per hour that take `handle` each on average, after-call work included.
    ///
    /// # Errors
    /// When the rate is negative or no number, the time is below a millisecond or above a day, or both make more than
    /// [`MAX_ERLANGS`].
    pub fn per_hour(calls: f64, handle: Duration) -> Result<Self, InvalidForecast> {
        let calls = in_range("calls per hour", calls, 0.0, f64::MAX)?;
        let handle = in_range("handling time in seconds", handle.as_secs_f64(), 1e-3, 86_400.0)?;
        let arrivals = calls / 3600.0;
        in_range("traffic in erlangs", arrivals * handle, 0.0, MAX_ERLANGS)?;
        Ok(Self { arrivals, handle })
    }

    /// Returns the traffic of so many erlangs, that is, mean number of agents at work if there were enough of them.
    ///
    /// # Errors
    /// As [`per_hour`](Self::per_hour).
    pub fn erlangs_of(erlangs: f64, handle: Duration) -> Result<Self, InvalidForecast> {
        in_range("traffic in erlangs", erlangs, 0.0, MAX_ERLANGS)?;
        Self::per_hour(erlangs / handle.as_secs_f64() * 3600.0, handle)
    }

    /// Returns the offered traffic in erlangs.
    #[must_use]
    pub fn erlangs(&self) -> f64 {
        self.arrivals * self.handle
    }

    /// Returns the calls per hour.
    #[must_use]
    pub fn calls_per_hour(&self) -> f64 {
        self.arrivals * 3600.0
    }

    /// Returns the mean handling time.
    #[must_use]
    pub fn handle(&self) -> Duration {
        seconds(self.handle)
    }

    /// Calls per second.
    pub(super) fn arrival_rate(&self) -> f64 {
        self.arrivals
    }

    /// Calls that one agent completes per second.
    pub(super) fn service_rate(&self) -> f64 {
        1.0 / self.handle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn traffic_is_rate_times_handling_time() {
        let traffic = Traffic::per_hour(360.0, 4 * MINUTE).unwrap();
        assert_eq!(traffic.erlangs(), 24.0);
        let same = Traffic::erlangs_of(24.0, 4 * MINUTE).unwrap();
        assert!((same.calls_per_hour() - 360.0).abs() < 1e-9);
        assert_eq!(same.handle(), 4 * MINUTE);
    }

    #[test]
    fn a_figure_out_of_range_is_named_with_its_bounds() {
        let wrong = |calls, handle| Traffic::per_hour(calls, handle).unwrap_err().to_string();
        assert_eq!(
            wrong(1.0, Duration::ZERO),
            "handling time in seconds must lie between 0.001 and 86400, not 0"
        );
        assert_eq!(
            wrong(6e7 + 60.0, MINUTE),
            "traffic in erlangs must lie between 0 and 1000000, not 1000001"
        );
        assert!(wrong(f64::NAN, MINUTE).starts_with("calls per hour must lie between 0 and"));
        assert!(wrong(-1.0, MINUTE).ends_with("not -1"));
    }
}
