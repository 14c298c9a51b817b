//! Devices, whether they can be reached, and how their features stand.

pub mod features;

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
    /// `connected` while it stands constantly off hook, `connecting` before its telephone answers; null otherwise.
    pub off_hook: Option<&'static str>,
}

/// Lists the devices.
#[utoipa::path(get, path = "/devices", tag = "devices", security(("bearer" = [])),
    responses((status = 200, body = List<Device>)))]
pub async fn list(State(state): State<RestState>, _caller: Caller) -> Json<List<Device>> {
    let view = state.live.view();
    let items = view.devices().map(|(device, status)| Device {
        id: device.to_string(),
        kind: "station".to_owned(),
        in_service: status.in_service,
        off_hook: off_hook(status.off_hook),
    });
    Json(List::whole(items.collect()))
}

fn off_hook(connected: Option<bool>) -> Option<&'static str> {
    connected.map(|connected| if connected { "connected" } else { "connecting" })
}
