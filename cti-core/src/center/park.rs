//! Calls that wait at a device (Park Call, ECMA-269 §17.1): if nobody takes one there, whoever parked it is rung.

use super::Center;
use crate::{
    call::{Otherwise, Place},
    cause::Cause,
    event::Fact,
    id::{CallId, DeviceId},
    switch::Endpoint,
};

impl Center {
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
