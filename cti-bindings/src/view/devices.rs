//! Which devices can be reached.

use std::collections::BTreeMap;

use cti_core::{
    config::CenterConfig,
    event::{Event, Fact},
    id::DeviceId,
};

/// The devices and whether each one can be reached.
#[derive(Clone, Debug)]
pub struct Devices(BTreeMap<DeviceId, bool>);

impl Devices {
    pub(super) fn new(config: &CenterConfig) -> Self {
        Self(config.seats.iter().map(|seat| (seat.device.clone(), false)).collect())
    }

    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::DeviceInService { device } = &event.fact {
            self.0.insert(device.clone(), true);
        } else if let Fact::DeviceOutOfService { device } = &event.fact {
            self.0.insert(device.clone(), false);
        }
    }

    pub(super) fn in_service(&self, device: &DeviceId) -> bool {
        self.0.get(device).copied().unwrap_or(false)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&DeviceId, bool)> {
        self.0.iter().map(|(device, in_service)| (device, *in_service))
    }
}
