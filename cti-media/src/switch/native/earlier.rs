//! Earlier recordings are read before they are played, by a thread of their own: commands wait for no disk.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use cti_core::{
    id::{LegId, PlayId, RecordingId},
    switch::{Clip, PlayEnd, SwitchReport},
};
use tokio::sync::mpsc;

use super::{
    NativeSwitch,
    recordings::Recordings,
    said::{self, Said},
};
use crate::{codec::SAMPLE_RATE, play, record::audio::RecordedAudio};

/// How many playings may wait for the disk.
const WAITING: usize = 64;

/// The longest recording that is played, in samples of one voice: half an hour.
const MAX_SAMPLES: u32 = 30 * 60 * SAMPLE_RATE;

/// The recordings of a playing, read.
pub(super) type Read = BTreeMap<RecordingId, play::Clip>;

/// Reads earlier recordings.
#[derive(Debug)]
pub(super) struct Earlier {
    jobs: SyncSender<Job>,
    done: mpsc::Receiver<Done>,
    /// The playing of each leg that waits for the disk or for a synthesizer.
    waiting: BTreeMap<LegId, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    play: PlayId,
    clips: Vec<Clip>,
    looped: bool,
    /// Its texts, once they were said.
    said: Said,
}

#[derive(Debug)]
struct Job {
    leg: LegId,
    play: PlayId,
    recordings: Vec<RecordingId>,
}

/// What was read for a playing.
#[derive(Debug)]
pub(super) struct Done {
    leg: LegId,
    play: PlayId,
    read: Result<Read, Unplayable>,
}

/// Why an earlier recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unplayable {
    /// It was never made, or is no longer kept.
    #[error("{recording} is not there")]
    Missing {
        /// Which recording.
        recording: RecordingId,
    },
    /// Its file cannot be read.
    #[error("{recording}: {reason}")]
    Unreadable {
        /// Which recording.
        recording: RecordingId,
        /// What is wrong with it.
        reason: hound::Error,
    },
    /// Its file is of another kind than recordings are.
    #[error(
        "{recording}: {rate} Hz, {bits} bit, {channels} channels; must be 8000 Hz, 16 bit, one or two"
    )]
    WrongFormat {
        /// Which recording.
        recording: RecordingId,
        /// Its sample rate in Hz.
        rate: u32,
        /// Its bits per sample.
        bits: u16,
        /// Its number of channels.
        channels: u16,
    },
    /// It is longer than half an hour.
    #[error("{recording}: is longer than half an hour")]
    TooLong {
        /// Which recording.
        recording: RecordingId,
    },
}

impl Earlier {
    /// Starts the thread that reads below the folder of recordings; it ends with the switch.
    pub(super) fn start(recordings: Recordings) -> std::io::Result<Self> {
        let (jobs, asked) = sync_channel(WAITING);
        let (answer, done) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("earlier-recordings".to_owned())
            .spawn(move || work(&recordings, &asked, &answer))?;
        Ok(Self { jobs, done, waiting: BTreeMap::new() })
    }

    /// Waits for what was read next. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Done> {
        self.done.recv().await
    }
}

fn work(recordings: &Recordings, asked: &Receiver<Job>, answer: &mpsc::Sender<Done>) {
    while let Ok(Job { leg, play, recordings: wanted }) = asked.recv() {
        let read = wanted.into_iter().map(|id| Ok((id, read(recordings, id)?))).collect();
        if answer.blocking_send(Done { leg, play, read }).is_err() {
            return;
        }
    }
}

fn read(recordings: &Recordings, recording: RecordingId) -> Result<play::Clip, Unplayable> {
    let path = recordings.find(recording).ok_or(Unplayable::Missing { recording })?;
    let audio = recordings.open(&path).map_err(|error| Unplayable::Unreadable {
        recording,
        reason: hound::Error::IoError(std::io::Error::other(error)),
    })?;
    read_audio(recording, audio)
}

/// Reads a file; the two voices of a talk are added up.
fn read_audio(recording: RecordingId, audio: RecordedAudio) -> Result<play::Clip, Unplayable> {
    let unreadable = |reason| Unplayable::Unreadable { recording, reason };
    let mut wav = hound::WavReader::new(audio).map_err(unreadable)?;
    let hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, .. } = wav.spec();
    if rate != SAMPLE_RATE || bits != 16 || !(1..=2).contains(&channels) {
        return Err(Unplayable::WrongFormat { recording, rate, bits, channels });
    }
    if wav.duration() > MAX_SAMPLES {
        return Err(Unplayable::TooLong { recording });
    }
    let samples: Vec<i16> = wav.samples().collect::<Result<_, _>>().map_err(unreadable)?;
    let mixed: Vec<i16> = samples
        .chunks(usize::from(channels))
        .map(|voices| voices.iter().fold(0_i16, |sum, voice| sum.saturating_add(*voice)))
        .collect();
    Ok(play::Clip::from_samples(&mixed))
}

impl NativeSwitch {
    /// Has the recordings of a playing read; the playing begins once they are.
    pub(super) fn read_first(
        &mut self,
        leg: LegId,
        play: PlayId,
        clips: &[Clip],
        looped: bool,
        said: Said,
    ) {
        let recordings = clips
            .iter()
            .filter_map(|clip| match clip {
                Clip::Recording(recording) => Some(*recording),
                Clip::Prompt(_) | Clip::Tone(_) | Clip::Silence(_) | Clip::Text { .. } => None,
            })
            .collect();
        match self.earlier.jobs.try_send(Job { leg, play, recordings }) {
            Ok(()) => {
                let waiting = Waiting { play, clips: clips.to_vec(), looped, said };
                self.earlier.waiting.insert(leg, waiting);
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                tracing::error!(%leg, "Too many recordings are being read");
                self.report_later(SwitchReport::PlayEnded { leg, play, end: PlayEnd::Failed });
            }
        }
    }

    /// The recordings of a playing were read.
    pub(super) fn on_read(&mut self, done: Done) {
        let Done { leg, play, read } = done;
        let Some(waiting) = self.earlier.waiting.remove(&leg) else { return };
        if waiting.play != play {
            // Another playing has taken its place.
            self.earlier.waiting.insert(leg, waiting);
            return;
        }
        match read {
            Ok(read) => {
                let Waiting { clips, looped, said, .. } = waiting;
                self.play_read(leg, play, &clips, looped, &read, &said);
            }
            Err(error) => {
                tracing::warn!(%leg, %error, "Cannot play an earlier recording");
                self.report_later(SwitchReport::PlayEnded { leg, play, end: PlayEnd::Failed });
            }
        }
    }

    /// Has the texts of a playing said; the playing begins once they are, or at once when nobody can say them.
    pub(super) fn say_first(&mut self, leg: LegId, play: PlayId, clips: &[Clip], looped: bool) {
        if self.speaker.begin(leg, play, clips) {
            let waiting = Waiting { play, clips: clips.to_vec(), looped, said: Said::new() };
            self.earlier.waiting.insert(leg, waiting);
        } else {
            self.play_said(leg, play, clips, looped, Said::new());
        }
    }

    /// The texts of a playing were said.
    pub(super) fn on_said(&mut self, done: said::Done) {
        let said::Done { leg, play, said } = done;
        let Some(waiting) = self.earlier.waiting.remove(&leg) else { return };
        if waiting.play != play {
            // Another playing has taken its place.
            self.earlier.waiting.insert(leg, waiting);
            return;
        }
        self.play_said(leg, play, &waiting.clips, waiting.looped, said);
    }

    /// Plays clips whose texts were said; their recordings are read first.
    pub(super) fn play_said(
        &mut self,
        leg: LegId,
        play: PlayId,
        clips: &[Clip],
        looped: bool,
        said: Said,
    ) {
        if clips.iter().any(|clip| matches!(clip, Clip::Recording(_))) {
            self.read_first(leg, play, clips, looped, said);
        } else {
            self.play_read(leg, play, clips, looped, &Read::new(), &said);
        }
    }

    /// Ends the playing of a leg that waits for the disk or a synthesizer, if it is this one or any when none is named.
    pub(super) fn stop_waiting(&mut self, leg: LegId, only: Option<PlayId>, end: PlayEnd) {
        let meant = |it: &Waiting| only.is_none_or(|only| only == it.play);
        if self.earlier.waiting.get(&leg).is_some_and(meant)
            && let Some(Waiting { play, .. }) = self.earlier.waiting.remove(&leg)
        {
            self.report_later(SwitchReport::PlayEnded { leg, play, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::codec::Codec;

    fn write(path: &Path, channels: u16, sample_rate: u32, samples: &[i16]) {
        let spec = hound::WavSpec {
            channels,
            sample_rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(path, spec).unwrap();
        samples.iter().for_each(|sample| wav.write_sample(*sample).unwrap());
        wav.finalize().unwrap();
    }

    #[test]
    fn both_voices_of_a_talk_are_heard_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording-1.wav");
        write(&path, 2, 8000, &[1000, 2000, 0, -500, 30_000, 30_000]);
        let clip = read_audio(RecordingId(1), RecordedAudio::open(&path, None).unwrap()).unwrap();
        let mono = play::Clip::from_samples(&[3000, -500, i16::MAX]);
        assert_eq!(clip.encoded(Codec::Pcma), mono.encoded(Codec::Pcma));
    }

    #[test]
    fn a_file_that_is_no_recording_of_ours_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording-1.wav");
        write(&path, 1, 44_100, &[0; 10]);
        let error = read_audio(RecordingId(1), RecordedAudio::open(&path, None).unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("recording-1: 44100 Hz"), "{error}");
    }
}
