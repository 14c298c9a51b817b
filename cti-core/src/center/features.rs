//! Features of devices (ECMA-269 §22.1): auto-answer, do not disturb, forwarding, message waiting, speed dial.

use super::{Answer, Center};
use crate::{
    command::{CommandError, Reply},
    device::DeviceState,
    event::{DeviceFeature, Fact},
    id::DeviceId,
};

impl Center {
    pub(super) fn set_feature(&mut self, device: &DeviceId, feature: DeviceFeature) -> Answer {
        self.known_device(device)?;
        let stands = self.state.devices.get(device).cloned().unwrap_or_default();
        match &feature {
            DeviceFeature::Forwarding { to: Some(to), .. } => {
                if to.reveal() == device.as_str() {
                    return Err(CommandError::InvalidDestination {
                        field: "to".to_owned(),
                        reason: "a device cannot forward to itself".to_owned(),
                    });
                }
                self.route(&crate::target::Target::Number(to.clone()))?;
            }
            DeviceFeature::SpeedDial { key, number: Some(_) } => {
                let digits = key.chars().all(|c| c.is_ascii_digit());
                if key.is_empty() || key.len() > 4 || !digits {
                    return Err(CommandError::InvalidValue {
                        field: "key".to_owned(),
                        reason: "must be 1 to 4 digits".to_owned(),
                    });
                }
                if stands.speed_dial.len() >= DeviceState::MAX_SPEED_DIAL
                    && !stands.speed_dial.contains_key(key)
                {
                    return Err(CommandError::TooMany {
                        field: "speed_dial".to_owned(),
                        limit: 100,
                    });
                }
            }
            DeviceFeature::AutoAnswer(_)
            | DeviceFeature::DoNotDisturb(_)
            | DeviceFeature::MessageWaiting(_)
            | DeviceFeature::CallerIdRestriction(_)
            | DeviceFeature::Forwarding { to: None, .. }
            | DeviceFeature::SpeedDial { number: None, .. } => {}
        }
        let mut wanted = stands.clone();
        wanted.set(&feature);
        if wanted != stands {
            self.emit(Fact::DeviceFeatureSet { device: device.clone(), feature });
        }
        Ok(Reply::Done)
    }
}
