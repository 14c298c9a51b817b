//! Park Call (ECMA-269 §17.1) and taking what is parked: a call waits at a device until someone takes it there.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::Fact,
    id::{CallId, DeviceId},
    target::{PartyRef, Target},
};

impl Center {
    pub(in crate::center) fn park(
        &mut self,
        call: CallId,
        who: &PartyRef,
        at: &DeviceId,
    ) -> Answer {
        self.known_device(at)?;
        if let Some(other) = self.parked_at(at) {
            return Err(CommandError::InvalidState {
                reason: format!("{other} is parked at device {at} already"),
            });
        }
        let by = self.can_leave(call, who)?;
        self.leaves_one_behind(call, by.leg)?;
        self.passed_on(call, by.leg, Target::Device(at.clone()));
        let until = self.now + self.config.times.park_for;
        self.emit(Fact::Parked { call, at: at.clone(), by: by.party.device, until });
        Ok(Reply::Done)
    }

    pub(in crate::center) fn unpark(&mut self, at: &DeviceId, device: &DeviceId) -> Answer {
        let call = self.parked_at(at).ok_or_else(|| CommandError::InvalidState {
            reason: format!("nothing is parked at device {at}"),
        })?;
        self.free_device(device)?;
        self.emit(Fact::ParkEnded { call, device: at.clone() });
        self.ring_at(call, device);
        Ok(Reply::Call(call))
    }
}
