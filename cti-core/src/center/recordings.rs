//! Recordings begin and end; one that fails is an alarm, and the talk goes on.

use std::time::Duration;

use super::Center;
use crate::{
    calendar::{Calendars, DayPart, MissingSchedule},
    event::{AlarmKind, Fact, PauseReason, RecordingKind},
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

    /// Records this call's talks no further, whatever follows: the flow says so.
    pub(super) fn leave_out(&mut self, call: CallId) {
        self.record_wish.insert(call, false);
        if let Some((recording, _)) = self.recorded.remove(&call) {
            self.command(SwitchCommand::StopRecording { recording });
        }
    }

    /// Records this call's talks again as the configuration says; one that is under way from its next change.
    pub(super) fn take_in(&mut self, call: CallId) {
        if self.record_wish.remove(&call) == Some(false) {
            self.dirty.insert(call);
        }
    }

    /// Pauses or resumes the recording of a call by what holds for it.
    pub(super) fn sync_pause(&mut self, call: CallId, by: Option<String>) {
        let Some((recording, _)) = self.recorded.get(&call).copied() else { return };
        let is = self.state.recordings.get(&recording).is_some_and(|open| open.paused);
        let secret = self.collections.values().any(|it| it.call == call && it.how.secret);
        let wanted = match self.paused.get(&call) {
            Some((reason, by)) => Some((*reason, Some(by.clone()))),
            None => secret.then_some((PauseReason::SecretDigits, None)),
        };
        match (is, wanted) {
            (false, Some((reason, by))) => {
                self.emit(Fact::RecordingPaused { recording, call, reason, by });
                self.command(SwitchCommand::PauseRecording { recording });
            }
            (true, None) => {
                self.emit(Fact::RecordingResumed { recording, call, by });
                self.command(SwitchCommand::ResumeRecording { recording });
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Returns whether a schedule works by whose hours talks are recorded.
    pub(super) fn is_recording_time(&self) -> bool {
        let hours = &self.config.recording.hours;
        let works = |schedule: &String| {
            let calendar = self.calendars.get(schedule);
            calendar.is_some_and(|it| it.day_part(self.now) == DayPart::Work)
        };
        hours.is_empty() || hours.iter().any(works)
    }

    /// Checks that the schedules are there by whose hours talks are recorded.
    pub(super) fn check_recording_hours(
        &self,
        calendars: &Calendars,
    ) -> Result<(), MissingSchedule> {
        let missing = |it: &&String| calendars.get(it).is_none();
        self.config.recording.hours.iter().find(missing).map_or(Ok(()), |schedule| {
            Err(MissingSchedule { schedule: schedule.clone(), by: "recording".to_owned() })
        })
    }

    pub(super) fn begin_recording(&mut self, call: CallId, left: LegId, right: LegId) {
        let recording = RecordingId(self.state.counters.recording.0 + 1);
        self.emit(Fact::RecordingStarted { recording, call, kind: RecordingKind::Talk });
        self.recorded.insert(call, (recording, (left, right)));
        let at = self.now;
        self.command(SwitchCommand::StartRecording { recording, left, right, at });
        self.sync_pause(call, None);
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
        self.message_left(recording);
        if open.kind == RecordingKind::Message && self.state.calls.contains_key(&open.call) {
            self.tell_main(open.call, FlowInput::RecordingEnded { saved, length });
        }
    }
}
