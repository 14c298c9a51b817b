//! Park Call (ECMA-269 §17.1.21): a call waits at a device until someone takes it there; if nobody does, whoever parked
//! it is rung.

use super::{Answer, Center};
use crate::{
    call::{Otherwise, Place},
    cause::Cause,
    command::{CommandError, Reply},
    event::Fact,
    id::{CallId, DeviceId},
    switch::Endpoint,
    target::{PartyRef, Target},
};

impl Center {
    pub(super) fn park(&mut self, call: CallId, who: &PartyRef, at: &DeviceId) -> Answer {
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

    pub(super) fn unpark(&mut self, at: &DeviceId, device: &DeviceId) -> Answer {
        let call = self.parked_at(at).ok_or_else(|| CommandError::InvalidState {
            reason: format!("nothing is parked at device {at}"),
        })?;
        self.free_device(device)?;
        self.emit(Fact::ParkEnded { call, device: at.clone() });
        self.ring_at(call, device);
        Ok(Reply::Call(call))
    }

    /// Nobody took the call: whoever parked it is rung.
    pub(super) fn park_timed_out(&mut self, call: CallId) {
        let Some(Place::Parked(parked)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        self.emit(Fact::ParkEnded { call, device: parked.at });
        let steps = parked.by.map(|by| vec![Endpoint::Device(by)]).into_iter().collect();
        let ring_for = self.config.times.recall_for;
        self.ring(call, steps, ring_for, Otherwise::Requeue, Cause::NoAnswer);
    }

    pub(super) fn parked_at(&self, device: &DeviceId) -> Option<CallId> {
        self.state.waiting_at.get(device)?.iter().copied().find(|call| {
            matches!(self.state.calls.get(call).map(|it| &it.place), Some(Place::Parked(_)))
        })
    }
}
