//! Directed Pickup Call (ECMA-269 §17.1): a certain call that rings elsewhere is taken here.

use crate::{
    center::{Answer, Center},
    command::Reply,
    id::{CallId, DeviceId},
};

impl Center {
    pub(in crate::center) fn directed_pickup(&mut self, call: CallId, device: &DeviceId) -> Answer {
        self.rings(call)?;
        self.free_device(device)?;
        self.stop_offering(call);
        self.ring_at(call, device);
        Ok(Reply::Done)
    }
}
