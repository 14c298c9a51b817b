//! Associate Data, Generate Digits and Send User Information (ECMA-269 §18.1): what travels with a call.

use super::{Answer, Center};
use crate::{
    command::{CommandError, Reply},
    event::Fact,
    flow::CallData,
    id::CallId,
    switch::SwitchCommand,
    target::PartyRef,
};

/// The most values that one call carries.
const MAX_VALUES: usize = 128;
/// The longest name and the longest value, in bytes.
const MAX_NAME: usize = 64;
const MAX_VALUE: usize = 4096;

impl Center {
    pub(super) fn associate_data(
        &mut self,
        call: CallId,
        data: CallData,
        based_on: Option<u32>,
    ) -> Answer {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let is = it.data_version;
        if let Some(based_on) = based_on.filter(|based_on| *based_on != is) {
            return Err(CommandError::Conflict { field: "data".to_owned(), is, based_on });
        }
        for (name, value) in &data {
            let reason = if name.is_empty() || name.len() > MAX_NAME {
                format!("a name has 1 to {MAX_NAME} bytes")
            } else if value.len() > MAX_VALUE {
                format!("a value has at most {MAX_VALUE} bytes, this one has {}", value.len())
            } else {
                continue;
            };
            return Err(CommandError::InvalidValue { field: format!("data.{name}"), reason });
        }
        let new = data.keys().filter(|name| !it.data.contains_key(*name)).count();
        if it.data.len() + new > MAX_VALUES {
            return Err(CommandError::TooMany { field: "data".to_owned(), limit: 128 });
        }
        if data.iter().any(|(name, value)| it.data.get(name) != Some(value)) {
            self.emit(Fact::DataSet { call, data });
        }
        Ok(Reply::Done)
    }

    pub(super) fn generate_digits(&mut self, call: CallId, to: &PartyRef, digits: &str) -> Answer {
        let member = self.resolve(call, to)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: to.to_string(),
                call,
                is: member.state,
                needs: crate::connection::ConnectionState::Connected,
            });
        }
        let fits = |c: char| c.is_ascii_digit() || "*#ABCD".contains(c);
        if digits.is_empty() || digits.len() > 64 || !digits.chars().all(fits) {
            return Err(CommandError::InvalidValue {
                field: "digits".to_owned(),
                reason: "must be 1 to 64 of 0-9 * # A-D".to_owned(),
            });
        }
        let digits = digits.to_owned();
        self.command(SwitchCommand::SendDigits { leg: member.leg, digits });
        Ok(Reply::Done)
    }

    pub(super) fn send_user_information(
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
