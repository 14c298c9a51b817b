//! A recording is silent while something secret is said, and goes on afterwards.

use crate::{
    center::{Answer, Center},
    command::{CommandError, Reply},
    event::PauseReason,
    id::CallId,
};

impl Center {
    /// Lets the recording of a talk, and any that begins in it, go on as silence.
    pub(in crate::center) fn pause_recording(
        &mut self,
        call: CallId,
        reason: PauseReason,
        by: String,
    ) -> Answer {
        self.talking(call)?;
        check_name(&by)?;
        if reason == PauseReason::SecretDigits {
            return Err(CommandError::InvalidValue {
                field: "reason".to_owned(),
                reason: "secret digits pause a recording by themselves".to_owned(),
            });
        }
        self.paused.entry(call).or_insert((reason, by));
        self.sync_pause(call, None);
        Ok(Reply::Done)
    }

    /// Records a talk again that was paused; secret digits that are being collected still are not heard.
    pub(in crate::center) fn resume_recording(&mut self, call: CallId, by: String) -> Answer {
        self.talking(call)?;
        check_name(&by)?;
        if self.paused.remove(&call).is_some() {
            self.sync_pause(call, Some(by));
        }
        Ok(Reply::Done)
    }
}

fn check_name(by: &str) -> Result<(), CommandError> {
    if (1..=64).contains(&by.chars().count()) {
        return Ok(());
    }
    Err(CommandError::InvalidValue {
        field: "by".to_owned(),
        reason: "must have 1 to 64 characters".to_owned(),
    })
}
