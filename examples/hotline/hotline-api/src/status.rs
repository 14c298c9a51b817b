//! What the server says of itself.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// The version of the program.
    pub version: String,
    /// When it began to serve.
    pub started_at: String,
    /// Whether new calls are refused.
    pub drain: bool,
    /// The numbers that citizens dial.
    pub numbers: Vec<DialledNumber>,
    /// Where telephones register.
    pub sip: String,
}

/// One number that citizens dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DialledNumber {
    /// The number.
    pub number: String,
    /// What people call it.
    pub name: String,
}

/// Shows what the server says of itself.
#[utoipa::path(get, path = "/status", tag = "status", security(("bearer" = [])),
    responses((status = 200, body = Status)))]
pub async fn show(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Status> {
    let view = state.rest().live.view();
    let numbers = view
        .config()
        .numbers
        .iter()
        .filter(|number| matches!(number.to, cti_core::config::Destination::Flow(_)))
        .map(|number| DialledNumber {
            number: number.number.reveal().to_owned(),
            name: number.name.clone(),
        });
    Json(Status {
        version: state.about.version.clone(),
        started_at: state.time(state.about.started_at),
        drain: state.probe.draining(),
        numbers: numbers.collect(),
        sip: state.about.sip.clone(),
    })
}
