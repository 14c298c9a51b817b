//! Devices that are waited for (Camp On Call, Call Back): each is rung as soon as it is free.

use super::Center;
use crate::{
    call::{Otherwise, Place},
    cause::Cause,
    event::Fact,
    id::{CallId, DeviceId},
    switch::Endpoint,
    target::Target,
};

impl Center {
    pub(super) fn camp_on_timed_out(&mut self, call: CallId) {
        let Some(Place::Camped(camped)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        self.emit(Fact::ParkEnded { call, device: camped.on });
        self.nobody_answered(call, None, Otherwise::Requeue, Cause::NoAnswer);
    }

    /// Devices are free again: first those who camp on them get through, then those who wait for a call-back.
    pub(super) fn devices_are_free(&mut self) {
        while let Some(device) = self.state.freed.pop_first() {
            if self.state.is_engaged(&device) {
                continue;
            }
            let camped = self.state.waiting_at.get(&device).and_then(|calls| {
                calls.iter().copied().find(|call| {
                    matches!(self.state.calls.get(call).map(|it| &it.place), Some(Place::Camped(_)))
                })
            });
            if let Some(call) = camped {
                self.through_to(call, device);
                continue;
            }
            let pair = self
                .state
                .call_backs
                .iter()
                .find(|(from, to)| {
                    (*from == device || *to == device)
                        && !self.state.is_engaged(from)
                        && !self.state.is_engaged(to)
                })
                .cloned();
            if let Some((from, to)) = pair {
                let (a, b) = (from.clone(), to.clone());
                self.emit(Fact::CallBackWhenFree { from: a, to: b, wanted: false });
                // Out of service meanwhile: there is nobody left to tell.
                let _ = self.make_call(&from, Some(Target::Device(to)), Default::default());
            }
        }
    }

    pub(super) fn through_to(&mut self, call: CallId, device: DeviceId) {
        self.emit(Fact::ParkEnded { call, device: device.clone() });
        let steps = vec![vec![Endpoint::Device(device)]];
        let ring_for = self.config.times.ring_for;
        self.ring(call, steps, ring_for, Otherwise::Requeue, Cause::NoAnswer);
    }
}
