//! Join Call (ECMA-269 §17.1): a device takes part in a talk on a line that it shares.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::JoinReason,
    id::{CallId, DeviceId},
    role::Role,
    switch::Endpoint,
};

impl Center {
    /// A device takes part in a talk on a line that it shares.
    pub(in crate::center) fn join_call(&mut self, call: CallId, device: &DeviceId) -> Answer {
        self.talking(call)?;
        self.known_device(device)?;
        if !self.state.calls[&call].bridged().any(|it| it == device) {
            return Err(CommandError::InvalidState {
                reason: format!("device {device} does not share a line on which {call} talks"),
            });
        }
        self.can_be_invited(call, &Endpoint::Device(device.clone()))?;
        let to = Endpoint::Device(device.clone());
        Ok(Reply::Leg(self.invite(call, to, Role::Full, JoinReason::Line)))
    }
}
