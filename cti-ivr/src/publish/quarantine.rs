//! Versions that new callers do not get.

use std::sync::Arc;

use cti_core::{id::FlowId, time::Timestamp};

use super::{Guard, Library, Note, PublishError};

impl Library {
    /// Sends new callers of a version to its fallback: the flow that it names, else the version before.
    ///
    /// # Errors
    /// When there is no such version, or new callers would have nowhere to go; nothing has changed then.
    pub fn quarantine(
        &mut self,
        flow: &FlowId,
        hash: &str,
        note: Note,
    ) -> Result<(), PublishError> {
        let found =
            self.version(flow, hash).map(|version| Arc::clone(version.flow.version())).ok_or_else(
                || PublishError::UnknownVersion { flow: flow.clone(), version: hash.to_owned() },
            )?;
        let old = self.set_quarantine(flow, &found, Some(note));
        let stranded = self
            .lines
            .iter()
            .find(|(id, line)| line.published.is_some() && self.route(id).is_none())
            .map(|(id, _)| id.clone());
        match stranded {
            None => Ok(()),
            Some(id) => {
                self.set_quarantine(flow, &found, old);
                Err(PublishError::NoFallback(id))
            }
        }
    }

    /// Lets new callers have a version again.
    ///
    /// # Errors
    /// When there is no such version.
    pub fn lift_quarantine(&mut self, flow: &FlowId, hash: &str) -> Result<(), PublishError> {
        let found = self.version(flow, hash).map(|version| Arc::clone(version.flow.version()));
        match found {
            Some(found) => {
                self.set_quarantine(flow, &found, None);
                Ok(())
            }
            None => {
                Err(PublishError::UnknownVersion { flow: flow.clone(), version: hash.to_owned() })
            }
        }
    }

    fn set_quarantine(&mut self, flow: &FlowId, hash: &str, note: Option<Note>) -> Option<Note> {
        let version = self.lines.get_mut(flow)?.versions.get_mut(hash)?;
        version.guard = Guard::default();
        std::mem::replace(&mut version.quarantine, note)
    }

    /// Counts an error of a version's own; returns why, if that put it into quarantine.
    pub(crate) fn failed(&mut self, flow: &FlowId, hash: &str, now: Timestamp) -> Option<String> {
        let limit = self.limit;
        let version = self.lines.get_mut(flow)?.versions.get_mut(hash)?;
        if version.quarantine.is_some() || !version.guard.failed(now, limit) {
            return None;
        }
        let reason = limit.to_string();
        // Without anywhere else to go, callers are better off with a flow that fails now and then.
        self.quarantine(flow, hash, Note::new(now, "automatic", &reason)).ok()?;
        Some(reason)
    }
}
