//! Devices: which can be reached, how their features stand, and which stand off hook.

use std::collections::BTreeMap;

use cti_core::{
    config::CenterConfig,
    device::{DeviceState, StandingLegChange},
    event::{Event, Fact},
    id::DeviceId,
};

/// One device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Whether it can be reached.
    pub in_service: bool,
    /// How its features stand.
    pub features: DeviceState,
    /// Whether the leg that stands to it is connected; none when no leg does.
    pub off_hook: Option<bool>,
}

/// The devices of the centre.
#[derive(Clone, Debug)]
pub struct Devices(BTreeMap<DeviceId, DeviceStatus>);

impl Devices {
    pub(super) fn new(config: &CenterConfig) -> Self {
        let seats = config.seats.iter().map(|seat| &seat.device);
        let others = config.devices.iter().map(|device| &device.id);
        let known = seats.chain(others).map(|device| (device.clone(), DeviceStatus::default()));
        Self(known.collect())
    }

    pub(super) fn apply(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "it looks at the facts about devices")]
        match &event.fact {
            Fact::DeviceInService { device } => self.of(device).in_service = true,
            Fact::DeviceOutOfService { device } => self.of(device).in_service = false,
            Fact::DeviceFeatureSet { device, feature } => self.of(device).features.set(feature),
            Fact::StandingLegChanged { device, to, .. } => {
                self.of(device).off_hook = match to {
                    StandingLegChange::Dialed { .. } => Some(false),
                    StandingLegChange::Connected => Some(true),
                    StandingLegChange::Ended(_) => None,
                };
            }
            _ => {}
        }
    }

    fn of(&mut self, device: &DeviceId) -> &mut DeviceStatus {
        self.0.entry(device.clone()).or_default()
    }

    pub(super) fn in_service(&self, device: &DeviceId) -> bool {
        self.0.get(device).is_some_and(|it| it.in_service)
    }

    pub(super) fn get(&self, device: &DeviceId) -> Option<&DeviceStatus> {
        self.0.get(device)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&DeviceId, &DeviceStatus)> {
        self.0.iter()
    }
}
