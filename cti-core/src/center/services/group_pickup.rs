//! Group Pickup Call (ECMA-269 §17.1): what has rung longest in the group is taken here (同组代接).

use crate::{
    center::{Answer, Center},
    command::Reply,
    id::DeviceId,
};

impl Center {
    pub(in crate::center) fn group_pickup(&mut self, device: &DeviceId) -> Answer {
        let call = self.rings_in_group_of(device)?;
        self.directed_pickup(call, device)?;
        Ok(Reply::Call(call))
    }
}
