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

/// The most features that are switched together.
const MAX_FEATURES: u32 = 200;

impl Center {
    pub(super) fn set_feature(&mut self, device: &DeviceId, feature: DeviceFeature) -> Answer {
        self.known_device(device)?;
        let stands = self.state.devices.get(device).cloned().unwrap_or_default();
        let wanted = self.with_feature(device, stands, &feature)?;
        self.switch_feature(device, feature, &wanted);
        Ok(Reply::Done)
    }

    /// Switches all of them or none.
    pub(super) fn set_features(
        &mut self,
        device: &DeviceId,
        features: Vec<DeviceFeature>,
    ) -> Answer {
        self.known_device(device)?;
        if features.len() > MAX_FEATURES as usize {
            let field = "features".to_owned();
            return Err(CommandError::TooMany { field, limit: MAX_FEATURES });
        }
        let stands = self.state.devices.get(device).cloned().unwrap_or_default();
        let mut steps = Vec::with_capacity(features.len());
        let mut wanted = stands;
        for (index, feature) in features.into_iter().enumerate() {
            wanted = self
                .with_feature(device, wanted, &feature)
                .map_err(|error| error.within(&format!("features[{index}]")))?;
            steps.push((feature, wanted.clone()));
        }
        for (feature, wanted) in steps {
            self.switch_feature(device, feature, &wanted);
        }
        Ok(Reply::Done)
    }

    /// Returns how a device stands once a feature is switched.
    fn with_feature(
        &self,
        device: &DeviceId,
        mut stands: DeviceState,
        feature: &DeviceFeature,
    ) -> Result<DeviceState, CommandError> {
        feature.check(device)?;
        if let DeviceFeature::Forwarding { to: Some(to), .. } = feature {
            self.route(&Target::Number(to.clone()))?;
        }
        stands.set(feature);
        if stands.speed_dial.len() > DeviceState::MAX_SPEED_DIAL {
            return Err(CommandError::TooMany { field: "speed_dial".to_owned(), limit: 100 });
        }
        Ok(stands)
    }

    fn switch_feature(&mut self, device: &DeviceId, feature: DeviceFeature, wanted: &DeviceState) {
        let stands = self.state.devices.get(device).cloned().unwrap_or_default();
        if *wanted != stands {
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
