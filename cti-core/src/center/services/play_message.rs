//! Play Message (放音): a live party hears prompts, or an earlier recording.

use crate::{
    center::{Answer, Center, Listener},
    command::{CommandError, Reply},
    id::{CallId, RecordingId},
    switch::Clip,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn play_message(
        &mut self,
        call: CallId,
        who: &PartyRef,
        clips: Vec<Clip>,
        looped: bool,
    ) -> Answer {
        let member = self.resolve_taking_part(call, who)?;
        if clips.len() > 64 {
            return Err(CommandError::TooMany { field: "clips".to_owned(), limit: 64 });
        }
        clips.iter().try_for_each(|clip| self.can_be_played(clip))?;
        self.silence(member.leg);
        if clips.is_empty() {
            return Ok(Reply::Done);
        }
        let message = self.play(member.leg, clips, looped, Listener::Message(call));
        Ok(Reply::Message(message))
    }

    /// Checks that an earlier recording was made and is complete; whether its file is still kept is the switch's to say.
    fn can_be_played(&self, clip: &Clip) -> Result<(), CommandError> {
        let Clip::Recording(recording) = *clip else { return Ok(()) };
        if recording == RecordingId(0) || recording > self.state.counters.recording {
            return Err(CommandError::UnknownRecording { recording });
        }
        if self.state.recordings.contains_key(&recording) {
            return Err(CommandError::InvalidState {
                reason: format!("{recording} has not ended yet"),
            });
        }
        Ok(())
    }
}
