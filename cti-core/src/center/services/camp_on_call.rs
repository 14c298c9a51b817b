//! Camp On Call (ECMA-269 §17.1): a call waits for a busy device.

use crate::{
    call::Place,
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::Fact,
    id::{CallId, DeviceId},
    target::{PartyRef, Target},
};

impl Center {
    pub(in crate::center) fn camp_on(
        &mut self,
        call: CallId,
        who: &PartyRef,
        on: &DeviceId,
    ) -> Answer {
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
}
