//! What happened per agent and per queue in equal steps of a time, as sums of the rows by quarters of an hour.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use cti_core::{
    id::{AgentId, QueueId},
    time::Timestamp,
};

use crate::error::StoreError;

/// A time in equal steps that begin with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From when on; the first step begins here.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How long a step is; a quarter of an hour at least.
    pub step: Duration,
}

/// What an agent did in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSum {
    /// Who.
    pub agent: AgentId,
    /// When the step began.
    pub since: Timestamp,
    /// Offers that he answered.
    pub answered: u64,
    /// Offers that he let ring.
    pub no_answer: u64,
    /// Offers that he refused.
    pub rejected: u64,
    /// Offers that did not reach his telephone.
    pub unreachable: u64,
    /// How long he did what, by the names of `cti_core::records::Activity`.
    pub times: BTreeMap<String, Duration>,
}

/// What happened in a queue in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSum {
    /// Which queue.
    pub queue: QueueId,
    /// When the step began.
    pub since: Timestamp,
    /// How many began to wait.
    pub offered: u64,
    /// How many were answered.
    pub answered: u64,
    /// How many of them in time.
    pub answered_in_time: u64,
    /// How many gave up, those at once included.
    pub abandoned: u64,
    /// How many the rules sent elsewhere.
    pub overflowed: u64,
    /// How many left by key, were moved or were taken out.
    pub left: u64,
    /// How many waited at most.
    pub most_inside: u64,
    /// How long those who were answered waited, together.
    pub wait_answered: Duration,
    /// The longest wait that ended.
    pub longest_wait: Duration,
}

/// Sums of quarters of an hour that are over.
#[async_trait]
pub trait StatisticsStore: Send + Sync {
    /// Returns what agents did, by step and agent; all agents when none is given.
    async fn agent_sums(
        &self,
        period: Period,
        agent: Option<&AgentId>,
    ) -> Result<Vec<AgentSum>, StoreError>;

    /// Returns what happened in queues, by step and queue.
    async fn queue_sums(&self, period: Period) -> Result<Vec<QueueSum>, StoreError>;
}
