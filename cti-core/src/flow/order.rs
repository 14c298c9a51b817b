//! What an administrator orders of a flow engine: drafts, publications, roll-backs, quarantine.
//!
//! An order is an input of the Center like any other: it is checked by the engine, and one that was taken is written
//! down as [`Fact::FlowsOrdered`](crate::event::Fact::FlowsOrdered). A restart and a replay give the engine the same
//! orders again, and so the same versions.

use serde::{Deserialize, Serialize};

use crate::{address::PhoneNumber, id::FlowId};

/// What an administrator wants of the flows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub enum FlowOrder {
    /// Publish what lies in the centre's folder, all or nothing; documents that were published before are passed over.
    Load {
        /// The documents.
        documents: Vec<String>,
    },
    /// Keep a document as the draft of its flow.
    SaveDraft {
        /// The document.
        document: String,
        /// The [`etag`] of the draft that it replaces; none where there is none.
        ///
        /// [`etag`]: FlowAnswer::etag
        etag: Option<String>,
        /// What has changed, in the administrator's words.
        #[serde(default)]
        note: String,
    },
    /// Forget the draft of a flow.
    DiscardDraft {
        /// Whose.
        flow: FlowId,
    },
    /// Give drafts to new callers, all or none.
    Publish {
        /// Whose.
        flows: Vec<FlowId>,
        /// What the draft of the first must be; any when absent.
        etag: Option<String>,
        /// Why, in the administrator's words.
        #[serde(default)]
        note: String,
    },
    /// Give an earlier version to new callers again.
    RollBack {
        /// Of which flow.
        flow: FlowId,
        /// Which one; the one before when absent.
        version: Option<String>,
        /// Why, in the administrator's words.
        #[serde(default)]
        note: String,
    },
    /// Send new callers of a version to its fallback.
    Quarantine {
        /// Of which flow.
        flow: FlowId,
        /// Which version.
        version: String,
        /// Why, in the administrator's words.
        #[serde(default)]
        note: String,
    },
    /// Let new callers have a version again.
    LiftQuarantine {
        /// Of which flow.
        flow: FlowId,
        /// Which version.
        version: String,
    },
    /// Give a flow to nobody any more.
    Retire {
        /// Which one.
        flow: FlowId,
    },
    /// Let the sessions that are in a version break off.
    EndSessions {
        /// Of which flow.
        flow: FlowId,
        /// Which version.
        version: String,
    },
    /// Give drafts to these callers.
    SetTestCallers {
        /// Their numbers.
        numbers: Vec<PhoneNumber>,
    },
}

/// What came of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowAnswer {
    /// The version that new callers get from here on, where the order is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What a draft that was saved is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// How many sessions it concerned.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sessions: usize,
    /// Whether anything has changed: an order that changes nothing is not written down.
    #[serde(default)]
    pub changed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why an order was not taken; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowRefused {
    /// There is no such flow.
    #[error("there is no flow named {flow}")]
    UnknownFlow {
        /// Which one was named.
        flow: FlowId,
    },
    /// The flow has no such version.
    #[error("flow {flow} has no version {version}")]
    UnknownVersion {
        /// Which flow.
        flow: FlowId,
        /// Which version was named.
        version: String,
    },
    /// Nothing was saved.
    #[error("flow {flow} has no draft")]
    NoDraft {
        /// Which flow.
        flow: FlowId,
    },
    /// Somebody saved, published or discarded the draft meanwhile.
    #[error("flow {flow}: the draft is another one by now: {by}")]
    DraftChanged {
        /// Which flow.
        flow: FlowId,
        /// Who saved it last.
        by: String,
    },
    /// The version is in quarantine.
    #[error("version {version} is in quarantine; lift that first")]
    Quarantined {
        /// Which version.
        version: String,
    },
    /// New callers would find no flow at all.
    #[error(
        "callers of flow {flow} would have nowhere to go: it has neither a fallback nor an earlier version"
    )]
    NoFallback {
        /// Which flow.
        flow: FlowId,
    },
    /// There is nothing to go back to.
    #[error("flow {flow} has no earlier version")]
    NothingBefore {
        /// Which flow.
        flow: FlowId,
    },
    /// Callers still get it.
    #[error("flow {flow} is used by {by}")]
    InUse {
        /// Which flow.
        flow: FlowId,
        /// Who uses it.
        by: String,
    },
    /// The check found something that must be mended first.
    #[error("flow {flow}: {reason}")]
    Invalid {
        /// Which flow.
        flow: String,
        /// Everything that is wrong, in words.
        reason: String,
    },
    /// A value is out of its range.
    #[error("{field}: {reason}")]
    InvalidValue {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This engine takes no orders.
    #[error("the flows of this engine cannot be changed while it runs")]
    Fixed,
}
