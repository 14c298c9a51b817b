//! A call begins: make, make predictive, dial on, call back when free.

use std::{collections::BTreeMap, time::Duration};

use axum::{extract::State, http::StatusCode};
use cti_core::{
    address::PhoneNumber,
    command::Service,
    id::{AgentId, CallId, DeviceId},
    target::Target,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Begun, Created, target::To};
use crate::rest::{
    RestState,
    authorize::{Action, Caller, Whose},
    extract::{Body, Id},
    problem::Problem,
};

/// A call that a device begins.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCall {
    /// The device; the one where the asking agent works when absent.
    #[schema(value_type = Option<String>)]
    pub device: Option<DeviceId>,
    /// Whom it calls; dialled digit by digit afterwards when absent.
    pub to: Option<To>,
    /// What travels with the call.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
}

/// A call to someone who is led on once he has answered.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakePredictiveCall {
    /// The number.
    #[schema(value_type = String)]
    pub to: PhoneNumber,
    /// Where he is led.
    pub then: To,
    /// How long he is rung, in milliseconds; 5,000 to 180,000.
    pub ring_ms: u64,
    /// What travels with the call.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
}

/// A number to be dialled.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DialDigits {
    /// The number.
    #[schema(value_type = String)]
    pub digits: PhoneNumber,
}

/// Whom an agent wants to be called back by.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    /// The device that is busy.
    #[schema(value_type = String)]
    pub to: DeviceId,
}

/// Lets a device call someone (Make Call).
#[utoipa::path(post, path = "/calls", tag = "call services", security(("bearer" = [])),
     request_body = MakeCall,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn make_call(
    State(state): State<RestState>,
    Caller(who): Caller,
    Body(asked): Body<MakeCall>,
) -> Result<Created, Problem> {
    let from = state.device(&who, asked.device)?;
    let to = asked.to.map(Into::into);
    state.begin(Service::MakeCall { from, to, data: asked.data }).await
}

/// Calls someone outside and leads him on once he has answered (Make Predictive Call).
#[utoipa::path(post, path = "/calls/predictive", tag = "call services", security(("bearer" = [])),
     request_body = MakePredictiveCall,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn make_predictive_call(
    State(state): State<RestState>,
    Caller(who): Caller,
    Body(asked): Body<MakePredictiveCall>,
) -> Result<Created, Problem> {
    let then: Target = asked.then.into();
    let queues = match &then {
        Target::Queue(queue) => vec![queue.clone()],
        Target::Agent(agent) => state.queues_of(agent),
        Target::Device(_) | Target::Number(_) | Target::Numbers(_) | Target::Flow(_) => Vec::new(),
    };
    state.require(&who, Action::ManageQueue(Whose { agents: &[], queues: &queues }))?;
    let (to, ring_for, data) = (asked.to, Duration::from_millis(asked.ring_ms), asked.data);
    state.begin(Service::MakePredictiveCall { to, then, ring_for, data }).await
}

/// Dials on in a call that was made without saying whom to call (Dial Digits).
#[utoipa::path(post, path = "/calls/{id}/dial-digits", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = DialDigits,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn dial_digits(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<DialDigits>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    state.serve(Service::DialDigits { call, digits: asked.digits }).await
}

/// Rings the agent and a busy device when both are free (Call Back).
#[utoipa::path(post, path = "/agents/{id}/call-back", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = CallBack,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn call_back(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(asked): Body<CallBack>,
) -> Result<StatusCode, Problem> {
    let from = state.device_of(&who, &agent)?;
    state.serve(Service::CallBackCall { from, to: asked.to }).await
}

/// No longer wants to be called back (Cancel Call Back).
#[utoipa::path(post, path = "/agents/{id}/cancel-call-back", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The agent's number")), request_body = CallBack,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn cancel_call_back(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(agent): Id<AgentId>,
    Body(asked): Body<CallBack>,
) -> Result<StatusCode, Problem> {
    let from = state.device_of(&who, &agent)?;
    state.serve(Service::CancelCallBack { from, to: asked.to }).await
}
