//! What an agent's time goes to, and how much of it.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::micros;
use crate::agent::AgentState;

/// The most reasons that one row tells apart; further ones are put together as [`Times::OTHER`].
const MAX_REASONS: usize = 64;

/// What an agent's time goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Activity {
    /// Between signing in and the first state, or between the last state and signing out.
    SignedOut,
    /// At work, takes no calls.
    NotReady {
        /// Why not, by its code.
        reason: String,
    },
    /// Waits for a call.
    Ready,
    /// A contact is being offered to him.
    Reserved,
    /// Talks.
    OnCall,
    /// Writes up the last call.
    AfterCallWork,
}

/// The text names no activity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no activity {0}")]
pub struct UnknownActivity(pub String);

impl Activity {
    /// Returns what an agent in this state does.
    #[must_use]
    pub fn of(state: &AgentState) -> Self {
        match state {
            AgentState::SignedOut => Self::SignedOut,
            AgentState::NotReady { reason } => Self::NotReady { reason: reason.to_string() },
            AgentState::Ready => Self::Ready,
            AgentState::Reserved { .. } => Self::Reserved,
            AgentState::OnCall { .. } => Self::OnCall,
            AgentState::AfterCallWork => Self::AfterCallWork,
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str("signed_out"),
            Self::NotReady { reason } => write!(f, "not_ready:{reason}"),
            Self::Ready => f.write_str("ready"),
            Self::Reserved => f.write_str("reserved"),
            Self::OnCall => f.write_str("on_call"),
            Self::AfterCallWork => f.write_str("after_call_work"),
        }
    }
}

impl FromStr for Activity {
    type Err = UnknownActivity;
    fn from_str(text: &str) -> Result<Self, UnknownActivity> {
        Ok(match text {
            "signed_out" => Self::SignedOut,
            "ready" => Self::Ready,
            "reserved" => Self::Reserved,
            "on_call" => Self::OnCall,
            "after_call_work" => Self::AfterCallWork,
            other => match other.strip_prefix("not_ready:") {
                Some(reason) => Self::NotReady { reason: reason.to_owned() },
                None => return Err(UnknownActivity(text.to_owned())),
            },
        })
    }
}

impl From<Activity> for String {
    fn from(activity: Activity) -> Self {
        activity.to_string()
    }
}

impl TryFrom<String> for Activity {
    type Error = UnknownActivity;
    fn try_from(text: String) -> Result<Self, UnknownActivity> {
        text.parse()
    }
}

/// How long each activity took, in whole microseconds; what took no time is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Times(BTreeMap<Activity, u64>);

impl Times {
    /// The reason under which reasons beyond the 64th of a row are put together.
    pub const OTHER: &'static str = "other";

    /// Adds time to an activity.
    pub fn add(&mut self, activity: &Activity, time: Duration) {
        if time.is_zero() {
            return;
        }
        let is_new = !self.0.contains_key(activity);
        let activity = match activity {
            Activity::NotReady { .. } if is_new && self.reasons() >= MAX_REASONS => {
                Activity::NotReady { reason: Self::OTHER.to_owned() }
            }
            Activity::SignedOut
            | Activity::NotReady { .. }
            | Activity::Ready
            | Activity::Reserved
            | Activity::OnCall
            | Activity::AfterCallWork => activity.clone(),
        };
        *self.0.entry(activity).or_default() += micros::of(time);
    }

    /// Returns how long an activity took.
    #[must_use]
    pub fn of(&self, activity: &Activity) -> Duration {
        Duration::from_micros(self.0.get(activity).copied().unwrap_or(0))
    }

    /// Returns how long the agent was not ready, for whatever reason.
    #[must_use]
    pub fn not_ready(&self) -> Duration {
        self.iter()
            .filter(|(activity, _)| matches!(activity, Activity::NotReady { .. }))
            .map(|(_, time)| time)
            .sum()
    }

    /// Returns how long all of it took.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.iter().map(|(_, time)| time).sum()
    }

    /// Returns each activity and how long it took.
    pub fn iter(&self) -> impl Iterator<Item = (&Activity, Duration)> {
        self.0.iter().map(|(activity, micros)| (activity, Duration::from_micros(*micros)))
    }

    fn reasons(&self) -> usize {
        self.0.keys().filter(|activity| matches!(activity, Activity::NotReady { .. })).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_is_read_back_from_its_printed_form() {
        let lunch = Activity::NotReady { reason: "lunch:long".to_owned() };
        for activity in [Activity::SignedOut, Activity::Ready, Activity::AfterCallWork, lunch] {
            assert_eq!(activity.to_string().parse(), Ok(activity));
        }
        assert!("asleep".parse::<Activity>().is_err());
    }

    #[test]
    fn reasons_beyond_the_limit_are_put_together_and_no_time_is_lost() {
        let mut times = Times::default();
        for reason in 0..100 {
            let reason = format!("reason-{reason}");
            times.add(&Activity::NotReady { reason }, Duration::from_micros(7));
        }
        assert_eq!(times.total(), Duration::from_micros(700));
        assert_eq!(times.iter().count(), MAX_REASONS + 1);
        let other = Activity::NotReady { reason: Times::OTHER.to_owned() };
        assert_eq!(times.of(&other), Duration::from_micros(7 * 36));
    }
}
