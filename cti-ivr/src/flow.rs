//! Flows: checked documents that sessions run.

mod canonical;
mod check;
mod document;
mod duplicates;
mod finding;
mod kind;
mod review;
mod set;
mod target;
mod together;
mod uses;
mod variables;
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Duration,
};

use cti_core::id::FlowId;
use serde::Deserialize;

use crate::{
    language::Language,
    node::{Node, NodeType},
};

pub(crate) use document::id_of;
pub use finding::{Code, Finding, InvalidFlow, Severity};
pub use kind::Kind;
pub use review::Recordings;
pub use set::{FlowSet, LoadError};
pub use target::{Channel, InvalidTarget, Target, Wanted};
pub use uses::Uses;
pub use variables::{Declaration, MAX_VARIABLES, Type, Variables};
pub use yaml::{InvalidYaml, from_yaml};

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
    /// How many flows deep sub-flows may use each other, this one included.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps_per_input: 1000, steps: 20_000, session_ms: 4 * 60 * 60 * 1000, depth: 16 }
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
pub struct Flow {
    id: FlowId,
    kind: Kind,
    name: String,
    hash: Arc<str>,
    document: Box<str>,
    /// Never empty; the first one is the centre's own.
    languages: Vec<Language>,
    limits: Limits,
    variables: Variables,
    fallback: Option<FlowId>,
    entry: usize,
    on_error: Option<usize>,
    /// Sorted by id.
    nodes: Vec<Placed>,
    warnings: Vec<Finding>,
}

impl fmt::Debug for Flow {
    /// Prints which flow it is; documents are long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("id", &self.id)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
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

    /// Returns the document as it was read, picture included.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Returns what the flow declares.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Returns the flow that new callers get while this one is in quarantine.
    #[must_use]
    pub fn fallback(&self) -> Option<&FlowId> {
        self.fallback.as_ref()
    }

    /// Returns what the check found that does not keep the flow from running.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
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

    /// Returns the languages in which callers can hear it; the first one unless they chose another.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Returns what the flow refers to outside itself.
    #[must_use]
    pub fn uses(&self) -> Uses {
        let mut uses = Uses::default();
        for language in &self.languages {
            uses.language = Some(*language);
            self.nodes.iter().for_each(|placed| placed.node.uses(&mut uses));
        }
        uses.language = None;
        uses
    }

    /// Returns the recorded prompts that callers can hear in one of its languages.
    #[must_use]
    pub fn prompts_in(&self, language: Language) -> BTreeSet<String> {
        let mut uses = Uses { language: Some(language), ..Uses::default() };
        if self.languages.contains(&language) {
            self.nodes.iter().for_each(|placed| placed.node.uses(&mut uses));
        }
        uses.prompts
    }

    /// Returns the names by which it plays recorded prompts: those of its first language are what the centre speaks
    /// anyway, those of another are in the set of that language.
    #[must_use]
    pub fn prompt_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (turn, language) in self.languages.iter().enumerate() {
            let ids = self.prompts_in(*language);
            names.extend(
                ids.into_iter().map(|id| if turn == 0 { id } else { language.prompt(&id) }),
            );
        }
        names
    }

    /// Returns the version as it is shared.
    pub(crate) fn version(&self) -> &Arc<str> {
        &self.hash
    }

    pub(crate) fn index_of(&self, node: &str) -> Option<usize> {
        self.nodes.binary_search_by(|placed| placed.id.as_str().cmp(node)).ok()
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

    /// Puts another node into the place of one, which no document could say.
    #[cfg(test)]
    pub(crate) fn put(&mut self, id: &str, node: Box<dyn Node>) {
        let placed = self.nodes.iter_mut().find(|placed| placed.id == id);
        placed.expect("the flow has this node").node = node;
    }
}
