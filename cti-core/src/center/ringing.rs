//! Devices are rung one after the other, without a queue: duty phones and direct calls.

use std::time::Duration;

use super::Center;
use crate::{
    call::{Place, Ringing},
    cause::Cause,
    event::{CallKind, Fact, OfferEnd, Party},
    flow::FlowInput,
    id::{CallId, DeviceId},
    switch::{Endpoint, SwitchCommand},
};

impl Center {
    /// Rings the first device that can be reached and is free; when there is none the main flow goes on.
    pub(super) fn ring_next(&mut self, call: CallId, devices: Vec<DeviceId>, ring_for: Duration) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, caller, caller_leg) = (it.contact, it.caller.clone(), it.leg);
        let mut devices = devices.into_iter();
        let free = devices
            .find(|device| self.state.in_service.contains(device) && !self.is_engaged(device));
        let Some(device) = free else {
            self.silence(caller_leg);
            self.tell_main(call, FlowInput::RingFailed);
            return;
        };
        let leg = self.new_leg();
        self.emit(Fact::DeviceOffered {
            call,
            leg,
            device: device.clone(),
            then: devices.collect(),
            ring_for,
        });
        self.command_when_durable(SwitchCommand::Dial {
            leg,
            to: Endpoint::Device(device),
            caller,
            contact,
        });
        self.ring_back(call);
    }

    /// Returns whether a device is in a call or being rung for one.
    fn is_engaged(&self, device: &DeviceId) -> bool {
        self.state.calls.values().any(|call| match &call.place {
            Place::Queue(waiting) => {
                waiting.offer.as_ref().is_some_and(|offer| offer.device == *device)
            }
            Place::Ringing(ringing) => ringing.device == *device,
            Place::Talk(talk) => talk.party.device == *device,
            Place::Arriving | Place::Flow | Place::Feature => false,
        })
    }

    pub(super) fn device_timed_out(&mut self, call: CallId) {
        let Some(Place::Ringing(ringing)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        self.command(SwitchCommand::Hangup { leg: ringing.leg, cause: Cause::NoAnswer });
        self.device_failed(call, ringing, OfferEnd::NoAnswer);
    }

    /// The device did not take the call: the next one is rung.
    pub(super) fn device_failed(&mut self, call: CallId, ringing: Ringing, end: OfferEnd) {
        self.emit(Fact::DeviceOfferEnded { call, leg: ringing.leg, end });
        self.ring_next(call, ringing.then, ringing.ring_for);
    }

    pub(super) fn device_answered(&mut self, call: CallId, ringing: Ringing) {
        let Some((caller_leg, kind)) = self.state.calls.get(&call).map(|it| (it.leg, it.kind))
        else {
            return;
        };
        self.emit(Fact::DeviceOfferEnded { call, leg: ringing.leg, end: OfferEnd::Answered });
        self.silence(caller_leg);
        // A call between two phones of the house is nobody's service: it changes no agent's state.
        let seat = match kind {
            CallKind::Service => self.config.seats.iter().find(|it| it.device == ringing.device),
            CallKind::Internal | CallKind::Feature | CallKind::Refused => None,
        };
        let party =
            Party { agent: None, seat: seat.map(|it| it.id.clone()), device: ringing.device };
        self.connect(call, ringing.leg, party, None);
    }
}
