//! Clear Call (ECMA-269 §17.1): a call ends for all its parties (强拆).

use crate::{
    cause::Cause,
    center::{Answer, Center},
    command::{CommandError, Reply},
    id::CallId,
};

impl Center {
    pub(in crate::center) fn clear_call(&mut self, call: CallId) -> Answer {
        if !self.state.calls.contains_key(&call) {
            return Err(CommandError::UnknownCall { call });
        }
        self.end_call(call, Cause::Cleared);
        Ok(Reply::Done)
    }
}
