//! Deflect Call (ECMA-269 §17.1): what rings here is to ring elsewhere.

use crate::{
    call::Otherwise,
    center::{Answer, Center},
    command::Reply,
    id::CallId,
    needs::Needs,
    target::Target,
};

impl Center {
    pub(in crate::center) fn deflect(&mut self, call: CallId, to: &Target) -> Answer {
        self.rings(call)?;
        self.route(to)?;
        self.stop_offering(call);
        self.go_to(call, to, Otherwise::Requeue, 0, Needs::default());
        Ok(Reply::Done)
    }
}
