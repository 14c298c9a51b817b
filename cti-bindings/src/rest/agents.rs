//! Agents and what they are doing.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{
    agent::{AfterCall, AgentState},
    command::{Command, CommandError},
    id::{AgentId, QueueId, SeatId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Action, Caller, Principal, Whose},
    extract::{Body, Id},
    list::List,
    problem::Problem,
};
use crate::view::{View, agents::AgentStatus, works::OpenContact};

/// How long an answer waits for the view to show what was done.
const SHOW_LIMIT: Duration = Duration::from_secs(2);

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Agent {
    /// The agent's own number (工号).
    pub id: String,
    /// The agent's name.
    pub name: String,
    /// The number that is read out to callers.
    pub announced_number: String,
    /// `signed_out`, `not_ready`, `ready`, `reserved`, `on_call` or `after_call_work`.
    pub state: String,
    /// Why he is not ready.
    pub reason: Option<String>,
    /// Since when he is in this state.
    pub since: Option<String>,
    /// Where he sits.
    pub seat: Option<String>,
    /// The device there.
    pub device: Option<String>,
    /// Whether that device can be reached.
    pub device_in_service: bool,
    /// The queues he serves.
    pub queues: Vec<String>,
    /// The call that is offered to him or that he is on.
    pub call: Option<String>,
    /// How many calls he has answered since midnight.
    pub calls_today: u32,
    /// What he does after the call that he is on: `work`, `ready`, `not_ready` or `signed_out`.
    pub after_call: Option<String>,
    /// Whether the program at his seat is heard of; without it he is offered nothing.
    pub heard: bool,
    /// The contacts that are not spoken and that he works at.
    pub work: Vec<Work>,
    /// The contacts that are not spoken and that he may accept.
    pub offers: Vec<Work>,
}

/// A contact that is not spoken and that an agent works at or may accept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Work {
    /// The contact.
    pub contact: String,
    /// `chat`, `mail`, `fax` or `task`.
    pub medium: String,
    /// When it came in.
    pub opened: String,
    /// The mailbox in which the message lies that a task is about.
    pub mailbox: Option<String>,
    /// The recording of that message.
    pub message: Option<String>,
}

/// Where and for what an agent begins work.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The seat.
    #[schema(value_type = String)]
    pub seat: SeatId,
    /// For which queues; all of his when absent.
    #[schema(value_type = Option<Vec<String>>)]
    pub queues: Option<Vec<QueueId>>,
}

/// Why an agent takes no calls.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotReady {
    /// A reason code, for example `break`, `lunch`, `training`.
    pub reason: String,
}

/// Lists the agents.
#[utoipa::path(get, path = "/agents", tag = "agents", security(("bearer" = [])),
    responses((status = 200, body = List<Agent>)))]
pub async fn list(State(state): State<RestState>, _caller: Caller) -> Json<List<Agent>> {
    let view = state.live.view();
    let now = state.centre.now();
    Json(List::whole(view.agents(now).map(|agent| state.agent(&agent)).collect()))
}

/// Shows one agent.
#[utoipa::path(get, path = "/agents/{id}", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 200, body = Agent), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<RestState>,
    _caller: Caller,
    Id(agent): Id<AgentId>,
) -> Result<Json<Agent>, Problem> {
    state.show_agent(&agent).map(Json)
}

/// Begins an agent's work at a seat.
#[utoipa::path(post, path = "/agents/{id}/sign-in", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = SignIn,
    responses((status = 200, body = Agent), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn sign_in(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(SignIn { seat, queues }): Body<SignIn>,
) -> Result<Json<Agent>, Problem> {
    let at = seat.clone();
    let command = Command::SignIn { agent: agent.clone(), seat, queues };
    // Sign-in is two facts: the seat, then the state that the agent begins in.
    let shown =
        |agent: &AgentStatus<'_>| agent.seat == Some(&at) && *agent.state != AgentState::SignedOut;
    state.control(&who, &agent, command, shown).await
}

/// Ends an agent's work.
#[utoipa::path(post, path = "/agents/{id}/sign-out", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 200, body = Agent), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn sign_out(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let command = Command::SignOut { agent: agent.clone() };
    state.control(&who, &agent, command, |agent| agent.seat.is_none()).await
}

/// Makes an agent ready for calls; ends after-call work.
#[utoipa::path(post, path = "/agents/{id}/ready", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 200, body = Agent), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn ready(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let command = Command::SetReady { agent: agent.clone() };
    let shown = |agent: &AgentStatus<'_>| {
        matches!(
            agent.state,
            AgentState::Ready | AgentState::Reserved { .. } | AgentState::OnCall { .. }
        )
    };
    state.control(&who, &agent, command, shown).await
}

/// Lets an agent take no calls.
#[utoipa::path(post, path = "/agents/{id}/not-ready", tag = "agents", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = NotReady,
    responses((status = 200, body = Agent), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn not_ready(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(NotReady { reason }): Body<NotReady>,
) -> Result<Json<Agent>, Problem> {
    let wanted = reason.clone();
    let command = Command::SetNotReady { agent: agent.clone(), reason };
    let shown = |agent: &AgentStatus<'_>| match agent.state {
        AgentState::NotReady { reason } => reason.to_string() == wanted,
        AgentState::OnCall { then: AfterCall::NotReady(reason), .. } => {
            reason.to_string() == wanted
        }
        AgentState::SignedOut
        | AgentState::Ready
        | AgentState::Reserved { .. }
        | AgentState::OnCall { .. }
        | AgentState::AfterCallWork => false,
    };
    state.control(&who, &agent, command, shown).await
}

impl RestState {
    /// Asks the Center, and answers with the agent as he is when the view shows that it is done.
    async fn control(
        &self,
        who: &Principal,
        agent: &AgentId,
        command: Command,
        shown: impl Fn(&AgentStatus<'_>) -> bool,
    ) -> Result<Json<Agent>, Problem> {
        self.require_agent(who, agent)?;
        self.ask_agent(agent, command).await?;
        self.show_when(agent, shown).await
    }

    /// Asks the Center for something about an agent.
    pub(super) async fn ask_agent(
        &self,
        agent: &AgentId,
        command: Command,
    ) -> Result<StatusCode, Problem> {
        let signs_in = matches!(command, Command::SignIn { .. });
        let done = self.centre.request(command).await;
        done.map_err(|error| self.explain_refusal(agent, signs_in, error))?;
        Ok(StatusCode::NO_CONTENT)
    }

    /// Answers with the agent as he is when the view shows what was done.
    pub(super) async fn show_when(
        &self,
        agent: &AgentId,
        shown: impl Fn(&AgentStatus<'_>) -> bool,
    ) -> Result<Json<Agent>, Problem> {
        let now = self.centre.now();
        let fits = |view: &View| view.agent(agent, now).is_none_or(|agent| shown(&agent));
        self.live.until(SHOW_LIMIT, fits).await;
        self.show_agent(agent).map(Json)
    }

    /// Returns nothing if he may act for the agent, the problem otherwise.
    pub(super) fn require_agent(&self, who: &Principal, agent: &AgentId) -> Result<(), Problem> {
        let queues = self.queues_of(agent);
        let whose = Whose { agents: std::slice::from_ref(agent), queues: &queues };
        self.require(who, Action::ControlAgent(whose))
    }

    /// Returns the queues that an agent serves.
    pub(super) fn queues_of(&self, agent: &AgentId) -> Vec<QueueId> {
        let view = self.live.view();
        view.agent(agent, Timestamp::ZERO).map_or_else(Vec::new, |agent| agent.queues.to_vec())
    }

    /// Names the two states that programs ask for most by codes of their own.
    fn explain_refusal(&self, agent: &AgentId, signs_in: bool, error: CommandError) -> Problem {
        let invalid_state = matches!(error, CommandError::InvalidState { .. });
        let mut problem = Problem::from(error);
        let at_work = self
            .live
            .view()
            .agent(agent, Timestamp::ZERO)
            .is_some_and(|agent| agent.seat.is_some());
        match (invalid_state, signs_in, at_work) {
            (true, true, true) => problem.code = "already_signed_in",
            (true, false, false) => problem.code = "not_signed_in",
            _ => {}
        }
        problem
    }

    fn show_agent(&self, id: &AgentId) -> Result<Agent, Problem> {
        let view = self.live.view();
        let agent = view
            .agent(id, self.centre.now())
            .ok_or_else(|| Problem::unknown("unknown_agent", format!("there is no agent {id}")))?;
        Ok(self.agent(&agent))
    }

    /// Prints an agent.
    pub(super) fn agent(&self, agent: &AgentStatus<'_>) -> Agent {
        Agent {
            id: agent.config.id.to_string(),
            name: agent.config.name.clone(),
            announced_number: agent.config.announced_number.clone(),
            state: agent.state.name().to_owned(),
            reason: match agent.state {
                AgentState::NotReady { reason } => Some(reason.to_string()),
                AgentState::SignedOut
                | AgentState::Ready
                | AgentState::Reserved { .. }
                | AgentState::OnCall { .. }
                | AgentState::AfterCallWork => None,
            },
            since: agent.since.map(|since| self.time(since)),
            seat: agent.seat.map(ToString::to_string),
            device: agent.device.map(ToString::to_string),
            device_in_service: agent.device_in_service,
            queues: agent.queues.iter().map(ToString::to_string).collect(),
            call: agent.state.call().map(|call| call.to_string()),
            calls_today: agent.calls_today,
            after_call: match agent.state {
                AgentState::OnCall { then, .. } => Some(after_call(then).to_owned()),
                AgentState::SignedOut
                | AgentState::NotReady { .. }
                | AgentState::Ready
                | AgentState::Reserved { .. }
                | AgentState::AfterCallWork => None,
            },
            heard: agent.heard,
            work: agent.work.iter().map(|open| self.work(open)).collect(),
            offers: agent.offers.iter().map(|open| self.work(open)).collect(),
        }
    }

    fn work(&self, open: &OpenContact) -> Work {
        Work {
            contact: open.contact.to_string(),
            medium: open.medium.to_string(),
            opened: self.time(open.opened),
            mailbox: open.message.as_ref().map(|(mailbox, _)| mailbox.to_string()),
            message: open.message.as_ref().map(|(_, recording)| recording.to_string()),
        }
    }
}

fn after_call(then: &AfterCall) -> &'static str {
    match then {
        AfterCall::Work => "work",
        AfterCall::Ready => "ready",
        AfterCall::NotReady(_) => "not_ready",
        AfterCall::SignOut => "signed_out",
    }
}
