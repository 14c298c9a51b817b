//! The legs that stand to constantly off-hook devices.

use super::{State, Timer};
use crate::{
    device::{StandingLeg, StandingLegChange},
    id::{DeviceId, LegId},
    time::Timestamp,
};

impl State {
    /// Returns the standing leg of this number.
    pub(crate) fn standing_leg_by(&self, leg: LegId) -> Option<StandingLeg> {
        self.standing.get(self.standing_at.get(&leg)?).copied()
    }

    /// Returns whether a leg is there: in a call, offered, or standing.
    pub(crate) fn is_live(&self, leg: LegId) -> bool {
        self.legs.contains_key(&leg) || self.standing_at.contains_key(&leg)
    }

    pub(super) fn standing_leg(
        &mut self,
        device: &DeviceId,
        leg: LegId,
        to: StandingLegChange,
        at: Timestamp,
    ) {
        let (connected, until) = match to {
            StandingLegChange::Dialed { until } => (false, Some(until)),
            StandingLegChange::Connected => (true, None),
            StandingLegChange::Ended(_) => {
                self.standing_at.remove(&leg);
                if self.standing.get(device).is_some_and(|it| it.leg == leg) {
                    self.standing.remove(device);
                    self.timers.disarm(&Timer::StandingLeg(device.clone()));
                }
                return;
            }
        };
        self.counters.leg_used(leg);
        let timer = Timer::StandingLeg(device.clone());
        match until {
            Some(until) => self.timers.arm(timer, until),
            None => self.timers.disarm(&timer),
        }
        self.standing_at.insert(leg, device.clone());
        self.standing.insert(device.clone(), StandingLeg { leg, connected, since: at, until });
    }
}
