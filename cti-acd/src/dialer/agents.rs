//! The agents of a campaign: who is idle and for how long.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{id::AgentId, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::id::{AttemptId, RecordId};

/// What an agent does, as the dialer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentDoes {
    /// He waits.
    Idle {
        /// Since when.
        since: Timestamp,
    },
    /// He looks at a record.
    Looks {
        /// At which one.
        record: RecordId,
        /// Until when he may.
        until: Timestamp,
    },
    /// A customer's phone rings for him alone.
    Dials {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// He is on a call of the campaign, or in after-call work.
    Talks {
        /// With whom.
        record: RecordId,
        /// Since when.
        since: Timestamp,
    },
    /// He does something else.
    Away,
}

/// Everybody who works for the campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agents {
    all: BTreeMap<AgentId, AgentDoes>,
    /// Who has been idle longest first.
    idle: BTreeSet<(Timestamp, AgentId)>,
    talking: u32,
    away: u32,
}

impl Agents {
    pub(super) fn get(&self, agent: &AgentId) -> Option<AgentDoes> {
        self.all.get(agent).copied()
    }

    /// Sets what an agent does and returns what he did.
    pub(super) fn set(&mut self, agent: &AgentId, does: AgentDoes) -> Option<AgentDoes> {
        let before = self.all.insert(agent.clone(), does);
        self.count(agent, before, false);
        self.count(agent, Some(does), true);
        before
    }

    pub(super) fn remove(&mut self, agent: &AgentId) -> Option<AgentDoes> {
        let before = self.all.remove(agent);
        self.count(agent, before, false);
        before
    }

    fn count(&mut self, agent: &AgentId, does: Option<AgentDoes>, comes: bool) {
        match does {
            Some(AgentDoes::Idle { since }) if comes => {
                self.idle.insert((since, agent.clone()));
            }
            Some(AgentDoes::Idle { since }) => {
                self.idle.remove(&(since, agent.clone()));
            }
            Some(AgentDoes::Talks { .. }) if comes => self.talking += 1,
            Some(AgentDoes::Talks { .. }) => self.talking -= 1,
            Some(AgentDoes::Away) if comes => self.away += 1,
            Some(AgentDoes::Away) => self.away -= 1,
            Some(AgentDoes::Looks { .. } | AgentDoes::Dials { .. }) | None => {}
        }
    }

    pub(super) fn longest_idle(&self) -> Option<(Timestamp, AgentId)> {
        self.idle.first().cloned()
    }

    pub(super) fn idle(&self) -> u32 {
        small(self.idle.len())
    }

    pub(super) fn talking(&self) -> u32 {
        self.talking
    }

    /// How many there are who are not away.
    pub(super) fn at_work(&self) -> u32 {
        small(self.all.len()) - self.away
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&AgentId, AgentDoes)> {
        self.all.iter().map(|(agent, does)| (agent, *does))
    }
}

pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
