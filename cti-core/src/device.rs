//! One device of the centre: what its user or an administrator has switched on, and the leg that stands to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    cause::Cause,
    event::{DeviceFeature, ForwardWhen, ForwardWhose},
    id::{DeviceId, LegId},
    time::Timestamp,
};

/// What a device is (ECMA-269 §6.1.3, with the kinds of station that a centre tells apart).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A telephone of the house of which nothing else is said (分机).
    #[default]
    Station,
    /// A desk telephone on the network (IP 话机).
    IpStation,
    /// A program that telephones, in a browser too (软电话).
    SoftStation,
    /// A number without a telephone of its own, whose calls go where they are forwarded to (虚拟分机).
    VirtualStation,
    /// Someone's mobile telephone under a number of the house, reached by forwarding over a trunk (移动分机).
    MobileStation,
    /// One connection to the network (中继).
    Trunk,
    /// Connections to the network under one name (中继群).
    TrunkGroup,
    /// Where callers wait for one of several agents: a queue (ACD 组).
    AcdGroup,
    /// What answers with a flow (IVR 端口).
    IvrPort,
    /// Where messages are kept (语音信箱).
    Mailbox,
}

impl DeviceKind {
    /// Returns its name, as programs read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Station => "station",
            Self::IpStation => "ip_station",
            Self::SoftStation => "soft_station",
            Self::VirtualStation => "virtual_station",
            Self::MobileStation => "mobile_station",
            Self::Trunk => "trunk",
            Self::TrunkGroup => "trunk_group",
            Self::AcdGroup => "acd_group",
            Self::IvrPort => "ivr_port",
            Self::Mailbox => "mailbox",
        }
    }

    /// Returns whether it is a telephone of the house, which can have features and be signed in at.
    #[must_use]
    pub fn is_station(self) -> bool {
        match self {
            Self::Station
            | Self::IpStation
            | Self::SoftStation
            | Self::VirtualStation
            | Self::MobileStation => true,
            Self::Trunk | Self::TrunkGroup | Self::AcdGroup | Self::IvrPort | Self::Mailbox => {
                false
            }
        }
    }
}

/// A leg to a constantly off-hook device, which stands while calls come and go (常摘机, nailed-up connection).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingLeg {
    /// The leg.
    pub leg: LegId,
    /// Whether its telephone has answered.
    pub connected: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// When an attempt that is not answered ends.
    pub until: Option<Timestamp>,
}

/// What became of a standing leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingLegChange {
    /// The telephone is being called.
    Dialed {
        /// When the attempt ends.
        until: Timestamp,
    },
    /// The telephone has answered, or called in: calls are put through without ringing.
    Connected,
    /// It stands no longer.
    Ended(Cause),
}

/// Why a feature cannot stand as it is asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidFeature {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl DeviceFeature {
    /// Returns what is wrong with it for a device, as far as the feature itself tells.
    ///
    /// # Errors
    /// When a short name is none, or a device forwards to itself.
    pub fn check(&self, device: &DeviceId) -> Result<(), InvalidFeature> {
        match self {
            Self::Forwarding { to: Some(to), .. } if to.reveal() == device.as_str() => {
                Err(InvalidFeature { field: "to", reason: "a device cannot forward to itself" })
            }
            Self::SpeedDial { key, .. } => {
                let digits = key.chars().all(|c| c.is_ascii_digit());
                if (1..=4).contains(&key.len()) && digits {
                    Ok(())
                } else {
                    Err(InvalidFeature { field: "key", reason: "must be 1 to 4 digits" })
                }
            }
            Self::AutoAnswer(_)
            | Self::DoNotDisturb(_)
            | Self::ConstantOffHook(_)
            | Self::MessageWaiting(_)
            | Self::CallerIdRestriction(_)
            | Self::Forwarding { .. } => Ok(()),
        }
    }
}

/// How the features of a device stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceState {
    /// It answers by itself, with a tone.
    pub auto_answer: bool,
    /// It is not rung.
    pub do_not_disturb: bool,
    /// It is connected once and stays so while calls come and go.
    pub constant_off_hook: bool,
    /// How many messages its lamp announces.
    pub messages: u32,
    /// Its number is withheld from those it calls.
    pub withholds_number: bool,
    /// Where calls for it go.
    pub forwarding: Vec<(ForwardWhen, ForwardWhose, PhoneNumber)>,
    /// Numbers under short names.
    pub speed_dial: BTreeMap<String, PhoneNumber>,
}

impl DeviceState {
    /// The most short names that one device can have.
    pub const MAX_SPEED_DIAL: usize = 100;

    /// Returns where a call goes in a case, if it does not stay here; the rule for its own kind of caller comes before
    /// the rule for all.
    #[must_use]
    pub fn forward(&self, when: ForwardWhen, whose: ForwardWhose) -> Option<&PhoneNumber> {
        let rule = |wanted: ForwardWhose| {
            self.forwarding
                .iter()
                .find(|(rule_when, rule_whose, _)| *rule_when == when && *rule_whose == wanted)
                .map(|(_, _, to)| to)
        };
        rule(whose).or_else(|| rule(ForwardWhose::All))
    }

    /// Returns every feature that stands otherwise than at a new device; each of them sets it again.
    #[must_use]
    pub fn features(&self) -> Vec<DeviceFeature> {
        let on = |on: bool, feature: DeviceFeature| on.then_some(feature);
        let forwarding = self.forwarding.iter().map(|(when, whose, to)| {
            DeviceFeature::Forwarding { when: *when, whose: *whose, to: Some(to.clone()) }
        });
        let speed_dial = self.speed_dial.iter().map(|(key, number)| DeviceFeature::SpeedDial {
            key: key.clone(),
            number: Some(number.clone()),
        });
        [
            on(self.auto_answer, DeviceFeature::AutoAnswer(true)),
            on(self.do_not_disturb, DeviceFeature::DoNotDisturb(true)),
            on(self.constant_off_hook, DeviceFeature::ConstantOffHook(true)),
            on(self.messages > 0, DeviceFeature::MessageWaiting(self.messages)),
            on(self.withholds_number, DeviceFeature::CallerIdRestriction(true)),
        ]
        .into_iter()
        .flatten()
        .chain(forwarding)
        .chain(speed_dial)
        .collect()
    }

    /// Lets a feature stand as it is asked to; for views that follow the facts.
    pub fn set(&mut self, feature: &DeviceFeature) {
        match feature {
            DeviceFeature::AutoAnswer(on) => self.auto_answer = *on,
            DeviceFeature::DoNotDisturb(on) => self.do_not_disturb = *on,
            DeviceFeature::ConstantOffHook(on) => self.constant_off_hook = *on,
            DeviceFeature::MessageWaiting(count) => self.messages = *count,
            DeviceFeature::CallerIdRestriction(on) => self.withholds_number = *on,
            DeviceFeature::Forwarding { when, whose, to } => {
                self.forwarding.retain(|(a, b, _)| (a, b) != (when, whose));
                if let Some(to) = to {
                    self.forwarding.push((*when, *whose, to.clone()));
                }
            }
            DeviceFeature::SpeedDial { key, number: Some(number) } => {
                self.speed_dial.insert(key.clone(), number.clone());
            }
            DeviceFeature::SpeedDial { key, number: None } => {
                self.speed_dial.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_for_callers_from_outside_comes_before_the_rule_for_all() {
        let number = |text| PhoneNumber::parse(text).unwrap();
        let mut device = DeviceState::default();
        for (whose, to) in [(ForwardWhose::All, "8001"), (ForwardWhose::External, "8002")] {
            let to = Some(number(to));
            device.set(&DeviceFeature::Forwarding { when: ForwardWhen::Busy, whose, to });
        }
        let forward = |whose| device.forward(ForwardWhen::Busy, whose).cloned();
        assert_eq!(forward(ForwardWhose::External), Some(number("8002")));
        assert_eq!(forward(ForwardWhose::Internal), Some(number("8001")));
        assert_eq!(device.forward(ForwardWhen::NoAnswer, ForwardWhose::All), None);
    }

    #[test]
    fn the_features_of_a_device_set_another_one_alike() {
        let number = |text| Some(PhoneNumber::parse(text).unwrap());
        let mut device = DeviceState::default();
        for feature in [
            DeviceFeature::AutoAnswer(true),
            DeviceFeature::DoNotDisturb(true),
            DeviceFeature::DoNotDisturb(false),
            DeviceFeature::ConstantOffHook(true),
            DeviceFeature::MessageWaiting(3),
            DeviceFeature::CallerIdRestriction(true),
            DeviceFeature::Forwarding {
                when: ForwardWhen::NoAnswer,
                whose: ForwardWhose::Internal,
                to: number("8002"),
            },
            DeviceFeature::SpeedDial { key: "11".to_owned(), number: number("913900001111") },
        ] {
            device.set(&feature);
        }
        assert_eq!(device.features().len(), 6);
        let mut other = DeviceState::default();
        device.features().iter().for_each(|feature| other.set(feature));
        assert_eq!(other, device);
        assert_eq!(DeviceState::default().features(), []);
    }
}
