//! Devices, and whether they can be reached.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RestState, authorize::Caller, list::List};

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    /// The device.
    pub id: String,
    /// `station`.
    pub kind: String,
    /// Whether it can be reached.
    pub in_service: bool,
}

/// Lists the devices.
#[utoipa::path(get, path = "/devices", tag = "agents", security(("bearer" = [])),
    responses((status = 200, body = List<Device>)))]
pub async fn list(State(state): State<RestState>, _caller: Caller) -> Json<List<Device>> {
    let view = state.live.view();
    let items = view.devices().map(|(device, in_service)| Device {
        id: device.to_string(),
        kind: "station".to_owned(),
        in_service,
    });
    Json(List::whole(items.collect()))
}
