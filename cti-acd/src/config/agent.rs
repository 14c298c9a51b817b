//! What an agent can do, and what happens after offers that he did not answer.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    id::{AgentId, QueueId, RegionId, SkillId},
    needs::Needs,
    time::millis,
};
use serde::{Deserialize, Serialize};

/// What is known of an agent beside the queues he signs in for and how many contacts of a medium he works at together:
/// both are the Center's, and told by the fact that he signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentProfile {
    /// Who.
    pub agent: AgentId,
    /// His skills with their levels, 1 to 10; languages are skills.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<SkillId, u8>,
    /// The regions whose matters he knows; all of them when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionId>,
    /// Where he works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What is special about his part in a queue. It makes him serve no queue that he does not sign in for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub queues: BTreeMap<QueueId, Membership>,
}

/// An agent's part in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Membership {
    /// His tier, 1 to 100: the strategies `top_down`, `sequential`, `round_robin` and `ring_progressively` ask agents of
    /// a lower tier first.
    pub tier: u8,
    /// His place within the tier for strategies with a fixed order; of equals who signed in first
    /// of all comes first.
    pub position: u16,
    /// How the queue ranks among his queues where the rule between queues is `queue_rank`: 1 comes first.
    pub rank: u8,
}

impl Default for Membership {
    fn default() -> Self {
        Self { tier: 1, position: 0, rank: 1 }
    }
}

/// What happens after an offer that an agent did not answer. He is out of reach for offers in that time even if he gets
/// ready before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MissRules {
    /// For how long after one that he let ring.
    #[serde(rename = "after_no_answer_ms", with = "millis")]
    pub after_no_answer: Duration,
    /// For how long after one that he refused, or was engaged for.
    #[serde(rename = "after_reject_ms", with = "millis")]
    pub after_reject: Duration,
    /// For how long after his device could not be reached.
    #[serde(rename = "after_unreachable_ms", with = "millis")]
    pub after_unreachable: Duration,
    /// After how many misses in a row the pause is longer; never when 0.
    pub max_misses: u32,
    /// How long that pause is. It ends by itself, so that nobody is stuck.
    #[serde(rename = "pause_ms", with = "millis")]
    pub pause: Duration,
}

impl AgentProfile {
    /// Returns the profile of an agent of whom nothing is known: no skills, every region.
    #[must_use]
    pub fn new(agent: AgentId) -> Self {
        Self {
            agent,
            skills: BTreeMap::new(),
            regions: Vec::new(),
            site: None,
            queues: BTreeMap::new(),
        }
    }

    /// Returns his part in a queue.
    #[must_use]
    pub fn membership(&self, queue: &QueueId) -> Membership {
        self.queues.get(queue).copied().unwrap_or_default()
    }

    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.skills.values().any(|level| !(1..=10).contains(level)) {
            return Err(("skills", "must have levels between 1 and 10"));
        }
        if self.skills.len() > 8 * Needs::MAX_SKILLS {
            return Err(("skills", "must be at most 256"));
        }
        if self.queues.values().any(|it| !(1..=100).contains(&it.tier)) {
            return Err(("queues", "must have tiers between 1 and 100"));
        }
        Ok(())
    }
}
