//! Route Select (ECMA-269 §20.2): a program says where a call goes.

use crate::{
    call::{Otherwise, Place},
    center::{Answer, Center},
    command::{CommandError, Reply},
    id::CallId,
    needs::Needs,
    target::Target,
};

impl Center {
    pub(in crate::center) fn route_select(
        &mut self,
        call: CallId,
        to: &Target,
        priority: u8,
        needs: Needs,
    ) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        if !matches!(it.place, Place::Program(_)) {
            return Err(CommandError::InvalidCallState {
                call,
                reason: "is not routed by a program".to_owned(),
            });
        }
        let leg = it.leg;
        needs.check()?;
        self.route(to)?;
        self.silence(leg);
        self.go_to(call, to, Otherwise::GoOn, priority, needs);
        Ok(Reply::Done)
    }
}
