//! All flows of a centre, checked together.

use std::{collections::BTreeMap, path::Path, path::PathBuf, sync::Arc};

use cti_core::id::FlowId;

use super::{Code, Finding, Flow, InvalidFlow, Target, Uses, together};

/// Flows by id.
#[derive(Clone, Debug, Default)]
pub struct FlowSet {
    flows: BTreeMap<FlowId, Arc<Flow>>,
}

/// A folder of flows that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or the folder cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A flow is wrong, or two do not fit together.
    #[error(transparent)]
    Invalid(#[from] InvalidFlow),
}

impl FlowSet {
    /// Returns the flows as a set, or what does not fit together.
    ///
    /// # Errors
    /// When an id occurs twice, a flow goes on in one that is not there or of another kind, sub-flows use each other
    /// in a circle or get the wrong arguments, or flows go round in a circle without anything to wait for.
    pub fn new(flows: impl IntoIterator<Item = Flow>) -> Result<Self, InvalidFlow> {
        let mut set = Self::default();
        for flow in flows {
            let id = flow.id.clone();
            if set.flows.insert(id.clone(), Arc::new(flow)).is_some() {
                let finding = Finding::document(Code::TwiceInSet, "id", "occurs twice");
                return Err(InvalidFlow { name: id.to_string(), findings: vec![finding] });
            }
        }
        together::check(&set.flows, |_| false)?;
        Ok(set)
    }

    /// Returns flows that were checked together before.
    pub(crate) fn trusted(flows: impl Iterator<Item = (FlowId, Arc<Flow>)>) -> Self {
        Self { flows: flows.collect() }
    }

    /// Returns flows as a set that may name versions and drafts outside it.
    pub(crate) fn checked(
        flows: impl Iterator<Item = (FlowId, Arc<Flow>)>,
        known: impl Fn(&Target) -> bool,
    ) -> Result<Self, InvalidFlow> {
        let set = Self::trusted(flows);
        together::check(&set.flows, known)?;
        Ok(set)
    }

    /// Returns the flows by id.
    pub(crate) fn into_flows(self) -> impl Iterator<Item = (FlowId, Arc<Flow>)> {
        self.flows.into_iter()
    }

    /// Reads flows from texts, each with the name that errors show.
    ///
    /// # Errors
    /// When a text is no flow, or the flows do not fit together.
    pub fn parse<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidFlow> {
        let flows: Result<Vec<Flow>, InvalidFlow> = texts
            .into_iter()
            .map(|(file, text)| {
                Flow::parse(text).map_err(|error| InvalidFlow { name: file.to_owned(), ..error })
            })
            .collect();
        Self::new(flows?)
    }

    /// Reads all `*.json` files of a folder; call it at start, it reads files.
    ///
    /// # Errors
    /// When a file cannot be read or is no flow, or the flows do not fit together.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| LoadError::Read { path, source }
        };
        let mut texts = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
                texts.insert(path.display().to_string(), text);
            }
        }
        Ok(Self::parse(texts.iter().map(|(file, text)| (file.as_str(), text.as_str())))?)
    }

    /// Returns a flow.
    #[must_use]
    pub fn get(&self, id: &FlowId) -> Option<&Arc<Flow>> {
        self.flows.get(id)
    }

    /// Returns all flows by id.
    pub fn iter(&self) -> impl Iterator<Item = &Flow> {
        self.flows.values().map(Arc::as_ref)
    }

    /// Returns what the flows refer to outside themselves.
    #[must_use]
    pub fn uses(&self) -> Uses {
        let mut all = Uses::default();
        self.iter().for_each(|flow| all.merge(flow.uses()));
        all
    }
}
