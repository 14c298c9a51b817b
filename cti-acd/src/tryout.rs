//! Trying rules out before they are in force (试运行): a recorded day, or one that is made up, under other rules.
//!
//! ```text
//!   log of a day ──▶ Day ──▶ simulate with the rules of today ──▶ Report ┐
//!                      └───▶ simulate with other rules ──────────▶ Report ┴▶ Comparison: before and after
//!
//!   Staged: live rules decide ── shadow rules say what they would have done ── switch ── roll back
//! ```
//!
//! The router that decides is the one of production, on a virtual clock; only callers and agents are made up of what
//! was recorded. A caller who was answered is taken to be as patient as need be, a caller who gave up gives up after
//! the same wait; who was never answered would have talked as long as others of his queue. Both reports rest on the
//! same assumptions, so they can be compared.

use std::fmt;

use cti_core::event::Event;
use serde::{Deserialize, Serialize};

use crate::{
    Acd, Parts,
    config::{AcdConfig, InvalidAcdConfig},
};

mod day;
mod report;
mod simulate;
mod staged;

pub use day::{Arrival, Day, Shift};
pub use report::{AgentLoad, QueueReport, Report, Waits};
pub use simulate::{End, Outcome, Simulation};
pub use staged::{ShadowReport, Staged};

/// A day under two sets of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Under the rules as they are.
    pub before: Report,
    /// Under the other rules.
    pub after: Report,
}

/// Runs a recorded day under the rules as they are and under others.
///
/// # Errors
/// When one of the configurations contradicts itself, or a script of it cannot be used.
pub fn compare(
    events: &[Event],
    before: AcdConfig,
    after: AcdConfig,
    parts: &Parts,
) -> Result<Comparison, InvalidAcdConfig> {
    let day = Day::from_events(events);
    Ok(Comparison {
        before: day.run(Acd::with(before, parts.clone())?),
        after: day.run(Acd::with(after, parts.clone())?),
    })
}

impl fmt::Display for Comparison {
    /// Prints a table: one line for each figure, before and after.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |report: &Report| report.lines();
        writeln!(f, "{:<46}{:>12}{:>12}", "", "before", "after")?;
        for ((name, before), (_, after)) in lines(&self.before).into_iter().zip(lines(&self.after))
        {
            writeln!(f, "{name:<46}{before:>12}{after:>12}")?;
        }
        Ok(())
    }
}
