//! What supervisors do: listen, whisper, join, take over, end.

use axum::{extract::State, http::StatusCode};
use cti_core::{
    command::{Command, Service},
    id::{CallId, DeviceId},
    target::PartyRef,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Begun, Created, target::Who};
use crate::rest::{
    RestState,
    authorize::Caller,
    calls::unknown,
    extract::{Body, Id},
    problem::Problem,
};

/// By which device a supervisor takes part.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByDevice {
    /// The device; the one where the asking agent works when absent.
    #[schema(value_type = Option<String>)]
    pub device: Option<DeviceId>,
}

/// By which device a supervisor takes part, and in whose name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithAgent {
    /// The device; the one where the asking agent works when absent.
    #[schema(value_type = Option<String>)]
    pub device: Option<DeviceId>,
    /// The party meant; the agent who talks when absent.
    pub party: Option<Who>,
}

/// Listens to a call and is not heard (silent monitor).
#[utoipa::path(post, path = "/calls/{id}/monitor", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn monitor(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<Created, Problem> {
    state.require_supervision(&who, call)?;
    let device = state.device(&who, asked.device)?;
    state.begin(Service::SilentMonitor { call, device }).await
}

/// Speaks to one party alone, who is an agent.
#[utoipa::path(post, path = "/calls/{id}/whisper", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithAgent,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn whisper(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithAgent>,
) -> Result<Created, Problem> {
    state.require_supervision(&who, call)?;
    let device = state.device(&who, asked.device)?;
    let to = state.agent_in(call, asked.party)?;
    state.begin(Service::Whisper { call, device, to }).await
}

/// Joins a conversation unasked.
#[utoipa::path(post, path = "/calls/{id}/barge", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn barge(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<Created, Problem> {
    state.require_supervision(&who, call)?;
    let device = state.device(&who, asked.device)?;
    state.begin(Service::Barge { call, device }).await
}

/// Takes the citizen over from an agent, who is released.
#[utoipa::path(post, path = "/calls/{id}/take-over", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithAgent,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn take_over(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithAgent>,
) -> Result<Created, Problem> {
    state.require_supervision(&who, call)?;
    let device = state.device(&who, asked.device)?;
    let from = state.agent_in(call, asked.party)?;
    state.begin(Service::TakeOver { call, device, from }).await
}

/// Joins the call of a busy device (Intrude Call).
#[utoipa::path(post, path = "/calls/{id}/intrude", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn intrude(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<Created, Problem> {
    state.require_supervision(&who, call)?;
    let device = state.device(&who, asked.device)?;
    state.begin(Service::IntrudeCall { call, device }).await
}

/// Ends a call for all its parties, as a supervisor.
#[utoipa::path(post, path = "/calls/{id}/force-release", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn force_release(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<StatusCode, Problem> {
    state.require_supervision(&who, call)?;
    state.centre.request(Command::ClearCall { call }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl RestState {
    /// Returns the party meant, the agent who talks when nothing is said.
    fn agent_in(&self, call: CallId, given: Option<Who>) -> Result<PartyRef, Problem> {
        if let Some(party) = given {
            return Ok(party.into());
        }
        let view = self.live.view();
        let live = view.call(call).ok_or_else(|| unknown(call))?;
        let agent = live.agent().ok_or_else(|| {
            Problem::invalid("party", format!("say who is meant: no agent talks in {call}"))
        })?;
        Ok(PartyRef::Agent(agent.clone()))
    }
}
