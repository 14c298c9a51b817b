//! The seam to one's own idea of who is preferred: a [`Strategy`] turns an agent's figures into a number.
//!
//! The number is computed when the agent becomes ready, never while a decision is made, and agents lie sorted by it.
//! So a strategy costs the same whether ten or ten thousand agents are ready.
//!
//! ```
//! use cti_acd::strategy::{AgentFigures, Strategy, Words};
//! use cti_core::time::Timestamp;
//!
//! /// Prefers who has talked least.
//! #[derive(Debug)]
//! struct LeastTalkTime;
//!
//! impl Strategy for LeastTalkTime {
//!     fn name(&self) -> &'static str {
//!         "least_talk_time"
//!     }
//!     fn key(&self, agent: &AgentFigures) -> i64 {
//!         i64::try_from(agent.handled.as_micros()).unwrap_or(i64::MAX)
//!     }
//!     fn why(&self, agent: &AgentFigures, _now: Timestamp) -> Words {
//!         Words {
//!             zh: format!("处理时长最短：{} 秒", agent.handled.as_secs()),
//!             en: format!("least time on calls: {} s", agent.handled.as_secs()),
//!         }
//!     }
//! }
//! ```

use std::{fmt, sync::Arc, time::Duration};

use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

mod fewest_calls;
mod longest_average_idle;
mod longest_idle;

pub use fewest_calls::FewestCalls;
pub use longest_average_idle::LongestAverageIdle;
pub use longest_idle::LongestIdle;

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What a strategy may know of an agent; counted over one shift.
///
/// A shift begins with a sign-in after four hours or more of absence, so that signing out for lunch does not make
/// anybody the one who has answered least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentFigures {
    /// Since when the agent has been waiting for a call: the last time he became ready. An offer that was withdrawn
    /// through no fault of his does not set it back.
    pub idle_since: Timestamp,
    /// How many calls he has answered.
    pub calls: u64,
    /// How much time he has spent with calls, after-call work included.
    pub handled: Duration,
    /// How often he has waited for a call, the present time not counted.
    pub idle_periods: u64,
    /// How long he has waited in all, the present time not counted.
    pub idle_total: Duration,
}

impl AgentFigures {
    /// Returns how long he waited for a call on average, once he has.
    #[must_use]
    pub fn average_idle(&self) -> Option<Duration> {
        let total = u64::try_from(self.idle_total.as_micros()).unwrap_or(u64::MAX);
        total.checked_div(self.idle_periods).map(Duration::from_micros)
    }
}

/// Prefers one ready agent to another.
pub trait Strategy: fmt::Debug + Send + Sync {
    /// The name by which queues choose it; also the rule that explanations name.
    fn name(&self) -> &'static str;

    /// Returns the agent's key; the smallest is preferred, and of equal ones who has been idle longest. Must depend on
    /// nothing but its arguments.
    fn key(&self, agent: &AgentFigures) -> i64;

    /// Says at `now` why the agent was preferred.
    fn why(&self, agent: &AgentFigures, now: Timestamp) -> Words;
}

/// Returns the strategies that come with this crate.
#[must_use]
pub fn built_in() -> Vec<Arc<dyn Strategy>> {
    vec![Arc::new(LongestIdle), Arc::new(LongestAverageIdle), Arc::new(FewestCalls)]
}
