//! Recordings begin and end; one that fails is an alarm, and the talk goes on.

use std::time::Duration;

use super::Center;
use crate::{
    event::{AlarmKind, Fact, RecordingKind},
    flow::FlowInput,
    id::{CallId, RecordingId},
    switch::{RecordingEnd, SwitchCommand},
};

impl Center {
    pub(super) fn record_message(&mut self, call: CallId, limit: Duration, silence: Duration) {
        let Some(leg) = self.state.calls.get(&call).map(|it| it.leg) else { return };
        self.answer_caller(call);
        self.silence(leg);
        let recording = RecordingId(self.state.counters.recording.0 + 1);
        self.emit(Fact::RecordingStarted { recording, call, kind: RecordingKind::Message });
        self.command(SwitchCommand::RecordMessage { recording, leg, limit, silence, at: self.now });
    }

    pub(super) fn recording_ended(&mut self, recording: RecordingId, end: RecordingEnd) {
        let Some(open) = self.state.recordings.get(&recording).cloned() else { return };
        let (saved, length) = match &end {
            RecordingEnd::Saved { length, .. } => (true, *length),
            RecordingEnd::Failed { reason } => {
                self.raise(AlarmKind::RecordingFailed { reason: reason.clone() });
                (false, Duration::ZERO)
            }
        };
        self.emit(Fact::RecordingEnded { recording, call: open.call, end });
        if open.kind == RecordingKind::Message && self.state.calls.contains_key(&open.call) {
            self.tell_main(open.call, FlowInput::RecordingEnded { saved, length });
        }
    }
}
