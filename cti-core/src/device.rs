//! One device of the centre: what its user or an administrator has switched on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    event::{DeviceFeature, ForwardWhen, ForwardWhose},
};

/// How the features of a device stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceState {
    /// It answers by itself, with a tone.
    pub auto_answer: bool,
    /// It is not rung.
    pub do_not_disturb: bool,
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

    pub(crate) fn set(&mut self, feature: &DeviceFeature) {
        match feature {
            DeviceFeature::AutoAnswer(on) => self.auto_answer = *on,
            DeviceFeature::DoNotDisturb(on) => self.do_not_disturb = *on,
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
}
