//! Versions of flows: which one a new caller gets, and how that changes while others are in the old one.
//!
//! ```text
//!            publish            publish of another           its last session ends
//!   Draft ───────────▶ Published ─────────────────▶ Draining ─────────────────────▶ Retired
//!     ▲                  ▲  │                                                          │
//!     │ save_draft       │  └─ quarantine: new callers go to its fallback              │
//!                        └──────────────────── roll_back ──────────────────────────────┘
//! ```
//!
//! A version is named by the hash of its document. Sessions hold the versions they are in, so publishing disturbs
//! none. Named test callers get the draft.

mod diff;
mod entry;
mod guard;
mod line;
mod load;
mod quarantine;
mod saved;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cti_core::{address::PhoneNumber, calendar::Calendars, id::FlowId, time::Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::flow::{
    Channel, Code, Finding, Flow, FlowSet, InvalidFlow, Recordings, Severity, Target,
};

pub use diff::{Change, Diff, FieldChange, NodeChange, diff};
pub use guard::Guard;
use line::Line;
pub use saved::{SavedLibrary, SavedLine, SavedVersion};

/// A flow keeps at most this many versions; the oldest one that nobody uses is dropped.
pub const MAX_VERSIONS: usize = 50;
/// A flow remembers at most this many publications.
const MAX_PUBLICATIONS: usize = 200;
/// There are at most this many test callers.
pub const MAX_TEST_CALLERS: usize = 100;

/// Where a version is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It was saved and never published.
    Draft,
    /// New callers get it.
    Published,
    /// It was replaced, and sessions are still in it.
    Draining,
    /// It was replaced, and nobody is in it.
    Retired,
}

/// Who did something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who; the engine itself writes `automatic`.
    pub by: String,
    /// Why, in words.
    pub text: String,
}

impl Note {
    /// Returns a note.
    #[must_use]
    pub fn new(at: Timestamp, by: &str, text: &str) -> Self {
        Self { at, by: by.to_owned(), text: text.to_owned() }
    }
}

/// One version of a flow.
#[derive(Clone, Debug)]
pub struct Version {
    flow: Arc<Flow>,
    saved: Note,
    quarantine: Option<Note>,
    guard: Guard,
}

impl Version {
    /// Returns the flow.
    #[must_use]
    pub fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// Returns who saved it.
    #[must_use]
    pub fn saved(&self) -> &Note {
        &self.saved
    }

    /// Returns why new callers do not get it, if they do not.
    #[must_use]
    pub fn quarantine(&self) -> Option<&Note> {
        self.quarantine.as_ref()
    }
}

/// What was saved and not published yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The document as it was saved.
    pub text: String,
    /// Who saved it.
    pub saved: Note,
    /// What the check says of it.
    pub findings: Vec<Finding>,
    flow: Option<Arc<Flow>>,
}

impl Draft {
    /// Returns the flow, if it can be run.
    #[must_use]
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        self.flow.as_ref()
    }
}

/// One publication of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The version.
    pub version: String,
    /// Who published it.
    pub note: Note,
}

/// A version that cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// There is no such flow.
    #[error("there is no flow named {0}")]
    UnknownFlow(FlowId),
    /// Nothing was saved.
    #[error("flow {0} has no draft")]
    NoDraft(FlowId),
    /// The flow has no such version.
    #[error("flow {flow} has no version {version}")]
    UnknownVersion {
        /// Which flow.
        flow: FlowId,
        /// Which version.
        version: String,
    },
    /// The check found something that must be mended first.
    #[error(transparent)]
    Invalid(#[from] InvalidFlow),
    /// The version is in quarantine.
    #[error("version {0} is in quarantine; lift that first")]
    Quarantined(String),
    /// New callers would find no flow at all.
    #[error(
        "callers of flow {0} would have nowhere to go: it has neither a fallback nor an earlier version"
    )]
    NoFallback(FlowId),
    /// There is nothing to go back to.
    #[error("flow {0} has no earlier version")]
    NothingBefore(FlowId),
    /// Another flow that is published needs it.
    #[error("flow {flow} is used by {by}")]
    InUse {
        /// Which flow.
        flow: FlowId,
        /// Who uses it.
        by: String,
    },
    /// There are more test callers than can be.
    #[error("there are at most {MAX_TEST_CALLERS} test callers")]
    TooManyTestCallers,
}

/// Returns what the exact text of a draft is known by, its picture included: the SHA-256 of it, in hexadecimal.
#[must_use]
pub fn etag(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The versions of all flows. A clone shares the flows, so that something can be tried in it.
#[derive(Clone, Debug, Default)]
pub struct Library {
    lines: BTreeMap<FlowId, Line>,
    schedules: BTreeSet<String>,
    testers: BTreeSet<PhoneNumber>,
    limit: guard::Limit,
    recordings: Recordings,
}

impl Library {
    /// Returns a library in which every flow of a set is published, until a folder is [loaded](Self::load).
    #[must_use]
    pub fn new(flows: FlowSet, calendars: &Calendars) -> Self {
        let mut library =
            Self { schedules: calendars.ids().map(str::to_owned).collect(), ..Self::default() };
        let note = Note::new(Timestamp::ZERO, "automatic", "loaded at start");
        for (id, flow) in flows.into_flows() {
            let line = library.lines.entry(id).or_default();
            line.accept(flow, note.clone());
            line.provisional = true;
        }
        library
    }

    /// Sets how many errors of its own within what time put a version into quarantine; no errors means never.
    pub fn set_guard(&mut self, errors: usize, within: std::time::Duration) {
        self.limit = guard::Limit::new(errors, within);
    }

    /// Takes the flows of another library, with its own limits.
    pub(crate) fn take_over(&mut self, other: Self) {
        (self.lines, self.testers) = (other.lines, other.testers);
    }

    /// Sets which recordings there are, so that drafts are checked against them; without any they are not.
    pub fn set_recordings(&mut self, recordings: Recordings) {
        self.recordings = recordings;
    }

    /// Sets which schedules flows may go by from here on.
    pub(crate) fn set_schedules(&mut self, calendars: &Calendars) {
        self.schedules = calendars.ids().map(str::to_owned).collect();
    }

    /// Returns the ids of all flows.
    pub fn ids(&self) -> impl Iterator<Item = &FlowId> {
        self.lines.keys()
    }

    /// Returns the versions of a flow.
    pub fn versions(&self, flow: &FlowId) -> impl Iterator<Item = &Version> {
        self.lines.get(flow).into_iter().flat_map(|line| line.versions.values())
    }

    /// Returns a version by the beginning of its hash.
    #[must_use]
    pub fn version(&self, flow: &FlowId, hash: &str) -> Option<&Version> {
        let line = self.lines.get(flow)?;
        line.versions
            .range::<str, _>((std::ops::Bound::Included(hash), std::ops::Bound::Unbounded))
            .next()
            .filter(|(found, _)| found.starts_with(hash))
            .map(|(_, version)| version)
    }

    /// Returns what new callers get by default.
    #[must_use]
    pub fn published(&self, flow: &FlowId) -> Option<&Version> {
        self.lines.get(flow)?.live()
    }

    /// Returns the draft of a flow.
    #[must_use]
    pub fn draft(&self, flow: &FlowId) -> Option<&Draft> {
        self.lines.get(flow)?.draft.as_ref()
    }

    /// Returns what was published when, oldest first.
    #[must_use]
    pub fn publications(&self, flow: &FlowId) -> &[Publication] {
        self.lines.get(flow).map_or(&[], |line| &line.publications)
    }

    /// Returns the flows that are published, checked together.
    #[must_use]
    pub fn published_set(&self) -> FlowSet {
        FlowSet::trusted(
            self.lines
                .iter()
                .filter_map(|(id, line)| Some((id.clone(), Arc::clone(&line.live()?.flow)))),
        )
    }

    /// Returns where a version is in its life; `sessions` are those that are in it.
    #[must_use]
    pub fn stage(&self, flow: &FlowId, hash: &str, sessions: usize) -> Option<Stage> {
        let line = self.lines.get(flow)?;
        if line.published.as_deref() == Some(hash) {
            return Some(Stage::Published);
        }
        if line.versions.contains_key(hash) {
            return Some(if sessions > 0 { Stage::Draining } else { Stage::Retired });
        }
        let draft = line.draft.as_ref()?.flow.as_ref()?;
        (draft.hash() == hash).then_some(Stage::Draft)
    }

    /// Keeps a document as the draft of its flow and returns what the check says. A draft may have faults; it is
    /// offered to test callers when it has no errors.
    ///
    /// # Errors
    /// When the text has no `id` that a flow could have.
    pub fn save_draft(&mut self, text: &str, saved: Note) -> Result<&Draft, InvalidFlow> {
        let (id, findings, flow) = match Flow::parse(text) {
            Ok(flow) => {
                let mut findings = flow.warnings().to_vec();
                findings.extend(flow.review(&self.recordings));
                let flow = Arc::new(flow);
                if let Err(invalid) = self.fit(std::slice::from_ref(&flow), Channel::Test) {
                    findings.extend(invalid.findings);
                }
                let runs = findings.iter().all(|it| it.severity() == Severity::Warning);
                (flow.id().clone(), findings, runs.then_some(flow))
            }
            Err(invalid) => match FlowId::new(&invalid.name) {
                Ok(id) if crate::flow::id_of(text).is_some() => (id, invalid.findings, None),
                Ok(_) | Err(_) => return Err(invalid),
            },
        };
        let line = self.lines.entry(id).or_default();
        Ok(line.draft.insert(Draft { text: text.to_owned(), saved, findings, flow }))
    }

    /// Drops the draft of a flow.
    pub fn discard_draft(&mut self, flow: &FlowId) {
        if let Some(line) = self.lines.get_mut(flow) {
            line.draft = None;
            if line.versions.is_empty() {
                self.lines.remove(flow);
            }
        }
    }

    /// Gives the draft of a flow to new callers. Sessions stay with the version that they began with.
    ///
    /// # Errors
    /// When there is no draft, or it or another flow that uses it would not work; nothing has changed then.
    pub fn publish(&mut self, flow: &FlowId, note: Note) -> Result<Arc<Flow>, PublishError> {
        let published = self.publish_together(std::slice::from_ref(flow), note)?;
        published.into_iter().next().ok_or_else(|| PublishError::NoDraft(flow.clone()))
    }

    /// Gives the drafts of several flows to new callers, all or none: flows that go on in each other, or a sub-flow
    /// whose parameters change together with those who use it.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn publish_together(
        &mut self,
        flows: &[FlowId],
        note: Note,
    ) -> Result<Vec<Arc<Flow>>, PublishError> {
        let ready: Vec<Arc<Flow>> =
            flows.iter().map(|flow| self.ready(flow)).collect::<Result<_, _>>()?;
        self.fit(&ready, Channel::Prod)?;
        for flow in &ready {
            let line = self.lines.entry(flow.id().clone()).or_default();
            let saved = line.draft.take().map_or_else(|| note.clone(), |draft| draft.saved);
            line.accept_as(Arc::clone(flow), saved, note.clone());
        }
        Ok(ready)
    }

    /// Returns the draft of a flow, checked anew: the recordings may have changed since it was saved.
    fn ready(&self, flow: &FlowId) -> Result<Arc<Flow>, PublishError> {
        let line = self.lines.get(flow).ok_or_else(|| PublishError::UnknownFlow(flow.clone()))?;
        let draft = line.draft.as_ref().ok_or_else(|| PublishError::NoDraft(flow.clone()))?;
        let ready = Flow::parse(&draft.text)?;
        let mut findings = ready.review(&self.recordings);
        findings.retain(|finding| finding.severity() == Severity::Error);
        if !findings.is_empty() {
            let name = flow.to_string();
            return Err(PublishError::Invalid(InvalidFlow { name, findings }));
        }
        if line.versions.get(ready.hash()).is_some_and(|it| it.quarantine.is_some()) {
            return Err(PublishError::Quarantined(ready.hash().to_owned()));
        }
        Ok(Arc::new(ready))
    }

    /// Gives an earlier version to new callers again: the one before, or the one of this hash.
    ///
    /// # Errors
    /// When there is none, or it no longer fits the other flows; nothing has changed then.
    pub fn roll_back(
        &mut self,
        flow: &FlowId,
        to: Option<&str>,
        note: Note,
    ) -> Result<Arc<Flow>, PublishError> {
        let line = self.lines.get(flow).ok_or_else(|| PublishError::UnknownFlow(flow.clone()))?;
        let version = match to {
            None => line.before().ok_or_else(|| PublishError::NothingBefore(flow.clone()))?,
            Some(hash) => self.version(flow, hash).ok_or_else(|| PublishError::UnknownVersion {
                flow: flow.clone(),
                version: hash.to_owned(),
            })?,
        };
        if version.quarantine.is_some() {
            return Err(PublishError::Quarantined(version.flow.hash().to_owned()));
        }
        let (earlier, saved) = (Arc::clone(&version.flow), version.saved.clone());
        self.fit(std::slice::from_ref(&earlier), Channel::Prod)?;
        self.lines.entry(flow.clone()).or_default().accept_as(Arc::clone(&earlier), saved, note);
        Ok(earlier)
    }

    /// Checks flows against what they would work together with; drafts of others count on the test channel only.
    fn fit(&self, flows: &[Arc<Flow>], channel: Channel) -> Result<(), InvalidFlow> {
        for flow in flows {
            let missing = flow.uses().schedules.into_iter();
            let findings: Vec<Finding> = missing
                .filter(|name| !self.schedules.contains(name))
                .map(|name| {
                    let reason = format!("there is no schedule named {name}");
                    Finding::document(Code::UnknownReference, "nodes", reason)
                })
                .collect();
            if !findings.is_empty() {
                return Err(InvalidFlow { name: flow.id().to_string(), findings });
            }
        }
        let replaced: BTreeSet<&FlowId> = flows.iter().map(|flow| flow.id()).collect();
        let others = self.published_set().into_flows().filter(|(id, _)| !replaced.contains(id));
        let own = flows.iter().map(|flow| (flow.id().clone(), Arc::clone(flow)));
        let known = |target: &Target| self.resolve(target, channel).is_some();
        FlowSet::checked(others.chain(own), known).map(|_| ())
    }

    /// Returns what changed from one version to another, or to the draft when `new` is absent.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn diff(&self, flow: &FlowId, old: &str, new: Option<&str>) -> Result<Diff, PublishError> {
        let text = |hash: &str| {
            self.version(flow, hash).map(|it| it.flow.document()).ok_or_else(|| {
                PublishError::UnknownVersion { flow: flow.clone(), version: hash.to_owned() }
            })
        };
        let new = match new {
            Some(hash) => text(hash)?,
            None => self
                .draft(flow)
                .map(|draft| draft.text.as_str())
                .ok_or_else(|| PublishError::NoDraft(flow.clone()))?,
        };
        Ok(diff(&parse(text(old)?), &parse(new)))
    }
}

/// A draft need not be JSON; it then differs in everything.
fn parse(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}
