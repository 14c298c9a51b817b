//! Devices, whether they can be reached, and how their features stand.

pub mod features;

use axum::{Json, extract::State};
use cti_core::{device::DeviceKind, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RestState, authorize::Caller, list::List};
use crate::view::View;

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    /// The device.
    pub id: String,
    /// `station`, `ip_station`, `soft_station`, `virtual_station`, `mobile_station`, `trunk_group`, `acd_group` (a queue)
    /// or `ivr_port` (a flow).
    pub kind: &'static str,
    /// Whether it can be reached; a queue can when somebody serves it.
    pub in_service: bool,
    /// `connected` while it stands constantly off hook, `connecting` before its telephone answers; null otherwise.
    pub off_hook: Option<&'static str>,
}

/// Lists the devices.
#[utoipa::path(get, path = "/devices", tag = "devices", security(("bearer" = [])),
    responses((status = 200, body = List<Device>)))]
pub async fn list(State(state): State<RestState>, _caller: Caller) -> Json<List<Device>> {
    let now = state.centre.now();
    let view = state.live.view();
    let stations = view.devices().map(|(device, status)| Device {
        id: device.to_string(),
        kind: view.config().kind_of(device).name(),
        in_service: status.in_service,
        off_hook: off_hook(status.off_hook),
    });
    let groups = view.config().groups().into_iter().map(|(kind, name)| Device {
        id: name.to_owned(),
        kind: kind.name(),
        in_service: kind != DeviceKind::AcdGroup || is_served(&view, name, now),
        off_hook: None,
    });
    Json(List::whole(stations.chain(groups).collect()))
}

fn is_served(view: &View, queue: &str, now: Timestamp) -> bool {
    let named = view.config().queues.iter().find(|known| known.id.as_str() == queue);
    named.and_then(|it| view.queue(&it.id, now)).is_some_and(|it| it.agents_signed_in > 0)
}

fn off_hook(connected: Option<bool>) -> Option<&'static str> {
    connected.map(|connected| if connected { "connected" } else { "connecting" })
}
