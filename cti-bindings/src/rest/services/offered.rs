//! What rings or is parked: answer, deflect, pick up, take back, route.

use axum::{extract::State, http::StatusCode};
use cti_core::{
    command::Service,
    id::{AgentId, CallId, DeviceId},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Begun, Created, target::To, wants::Asked};
use crate::rest::{
    RestState,
    authorize::Caller,
    extract::{Body, Id},
    problem::Problem,
};

/// By which device.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByDevice {
    /// The device; the one where the asking agent works when absent.
    #[schema(value_type = Option<String>)]
    pub device: Option<DeviceId>,
}

/// Where a call is to ring instead.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deflect {
    /// Where.
    pub to: To,
}

/// Where a call that a program decides about is to go.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteSelect {
    /// Where.
    pub to: To,
    /// Higher is served first, where it goes to a queue.
    #[serde(default)]
    pub priority: u8,
    /// What it asks of an agent, where it goes to a queue.
    #[serde(default)]
    pub needs: Asked,
}

/// Where a parked call is taken.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unpark {
    /// The device at which it is parked.
    #[schema(value_type = String)]
    pub at: DeviceId,
}

/// Lets the phone that rings answer by itself (Answer Call).
#[utoipa::path(post, path = "/calls/{id}/answer", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn answer(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<StatusCode, Problem> {
    let device = state.device(&who, asked.device)?;
    state.serve(Service::AnswerCall { call, device: Some(device) }).await
}

/// Lets a call that rings ring elsewhere (Deflect Call).
#[utoipa::path(post, path = "/calls/{id}/deflect", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Deflect,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn deflect(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Deflect>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    state.serve(Service::DeflectCall { call, to: asked.to.into() }).await
}

/// Takes a call that rings at another device (Directed Pickup Call).
#[utoipa::path(post, path = "/calls/{id}/pickup", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn pickup(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<StatusCode, Problem> {
    let device = state.device(&who, asked.device)?;
    state.serve(Service::DirectedPickup { call, device }).await
}

/// Takes part in a call on a line that the device shares (Join Call).
#[utoipa::path(post, path = "/calls/{id}/join", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn join(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<Created, Problem> {
    let device = state.device(&who, asked.device)?;
    state.begin(Service::JoinCall { call, device }).await
}

/// Takes a call that one has transferred back while it is not answered.
#[utoipa::path(post, path = "/calls/{id}/take-back", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByDevice,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn take_back(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByDevice>,
) -> Result<StatusCode, Problem> {
    let device = state.device(&who, asked.device)?;
    state.serve(Service::TakeBack { call, device }).await
}

/// Decides where a call goes that waits for a program (Route Select).
#[utoipa::path(post, path = "/calls/{id}/route", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = RouteSelect,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn route(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<RouteSelect>,
) -> Result<StatusCode, Problem> {
    state.require_supervision(&who, call)?;
    let (to, priority, needs) = (asked.to.into(), asked.priority, asked.needs.read()?);
    state.serve(Service::RouteSelect { call, to, priority, needs }).await
}

/// Lets the caller of a call that waits for a program hear that it rings (Accept Call).
#[utoipa::path(post, path = "/calls/{id}/accept", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn accept(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<StatusCode, Problem> {
    state.require_supervision(&who, call)?;
    state.serve(Service::AcceptCall { call }).await
}

/// Answers a call that waits for a program, so that it can be played to.
#[utoipa::path(post, path = "/calls/{id}/answer-caller", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn answer_caller(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<StatusCode, Problem> {
    state.require_supervision(&who, call)?;
    state.serve(Service::AnswerCall { call, device: None }).await
}

/// Takes what has rung longest in the pickup group of the agent's device (Group Pickup Call).
#[utoipa::path(post, path = "/agents/{id}/group-pickup", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn group_pickup(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    let device = state.device_of(&who, &agent)?;
    state.serve(Service::GroupPickup { device }).await
}

/// Takes a parked call at the agent's device.
#[utoipa::path(post, path = "/agents/{id}/unpark", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = Unpark,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn unpark(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(asked): Body<Unpark>,
) -> Result<StatusCode, Problem> {
    let device = state.device_of(&who, &agent)?;
    state.serve(Service::Unpark { at: asked.at, device }).await
}
