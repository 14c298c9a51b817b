//! Whom an event concerns, so that listeners are told only what has changed.

use std::collections::BTreeSet;

use cti_core::{
    event::Fact,
    id::{AgentId, CallId, DeviceId, QueueId},
};

/// Who and what an event changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Agents.
    pub agents: BTreeSet<AgentId>,
    /// Queues.
    pub queues: BTreeSet<QueueId>,
    /// Calls that go on.
    pub calls: BTreeSet<CallId>,
    /// Calls that are over.
    pub ended: BTreeSet<CallId>,
    /// Devices.
    pub devices: BTreeSet<DeviceId>,
}

impl Changes {
    /// Returns whom the fact names.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts name nobody but their call")]
    pub fn of(fact: &Fact) -> Self {
        let mut changes = Self::default();
        if let Some(call) = fact.call() {
            if matches!(fact, Fact::CallEnded { .. }) {
                changes.ended.insert(call);
            } else {
                changes.calls.insert(call);
            }
        }
        match fact {
            Fact::DeviceInService { device }
            | Fact::DeviceOutOfService { device }
            | Fact::DeviceFeatureSet { device, .. }
            | Fact::StandingLegChanged { device, .. } => {
                changes.devices.insert(device.clone());
            }
            Fact::AgentSignedIn { agent, queues, .. } => {
                changes.agents.insert(agent.clone());
                changes.queues.extend(queues.iter().cloned());
            }
            Fact::QueueConfigured { queue, .. } => {
                changes.queues.insert(queue.id.clone());
            }
            Fact::DutiesSet { agent, .. }
            | Fact::AgentStateChanged { agent, .. }
            | Fact::AgentSignedOut { agent, .. }
            | Fact::AgentHeard { agent, .. }
            | Fact::OfferEnded { agent, .. }
            | Fact::WorkEnded { agent, .. } => {
                changes.agents.insert(agent.clone());
            }
            Fact::Queued { queue, .. } | Fact::Dequeued { queue, .. } => {
                changes.queues.insert(queue.clone());
            }
            Fact::Offered { queue, agent, .. } | Fact::WorkBegun { queue, agent, .. } => {
                changes.queues.insert(queue.clone());
                changes.agents.insert(agent.clone());
            }
            Fact::Connected { party, .. } | Fact::TalkEnded { party, .. } => {
                changes.agents.extend(party.agent.clone());
            }
            _ => {}
        }
        changes
    }

    /// Adds what another event changed.
    pub fn merge(&mut self, other: &Self) {
        self.agents.extend(other.agents.iter().cloned());
        self.queues.extend(other.queues.iter().cloned());
        self.calls.extend(other.calls.iter().copied());
        self.ended.extend(other.ended.iter().copied());
        self.devices.extend(other.devices.iter().cloned());
        self.calls.retain(|call| !self.ended.contains(call));
    }

    /// Returns whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty()
            && self.queues.is_empty()
            && self.calls.is_empty()
            && self.ended.is_empty()
            && self.devices.is_empty()
    }
}
