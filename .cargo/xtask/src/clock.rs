//! How long things take.
#![expect(clippy::disallowed_methods, reason = "a command line tool measures real time")]

use std::time::{Duration, Instant};

/// Measures time from its start.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
