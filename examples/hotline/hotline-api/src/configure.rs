//! What agents work at and how queues are served, changed by an administrator while the centre serves: at once, and for
//! the next start.

use std::{collections::BTreeMap, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{
    extract::{Body, Id},
    problem::Problem,
};
use cti_core::{
    command::Command,
    config::QueueConfig,
    id::{AgentId, FlowId, QueueId},
    needs::Medium,
};
use hotline_store::directory::DirectoryStore;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// Which queues an agent serves, and how much he works at together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Duties {
    /// The queues; as before when absent.
    #[schema(value_type = Option<Vec<String>>)]
    pub queues: Option<Vec<QueueId>>,
    /// How many contacts of `chat`, `mail`, `fax` and `task`; none when not listed, all as before when absent.
    #[schema(value_type = Option<BTreeMap<String, u8>>)]
    pub capacity: Option<BTreeMap<Medium, u8>>,
}

/// How callers of a queue are served, as far as it is no rule of who is served first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// The queue's name as people see it.
    pub name: String,
    /// How long an agent's phone rings before the next one is tried, in milliseconds.
    pub ring_ms: u64,
    /// How much time an agent gets for after-call work, in milliseconds; none when 0.
    #[serde(default)]
    pub after_call_work_ms: u64,
    /// The flow that callers hear while they wait; silence when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub waiting_flow: Option<FlowId>,
    /// The flow that an agent hears before he is put through; nothing when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub whisper_flow: Option<FlowId>,
    /// The flow that a citizen hears when the agent has hung up; the call ends when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub after_call_flow: Option<FlowId>,
}

/// Shows which queues an agent serves and how much he works at together.
#[utoipa::path(get, path = "/agents/{id}/duties", tag = "configuration", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 200, body = Duties), (status = 404, body = Problem)))]
pub async fn duties(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
    Id(agent): Id<AgentId>,
) -> Result<Json<Duties>, Problem> {
    let view = state.rest().live.view();
    let agents = &view.config().agents;
    let known = agents.iter().find(|it| it.id == agent);
    let known = known.ok_or_else(|| unknown("agent", agent.as_str()))?;
    let (queues, capacity) = (Some(known.queues.clone()), Some(known.capacity.clone()));
    Ok(Json(Duties { queues, capacity }))
}

/// Changes which queues an agent serves and how much he works at together: at once if he is at work, and for the next
/// start. What he is offered or works at already stays his.
#[utoipa::path(put, path = "/agents/{id}/duties", tag = "configuration", security(("bearer" = [])), request_body = Duties,
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn set_duties(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Id(agent): Id<AgentId>,
    Body(Duties { queues, capacity }): Body<Duties>,
) -> Result<StatusCode, Problem> {
    state.require_configure(&signed_in)?;
    let by = signed_in.user.name.clone();
    let (wanted, room) = (queues.clone(), capacity.clone());
    let command = Command::SetDuties { agent: agent.clone(), queues, capacity, by };
    state.rest().centre.request(command).await?;
    keep(state.directory.as_ref(), &agent, wanted, room)
        .await
        .map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn keep(
    directory: &dyn DirectoryStore,
    agent: &AgentId,
    queues: Option<Vec<QueueId>>,
    capacity: Option<BTreeMap<Medium, u8>>,
) -> Result<(), hotline_store::error::StoreError> {
    let agents = directory.agents().await?;
    let Some(mut kept) = agents.into_iter().find(|it| it.id == *agent) else { return Ok(()) };
    kept.queues = queues.unwrap_or(kept.queues);
    kept.capacity = capacity.unwrap_or(kept.capacity);
    directory.put_agent(&kept).await
}

/// Shows how callers of a queue are served.
#[utoipa::path(get, path = "/queues/{id}/settings", tag = "configuration", security(("bearer" = [])),
    params(("id" = String, Path, description = "The queue")),
    responses((status = 200, body = QueueSettings), (status = 404, body = Problem)))]
pub async fn queue_settings(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
    Id(queue): Id<QueueId>,
) -> Result<Json<QueueSettings>, Problem> {
    let view = state.rest().live.view();
    let known = view.config().queues.iter().find(|it| it.id == queue).cloned();
    let QueueConfig {
        id: _,
        name,
        waiting_flow,
        whisper_flow,
        after_call_flow,
        ring_for,
        after_call_work,
    } = known.ok_or_else(|| unknown("queue", queue.as_str()))?;
    let (ring_ms, after_call_work_ms) = (millis(ring_for), millis(after_call_work));
    Ok(Json(QueueSettings {
        name,
        ring_ms,
        after_call_work_ms,
        waiting_flow,
        whisper_flow,
        after_call_flow,
    }))
}

/// Changes how callers of a queue are served, or opens the queue: at once for who comes, is offered or is answered from
/// here on, and for the next start. Who waits in it waits on.
#[utoipa::path(put, path = "/queues/{id}/settings", tag = "configuration", security(("bearer" = [])),
    request_body = QueueSettings, params(("id" = String, Path, description = "The queue")),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn configure_queue(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Id(id): Id<QueueId>,
    Body(settings): Body<QueueSettings>,
) -> Result<StatusCode, Problem> {
    state.require_configure(&signed_in)?;
    let queue = QueueConfig {
        id,
        name: settings.name,
        waiting_flow: settings.waiting_flow,
        whisper_flow: settings.whisper_flow,
        after_call_flow: settings.after_call_flow,
        ring_for: Duration::from_millis(settings.ring_ms),
        after_call_work: Duration::from_millis(settings.after_call_work_ms),
    };
    let by = signed_in.user.name.clone();
    state.rest().centre.request(Command::ConfigureQueue { queue: queue.clone(), by }).await?;
    state.routing.keep_queue(queue).await.map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn unknown(what: &str, name: &str) -> Problem {
    let code = if what == "agent" { "unknown_agent" } else { "unknown_queue" };
    Problem::unknown(code, format!("there is no {what} {name}"))
}
