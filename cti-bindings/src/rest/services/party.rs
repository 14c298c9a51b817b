//! A party and the others: hold, retrieve, send on, bring in, park, leave.

use axum::{extract::State, http::StatusCode};
use cti_core::{
    command::Service,
    id::{AgentId, CallId, DeviceId, QueueId},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Begun, Created,
    role::PartyRole,
    target::{To, Who},
    wants::Asked,
};
use crate::rest::{
    RestState,
    authorize::Caller,
    extract::{Body, Id},
    problem::Problem,
};

/// Who does it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByParty {
    /// Who; the agent who asks when absent.
    pub party: Option<Who>,
}

/// Who leaves the others, and where they go.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendOn {
    /// Who leaves; the agent who asks when absent.
    pub party: Option<Who>,
    /// Where the others go.
    pub to: To,
}

/// Who is brought in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BringIn {
    /// Whom: a device, an agent or a number.
    pub to: To,
    /// What he may do; everything when absent.
    #[serde(default)]
    pub role: PartyRole,
}

/// Who parks a call, and where.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Park {
    /// Who; the agent who asks when absent.
    pub party: Option<Who>,
    /// At which device; at his own when absent.
    #[schema(value_type = Option<String>)]
    pub at: Option<DeviceId>,
}

/// Who waits for a busy device.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampOn {
    /// Who leaves the others waiting, or waits himself; the agent who asks when absent.
    pub party: Option<Who>,
    /// The busy device.
    #[schema(value_type = String)]
    pub on: DeviceId,
}

/// Who hands a caller back to a queue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Requeue {
    /// Who; the agent who asks when absent.
    pub party: Option<Who>,
    /// Where the caller waits.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// What is asked of the next agent.
    #[serde(default)]
    pub needs: Asked,
    /// A certain agent who is asked first.
    #[schema(value_type = Option<String>)]
    pub agent: Option<AgentId>,
}

/// Puts the others of a call on hold (Hold Call).
#[utoipa::path(post, path = "/calls/{id}/hold", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByParty,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn hold(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByParty>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::HoldCall { call, party }).await
}

/// Takes a call from hold (Retrieve Call).
#[utoipa::path(post, path = "/calls/{id}/retrieve", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByParty,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn retrieve(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByParty>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::RetrieveCall { call, party }).await
}

/// Lets one party leave a call (Clear Connection); from a consultation he comes back to those on hold.
#[utoipa::path(post, path = "/calls/{id}/clear-connection", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByParty,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn clear_connection(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByParty>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::ClearConnection { call, party }).await
}

/// Sends the others of a call on without asking first (Single Step Transfer Call): to a device, an agent, a number, a
/// queue or a flow.
#[utoipa::path(post, path = "/calls/{id}/single-step-transfer", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = SendOn,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn single_step_transfer(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<SendOn>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::SingleStepTransfer { call, party, to: asked.to.into() }).await
}

/// Brings someone into a call (Single Step Conference Call).
#[utoipa::path(post, path = "/calls/{id}/single-step-conference", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = BringIn,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn single_step_conference(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<BringIn>,
) -> Result<Created, Problem> {
    state.require_call(&who, call)?;
    let role = asked.role.read(&state, call)?;
    state.begin(Service::SingleStepConference { call, to: asked.to.into(), role }).await
}

/// Lets the others of a call wait at a device until someone takes them there (Park Call).
#[utoipa::path(post, path = "/calls/{id}/park", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Park,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn park(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Park>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    let at = match asked.at {
        Some(at) => at,
        None => state.device(&who, None)?,
    };
    state.serve(Service::ParkCall { call, party, at }).await
}

/// Lets a call wait for a busy device (Camp On Call).
#[utoipa::path(post, path = "/calls/{id}/camp-on", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = CampOn,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn camp_on(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<CampOn>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::CampOnCall { call, party, on: asked.on }).await
}

/// Hands the caller back to a queue, with the place that he had.
#[utoipa::path(post, path = "/calls/{id}/requeue", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Requeue,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn requeue(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Requeue>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    let needs = asked.needs.read()?;
    let (queue, agent) = (asked.queue, asked.agent);
    state.serve(Service::Requeue { call, party, queue, needs, agent }).await
}
