//! The thread that writes recordings, so that a slow disk never delays a packet.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read as _},
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
};

use cti_core::seal::Key;
use sha2::{Digest as _, Sha256};

use super::{sealed::SealedWriter, track::Encoded};
use crate::{
    codec::SAMPLE_RATE,
    engine::{RecordingEnd, RecordingFailure, RecordingId},
};

/// Work for the writer.
#[derive(Debug)]
pub(crate) enum Job {
    /// Creates the file.
    Open { recording: RecordingId, path: PathBuf, channels: u16 },
    /// Appends audio; `right` is there for stereo and as long as `left`.
    Chunk { recording: RecordingId, left: Encoded, right: Option<Encoded> },
    /// Completes the file.
    Finish { recording: RecordingId, how: RecordingEnd },
    /// Leaves the file as it is and reports nothing.
    Abandon { recording: RecordingId },
}

/// What became of a recording.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The file is complete and on disk.
    Finished {
        recording: RecordingId,
        path: PathBuf,
        frames: u64,
        sha256: String,
        how: RecordingEnd,
    },
    /// The file could not be written.
    Failed { recording: RecordingId, path: PathBuf, failure: RecordingFailure },
}

/// One open file.
struct Recorder {
    out: Out,
    path: PathBuf,
    frames: u64,
}

/// How it is written.
enum Out {
    /// As WAV.
    Clear(hound::WavWriter<BufWriter<File>>, File),
    /// Sealed.
    Sealed(SealedWriter<File>),
}

/// Works until every sender is gone; `report` is called once per opened recording.
pub(crate) fn run(jobs: &Receiver<Job>, key: Option<&Key>, mut report: impl FnMut(Outcome)) {
    let mut open: BTreeMap<RecordingId, Recorder> = BTreeMap::new();
    for job in jobs {
        match job {
            Job::Open { recording, path, channels } => match Recorder::create(&path, channels, key)
            {
                Ok(recorder) => {
                    open.insert(recording, recorder);
                }
                Err(error) => report(failed(recording, path, &error)),
            },
            Job::Chunk { recording, left, right } => {
                // A recording that failed is not open any more; what is left of it is dropped.
                let Some(recorder) = open.get_mut(&recording) else { continue };
                if let Err(error) = recorder.append(&left, right.as_ref())
                    && let Some(recorder) = open.remove(&recording)
                {
                    report(failed(recording, recorder.path, &error));
                }
            }
            Job::Finish { recording, how } => {
                let Some(recorder) = open.remove(&recording) else { continue };
                let (path, frames) = (recorder.path.clone(), recorder.frames);
                report(match recorder.finish() {
                    Ok(sha256) => Outcome::Finished { recording, path, frames, sha256, how },
                    Err(error) => failed(recording, path, &error),
                });
            }
            Job::Abandon { recording } => {
                open.remove(&recording);
            }
        }
    }
}

impl Recorder {
    fn create(path: &Path, channels: u16, key: Option<&Key>) -> Result<Self, hound::Error> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let out = match key {
            Some(key) => {
                let channels = if channels == 1 { 1 } else { 2 };
                Out::Sealed(SealedWriter::new(file, key, SAMPLE_RATE, channels)?)
            }
            None => {
                let spec = hound::WavSpec {
                    channels,
                    sample_rate: SAMPLE_RATE,
                    bits_per_sample: 16,
                    sample_format: hound::SampleFormat::Int,
                };
                // Chunks pass by the buffer in one write each; only the header's fields go through it.
                let writer = BufWriter::with_capacity(256, file.try_clone()?);
                let mut wav = hound::WavWriter::new(writer, spec)?;
                wav.flush()?;
                Out::Clear(wav, file)
            }
        };
        Ok(Self { out, path: path.to_owned(), frames: 0 })
    }

    /// Appends frames, so that the file can be played after every chunk.
    fn append(&mut self, left: &Encoded, right: Option<&Encoded>) -> Result<(), hound::Error> {
        let (frames, channels) = (left.bytes.len(), if right.is_some() { 2 } else { 1 });
        let heard = samples(left, right);
        match &mut self.out {
            Out::Clear(wav, _) => {
                let mut samples = wav.get_i16_writer((frames * channels) as u32);
                heard.for_each(|sample| samples.write_sample(sample));
                samples.flush()?;
                wav.flush()?;
            }
            Out::Sealed(sealed) => sealed.append(heard)?,
        }
        self.frames += frames as u64;
        Ok(())
    }

    fn finish(self) -> Result<String, hound::Error> {
        match self.out {
            Out::Clear(wav, file) => {
                wav.finalize()?;
                file.sync_all()?;
            }
            Out::Sealed(sealed) => sealed.finish()?.sync_all()?,
        }
        Ok(hash(&self.path)?)
    }
}

/// Returns the samples of one voice, or of two by turns.
fn samples<'a>(
    left: &'a Encoded,
    right: Option<&'a Encoded>,
) -> Box<dyn Iterator<Item = i16> + 'a> {
    let l = left.bytes.iter().map(|&byte| left.codec.decode(byte));
    match right {
        None => Box::new(l),
        Some(right) => {
            let r = right.bytes.iter().map(|&byte| right.codec.decode(byte));
            Box::new(l.zip(r).flat_map(|(l, r)| [l, r]))
        }
    }
}

fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

fn failed(recording: RecordingId, path: PathBuf, error: &dyn std::error::Error) -> Outcome {
    Outcome::Failed { recording, path, failure: RecordingFailure::Disk(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::{codec::Codec, record::audio::RecordedAudio};

    fn encoded(byte: u8, count: usize) -> Encoded {
        Encoded { codec: Codec::Pcma, bytes: vec![byte; count] }
    }

    fn outcomes(jobs: Vec<Job>) -> Vec<Outcome> {
        outcomes_with(None, jobs)
    }

    fn outcomes_with(key: Option<&Key>, jobs: Vec<Job>) -> Vec<Outcome> {
        let (sender, receiver) = mpsc::channel();
        for job in jobs {
            sender.send(job).unwrap();
        }
        drop(sender);
        let mut outcomes = Vec::new();
        run(&receiver, key, |outcome| outcomes.push(outcome));
        outcomes
    }

    #[test]
    fn left_and_right_become_one_file_with_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.wav");
        let recording = RecordingId(1);
        let outcomes = outcomes(vec![
            Job::Open { recording, path: path.clone(), channels: 2 },
            Job::Chunk { recording, left: encoded(0xAA, 80), right: Some(encoded(0x2A, 80)) },
            Job::Finish { recording, how: RecordingEnd::Stopped },
        ]);

        let [Outcome::Finished { frames: 80, sha256, .. }] = &outcomes[..] else {
            panic!("{outcomes:?}");
        };
        assert_eq!(*sha256, hex::encode(Sha256::digest(std::fs::read(&path).unwrap())));
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8000));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples[..4], [32256, -32256, 32256, -32256]);
    }

    #[test]
    fn after_every_chunk_the_file_can_be_played_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.wav");
        let mut recorder = Recorder::create(&path, 1, None).unwrap();
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 0);
        for chunks in 1..=3 {
            recorder.append(&encoded(0xAA, 5600), None).unwrap();
            assert_eq!(hound::WavReader::open(&path).unwrap().duration(), chunks * 5600);
        }
        std::mem::forget(recorder);
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 16_800);
    }

    #[test]
    fn a_file_that_cannot_be_made_fails_once_and_an_existing_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken.wav");
        std::fs::write(&taken, "an earlier recording").unwrap();
        for path in [folder.path().join("no/such/folder.wav"), taken.clone()] {
            let recording = RecordingId(1);
            let outcomes = outcomes(vec![
                Job::Open { recording, path, channels: 1 },
                Job::Chunk { recording, left: encoded(0, 10), right: None },
                Job::Finish { recording, how: RecordingEnd::Stopped },
            ]);
            assert!(matches!(&outcomes[..], [Outcome::Failed { .. }]), "{outcomes:?}");
        }
        assert_eq!(std::fs::read(taken).unwrap(), b"an earlier recording");
    }

    #[test]
    fn with_a_key_the_file_is_sealed_and_plays_after_every_chunk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.wav.sealed");
        let key = Key::from_bytes([7; Key::LENGTH]);
        let mut recorder = Recorder::create(&path, 2, Some(&key)).unwrap();
        for chunks in 1..=3_u64 {
            recorder.append(&encoded(0xAA, 5600), Some(&encoded(0x2A, 5600))).unwrap();
            let audio = RecordedAudio::open(&path, Some(&key)).unwrap();
            assert!(!audio.is_complete());
            // 64 ms of stereo wait for their box to be full.
            assert!(audio.length() > 44 + chunks * 22_400 - 1024 - 4);
        }
        std::mem::forget(recorder);

        let (recording, path) = (RecordingId(1), folder.path().join("other.wav.sealed"));
        let jobs = vec![
            Job::Open { recording, path: path.clone(), channels: 2 },
            Job::Chunk { recording, left: encoded(0xAA, 80), right: Some(encoded(0x2A, 80)) },
            Job::Finish { recording, how: RecordingEnd::Stopped },
        ];
        let outcomes = outcomes_with(Some(&key), jobs);
        let [Outcome::Finished { frames: 80, sha256, .. }] = &outcomes[..] else {
            panic!("{outcomes:?}");
        };
        assert_eq!(*sha256, hex::encode(Sha256::digest(std::fs::read(&path).unwrap())));
        let mut reader =
            hound::WavReader::new(RecordedAudio::open(&path, Some(&key)).unwrap()).unwrap();
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!((samples.len(), &samples[..2]), (160, &[32256, -32256][..]));
    }
}
