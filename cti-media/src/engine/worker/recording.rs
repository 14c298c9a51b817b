//! Recordings of a worker: which legs they hear, when they end, what goes to the writer.

use std::{sync::mpsc::TrySendError, time::Duration};

use super::Worker;
use crate::{
    codec::Codec,
    dsp::level,
    engine::{MediaEvent, MessageLimits, RecordingEnd, RecordingFailure, RecordingId, leg::Tap},
    record::{track::Track, writer::Job},
    rtp::{packet::Packet, samples_in},
};

/// Time between two chunks of one recording.
const CHUNK: Duration = Duration::from_millis(700);

/// What is younger than this waits for late packets.
const HOLDBACK: Duration = Duration::from_millis(200);

/// Jobs that may wait for a slow disk before recordings fail.
const MAX_UNWRITTEN: usize = 16_384;

/// A speaker louder than this is speaking.
const SPEECH_DBFS: f64 = -45.0;

/// A recording in progress.
#[derive(Debug)]
pub(super) struct Recording {
    id: RecordingId,
    path: std::path::PathBuf,
    started: Duration,
    /// Left and right, or one for a message.
    tracks: Vec<Track>,
    /// Slots of the legs, by channel.
    legs: Vec<usize>,
    paused: bool,
    next_chunk: Duration,
    limits: Option<MessageLimits>,
    /// When the speaker of a message was last loud.
    spoke: Option<Duration>,
}

impl Recording {
    /// Lays a packet on the time line.
    pub(super) fn put(
        &mut self,
        now: Duration,
        channel: usize,
        packet: &Packet,
        codec: Codec,
        payload: &[u8],
    ) {
        if self.paused {
            return;
        }
        let arrival = samples_in(now.saturating_sub(self.started));
        self.tracks[channel].put(arrival, packet.ssrc, packet.timestamp, codec, payload);
        let listens = self.limits.is_some_and(|limits| limits.silence_end.is_some());
        if listens && level::encoded_dbfs(codec, payload) > SPEECH_DBFS {
            self.spoke = Some(now);
        }
    }

    fn chunk(&mut self, until: Duration) -> Job {
        let until = samples_in(until.saturating_sub(self.started));
        let mut tracks = self.tracks.iter_mut();
        let left = tracks.next().expect("a recording has at least one track").take(until);
        let right = tracks.next().map(|track| track.take(until));
        Job::Chunk { recording: self.id, left, right }
    }

    /// Returns why a message is over, if it is, and where it ends.
    fn is_over(&self, now: Duration) -> Option<(RecordingEnd, Duration)> {
        let limits = self.limits?;
        let end = self.started + limits.max;
        if now >= end {
            return Some((RecordingEnd::MaxLength, end));
        }
        let silence = limits.silence_end?;
        let (quiet_until, how) = match self.spoke {
            Some(spoke) => (spoke + silence, RecordingEnd::Silence),
            None => (self.started + 2 * silence, RecordingEnd::NothingSaid),
        };
        (now >= quiet_until).then_some((how, now))
    }
}

impl Worker {
    pub(super) fn start_recording(
        &mut self,
        id: RecordingId,
        legs: Vec<usize>,
        path: std::path::PathBuf,
        limits: Option<MessageLimits>,
    ) {
        // An id comes again only after its recording failed on disk; what is left of that one ends.
        self.remove_recording(id);
        let now = self.now();
        let channels = legs.len();
        let tracks = legs.iter().map(|&slot| Track::new(self.codec_of(slot))).collect();
        self.enqueue(Job::Open { recording: id, path: path.clone(), channels: channels as u16 });
        let slot = self.recordings.insert(Recording {
            id,
            path,
            started: now,
            tracks,
            legs: legs.clone(),
            paused: false,
            next_chunk: now + CHUNK,
            limits,
            spoke: None,
        });
        self.recording_slots.insert(id, slot);
        for (channel, leg) in legs.into_iter().enumerate() {
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.taps.push(Tap { recording: slot, channel });
            }
        }
    }

    pub(super) fn pause_recording(&mut self, id: RecordingId, paused: bool) {
        if let Some(recording) =
            self.recording_slots.get(&id).and_then(|&slot| self.recordings.get_mut(slot))
        {
            recording.paused = paused;
        }
    }

    /// Sends the rest of a recording to the writer and lets its legs go.
    pub(super) fn finish_recording(&mut self, id: RecordingId, how: RecordingEnd, end: Duration) {
        let Some(mut recording) = self.remove_recording(id) else { return };
        let rest = recording.chunk(end);
        self.enqueue(rest);
        self.enqueue(Job::Finish { recording: id, how });
    }

    /// Ends every recording that hears a leg.
    pub(super) fn finish_recordings_of(&mut self, leg: usize) {
        let now = self.now();
        let taps = self.legs.get_mut(leg).map(|leg| leg.taps.clone()).unwrap_or_default();
        for tap in taps {
            let id = self.recordings.get_mut(tap.recording).map(|recording| recording.id);
            if let Some(id) = id {
                self.finish_recording(id, RecordingEnd::LegClosed, now);
            }
        }
    }

    pub(super) fn tick_recordings(&mut self) {
        let now = self.now();
        for slot in 0..self.recordings.slots() {
            let Some(recording) = self.recordings.get_mut(slot) else { continue };
            if let Some((how, end)) = recording.is_over(now) {
                let id = recording.id;
                self.finish_recording(id, how, end);
            } else if now >= recording.next_chunk {
                recording.next_chunk += CHUNK;
                let chunk = recording.chunk(now.saturating_sub(HOLDBACK));
                self.enqueue(chunk);
            }
        }
    }

    /// Offers waiting jobs to the writer.
    pub(super) fn write_pending(&mut self) {
        while let Some(job) = self.unwritten.pop_front() {
            match self.writer.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.unwritten.push_front(job);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {
                    tracing::error!(worker = self.number, "The recording writer is gone");
                    break;
                }
            }
        }
        if self.unwritten.len() > MAX_UNWRITTEN {
            self.give_up_recordings();
        }
    }

    fn enqueue(&mut self, job: Job) {
        self.unwritten.push_back(job);
        self.write_pending();
    }

    /// The disk cannot keep up: better no recording than no memory. What was written stays.
    fn give_up_recordings(&mut self) {
        self.unwritten.retain(|job| !matches!(job, Job::Chunk { .. }));
        for slot in 0..self.recordings.slots() {
            let Some(recording) = self.recordings.get_mut(slot) else { continue };
            let id = recording.id;
            let Some(recording) = self.remove_recording(id) else { continue };
            self.unwritten.push_back(Job::Abandon { recording: id });
            self.shared.forget_recording(id);
            self.outbox.emit(MediaEvent::RecordingFailed {
                recording: id,
                path: recording.path,
                failure: RecordingFailure::Overloaded,
            });
        }
    }

    fn remove_recording(&mut self, id: RecordingId) -> Option<Recording> {
        let slot = self.recording_slots.remove(&id)?;
        let recording = self.recordings.remove(slot)?;
        for &leg in &recording.legs {
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.taps.retain(|tap| tap.recording != slot);
            }
        }
        Some(recording)
    }

    fn codec_of(&mut self, slot: usize) -> Codec {
        let leg = self.legs.get_mut(slot);
        leg.and_then(|leg| leg.remote.as_ref())
            .map_or(Codec::Pcma, |remote| remote.agreed.codec.law())
    }
}
