//! What travels with a call, and texts that are sent along with it.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{command::Service, id::CallId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::target::Who;
use crate::rest::{
    RestState,
    authorize::Caller,
    calls::unknown,
    extract::{Body, Id},
    problem::Problem,
};

/// What travels with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallData {
    /// The call.
    pub call: String,
    /// The version, which a change can be based on.
    pub version: u32,
    /// The values by name.
    pub data: BTreeMap<String, String>,
}

/// Values to be kept with a call.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssociateData {
    /// The values by name; others stay as they are.
    pub data: BTreeMap<String, String>,
    /// The version that they are based on, to be refused when someone changed it meanwhile; any when absent.
    pub based_on: Option<u32>,
}

/// A text that is sent along with a call.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserInformation {
    /// Who sends it; a program when absent.
    pub from: Option<Who>,
    /// The text, at most 256 characters.
    pub text: String,
}

/// Shows what travels with a call.
#[utoipa::path(get, path = "/calls/{id}/data", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 200, body = CallData), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<Json<CallData>, Problem> {
    state.require_call(&who, call)?;
    let view = state.live.view();
    let live = view.call(call).ok_or_else(|| unknown(call))?;
    let (version, data) = (live.data_version, live.data.clone());
    Ok(Json(CallData { call: call.to_string(), version, data }))
}

/// Keeps values with a call (Associate Data).
#[utoipa::path(post, path = "/calls/{id}/data", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = AssociateData,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn associate(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<AssociateData>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    let AssociateData { data, based_on } = asked;
    state.serve(Service::AssociateData { call, data, based_on }).await
}

/// Sends a text to all who watch a call (Send User Information).
#[utoipa::path(post, path = "/calls/{id}/user-information", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = UserInformation,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn send(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<UserInformation>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    let (from, text) = (asked.from.map(Into::into), asked.text);
    state.serve(Service::SendUserInformation { call, from, text }).await
}
