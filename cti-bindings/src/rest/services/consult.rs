//! Consultation: a party asks someone while the others are on hold, and brings them together.

use axum::{extract::State, http::StatusCode};
use cti_core::{command::Service, id::CallId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Begun, Created,
    target::{To, Who},
};
use crate::rest::{
    RestState,
    authorize::Caller,
    calls::unknown,
    extract::{Body, Id},
    problem::Problem,
};

/// Whom a party asks while the others are on hold.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consult {
    /// Who asks; the agent who sends this when absent.
    pub party: Option<Who>,
    /// Whom.
    pub to: To,
}

/// Two calls of one party: the one in the path, in which he talks, and the one on hold.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithHeld {
    /// Who; the agent who asks when absent.
    pub party: Option<Who>,
    /// The call on hold; the one that the other call was begun from when absent.
    #[schema(value_type = Option<String>)]
    pub held: Option<CallId>,
}

/// Asks someone while the others are on hold (Consultation Call).
#[utoipa::path(post, path = "/calls/{id}/consult", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Consult,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn consult(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Consult>,
) -> Result<Created, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    let to = asked.to.into();
    state.begin(Service::ConsultationCall { call, party, to }).await
}

/// Changes over to the call on hold (Alternate Call).
#[utoipa::path(post, path = "/calls/{id}/alternate", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithHeld,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn alternate(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithHeld>,
) -> Result<StatusCode, Problem> {
    let (active, party) = (call, state.party(&who, call, asked.party.map(Into::into))?);
    let held = state.held(active, asked.held)?;
    state.serve(Service::AlternateCall { held, active, party }).await
}

/// Leaves this call and goes back to the one on hold (Reconnect Call).
#[utoipa::path(post, path = "/calls/{id}/reconnect", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithHeld,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn reconnect(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithHeld>,
) -> Result<StatusCode, Problem> {
    let (active, party) = (call, state.party(&who, call, asked.party.map(Into::into))?);
    let held = state.held(active, asked.held)?;
    state.serve(Service::ReconnectCall { held, active, party }).await
}

/// Brings those on hold together with those asked, and leaves them (Transfer Call).
#[utoipa::path(post, path = "/calls/{id}/transfer", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithHeld,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn transfer(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithHeld>,
) -> Result<StatusCode, Problem> {
    let (active, party) = (call, state.party(&who, call, asked.party.map(Into::into))?);
    let held = state.held(active, asked.held)?;
    state.serve(Service::TransferCall { held, active, party }).await
}

/// Joins those on hold, those asked and the party in one conversation (Conference Call).
#[utoipa::path(post, path = "/calls/{id}/conference", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = WithHeld,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn conference(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<WithHeld>,
) -> Result<StatusCode, Problem> {
    let (active, party) = (call, state.party(&who, call, asked.party.map(Into::into))?);
    let held = state.held(active, asked.held)?;
    state.serve(Service::ConferenceCall { held, active, party }).await
}

impl RestState {
    /// Returns the call on hold that goes with one in which a party talks.
    fn held(&self, active: CallId, given: Option<CallId>) -> Result<CallId, Problem> {
        let consults = || {
            let view = self.live.view();
            view.call(active).ok_or_else(|| unknown(active)).map(|live| live.consults)
        };
        match given {
            Some(held) => Ok(held),
            None => consults()?.ok_or_else(|| {
                Problem::invalid(
                    "held",
                    format!("say which call is on hold: {active} asks for none"),
                )
            }),
        }
    }
}
