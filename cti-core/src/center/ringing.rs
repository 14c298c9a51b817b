//! Devices are rung one after the other, without a queue: duty phones and direct calls.

use std::time::Duration;

use super::Center;
use crate::{
    call::{Call, Place, Ringing},
    cause::Cause,
    event::{CallKind, Fact, OfferEnd, Party},
    flow::FlowInput,
    id::{CallId, DeviceId},
    switch::{Endpoint, Origin, SwitchCommand},
};

impl Center {
    /// Rings the first device that can be reached and is free. When there is none the main flow goes on; a call
    /// without a flow ends, as busy if a device was only engaged, else with the cause `otherwise`.
    pub(super) fn ring_next(
        &mut self,
        call: CallId,
        devices: Vec<DeviceId>,
        ring_for: Duration,
        otherwise: Cause,
    ) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, caller, caller_leg) = (it.contact, it.caller.clone(), it.leg);
        let it_has_a_flow = it.session.is_some();
        let engaged = devices.iter().any(|device| self.state.in_service.contains(device));
        let mut devices = devices.into_iter();
        let free = devices
            .find(|device| self.state.in_service.contains(device) && !self.is_engaged(device));
        let Some(device) = free else {
            self.silence(caller_leg);
            if it_has_a_flow {
                self.tell_main(call, FlowInput::RingFailed);
            } else {
                self.end_call(call, if engaged { Cause::Busy } else { otherwise });
            }
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
            auto_answer: false,
        });
        self.ring_back(call);
    }

    /// Returns whether a device is in a call or being rung for one.
    fn is_engaged(&self, device: &DeviceId) -> bool {
        let calls_itself =
            |call: &Call| matches!(&call.origin, Origin::Device(from) if from == device);
        self.state.calls.values().any(|call| {
            calls_itself(call)
                || match &call.place {
                    Place::Queue(waiting) => {
                        waiting.offer.as_ref().is_some_and(|offer| offer.device == *device)
                    }
                    Place::Ringing(ringing) => ringing.device == *device,
                    Place::Talk(talk) => talk.party.device == *device,
                    Place::Arriving | Place::Flow | Place::Feature => false,
                }
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
        let otherwise = match end {
            OfferEnd::NoAnswer | OfferEnd::Answered | OfferEnd::Withdrawn => Cause::NoAnswer,
            OfferEnd::Rejected => Cause::Busy,
            OfferEnd::Unreachable => Cause::Unreachable,
        };
        self.ring_next(call, ringing.then, ringing.ring_for, otherwise);
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
