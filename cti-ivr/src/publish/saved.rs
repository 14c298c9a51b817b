//! The library as data, so that publications survive a restart.

use std::{collections::BTreeMap, sync::Arc};

use cti_core::{address::PhoneNumber, calendar::Calendars, id::FlowId};
use serde::{Deserialize, Serialize};

use super::{Guard, Library, Note, Publication, Version, line::Line};
use crate::flow::{Flow, InvalidFlow};

/// The library as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLibrary {
    /// Flows by id.
    pub flows: BTreeMap<FlowId, SavedLine>,
    /// Numbers that get drafts.
    #[serde(default)]
    pub test_callers: Vec<PhoneNumber>,
}

/// The versions of one flow as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLine {
    /// All versions.
    pub versions: Vec<SavedVersion>,
    /// The hash of the published one.
    #[serde(default)]
    pub published: Option<String>,
    /// The draft, and who saved it.
    #[serde(default)]
    pub draft: Option<(String, Note)>,
    /// What was published when.
    #[serde(default)]
    pub publications: Vec<Publication>,
    /// What the folder of the centre held when it was loaded last.
    #[serde(default)]
    pub loaded: Option<String>,
    /// Whether it is only what the library was begun with.
    #[serde(default)]
    pub provisional: bool,
}

/// One version as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedVersion {
    /// The document.
    pub document: String,
    /// Who saved it.
    pub saved: Note,
    /// Why new callers do not get it.
    #[serde(default)]
    pub quarantine: Option<Note>,
}

impl Library {
    /// Returns everything as data.
    #[must_use]
    pub fn save(&self) -> SavedLibrary {
        let version = |version: &Version| SavedVersion {
            document: version.flow.document().to_owned(),
            saved: version.saved.clone(),
            quarantine: version.quarantine.clone(),
        };
        let line = |line: &Line| SavedLine {
            versions: line.versions.values().map(version).collect(),
            published: line.published.as_deref().map(str::to_owned),
            draft: line.draft.as_ref().map(|draft| (draft.text.clone(), draft.saved.clone())),
            publications: line.publications.clone(),
            loaded: line.loaded.as_deref().map(str::to_owned),
            provisional: line.provisional,
        };
        SavedLibrary {
            flows: self.lines.iter().map(|(id, it)| (id.clone(), line(it))).collect(),
            test_callers: self.testers.iter().cloned().collect(),
        }
    }

    /// Makes a library of data again.
    ///
    /// # Errors
    /// When a document of a version cannot be read any more.
    pub fn restore(saved: SavedLibrary, calendars: &Calendars) -> Result<Self, InvalidFlow> {
        let mut library =
            Self { schedules: calendars.ids().map(str::to_owned).collect(), ..Self::default() };
        let mut drafts = Vec::new();
        for (id, saved) in saved.flows {
            let mut line = Line {
                publications: saved.publications,
                loaded: saved.loaded.map(Into::into),
                provisional: saved.provisional,
                ..Line::default()
            };
            for SavedVersion { document, saved, quarantine } in saved.versions {
                let flow = Arc::new(Flow::parse(&document)?);
                let hash = Arc::clone(flow.version());
                let version = Version { flow, saved, quarantine, guard: Guard::default() };
                line.versions.insert(hash, version);
            }
            let published = saved.published.as_deref();
            line.published =
                published.and_then(|hash| Some(Arc::clone(line.versions.get_key_value(hash)?.0)));
            drafts.extend(saved.draft);
            library.lines.insert(id, line);
        }
        library.testers = saved.test_callers.into_iter().take(super::MAX_TEST_CALLERS).collect();
        for (text, note) in drafts {
            library.save_draft(&text, note)?;
        }
        Ok(library)
    }
}
