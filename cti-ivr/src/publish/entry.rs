//! Which version somebody gets: a new caller, a test caller, a session that goes on in another flow.

use std::{collections::BTreeSet, sync::Arc};

use cti_core::{address::PhoneNumber, id::FlowId};

use super::{Library, MAX_TEST_CALLERS, PublishError};
use crate::flow::{Channel, Flow, FlowSet, Target, Wanted};

impl Library {
    /// Returns the numbers that get drafts.
    pub fn test_callers(&self) -> impl Iterator<Item = &PhoneNumber> {
        self.testers.iter()
    }

    /// Sets the numbers that get drafts.
    ///
    /// # Errors
    /// When there are too many; nothing has changed then.
    pub fn set_test_callers(
        &mut self,
        callers: impl IntoIterator<Item = PhoneNumber>,
    ) -> Result<(), PublishError> {
        let testers: BTreeSet<PhoneNumber> =
            callers.into_iter().take(MAX_TEST_CALLERS + 1).collect();
        if testers.len() > MAX_TEST_CALLERS {
            return Err(PublishError::TooManyTestCallers);
        }
        self.testers = testers;
        Ok(())
    }

    /// Returns what a new call of this number gets, and on which channel its session stays.
    #[must_use]
    pub fn entry(&self, flow: &FlowId, caller: &PhoneNumber) -> Option<(Arc<Flow>, Channel)> {
        let channel = if self.testers.contains(caller) { Channel::Test } else { Channel::Prod };
        self.on_channel(flow, channel).map(|flow| (flow, channel))
    }

    /// Returns what test callers get: drafts that can be run, and what is published of the others.
    #[must_use]
    pub fn draft_set(&self) -> FlowSet {
        let drafted = |id: &FlowId| Some((id.clone(), self.on_channel(id, Channel::Test)?));
        FlowSet::trusted(self.lines.keys().filter_map(drafted))
    }

    /// Returns what new callers get: what was published, or what takes its place while it is in quarantine.
    #[must_use]
    pub fn serves(&self, flow: &FlowId) -> Option<Arc<Flow>> {
        self.route(flow)
    }

    /// Returns the flow that a session of a channel means.
    #[must_use]
    pub fn resolve(&self, target: &Target, channel: Channel) -> Option<Arc<Flow>> {
        match &target.version {
            Wanted::Same => self.on_channel(&target.flow, channel),
            Wanted::Channel(channel) => self.on_channel(&target.flow, *channel),
            Wanted::Pinned(hash) => self.pinned(&target.flow, hash),
        }
    }

    /// Returns a version by the beginning of its hash, the draft too.
    pub(crate) fn pinned(&self, flow: &FlowId, hash: &str) -> Option<Arc<Flow>> {
        let draft = || self.draft(flow)?.flow.as_ref().filter(|it| it.hash().starts_with(hash));
        self.version(flow, hash).map(|it| &it.flow).or_else(draft).map(Arc::clone)
    }

    pub(super) fn on_channel(&self, flow: &FlowId, channel: Channel) -> Option<Arc<Flow>> {
        let draft = || self.draft(flow)?.flow.clone();
        match channel {
            Channel::Prod => self.route(flow),
            Channel::Test => draft().or_else(|| self.route(flow)),
        }
    }

    /// Returns what was published, or what callers get in its place.
    pub(super) fn route(&self, flow: &FlowId) -> Option<Arc<Flow>> {
        let mut id = flow;
        // A circle of fallbacks ends when every flow has been asked.
        for _ in 0..=self.lines.len() {
            let line = self.lines.get(id)?;
            let version = line.live()?;
            if version.quarantine.is_none() {
                return Some(Arc::clone(&version.flow));
            }
            match version.flow.fallback().filter(|id| self.lines.contains_key(*id)) {
                Some(fallback) => id = fallback,
                None => return line.before().map(|version| Arc::clone(&version.flow)),
            }
        }
        None
    }
}
