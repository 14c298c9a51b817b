//! The transfer key of a telephone (SIP REFER): what its user means is what a program would ask for.
//!
//! A number is Single Step Transfer Call; whoever the same telephone talks to by another leg is Transfer Call.

use super::{Answer, Center};
use crate::{
    command::CommandError,
    id::LegId,
    switch::{Reference, SwitchCommand},
    target::{PartyRef, Target},
};

impl Center {
    pub(super) fn referred(&mut self, leg: LegId, to: &Reference) {
        let done = self.follow_reference(leg, to);
        if let Err(error) = &done {
            tracing::info!(%leg, %error, "A telephone cannot transfer its call");
        }
        // Whoever transferred is released, which tells him enough; one that stays is told.
        if done.is_err() || self.state.legs.contains_key(&leg) {
            self.command(SwitchCommand::AnswerReference { leg, done: done.is_ok() });
        }
    }

    fn follow_reference(&mut self, leg: LegId, to: &Reference) -> Answer {
        let who = PartyRef::Leg(leg);
        let call = self.state.active_call(leg).ok_or_else(|| no_call(leg))?;
        let device = self.resolve(call, &who)?.party.device;
        if device.is_none() {
            return Err(CommandError::InvalidState {
                reason: format!("{leg} is no telephone of the house"),
            });
        }
        match to {
            Reference::Number(number) => {
                self.single_step_transfer(call, &who, &Target::Number(number.clone()))
            }
            Reference::Leg(other) => {
                let asked = self.state.active_call(*other).ok_or_else(|| no_call(*other))?;
                let there = self.resolve(asked, &PartyRef::Leg(*other))?.party.device;
                if asked == call || there != device {
                    return Err(CommandError::InvalidState {
                        reason: format!("{other} is not another leg of the same telephone"),
                    });
                }
                self.bring_together((call, leg), (asked, *other), &who)
            }
        }
    }
}

fn no_call(leg: LegId) -> CommandError {
    CommandError::InvalidState { reason: format!("{leg} is in no call") }
}
