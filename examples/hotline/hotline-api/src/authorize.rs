//! Who asks, by his bearer token, and what his role lets him do.
//!
//! | | agent | supervisor | admin |
//! |---|---|---|---|
//! | act for an agent, steer a call | his own | of his queues | all |
//! | hear the messages of a mailbox | his own | of his queues | all |
//! | listen in, force a state, order those who wait | | of his queues | all |
//! | see and change the lists of callers | | of all queues | all |
//! | read records, hear recordings, see numbers | his own | all | all |
//! | change the configuration | | | all |

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use cti_bindings::{
    centre::Centre,
    rest::{
        authorize::{Action, Authorizer, Principal},
        problem::Problem,
    },
};
use cti_core::id::{AgentId, QueueId};
use hotline_store::users::{Role, UserStore, WebUser};

use crate::{
    state::ApiState,
    tokens::{Tickets, Token},
};

/// Decides by sessions and roles.
pub(crate) struct HotlineAuthorizer {
    users: Arc<dyn UserStore>,
    centre: Arc<dyn Centre>,
    tickets: Arc<Tickets>,
}

impl HotlineAuthorizer {
    pub(crate) fn new(
        users: Arc<dyn UserStore>,
        centre: Arc<dyn Centre>,
        tickets: Arc<Tickets>,
    ) -> Self {
        Self { users, centre, tickets }
    }
}

#[async_trait]
impl Authorizer for HotlineAuthorizer {
    async fn identify(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let token = bearer(headers)?;
        session(self.users.as_ref(), self.centre.as_ref(), &token)
            .await
            .map(|user| principal(&user))
    }

    async fn redeem(&self, ticket: &str) -> Option<Principal> {
        self.tickets.redeem(self.centre.now(), &Token::parse(ticket)?)
    }

    fn may(&self, who: &Principal, action: Action<'_>) -> bool {
        match who.role.parse() {
            Ok(Role::Admin) => true,
            Ok(Role::Supervisor) => supervisor_may(&who.queues, action),
            Ok(Role::Agent) => who.agent.as_ref().is_some_and(|agent| agent_may(agent, action)),
            Err(_) => false,
        }
    }
}

fn supervisor_may(queues: &BTreeSet<QueueId>, action: Action<'_>) -> bool {
    match action {
        Action::ControlAgent(whose)
        | Action::ControlCall(whose)
        | Action::Supervise(whose)
        | Action::OpenMailbox(whose)
        | Action::ManageQueue(whose) => {
            queues.is_empty() || whose.queues.iter().any(|queue| queues.contains(queue))
        }
        Action::UseDevice(_)
        | Action::ReadRecords { .. }
        | Action::Listen { .. }
        | Action::SeeNumber { .. } => true,
        // The lists and the recordings concern all queues.
        Action::ManageLists | Action::KeepRecordings => queues.is_empty(),
        Action::Configure | Action::DeleteRecordings => false,
    }
}

fn agent_may(own: &AgentId, action: Action<'_>) -> bool {
    match action {
        Action::ControlAgent(whose) | Action::ControlCall(whose) | Action::OpenMailbox(whose) => {
            whose.agents.contains(own)
        }
        Action::ReadRecords { agent } | Action::Listen { agent } | Action::SeeNumber { agent } => {
            agent == Some(own)
        }
        Action::Supervise(_)
        | Action::ManageQueue(_)
        | Action::UseDevice(_)
        | Action::ManageLists
        | Action::KeepRecordings
        | Action::DeleteRecordings
        | Action::Configure => false,
    }
}

/// A signed-in user, as an argument of an operation.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub(crate) user: WebUser,
    pub(crate) token: Token,
}

impl FromRequestParts<ApiState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let centre = state.rest().centre.as_ref();
        let user = session(state.users.as_ref(), centre, &token).await?;
        Ok(Self { user, token })
    }
}

impl SignedIn {
    pub(crate) fn principal(&self) -> Principal {
        principal(&self.user)
    }
}

fn principal(user: &WebUser) -> Principal {
    Principal {
        name: user.name.clone(),
        role: user.role.name().to_owned(),
        agent: user.agent.clone(),
        queues: user.queues.clone(),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Token, Problem> {
    let text = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let text = text.ok_or_else(|| Problem::unauthorized("no_token", "sign in first"))?;
    Token::parse(text).ok_or_else(wrong_token)
}

async fn session(
    users: &dyn UserStore,
    centre: &dyn Centre,
    token: &Token,
) -> Result<WebUser, Problem> {
    let found = users.session(centre.now(), &token.hash()).await;
    found.map_err(|error| Problem::internal(&error))?.ok_or_else(wrong_token)
}

fn wrong_token() -> Problem {
    Problem::unauthorized("invalid_token", "the session is over, sign in again")
}
