//! Silent monitor (监听): a supervisor hears all and is heard by nobody.

use crate::{
    center::{Answer, Center},
    event::JoinReason,
    id::{CallId, DeviceId},
    role::Role,
};

impl Center {
    pub(in crate::center) fn silent_monitor(&mut self, call: CallId, device: &DeviceId) -> Answer {
        self.supervise(call, device, Role::ListenOnly, JoinReason::Monitor)
    }
}
