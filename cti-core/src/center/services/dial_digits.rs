//! Dial Digits (ECMA-269 §17.1): a device that went off hook says whom it calls.

use crate::{
    address::PhoneNumber,
    call::{Otherwise, Place},
    center::{Answer, Center},
    command::{CommandError, Reply},
    id::CallId,
    needs::Needs,
    switch::Origin,
    target::Target,
};

impl Center {
    pub(in crate::center) fn dial_digits(&mut self, call: CallId, digits: PhoneNumber) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let Place::Originating(originating) = &it.place else {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "does not wait for a number to be dialled".to_owned(),
            });
        };
        if originating.then.is_some() || it.answered.is_none() {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "does not wait for a number to be dialled".to_owned(),
            });
        }
        let target = match &it.origin {
            Origin::Device(device) => Target::Number(self.in_full(device, &digits).clone()),
            Origin::Trunk(_) => Target::Number(digits),
        };
        self.route(&target)?;
        self.go_to(call, &target, Otherwise::GoOn, 0, Needs::default());
        Ok(Reply::Done)
    }
}
