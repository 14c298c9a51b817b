//! Who asks, and what he may do: the application decides.

use std::collections::BTreeSet;

use async_trait::async_trait;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use cti_core::id::{AgentId, DeviceId, QueueId};

use super::{RestState, problem::Problem};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name he signed in with.
    pub name: String,
    /// The application's name for what he is.
    pub role: String,
    /// The agent he is, if he is one.
    pub agent: Option<AgentId>,
    /// The queues that he looks after; all of them when none is named.
    pub queues: BTreeSet<QueueId>,
}

/// Whose a call or an agent is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose<'a> {
    /// Who is rung or takes part.
    pub agents: &'a [AgentId],
    /// The queues that a call came by, or that an agent serves.
    pub queues: &'a [QueueId],
}

/// What someone wants to do. `agent` is whose it is; `None` means that it is nobody's or everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// Act for an agent: sign in or out, get ready or not ready, use the services of his telephone.
    ControlAgent(Whose<'a>),
    /// Steer a call as such: end it, keep data with it, change who may speak.
    ControlCall(Whose<'a>),
    /// Listen in, whisper, barge in, take a call over, force an agent's state.
    Supervise(Whose<'a>),
    /// Change the order and the place of those who wait.
    ManageQueue(Whose<'a>),
    /// Use a device at which nobody is signed in.
    UseDevice(&'a DeviceId),
    /// Hear the messages of a mailbox and deal with them; it belongs to agents, or to those who serve queues.
    OpenMailbox(Whose<'a>),
    /// See and change the blacklist and the whitelist.
    ManageLists,
    /// Change what the centre is configured by.
    Configure,
    /// Read call records and recordings' lists.
    ReadRecords {
        /// Whose.
        agent: Option<&'a AgentId>,
    },
    /// Hear a recording.
    Listen {
        /// Who talks in it.
        agent: Option<&'a AgentId>,
    },
    /// Judge, hold and hand out recordings, and see what was decided about them.
    KeepRecordings,
    /// Delete recordings, and let those go that are held.
    DeleteRecordings,
    /// See a caller's number unmasked.
    SeeNumber {
        /// Whose call it is.
        agent: Option<&'a AgentId>,
    },
}

/// Decides who asks and what he may do.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// Returns who sends a request with these headers, or why he is not believed.
    async fn identify(&self, headers: &HeaderMap) -> Result<Principal, Problem>;

    /// Returns who got this one-time ticket for a WebSocket; a second call with the same one fails.
    async fn redeem(&self, ticket: &str) -> Option<Principal>;

    /// Returns whether he may do this.
    fn may(&self, who: &Principal, action: Action<'_>) -> bool;
}

/// The one who asks, as an argument of an operation.
#[derive(Clone, Debug)]
pub struct Caller(pub Principal);

impl FromRequestParts<RestState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &RestState) -> Result<Self, Problem> {
        state.authorizer.identify(&parts.headers).await.map(Self)
    }
}

impl RestState {
    /// Returns nothing if he may do this, the problem otherwise.
    pub(super) fn require(&self, who: &Principal, action: Action<'_>) -> Result<(), Problem> {
        if self.authorizer.may(who, action) {
            return Ok(());
        }
        let what = match action {
            Action::ControlAgent(_) => "you may not act for this agent",
            Action::ControlCall(_) => "you may not steer this call",
            Action::Supervise(_) => "you do not supervise this agent or call",
            Action::ManageQueue(_) => "you do not look after this queue",
            Action::UseDevice(_) => "you may not use this device",
            Action::OpenMailbox(_) => "this mailbox is not yours",
            Action::ManageLists => "you may not see or change the lists of callers",
            Action::Configure => "you may not change the configuration",
            Action::KeepRecordings => "you may not decide about recordings",
            Action::DeleteRecordings => "you may not delete recordings",
            Action::ReadRecords { .. } => "you may read your own records only",
            Action::Listen { .. } => "you may not hear this recording",
            Action::SeeNumber { .. } => "you may not see this number",
        };
        Err(Problem::forbidden(what))
    }

    /// Returns the agent to whose records a search is narrowed for this principal: all when he may read all.
    pub(super) fn scope(
        &self,
        who: &Principal,
        wanted: Option<AgentId>,
    ) -> Result<Option<AgentId>, Problem> {
        if self.authorizer.may(who, Action::ReadRecords { agent: wanted.as_ref() }) {
            return Ok(wanted);
        }
        match (&wanted, &who.agent) {
            (None, Some(own)) => Ok(Some(own.clone())),
            (None | Some(_), _) => {
                self.require(who, Action::ReadRecords { agent: wanted.as_ref() })?;
                Ok(wanted)
            }
        }
    }
}
