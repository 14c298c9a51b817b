//! Seats, and who sits there.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RestState, authorize::Caller, list::List};

/// One seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Seat {
    /// The seat.
    pub id: String,
    /// The device that stands there.
    pub device: String,
    /// Who sits there.
    pub agent: Option<String>,
    /// Whether the device can be reached.
    pub in_service: bool,
}

/// Lists the seats.
#[utoipa::path(get, path = "/seats", tag = "agents", security(("bearer" = [])),
    responses((status = 200, body = List<Seat>)))]
pub async fn list(State(state): State<RestState>, _caller: Caller) -> Json<List<Seat>> {
    let view = state.live.view();
    let items = view.config().seats.iter().map(|seat| Seat {
        id: seat.id.to_string(),
        device: seat.device.to_string(),
        agent: view.agent_at(&seat.device).map(ToString::to_string),
        in_service: view.device(&seat.device).is_some_and(|device| device.in_service),
    });
    Json(List::whole(items.collect()))
}
