//! Legs answer and end: whose leg was it, and what follows?

use super::Center;
use crate::{
    call::{Place, Waiting},
    cause::Cause,
    event::OfferEnd,
    id::LegId,
    switch::SwitchCommand,
};

impl Center {
    pub(super) fn leg_answered(&mut self, leg: LegId) {
        let Some(it) = self.state.legs.get(&leg).and_then(|call| self.state.calls.get(call)) else {
            // Cancelled and answered crossed: nobody waits for this leg.
            self.command(SwitchCommand::Hangup { leg, cause: Cause::Cancelled });
            return;
        };
        let call = it.id;
        match it.place.clone() {
            Place::Queue(Waiting { offer: Some(offer), .. }) if offer.leg == leg => {
                self.offer_answered(call, offer);
            }
            Place::Ringing(ringing) if ringing.leg == leg => self.device_answered(call, ringing),
            Place::Arriving
            | Place::Flow
            | Place::Queue(_)
            | Place::Ringing(_)
            | Place::Talk(_)
            | Place::Feature => {}
        }
    }

    pub(super) fn leg_ended(&mut self, leg: LegId, cause: Cause) {
        self.plays.retain(|_, playing| playing.leg != leg);
        self.hold_music.remove(&leg);
        let Some(it) = self.state.legs.get(&leg).and_then(|call| self.state.calls.get(call)) else {
            return;
        };
        let call = it.id;
        if it.leg == leg {
            self.caller_left(call, cause);
            return;
        }
        match it.place.clone() {
            Place::Queue(Waiting { offer: Some(offer), .. }) if offer.leg == leg => {
                self.offer_failed(call, &offer, offer_end(cause));
            }
            Place::Ringing(ringing) if ringing.leg == leg => {
                self.device_failed(call, ringing, offer_end(cause));
            }
            Place::Talk(talk) if talk.leg == leg => self.end_call(call, cause),
            Place::Arriving
            | Place::Flow
            | Place::Queue(_)
            | Place::Ringing(_)
            | Place::Talk(_)
            | Place::Feature => {}
        }
    }
}

/// Returns how an offer ended whose leg ended before it was answered.
fn offer_end(cause: Cause) -> OfferEnd {
    match cause {
        Cause::NoAnswer | Cause::Cancelled => OfferEnd::NoAnswer,
        Cause::Busy | Cause::Rejected | Cause::Forbidden | Cause::Normal | Cause::Cleared => {
            OfferEnd::Rejected
        }
        Cause::Unreachable
        | Cause::UnknownNumber
        | Cause::Incompatible
        | Cause::ServiceUnavailable
        | Cause::Lost
        | Cause::SystemRestart
        | Cause::FlowEnded => OfferEnd::Unreachable,
    }
}
