//! Camp On Call and Call Back (ECMA-269 §17.1.4, §17.1.3): a device is busy, and is rung as soon as it is free.

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

/// The most call-backs that wait for busy devices.
const MAX_CALL_BACKS: u32 = 10_000;

impl Center {
    pub(super) fn camp_on(&mut self, call: CallId, who: &PartyRef, on: &DeviceId) -> Answer {
        let member = self.resolve(call, who)?;
        self.known_device(on)?;
        if !self.state.is_engaged(on) {
            return Err(CommandError::InvalidState {
                reason: format!("device {on} is not busy; call it"),
            });
        }
        let it = &self.state.calls[&call];
        match &it.place {
            // Who began the call waits himself.
            Place::Failed(_) => self.silence(member.leg),
            // Who talks leaves the other one waiting.
            Place::Talk => {
                self.can_leave(call, who)?;
                self.leaves_one_behind(call, member.leg)?;
                self.passed_on(call, member.leg, Target::Device(on.clone()));
            }
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Queue(_)
            | Place::Ringing(_)
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Program(_)
            | Place::Feature => {
                return Err(CommandError::InvalidCallState {
                    call,
                    reason: "neither talks nor has failed".to_owned(),
                });
            }
        }
        let until = self.now + self.config.times.camp_on_for;
        self.emit(Fact::CampedOn { call, device: on.clone(), until });
        Ok(Reply::Done)
    }

    pub(super) fn camp_on_timed_out(&mut self, call: CallId) {
        let Some(Place::Camped(camped)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        self.emit(Fact::ParkEnded { call, device: camped.on });
        self.nobody_answered(call, None, Otherwise::Requeue, Cause::NoAnswer);
    }

    pub(super) fn call_back_when_free(&mut self, from: &DeviceId, to: &DeviceId) -> Answer {
        self.known_device(from)?;
        self.known_device(to)?;
        if from == to {
            return Err(CommandError::InvalidValue {
                field: "to".to_owned(),
                reason: "must be another device".to_owned(),
            });
        }
        if self.state.call_backs.len() >= MAX_CALL_BACKS as usize {
            return Err(CommandError::TooMany {
                field: "call-backs".to_owned(),
                limit: MAX_CALL_BACKS,
            });
        }
        if !self.state.call_backs.contains(&(from.clone(), to.clone())) {
            let (from, to) = (from.clone(), to.clone());
            self.emit(Fact::CallBackWhenFree { from, to: to.clone(), wanted: true });
            self.state.freed.insert(to);
        }
        Ok(Reply::Done)
    }

    pub(super) fn cancel_call_back(&mut self, from: &DeviceId, to: &DeviceId) -> Answer {
        let pair = (from.clone(), to.clone());
        if !self.state.call_backs.contains(&pair) {
            return Err(CommandError::InvalidState {
                reason: format!("device {from} waits for no call-back to {to}"),
            });
        }
        let (from, to) = pair;
        self.emit(Fact::CallBackWhenFree { from, to, wanted: false });
        Ok(Reply::Done)
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

    fn through_to(&mut self, call: CallId, device: DeviceId) {
        self.emit(Fact::ParkEnded { call, device: device.clone() });
        let steps = vec![vec![Endpoint::Device(device)]];
        let ring_for = self.config.times.ring_for;
        self.ring(call, steps, ring_for, Otherwise::Requeue, Cause::NoAnswer);
    }
}
