//! Recordings that a crash left open: their files are whole up to the last second.

use std::{fs, path::Path, time::Duration};

use cti_core::{id::RecordingId, switch::RecordingEnd};
use sha2::{Digest as _, Sha256};

/// Returns how a recording ended whose process is gone, by what lies in the folder of recordings.
#[must_use]
pub fn salvage(recordings: &Path, recording: RecordingId) -> RecordingEnd {
    let failed = |reason: String| RecordingEnd::Failed { reason };
    let name = format!("{recording}.wav");
    let days = fs::read_dir(recordings).into_iter().flatten().filter_map(Result::ok);
    let Some(path) = days.map(|day| day.path().join(&name)).find(|path| path.is_file()) else {
        return failed("the process ended before anything was written".to_owned());
    };
    let length = match hound::WavReader::open(&path) {
        Ok(wav) => {
            let rate = u64::from(wav.spec().sample_rate.max(1));
            Duration::from_millis(u64::from(wav.duration()) * 1000 / rate)
        }
        Err(error) => {
            return failed(format!("the process ended, and the file cannot be read: {error}"));
        }
    };
    let Ok(bytes) = fs::read(&path) else {
        return failed("the process ended, and the file cannot be read".to_owned());
    };
    let below = path.strip_prefix(recordings).unwrap_or(&path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    RecordingEnd::Saved {
        file: parts.join("/"),
        length,
        bytes: bytes.len() as u64,
        sha256: hex::encode(Sha256::digest(&bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_a_crash_left_is_kept_with_its_length() {
        let root = tempfile::tempdir().unwrap();
        let day = root.path().join("2026-01-02");
        fs::create_dir(&day).unwrap();
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(day.join("recording-7.wav"), spec).unwrap();
        (0..16_000).for_each(|_| wav.write_sample(0i16).unwrap());
        wav.finalize().unwrap();
        let RecordingEnd::Saved { file, length, .. } = salvage(root.path(), RecordingId(7)) else {
            panic!("there is a file")
        };
        assert_eq!((file.as_str(), length), ("2026-01-02/recording-7.wav", Duration::from_secs(1)));
        assert!(matches!(salvage(root.path(), RecordingId(8)), RecordingEnd::Failed { .. }));
    }
}
