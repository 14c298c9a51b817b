//! Calls end: the caller leaves, a program clears, a flow is over. Whatever was under way ends with them.

use super::Center;
use crate::{
    call::Place,
    cause::Cause,
    command::{CommandError, Reply},
    event::{DequeueReason, Fact, OfferEnd},
    id::CallId,
    switch::SwitchCommand,
};

impl Center {
    /// The caller hung up, or his leg was lost.
    pub(super) fn caller_left(&mut self, call: CallId, cause: Cause) {
        self.release(call, cause, DequeueReason::Abandoned);
        self.finish(call, cause);
    }

    pub(super) fn clear_call(&mut self, call: CallId) -> Result<Reply, CommandError> {
        if !self.state.calls.contains_key(&call) {
            return Err(CommandError::UnknownCall { call });
        }
        self.end_call(call, Cause::Cleared);
        Ok(Reply::Done)
    }

    /// Ends a call for all its parties.
    pub(super) fn end_call(&mut self, call: CallId, cause: Cause) {
        let Some(leg) = self.state.calls.get(&call).map(|it| it.leg) else { return };
        self.release(call, cause, DequeueReason::Cleared);
        self.silence(leg);
        self.finish(call, cause);
        self.command(SwitchCommand::Hangup { leg, cause });
    }

    /// Ends what the call is in the middle of.
    fn release(&mut self, call: CallId, cause: Cause, reason: DequeueReason) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let recording = it.recording;
        match it.place.clone() {
            Place::Queue(_) => {
                self.dequeue(call, reason);
            }
            Place::Ringing(ringing) => {
                self.emit(Fact::DeviceOfferEnded {
                    call,
                    leg: ringing.leg,
                    end: OfferEnd::Withdrawn,
                });
                self.command(SwitchCommand::Hangup { leg: ringing.leg, cause: Cause::Cancelled });
            }
            Place::Talk(_) => self.end_talk(call, cause),
            Place::Flow => {
                // A message that the caller breaks off is kept as far as it goes.
                if let Some(recording) = recording {
                    self.command(SwitchCommand::StopRecording { recording });
                }
            }
            Place::Arriving | Place::Feature => {}
        }
        self.end_sessions(call);
    }

    fn finish(&mut self, call: CallId, cause: Cause) {
        let Some((contact, leg)) = self.state.calls.get(&call).map(|it| (it.contact, it.leg))
        else {
            return;
        };
        self.plays.retain(|_, playing| playing.leg != leg);
        self.hold_music.remove(&leg);
        self.emit(Fact::CallEnded { call, contact, cause });
    }
}
