//! Orders of administrators, as the Center hands them to the engine.

use cti_core::{
    flow::{FlowAnswer, FlowOrder, FlowRefused},
    id::FlowId,
    time::Timestamp,
};

use super::Engine;
use crate::publish::{self, MAX_TEST_CALLERS, Note, PublishError};

/// A document has at most this many bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

/// There are at most this many flows.
pub const MAX_FLOWS: usize = 1000;

impl Engine {
    pub(super) fn carry_out(
        &mut self,
        now: Timestamp,
        by: &str,
        order: &FlowOrder,
    ) -> Result<FlowAnswer, FlowRefused> {
        let note = Note::new(now, by, "");
        let changed = FlowAnswer { changed: true, ..FlowAnswer::default() };
        let version = |hash: &str| FlowAnswer { version: Some(hash.to_owned()), ..changed.clone() };
        match order {
            FlowOrder::Load { documents } => {
                let sessions =
                    self.library.load(documents, &note).map_err(PublishError::Invalid)?;
                Ok(FlowAnswer { changed: sessions > 0, ..FlowAnswer::default() })
            }
            FlowOrder::SaveDraft { document, etag, note: text } => {
                self.save_draft(document, etag.as_deref(), Note::new(now, by, text))
            }
            FlowOrder::DiscardDraft { flow } => {
                let there = self.library.draft(flow).is_some();
                self.library.discard_draft(flow);
                Ok(FlowAnswer { changed: there, ..FlowAnswer::default() })
            }
            FlowOrder::Publish { flows, etag, note: text } => {
                let Some(first) = flows.first() else {
                    return Err(invalid("flows", "names no flow"));
                };
                if let Some(etag) = etag {
                    self.is_the_draft(first, Some(etag))?;
                }
                let published = self.library.publish_together(flows, Note::new(now, by, text))?;
                Ok(published.first().map_or_else(FlowAnswer::default, |flow| version(flow.hash())))
            }
            FlowOrder::RollBack { flow, version: to, note: text } => {
                let to = to.as_deref();
                let earlier = self.library.roll_back(flow, to, Note::new(now, by, text))?;
                Ok(version(earlier.hash()))
            }
            FlowOrder::Quarantine { flow, version: hash, note: text } => {
                self.library.quarantine(flow, hash, Note::new(now, by, text))?;
                Ok(changed)
            }
            FlowOrder::LiftQuarantine { flow, version: hash } => {
                self.library.lift_quarantine(flow, hash)?;
                Ok(changed)
            }
            FlowOrder::Retire { flow } => {
                self.library.retire(flow)?;
                Ok(changed)
            }
            FlowOrder::EndSessions { flow, version: hash } => {
                let found = self.library.version(flow, hash).map(|it| it.flow().hash().to_owned());
                let Some(found) = found else {
                    let (flow, version) = (flow.clone(), hash.clone());
                    return Err(FlowRefused::UnknownVersion { flow, version });
                };
                let sessions = self.abort_sessions(flow, &found);
                Ok(FlowAnswer { sessions, changed: sessions > 0, ..FlowAnswer::default() })
            }
            FlowOrder::SetTestCallers { numbers } => {
                self.library.set_test_callers(numbers.iter().cloned())?;
                Ok(changed)
            }
        }
    }

    fn save_draft(
        &mut self,
        document: &str,
        etag: Option<&str>,
        note: Note,
    ) -> Result<FlowAnswer, FlowRefused> {
        if document.len() > MAX_DOCUMENT {
            return Err(invalid("document", format!("has more than {MAX_DOCUMENT} bytes")));
        }
        let Some(flow) = crate::flow::id_of(document) else {
            return Err(invalid("document", "has no id that a flow could have"));
        };
        let known = self.library.ids().any(|id| *id == flow);
        if !known && self.library.ids().count() >= MAX_FLOWS {
            return Err(invalid("document", format!("there are {MAX_FLOWS} flows already")));
        }
        self.is_the_draft(&flow, etag)?;
        let draft = self.library.save_draft(document, note).map_err(PublishError::Invalid)?;
        Ok(FlowAnswer {
            version: draft.flow().map(|flow| flow.hash().to_owned()),
            etag: Some(publish::etag(document)),
            sessions: 0,
            changed: true,
        })
    }

    /// Checks that a draft is the one that somebody has read; no etag means that he has seen none.
    fn is_the_draft(&self, flow: &FlowId, etag: Option<&str>) -> Result<(), FlowRefused> {
        let draft = self.library.draft(flow);
        if draft.map(|draft| publish::etag(&draft.text)).as_deref() == etag {
            return Ok(());
        }
        let by = match draft {
            Some(draft) => format!("{} saved it at {}", draft.saved.by, draft.saved.at),
            None => "it was published or discarded".to_owned(),
        };
        Err(FlowRefused::DraftChanged { flow: flow.clone(), by })
    }
}

fn invalid(field: &str, reason: impl Into<String>) -> FlowRefused {
    FlowRefused::InvalidValue { field: field.to_owned(), reason: reason.into() }
}

impl From<PublishError> for FlowRefused {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::UnknownFlow(flow) => Self::UnknownFlow { flow },
            PublishError::NoDraft(flow) => Self::NoDraft { flow },
            PublishError::UnknownVersion { flow, version } => {
                Self::UnknownVersion { flow, version }
            }
            PublishError::Invalid(invalid) => {
                let findings: Vec<_> = invalid.findings.iter().map(ToString::to_string).collect();
                Self::Invalid { flow: invalid.name, reason: findings.join("; ") }
            }
            PublishError::Quarantined(version) => Self::Quarantined { version },
            PublishError::NoFallback(flow) => Self::NoFallback { flow },
            PublishError::NothingBefore(flow) => Self::NothingBefore { flow },
            PublishError::InUse { flow, by } => Self::InUse { flow, by },
            PublishError::TooManyTestCallers => {
                invalid("numbers", format!("there are at most {MAX_TEST_CALLERS} test callers"))
            }
        }
    }
}
