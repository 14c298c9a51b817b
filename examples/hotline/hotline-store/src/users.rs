//! Web users and their sessions.

use std::{collections::BTreeSet, fmt, str::FromStr};

use async_trait::async_trait;
use cti_core::{
    id::{AgentId, QueueId},
    time::Timestamp,
};

use crate::error::StoreError;

/// What a web user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Takes calls and tickets: his own.
    Agent,
    /// Sees and steers the whole floor.
    Supervisor,
    /// Runs the system.
    Admin,
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no role {0}")]
pub struct UnknownRole(pub String);

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Admin];

    /// Returns the name that is stored and that programs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// One web user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUser {
    /// The name he signs in with.
    pub name: String,
    /// The name that colleagues see.
    pub display_name: String,
    /// What he may do.
    pub role: Role,
    /// The agent he is, if he is one.
    pub agent: Option<AgentId>,
    /// The queues that he looks after as a supervisor; all of them when none is named.
    pub queues: BTreeSet<QueueId>,
}

/// SHA-256 of a session token; the token itself is never kept.
pub type TokenHash = [u8; 32];

/// Keeps web users and their sessions.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Returns a user and his password hash.
    async fn user(&self, name: &str) -> Result<Option<(WebUser, String)>, StoreError>;

    /// Keeps a user, replacing one of the same name.
    async fn put_user(&self, user: &WebUser, password_hash: &str) -> Result<(), StoreError>;

    /// Begins a session; sessions that are over by `now` are forgotten.
    async fn begin_session(
        &self,
        now: Timestamp,
        token: TokenHash,
        user: &str,
        expires: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns whose session it is, unless it is over by `now`.
    async fn session(
        &self,
        now: Timestamp,
        token: &TokenHash,
    ) -> Result<Option<WebUser>, StoreError>;

    /// Ends a session.
    async fn end_session(&self, token: &TokenHash) -> Result<(), StoreError>;
}
