//! Flows: checked documents that sessions run.

mod canonical;
mod check;
mod document;
mod finding;
mod set;
mod uses;

use std::{collections::BTreeMap, fmt, time::Duration};

use cti_core::id::FlowId;
use serde::{Deserialize, Serialize};

use crate::node::{Node, NodeType};

pub use finding::{Code, Finding, InvalidFlow};
pub use set::{FlowSet, LoadError};
pub use uses::Uses;

/// What a flow is for; limits the nodes it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The main flow of an incoming call.
    Inbound,
    /// What a caller hears while he waits in a queue.
    Queue,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inbound => "inbound",
            Self::Queue => "queue",
        })
    }
}

/// How far a session may go before it counts as broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The steps that follow one input without anything to wait for.
    pub steps_per_input: u32,
    /// The steps of the whole session.
    pub steps: u32,
    /// The length of the whole session in milliseconds.
    pub session_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps_per_input: 1000, steps: 20_000, session_ms: 4 * 60 * 60 * 1000 }
    }
}

impl Limits {
    /// Returns the length of the whole session.
    #[must_use]
    pub fn session(&self) -> Duration {
        Duration::from_millis(self.session_ms)
    }
}

/// A checked flow.
#[derive(Debug)]
pub struct Flow {
    id: FlowId,
    kind: Kind,
    name: String,
    hash: String,
    limits: Limits,
    entry: usize,
    on_error: Option<usize>,
    nodes: Vec<Placed>,
}

/// A node at its place in a flow.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) node_type: &'static NodeType,
    pub(crate) node: Box<dyn Node>,
    /// Where each wired outlet leads.
    pub(crate) out: BTreeMap<String, usize>,
}

impl Flow {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// With everything that is wrong with it, each finding naming node, field and reason.
    pub fn parse(text: &str) -> Result<Self, InvalidFlow> {
        document::parse(text)
    }

    /// Returns the flow's id.
    #[must_use]
    pub fn id(&self) -> &FlowId {
        &self.id
    }

    /// Returns what the flow is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the name that people see.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version: SHA-256 of the canonical document without its picture (`view`), in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns how far a session may go.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns every wired outlet as node id and outlet.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().flat_map(|placed| {
            placed.out.keys().map(|outlet| (placed.id.as_str(), outlet.as_str()))
        })
    }

    /// Returns what the flow refers to outside itself.
    #[must_use]
    pub fn uses(&self) -> Uses {
        let mut uses = Uses::default();
        self.nodes.iter().for_each(|placed| placed.node.uses(&mut uses));
        uses
    }

    pub(crate) fn entry(&self) -> usize {
        self.entry
    }

    pub(crate) fn on_error(&self) -> Option<usize> {
        self.on_error
    }

    pub(crate) fn nodes(&self) -> &[Placed] {
        &self.nodes
    }
}
