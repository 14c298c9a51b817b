//! What lies in the centre's folder becomes published, and flows that nobody should get any more are retired.

use std::sync::Arc;

use cti_core::id::FlowId;

use super::{Library, Line, Note, PublishError};
use crate::flow::{Channel, Flow, FlowSet, InvalidFlow};

impl Library {
    /// Publishes the documents of a folder, all or none; one that lay there the last time is passed over, so that
    /// what was published since stays. Flows that the library [was begun with](Self::new) give way to them. Returns how
    /// many flows it concerned.
    ///
    /// # Errors
    /// When one of them cannot be used, or they do not fit together or to the other flows; nothing has changed then.
    pub fn load(&mut self, documents: &[String], note: &Note) -> Result<usize, InvalidFlow> {
        let mut flows = Vec::new();
        for text in documents {
            let flow = Arc::new(Flow::parse(text)?);
            let known = self.lines.get(flow.id()).filter(|line| !line.provisional);
            if known.is_none_or(|line| line.loaded.as_deref() != Some(flow.hash())) {
                flows.push(flow);
            }
        }
        let provisional: Vec<FlowId> = self
            .lines
            .iter()
            .filter(|(_, line)| line.provisional)
            .map(|(id, _)| id.clone())
            .collect();
        let set_aside: Vec<(FlowId, Line)> =
            provisional.into_iter().filter_map(|id| self.lines.remove_entry(&id)).collect();
        if let Err(invalid) = self.fit(&flows, Channel::Prod) {
            self.lines.extend(set_aside);
            return Err(invalid);
        }
        for flow in &flows {
            let line = self.lines.entry(flow.id().clone()).or_default();
            line.loaded = Some(Arc::clone(flow.version()));
            line.accept(Arc::clone(flow), note.clone());
        }
        Ok(flows.len())
    }

    /// Gives a flow to nobody any more; its versions are kept.
    ///
    /// # Errors
    /// When there is no such flow, or another published flow goes on in it; nothing has changed then.
    pub fn retire(&mut self, flow: &FlowId) -> Result<(), PublishError> {
        let line =
            self.lines.get_mut(flow).ok_or_else(|| PublishError::UnknownFlow(flow.clone()))?;
        let published = line.published.take();
        let user = self
            .lines
            .iter()
            .filter_map(|(id, line)| Some((id, line.live()?)))
            .find(|(_, version)| {
                version.flow.uses().flows.contains(flow) || version.flow.fallback() == Some(flow)
            })
            .map(|(id, _)| format!("flow {id}"));
        let fits = FlowSet::checked(self.published_set().into_flows(), |target| {
            self.resolve(target, Channel::Prod).is_some()
        });
        if let Some(by) =
            user.or_else(|| fits.err().map(|invalid| format!("flow {}", invalid.name)))
        {
            if let Some(line) = self.lines.get_mut(flow) {
                line.published = published;
            }
            return Err(PublishError::InUse { flow: flow.clone(), by });
        }
        Ok(())
    }
}
