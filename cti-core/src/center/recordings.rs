//! Recordings begin and end; one that fails is an alarm, and the talk goes on.

use std::time::Duration;

use super::Center;
use crate::{
    event::{AlarmKind, Fact, RecordingKind},
    flow::FlowInput,
    id::{CallId, LegId, RecordingId},
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

    /// Records this call's talks no further, whatever follows.
    pub(super) fn pause_recording(&mut self, call: CallId) {
        self.not_recorded.insert(call);
        if let Some((recording, _)) = self.recorded.remove(&call) {
            self.command(SwitchCommand::StopRecording { recording });
        }
    }

    /// Records this call's talks again; one that is under way from its next change.
    pub(super) fn resume_recording(&mut self, call: CallId) {
        if self.not_recorded.remove(&call) {
            self.dirty.insert(call);
        }
    }

    pub(super) fn begin_recording(&mut self, call: CallId, left: LegId, right: LegId) {
        let recording = RecordingId(self.state.counters.recording.0 + 1);
        self.emit(Fact::RecordingStarted { recording, call, kind: RecordingKind::Talk });
        self.recorded.insert(call, (recording, (left, right)));
        let at = self.now;
        self.command(SwitchCommand::StartRecording { recording, left, right, at });
    }

    pub(super) fn recording_ended(&mut self, recording: RecordingId, mut end: RecordingEnd) {
        let Some(open) = self.state.recordings.get(&recording).cloned() else { return };
        let (saved, length) = match &mut end {
            RecordingEnd::Saved { length, .. } => {
                // The log writes milliseconds: whoever reads it again must find what was true at first.
                *length -= Duration::from_nanos(u64::from(length.subsec_nanos() % 1_000_000));
                (true, *length)
            }
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
