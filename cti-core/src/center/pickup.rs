//! What rings at a device, and how it stops ringing there because it is taken elsewhere.

use super::Center;
use crate::{
    call::Place,
    command::CommandError,
    event::DequeueReason,
    id::{CallId, DeviceId, LegId},
};

impl Center {
    /// Returns the call that has rung longest in the pickup group of a device.
    pub(super) fn rings_in_group_of(&self, device: &DeviceId) -> Result<CallId, CommandError> {
        let group = self
            .config
            .seats
            .iter()
            .find(|seat| seat.device == *device)
            .and_then(|seat| seat.pickup_group.as_ref())
            .ok_or_else(|| CommandError::InvalidState {
                reason: format!("device {device} is in no pickup group"),
            })?;
        self.config
            .seats
            .iter()
            .filter(|seat| seat.pickup_group.as_ref() == Some(group) && seat.device != *device)
            .filter_map(|seat| self.state.engaged.get(&seat.device))
            .flatten()
            .copied()
            .filter(|call| self.rings(*call).is_ok())
            .min()
            .ok_or_else(|| CommandError::InvalidState {
                reason: format!("nothing rings in pickup group {group}"),
            })
    }

    /// Checks that a call rings somewhere.
    pub(super) fn rings(&self, call: CallId) -> Result<(), CommandError> {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let rings = match &it.place {
            Place::Ringing(_) => true,
            Place::Queue(waiting) => !waiting.offers.is_empty(),
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Talk
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => false,
        };
        if rings {
            Ok(())
        } else {
            Err(CommandError::InvalidCallState { call, reason: "does not ring".to_owned() })
        }
    }

    /// Withdraws what rings; a caller who waits leaves his queue, and its place is remembered.
    pub(super) fn stop_offering(&mut self, call: CallId) {
        let waited = self.state.calls.get(&call).and_then(|it| it.waiting()).cloned();
        match waited {
            Some(_) => {
                // Whoever takes it serves it from this queue.
                self.dequeue(call, DequeueReason::Answered);
            }
            None => self.stop_ringing(call, None),
        }
    }

    /// Hangs up one of several legs that ring for a call.
    pub(super) fn hang_up_ringing(&mut self, call: CallId, leg: LegId) {
        self.ring_failed(call, leg, crate::cause::Cause::Cancelled);
        self.command(crate::switch::SwitchCommand::Hangup {
            leg,
            cause: crate::cause::Cause::Cancelled,
        });
    }
}
