//! All versions of one flow.

use std::{collections::BTreeMap, sync::Arc};

use super::{Draft, Guard, MAX_PUBLICATIONS, MAX_VERSIONS, Note, Publication, Version};
use crate::flow::Flow;

/// All versions of one flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) versions: BTreeMap<Arc<str>, Version>,
    pub(super) published: Option<Arc<str>>,
    pub(super) draft: Option<Draft>,
    pub(super) publications: Vec<Publication>,
    /// What the folder of the centre held when it was loaded last.
    pub(super) loaded: Option<Arc<str>>,
    /// Whether it is only what the library was begun with.
    pub(super) provisional: bool,
}

impl Line {
    pub(super) fn live(&self) -> Option<&Version> {
        self.versions.get(self.published.as_ref()?)
    }

    /// Returns the latest publication before the current one that may be used.
    pub(super) fn before(&self) -> Option<&Version> {
        self.publications
            .iter()
            .rev()
            .filter(|it| self.published.as_deref() != Some(it.version.as_str()))
            .filter_map(|it| self.versions.get(it.version.as_str()))
            .find(|version| version.quarantine.is_none())
    }

    pub(super) fn accept(&mut self, flow: Arc<Flow>, note: Note) {
        self.accept_as(flow, note.clone(), note);
    }

    /// Makes a version the published one.
    pub(super) fn accept_as(&mut self, flow: Arc<Flow>, saved: Note, note: Note) {
        let hash = Arc::clone(flow.version());
        self.published = Some(Arc::clone(&hash));
        if self.publications.len() >= MAX_PUBLICATIONS {
            self.publications.remove(0);
        }
        self.publications.push(Publication { version: hash.as_ref().to_owned(), note });
        self.versions.entry(hash).or_insert_with(|| Version {
            flow,
            saved,
            quarantine: None,
            guard: Guard::default(),
        });
        self.forget_oldest();
    }

    /// Drops the version that was published longest ago when there are too many.
    fn forget_oldest(&mut self) {
        if self.versions.len() <= MAX_VERSIONS {
            return;
        }
        let last_published =
            |hash: &Arc<str>| self.publications.iter().rposition(|it| it.version == hash.as_ref());
        let oldest = self
            .versions
            .iter()
            .filter(|(hash, version)| {
                // One that sessions are in is held by them too.
                Some(*hash) != self.published.as_ref() && Arc::strong_count(&version.flow) == 1
            })
            .min_by_key(|(hash, _)| last_published(hash))
            .map(|(hash, _)| Arc::clone(hash));
        if let Some(oldest) = oldest {
            self.versions.remove(&oldest);
        }
    }
}
