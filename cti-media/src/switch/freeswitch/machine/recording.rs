//! Recordings: the switch writes the files into a folder that both sides see.

use std::time::Duration;

use cti_core::{
    id::{LegId, RecordingId},
    switch::{RecordingEnd, SwitchReport},
    time::Timestamp,
};

use super::{
    super::{super::ledger::Recording, event::Event, message::EslError},
    Awaited, Machine, Output,
};

/// How long the switch may take to close a file after it should have.
const CLOSING: Duration = Duration::from_secs(3);

impl Machine {
    /// Records what a leg says on the left and what it hears on the right.
    pub(super) fn record_talk(
        &mut self,
        recording: RecordingId,
        left: LegId,
        right: LegId,
        at: Timestamp,
    ) {
        // Of the voices of a talk one leg hears the other: it is recorded at the one that is left.
        let (leg, swap) =
            if self.ledger.leg(left).is_some() { (left, "false") } else { (right, "true") };
        let variables = format!(
            "RECORD_STEREO=true;RECORD_STEREO_SWAP={swap};RECORD_READ_ONLY=false;RECORD_MIN_SEC=0;\
             RECORD_INITIAL_TIMEOUT_MS=0;RECORD_FINAL_TIMEOUT_MS=0"
        );
        self.record(recording, leg, at, &variables, None);
    }

    /// Records what a leg says until it is silent or the limit is over.
    pub(super) fn record_message(
        &mut self,
        recording: RecordingId,
        leg: LegId,
        limit: Duration,
        silence: Duration,
        at: Timestamp,
        now: Timestamp,
    ) {
        let silence = silence.as_millis();
        let variables = format!(
            "RECORD_STEREO=false;RECORD_STEREO_SWAP=false;RECORD_READ_ONLY=true;RECORD_MIN_SEC=0;\
             RECORD_INITIAL_TIMEOUT_MS={silence};RECORD_FINAL_TIMEOUT_MS={silence}"
        );
        self.record(recording, leg, at, &variables, Some((limit, now)));
    }

    fn record(
        &mut self,
        recording: RecordingId,
        leg: LegId,
        at: Timestamp,
        variables: &str,
        limit: Option<(Duration, Timestamp)>,
    ) {
        let Some(channel) = self.ledger.channel(leg) else {
            let end = RecordingEnd::Failed { reason: "its legs have ended".to_owned() };
            self.ledger.report(SwitchReport::RecordingEnded { recording, end });
            return;
        };
        let path = self.recordings.path(recording, at);
        let file = self.recordings.relative(&path);
        let name = format!("{}/{file}", self.config.recordings_there);
        // The switch counts whole seconds.
        let seconds = limit.map(|(limit, _)| limit.as_millis().div_ceil(1000).max(1));
        let seconds = seconds.map_or_else(String::new, |seconds| format!(" {seconds}"));
        let due = limit.map(|(limit, now)| now + limit + CLOSING + CLOSING);
        let begun = Recording { leg, name: name.clone(), path, due, measuring: false };
        self.ledger.begin_recording(recording, begun);
        self.on_channel(leg, "uuid_setvar_multi", variables);
        let command = format!("uuid_record {channel} start {name}{seconds}");
        self.api(&command, Awaited::Record(recording));
    }

    pub(super) fn cannot_record(&mut self, recording: RecordingId, reason: String) {
        tracing::error!(%recording, reason, "Cannot record");
        self.ledger.end_recording(recording, RecordingEnd::Failed { reason });
    }

    /// Silences a recording (`mask`), or lets it hear again (`unmask`).
    pub(super) fn mask(&mut self, recording: RecordingId, how: &str) {
        let Some(Recording { leg, name, .. }) = self.ledger.recording(recording).cloned() else {
            return;
        };
        self.on_channel(leg, "uuid_record", &format!("{how} {name}"));
    }

    pub(super) fn stop_recording(&mut self, recording: RecordingId, now: Timestamp) {
        let Some(Recording { leg, name, .. }) = self.ledger.recording(recording).cloned() else {
            return;
        };
        self.on_channel(leg, "uuid_record", &format!("stop {name}"));
        self.recording_should_end(recording, now);
    }

    /// A recording ends soon; if the switch does not say so, its file is looked for.
    pub(super) fn recording_should_end(&mut self, recording: RecordingId, now: Timestamp) {
        if let Some(open) = self.ledger.recording_mut(recording) {
            let soon = now + CLOSING;
            open.due = Some(open.due.map_or(soon, |due| due.min(soon)));
        }
    }

    /// The switch has closed a file.
    pub(super) fn record_stopped(&mut self, event: &Event) -> Result<(), EslError> {
        let name = event.need("Record-File-Path")?;
        let Some(recording) = self.ledger.recording_named(name) else { return Ok(()) };
        let why = event.first(&["Record-Completion-Cause", "variable_record_completion_cause"]);
        if matches!(why, Some("no-input" | "input-too-short")) {
            self.silent.insert(recording);
        }
        self.measure(recording);
        Ok(())
    }

    fn measure(&mut self, recording: RecordingId) {
        let Some(open) = self.ledger.recording_mut(recording).filter(|open| !open.measuring) else {
            return;
        };
        open.measuring = true;
        let path = open.path.clone();
        self.outputs.push_back(Output::Measure { recording, path });
    }

    pub(super) fn measure_due(&mut self, now: Timestamp) {
        for recording in self.ledger.due(now) {
            self.measure(recording);
        }
    }

    /// The file of a recording was measured.
    pub(in super::super) fn measured(&mut self, recording: RecordingId, mut end: RecordingEnd) {
        if self.silent.remove(&recording)
            && let RecordingEnd::Saved { length, .. } = &mut end
        {
            *length = Duration::ZERO;
        }
        self.ledger.end_recording(recording, end);
    }
}
