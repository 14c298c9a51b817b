//! An agent's program and telephone, and what a supervisor makes him do.

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{
    agent::{AfterCall, AgentState},
    command::{Command, ForcedState},
    id::{AgentId, DeviceId},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    rest::{
        RestState,
        agents::Agent,
        authorize::{Action, Caller, Principal, Whose},
        extract::{Body, Id},
        problem::Problem,
    },
    view::agents::AgentStatus,
};

/// What an agent is made to do.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Force {
    /// What.
    pub to: ForceTo,
    /// Why he takes no calls; needed for `not_ready`.
    pub reason: Option<String>,
}

/// What an agent can be made to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForceTo {
    /// Take calls.
    Ready,
    /// Take no calls.
    NotReady,
    /// End work; after the call he is on.
    SignedOut,
}

/// Makes an agent ready, not ready or signed out, as a supervisor; an offer that is out is withdrawn first.
#[utoipa::path(post, path = "/agents/{id}/force", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = Force,
    responses((status = 200, body = Agent), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn force(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(asked): Body<Force>,
) -> Result<Json<Agent>, Problem> {
    let queues = state.queues_of(&agent);
    let whose = Whose { agents: std::slice::from_ref(&agent), queues: &queues };
    state.require(&who, Action::Supervise(whose))?;
    let to = match (asked.to, asked.reason) {
        (ForceTo::NotReady, Some(reason)) => ForcedState::NotReady(reason),
        (ForceTo::NotReady, None) => {
            return Err(Problem::invalid("reason", "not ready needs a reason"));
        }
        (ForceTo::Ready, None) => ForcedState::Ready,
        (ForceTo::SignedOut, None) => ForcedState::SignedOut,
        (ForceTo::Ready | ForceTo::SignedOut, Some(_)) => {
            return Err(Problem::invalid("reason", "only not ready has a reason"));
        }
    };
    let shown = |agent: &AgentStatus<'_>| match asked.to {
        ForceTo::Ready => matches!(
            agent.state,
            AgentState::Ready
                | AgentState::Reserved { .. }
                | AgentState::OnCall { then: AfterCall::Ready | AfterCall::Work, .. }
        ),
        ForceTo::NotReady => matches!(
            agent.state,
            AgentState::NotReady { .. } | AgentState::OnCall { then: AfterCall::NotReady(_), .. }
        ),
        ForceTo::SignedOut => matches!(
            agent.state,
            AgentState::SignedOut | AgentState::OnCall { then: AfterCall::SignOut, .. }
        ),
    };
    let command = Command::ForceAgent { agent: agent.clone(), to, by: who.name };
    state.ask_agent(&agent, command).await?;
    state.show_when(&agent, shown).await
}

/// Says that the program at the agent's seat is alive; one that has said so once must go on.
#[utoipa::path(post, path = "/agents/{id}/heartbeat", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn heartbeat(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    state.require_agent(&who, &agent)?;
    state.ask_agent(&agent, Command::Heartbeat { agent: agent.clone() }).await
}

/// Brings the agent's telephone into order: consultations end, held callers come back, nobody is muted.
#[utoipa::path(post, path = "/agents/{id}/reset", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn reset(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    state.require_agent(&who, &agent)?;
    state.ask_agent(&agent, Command::Reset { agent: agent.clone() }).await
}

impl RestState {
    /// Returns the device at which an agent works, if this principal may act for him.
    pub(super) fn device_of(&self, who: &Principal, agent: &AgentId) -> Result<DeviceId, Problem> {
        self.require_agent(who, agent)?;
        let view = self.live.view();
        let status = view.agent(agent, self.centre.now()).ok_or_else(|| {
            Problem::unknown("unknown_agent", format!("there is no agent {agent}"))
        })?;
        status.device.cloned().ok_or_else(|| {
            let words = format!("agent {agent} is not signed in");
            Problem::new(StatusCode::CONFLICT, "not_signed_in", words)
        })
    }
}
