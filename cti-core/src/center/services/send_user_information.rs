//! Send User Information (ECMA-269 §18.1): a text to all who watch the call.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::Fact,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn send_user_information(
        &mut self,
        call: CallId,
        from: Option<&PartyRef>,
        text: String,
    ) -> Answer {
        if !self.state.calls.contains_key(&call) {
            return Err(CommandError::UnknownCall { call });
        }
        let leg = from.map(|from| self.resolve(call, from)).transpose()?.map(|it| it.leg);
        let length = text.chars().count();
        if length == 0 || length > 256 {
            return Err(CommandError::InvalidValue {
                field: "text".to_owned(),
                reason: format!("has 1 to 256 characters, this one has {length}"),
            });
        }
        self.emit(Fact::UserInformation { call, leg, text });
        Ok(Reply::Done)
    }
}
