//! Which talks are recorded by themselves; any other talk is recorded when somebody asks for it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    call::Call,
    event::CallKind,
    id::{AgentId, QueueId, TrunkId},
    switch::Origin,
};

/// Which talks are recorded by themselves (全程录音、指定座席录音、中继线录音).
///
/// Who is named in [`never`](Self::never) is not recorded, whatever else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordingConfig {
    /// What becomes of talks of which nothing below says anything.
    pub talks: RecordedTalks,
    /// Schedules of the calendar: talks are recorded by themselves while one of them works, at any time where none is
    /// named (可设置录音时间段). A recording that has begun goes on, and the two below do not look at the clock.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hours: BTreeSet<String>,
    /// Talks of these agents, of callers of these queues and by these trunks are recorded, also those in the house.
    pub always: RecordedBy,
    /// Talks of these are not, unless somebody asks for it.
    pub never: RecordedBy,
}

/// Which talks are recorded where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedTalks {
    /// Every talk with somebody outside.
    #[default]
    All,
    /// Those that somebody asks for.
    OnDemand,
}

/// Whose talks are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordedBy {
    /// Agents who talk.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub agents: BTreeSet<AgentId>,
    /// Queues from which callers were served.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub queues: BTreeSet<QueueId>,
    /// Trunks by which calls came in.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub trunks: BTreeSet<TrunkId>,
}

impl RecordingConfig {
    /// Returns whether the talk that a call is in is recorded by itself; `in_hours` says whether it is time for that.
    #[must_use]
    pub(crate) fn records(&self, call: &Call, in_hours: bool) -> bool {
        let outside = match call.kind {
            CallKind::Service | CallKind::Outgoing => true,
            CallKind::Internal | CallKind::Feature | CallKind::Refused | CallKind::Consult => false,
        };
        let wanted = match self.talks {
            RecordedTalks::All => outside && in_hours,
            RecordedTalks::OnDemand => false,
        };
        (wanted || self.always.means(call)) && !self.never.means(call)
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl RecordedBy {
    fn means(&self, call: &Call) -> bool {
        let mut agents = call.talkers().filter_map(|it| it.party.agent.as_ref());
        let queue = || call.served_from.as_ref().map(|(queue, _)| queue);
        let trunk = || match &call.origin {
            Origin::Trunk(trunk) => Some(trunk),
            Origin::Device(_) => None,
        };
        agents.any(|agent| self.agents.contains(agent))
            || queue().is_some_and(|queue| self.queues.contains(queue))
            || trunk().is_some_and(|trunk| self.trunks.contains(trunk))
    }
}
