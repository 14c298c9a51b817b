//! Generate Digits (ECMA-269 §18.1): a party hears keys as if the other side had pressed them.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    id::CallId,
    switch::SwitchCommand,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn generate_digits(
        &mut self,
        call: CallId,
        to: &PartyRef,
        digits: &str,
    ) -> Answer {
        let member = self.resolve_taking_part(call, to)?;
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
}
