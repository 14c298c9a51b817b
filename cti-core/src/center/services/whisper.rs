//! Whisper (密语, 辅导): a supervisor is heard by the agent alone.

use crate::{
    center::{Answer, Center},
    command::CommandError,
    event::JoinReason,
    id::{CallId, DeviceId},
    role::Role,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn whisper(
        &mut self,
        call: CallId,
        device: &DeviceId,
        to: &PartyRef,
    ) -> Answer {
        let agent = self.resolve(call, to)?;
        if agent.party.device.is_none() {
            return Err(CommandError::InvalidValue {
                field: "to".to_owned(),
                reason: "is outside; only a colleague can be whispered to".to_owned(),
            });
        }
        self.supervise(call, device, Role::Coach { to: agent.leg }, JoinReason::Whisper)
    }
}
