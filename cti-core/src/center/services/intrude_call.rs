//! Intrude Call (ECMA-269 §17.1): a device joins the call of a busy one, unasked (强插).

use crate::{
    center::{Answer, Center},
    event::JoinReason,
    id::{CallId, DeviceId},
    role::Role,
};

impl Center {
    pub(in crate::center) fn intrude(&mut self, call: CallId, device: &DeviceId) -> Answer {
        self.supervise(call, device, Role::Full, JoinReason::Intrude)
    }
}
