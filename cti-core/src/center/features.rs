//! Features of devices (ECMA-269 §22.1): auto-answer, do not disturb, constant off-hook, forwarding, message waiting,
//! caller-id restriction, speed dial.

use super::{Answer, Center};
use crate::{
    address::PhoneNumber,
    command::{CommandError, Reply},
    device::DeviceState,
    event::{DeviceFeature, Fact},
    id::DeviceId,
    switch::SwitchCommand,
    target::Target,
};

impl Center {
    pub(super) fn set_feature(&mut self, device: &DeviceId, feature: DeviceFeature) -> Answer {
        self.known_device(device)?;
        feature.check(device)?;
        let stands = self.state.devices.get(device).cloned().unwrap_or_default();
        if let DeviceFeature::Forwarding { to: Some(to), .. } = &feature {
            self.route(&Target::Number(to.clone()))?;
        }
        let mut wanted = stands.clone();
        wanted.set(&feature);
        if wanted.speed_dial.len() > DeviceState::MAX_SPEED_DIAL {
            return Err(CommandError::TooMany { field: "speed_dial".to_owned(), limit: 100 });
        }
        if wanted != stands {
            self.emit(Fact::DeviceFeatureSet { device: device.clone(), feature });
        }
        if wanted.messages != stands.messages {
            self.indicate_messages(device);
        }
        match (stands.constant_off_hook, wanted.constant_off_hook) {
            (_, true) => self.stand_off_hook(device),
            (true, false) => self.release_standing_leg(device),
            (false, false) => {}
        }
        Ok(Reply::Done)
    }

    /// Lets the features stand that the configuration decides.
    pub(super) fn set_configured_features(&mut self) {
        for device in self.config.devices.clone() {
            for feature in device.features {
                if let Err(error) = self.set_feature(&device.id, feature) {
                    tracing::warn!(device = %device.id, %error, "A configured feature cannot stand");
                }
            }
        }
    }

    /// Lets the lamp of a device that can be reached show how many messages wait.
    pub(super) fn indicate_messages(&mut self, device: &DeviceId) {
        let count = self.state.devices.get(device).map(|it| it.messages);
        if let Some(count) = count.filter(|_| self.state.in_service.contains(device)) {
            let device = device.clone();
            self.command_when_durable(SwitchCommand::IndicateMessages { device, count });
        }
    }

    /// Returns the number behind a short name of a device; the number itself where it is none. What the plan lists is
    /// no short name.
    pub(super) fn in_full<'a>(
        &'a self,
        device: &DeviceId,
        dialled: &'a PhoneNumber,
    ) -> &'a PhoneNumber {
        let features = self.state.devices.get(device);
        let listed = || self.config.numbers.iter().any(|entry| entry.number == *dialled);
        features
            .and_then(|it| it.speed_dial.get(dialled.reveal()))
            .filter(|_| !listed())
            .unwrap_or(dialled)
    }

    /// Returns a target as someone at a device means it: his short names in full.
    pub(super) fn meant_at(&self, device: &DeviceId, target: Target) -> Target {
        match target {
            Target::Number(number) => Target::Number(self.in_full(device, &number).clone()),
            Target::Numbers(numbers) => Target::Numbers(
                numbers.iter().map(|number| self.in_full(device, number).clone()).collect(),
            ),
            Target::Device(_) | Target::Agent(_) | Target::Queue(_) | Target::Flow(_) => target,
        }
    }
}
