//! How the gateways of trunks are.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// One gateway of a trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gateway {
    /// The trunk.
    pub trunk: String,
    /// Its name.
    pub name: String,
    /// `unknown`, `up`, `registering`, `refused` or `down`; calls are sent to one that is up or unknown.
    pub state: &'static str,
    /// Its calls, both ways.
    pub calls: u32,
    /// How many calls it may carry at once.
    pub capacity: Option<u32>,
    /// How many calls out it did not take since the start.
    pub failures: u64,
}

/// Lists the gateways of all trunks, in the order of the configuration.
#[utoipa::path(get, path = "/trunks", tag = "status", security(("bearer" = [])),
    responses((status = 200, body = Vec<Gateway>)))]
pub async fn list(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Vec<Gateway>> {
    Json(state.probe.gateways().await)
}
