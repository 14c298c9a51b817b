//! Counts per flow, version and node, folded from what sessions do.
//!
//! An [`Observation`] says one thing that a session did; [`Statistics`] adds it up. Observations hold no values of
//! variables, and of keys only those that chose a way: digits that are collected are never counted.

mod answers;
mod log;

use std::{collections::BTreeMap, time::Duration};

use cti_core::{flow::SessionEnd, id::FlowId};
use serde::{Deserialize, Serialize};

pub(crate) use answers::Answers;
pub(crate) use log::LogReader;

/// Why a session could not go on as its flow says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// It went beyond the steps that its flow allows.
    Steps,
    /// It lasted longer than its flow allows.
    Time,
    /// Sub-flows use each other deeper than its flow allows.
    Depth,
    /// A node left by an outlet that leads nowhere.
    Outlet,
    /// Another flow, or its version, is not there.
    UnknownFlow,
    /// A sub-flow broke.
    Subflow,
    /// An expression or a script failed.
    Expression,
    /// An administrator ended it.
    Aborted,
    /// A node panicked: a mistake in its code.
    Panic,
}

/// One thing that a session did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation<'a> {
    /// In which flow.
    pub flow: &'a FlowId,
    /// In which version of it.
    pub version: &'a str,
    /// At which node.
    pub node: &'a str,
    /// What.
    pub what: What<'a>,
}

/// What a session did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// It began here.
    Started,
    /// It came to the node.
    Entered,
    /// It left the node.
    Left {
        /// By which outlet.
        outlet: &'a str,
        /// How long it was there.
        dwell: Duration,
    },
    /// The caller pressed a key that chooses a way.
    Key(char),
    /// The session was given up here by the Center.
    GivenUp {
        /// Why.
        why: SessionEnd,
        /// How long he was there.
        dwell: Duration,
    },
    /// It could not go on.
    Failed(Failure),
    /// The caller answered a question of a survey.
    Answered {
        /// Which question.
        question: &'a str,
        /// What he chose.
        answer: &'a str,
    },
}

/// Counts of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatistics {
    /// Sessions that came here.
    pub entered: u64,
    /// Sessions that left, by outlet.
    pub left: BTreeMap<String, u64>,
    /// Keys that chose a way, wired or not.
    pub keys: BTreeMap<char, u64>,
    /// Sessions whose caller hung up here, or was cleared.
    pub abandoned: u64,
    /// Sessions whose caller was answered while he was here.
    pub answered: u64,
    /// Sessions whose caller went elsewhere from here by no outlet: another flow, another queue.
    pub moved: u64,
    /// Sessions that could not go on, by reason.
    pub failed: BTreeMap<Failure, u64>,
    /// The time all of them spent here, in milliseconds.
    pub dwell_ms: u64,
    /// The longest time one of them spent here, in milliseconds.
    pub longest_ms: u64,
}

/// Counts of one version of a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionStatistics {
    /// Sessions that began in it.
    pub started: u64,
    /// Its nodes.
    pub nodes: BTreeMap<String, NodeStatistics>,
    /// Answers to its questions.
    pub answers: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Counts of all flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    flows: BTreeMap<FlowId, BTreeMap<String, VersionStatistics>>,
}

impl Statistics {
    /// Adds one observation.
    pub fn apply(&mut self, observation: &Observation<'_>) {
        let Observation { flow, version, node, what } = *observation;
        // All but the first find their place; it is looked up once, this happens at every step of every session.
        match self.flows.get_mut(flow).and_then(|versions| versions.get_mut(version)) {
            Some(counts) => counts.apply(node, what),
            None => self.version_mut(flow, version).apply(node, what),
        }
    }

    /// Adds the counts of other statistics, for example those of the next hour.
    pub fn merge(&mut self, other: &Self) {
        for (flow, versions) in &other.flows {
            for (hash, theirs) in versions {
                self.version_mut(flow, hash).merge(theirs);
            }
        }
    }

    /// Returns the counts and begins again at zero; call it once per interval.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Returns the counts of one version.
    #[must_use]
    pub fn version(&self, flow: &FlowId, hash: &str) -> Option<&VersionStatistics> {
        self.flows.get(flow)?.get(hash)
    }

    /// Returns the counts of every version of every flow.
    pub fn iter(&self) -> impl Iterator<Item = (&FlowId, &str, &VersionStatistics)> {
        self.flows.iter().flat_map(|(flow, versions)| {
            versions.iter().map(move |(hash, counts)| (flow, hash.as_str(), counts))
        })
    }

    fn version_mut(&mut self, flow: &FlowId, hash: &str) -> &mut VersionStatistics {
        self.flows.entry(flow.clone()).or_default().entry(hash.to_owned()).or_default()
    }
}

impl VersionStatistics {
    fn apply(&mut self, node: &str, what: What<'_>) {
        match what {
            What::Started => self.started += 1,
            What::Answered { question, answer } => {
                let answers = self.answers.entry(question.to_owned()).or_default();
                *answers.entry(answer.to_owned()).or_default() += 1;
            }
            What::Entered
            | What::Left { .. }
            | What::Key(_)
            | What::GivenUp { .. }
            | What::Failed(_) => match self.nodes.get_mut(node) {
                Some(counts) => counts.apply(what),
                None => self.nodes.entry(node.to_owned()).or_default().apply(what),
            },
        }
    }

    fn merge(&mut self, other: &Self) {
        self.started += other.started;
        for (node, theirs) in &other.nodes {
            self.nodes.entry(node.clone()).or_default().merge(theirs);
        }
        for (question, theirs) in &other.answers {
            add(self.answers.entry(question.clone()).or_default(), theirs);
        }
    }
}

impl NodeStatistics {
    fn apply(&mut self, what: What<'_>) {
        match what {
            What::Entered => self.entered += 1,
            What::Left { outlet, dwell } => {
                match self.left.get_mut(outlet) {
                    Some(count) => *count += 1,
                    None => {
                        self.left.insert(outlet.to_owned(), 1);
                    }
                }
                self.stayed(dwell);
            }
            What::Key(key) => *self.keys.entry(key).or_default() += 1,
            What::GivenUp { why, dwell } => {
                match why {
                    SessionEnd::HungUp | SessionEnd::Cleared => self.abandoned += 1,
                    SessionEnd::Answered => self.answered += 1,
                    SessionEnd::Finished | SessionEnd::LeftQueue | SessionEnd::Moved => {
                        self.moved += 1;
                    }
                }
                self.stayed(dwell);
            }
            What::Failed(failure) => *self.failed.entry(failure).or_default() += 1,
            What::Started | What::Answered { .. } => {}
        }
    }

    fn stayed(&mut self, dwell: Duration) {
        let ms = u64::try_from(dwell.as_millis()).unwrap_or(u64::MAX);
        self.dwell_ms = self.dwell_ms.saturating_add(ms);
        self.longest_ms = self.longest_ms.max(ms);
    }

    fn merge(&mut self, other: &Self) {
        self.entered += other.entered;
        self.abandoned += other.abandoned;
        self.answered += other.answered;
        self.moved += other.moved;
        self.dwell_ms = self.dwell_ms.saturating_add(other.dwell_ms);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
        add(&mut self.left, &other.left);
        add(&mut self.keys, &other.keys);
        add(&mut self.failed, &other.failed);
    }
}

fn add<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (key, count) in more {
        *counts.entry(key.clone()).or_default() += count;
    }
}
