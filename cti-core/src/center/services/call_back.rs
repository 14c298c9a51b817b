//! Call Back (ECMA-269 §17.1) and its cancelling: two devices are connected as soon as both are free (遇忙回叫).

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::Fact,
    id::DeviceId,
};

/// The most call-backs that wait for busy devices.
const MAX_CALL_BACKS: u32 = 10_000;

impl Center {
    pub(in crate::center) fn call_back_when_free(
        &mut self,
        from: &DeviceId,
        to: &DeviceId,
    ) -> Answer {
        self.known_device(from)?;
        self.known_device(to)?;
        if from == to {
            return Err(CommandError::InvalidValue {
                field: "to".to_owned(),
                reason: "must be another device".to_owned(),
            });
        }
        if self.state.call_backs.len() >= MAX_CALL_BACKS as usize {
            return Err(CommandError::TooMany {
                field: "call-backs".to_owned(),
                limit: MAX_CALL_BACKS,
            });
        }
        if !self.state.call_backs.contains(&(from.clone(), to.clone())) {
            let (from, to) = (from.clone(), to.clone());
            self.emit(Fact::CallBackWhenFree { from, to, wanted: true });
        }
        Ok(Reply::Done)
    }

    pub(in crate::center) fn cancel_call_back(&mut self, from: &DeviceId, to: &DeviceId) -> Answer {
        let pair = (from.clone(), to.clone());
        if !self.state.call_backs.contains(&pair) {
            return Err(CommandError::InvalidState {
                reason: format!("device {from} waits for no call-back to {to}"),
            });
        }
        let (from, to) = pair;
        self.emit(Fact::CallBackWhenFree { from, to, wanted: false });
        Ok(Reply::Done)
    }
}
