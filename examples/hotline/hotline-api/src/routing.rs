//! The rules of the queues: skills, strategies, scripts, schedules, overflow. An administrator changes them while calls
//! wait.

use async_trait::async_trait;
use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{authorize::Action, extract::Body, problem::Problem};
use serde_json::Value;

use crate::{authorize::SignedIn, state::ApiState};

/// Why rules were not taken; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// They contradict themselves, or name what is not there.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// They could not be kept.
    #[error("the rules could not be kept: {0}")]
    Keep(#[from] std::io::Error),
}

/// The rules in force.
#[async_trait]
pub trait RoutingRules: Send + Sync {
    /// Returns the rules in force as a document.
    fn current(&self) -> Value;

    /// Takes other rules at once, contacts waiting, and keeps them for the next start.
    async fn replace(&self, rules: Value) -> Result<(), RoutingError>;
}

/// Shows the rules of the queues that are in force.
#[utoipa::path(get, path = "/routing", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub async fn show(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    state.require_configure(&signed_in)?;
    Ok(Json(state.routing.current()))
}

/// Takes other rules of the queues: they are in force at once, nobody loses his place, and they outlive a restart.
#[utoipa::path(put, path = "/routing", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn replace(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(rules): Body<Value>,
) -> Result<StatusCode, Problem> {
    state.require_configure(&signed_in)?;
    state.routing.replace(rules).await.map_err(|error| match error {
        RoutingError::Invalid { field, reason } => Problem::invalid(&field, reason),
        RoutingError::Keep(error) => Problem::internal(&error),
    })?;
    tracing::info!(user = %signed_in.user.name, "changed the rules of the queues");
    Ok(StatusCode::NO_CONTENT)
}

impl ApiState {
    pub(crate) fn require_configure(&self, signed_in: &SignedIn) -> Result<(), Problem> {
        let may = self.rest().authorizer.may(&signed_in.principal(), Action::Configure);
        may.then_some(()).ok_or_else(|| Problem::forbidden("you may not change the configuration"))
    }
}
