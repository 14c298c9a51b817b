//! Barge in (强插): a supervisor talks with everybody.

use crate::{
    center::{Answer, Center},
    event::JoinReason,
    id::{CallId, DeviceId},
    role::Role,
};

impl Center {
    pub(in crate::center) fn barge(&mut self, call: CallId, device: &DeviceId) -> Answer {
        self.supervise(call, device, Role::Full, JoinReason::Barge)
    }
}
