//! Take Back (接回): who transferred a call has it again while nobody has answered it.

use crate::{
    call::Place,
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::{DequeueReason, Fact},
    flow::SessionEnd,
    id::{CallId, DeviceId},
};

impl Center {
    /// Takes back a call that has not been answered where it was sent.
    pub(in crate::center) fn take_back(&mut self, call: CallId, device: &DeviceId) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        self.free_device(device)?;
        match &it.place {
            Place::Ringing(_) => self.stop_ringing(call, None),
            Place::Queue(_) => {
                self.dequeue(call, DequeueReason::Moved);
            }
            Place::Parked(parked) => {
                let device = parked.at.clone();
                self.emit(Fact::ParkEnded { call, device });
            }
            Place::Camped(camped) => {
                let device = camped.on.clone();
                self.emit(Fact::ParkEnded { call, device });
            }
            Place::Flow => self.end_sessions(call, SessionEnd::Moved),
            Place::Arriving
            | Place::Originating(_)
            | Place::Talk
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => {
                return Err(CommandError::InvalidCallState {
                    call,
                    reason: "is not on its way any more".to_owned(),
                });
            }
        }
        self.ring_at(call, device);
        Ok(Reply::Done)
    }
}
