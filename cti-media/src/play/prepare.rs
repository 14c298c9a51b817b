//! Makes a prompt out of what was recorded: checked, brought to the telephone's rate, level and pauses.

use std::time::Duration;

use super::{
    Clip,
    wav::{self, InvalidWav, Sound},
};
use crate::{
    codec::SAMPLE_RATE,
    dsp::{resample::resample, shape},
};

/// Level of speech while somebody speaks, in dBFS (RMS).
pub const SPEECH_DBFS: f64 = -20.0;
/// Level of music on hold, in dBFS (RMS): below speech, so that an announcement stands out.
pub const MUSIC_DBFS: f64 = -24.0;
/// Quieter speech than this, in dBFS (RMS), is refused: raised to [`SPEECH_DBFS`], its noise would be heard.
pub const QUIETEST_DBFS: f64 = -50.0;
/// The shortest prompt.
pub const SHORTEST: Duration = Duration::from_millis(80);
/// More of the samples at full scale than this is a recording that was clipped.
const CLIPPED: f64 = 0.005;
/// Fade at both ends of speech, in samples (5 ms).
const FADE: usize = SAMPLE_RATE as usize / 200;

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A voice: silence at both ends is cut, and the ends are faded.
    Speech,
    /// Music or a tone: its ends stay, so that it can be repeated without a seam.
    Music,
}

/// A recording that is not fit for callers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] InvalidWav),
    /// Hardly anything is in it.
    #[error("length: {} ms of sound, at least {} are needed", length.as_millis(), SHORTEST.as_millis())]
    TooShort {
        /// What is left when silence is cut.
        length: Duration,
    },
    /// It is too quiet.
    #[error("level: {dbfs:.0} dBFS while speaking, at least {QUIETEST_DBFS} are needed")]
    TooQuiet {
        /// Its level, in dBFS.
        dbfs: f64,
    },
    /// It was clipped when it was recorded.
    #[error("level: {percent:.1} % of it is clipped; record it at a lower level")]
    Clipped {
        /// How much of it, in percent.
        percent: f64,
    },
}

impl Unfit {
    /// Returns which property is wrong: `file`, `format`, `channels`, `rate`, `length` or `level`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::File(InvalidWav::NotWav | InvalidWav::Chunk { .. }) => "file",
            Self::File(InvalidWav::Encoding { .. }) => "format",
            Self::File(InvalidWav::Channels { .. }) => "channels",
            Self::File(InvalidWav::Rate { .. }) => "rate",
            Self::File(InvalidWav::TooLong) | Self::TooShort { .. } => "length",
            Self::TooQuiet { .. } | Self::Clipped { .. } => "level",
        }
    }
}

/// A prompt that can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    samples: Vec<i16>,
}

impl Prepared {
    /// Returns it encoded for legs.
    #[must_use]
    pub fn clip(&self) -> Clip {
        Clip::from_samples(&self.samples)
    }

    /// Returns it as a WAV file of 8 kHz, 16 bit, one channel.
    #[must_use]
    pub fn wav(&self) -> Vec<u8> {
        wav::write(&self.samples, SAMPLE_RATE)
    }

    /// Returns the samples, at 8 kHz.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }
}

/// Reads a WAV file and makes a prompt of it.
///
/// # Errors
/// Names the property that makes it unfit.
pub fn prepare(file: &[u8], kind: Kind) -> Result<Prepared, Unfit> {
    prepare_sound(&wav::read(file)?, kind)
}

/// Makes a prompt of sound.
///
/// # Errors
/// Names the property that makes it unfit.
pub fn prepare_sound(sound: &Sound, kind: Kind) -> Result<Prepared, Unfit> {
    let full = sound.samples.iter().filter(|sample| sample.abs() > 0.999).count();
    let share = full as f64 / sound.samples.len().max(1) as f64;
    if share > CLIPPED {
        return Err(Unfit::Clipped { percent: share * 100.0 });
    }
    let mut samples = resample(&sound.samples, sound.rate, SAMPLE_RATE);
    // A constant offset would click at every splice.
    let offset = samples.iter().sum::<f32>() / samples.len().max(1) as f32;
    samples.iter_mut().for_each(|sample| *sample -= offset);
    let dbfs = shape::dbfs(shape::active_rms(&samples, SAMPLE_RATE));
    if dbfs < QUIETEST_DBFS {
        return Err(Unfit::TooQuiet { dbfs });
    }
    if kind == Kind::Speech {
        samples = shape::trimmed(&samples, SAMPLE_RATE).to_vec();
    }
    let length = Duration::from_micros(samples.len() as u64 * 1_000_000 / u64::from(SAMPLE_RATE));
    if length < SHORTEST {
        return Err(Unfit::TooShort { length });
    }
    match kind {
        Kind::Speech => {
            shape::level(&mut samples, SAMPLE_RATE, SPEECH_DBFS);
            shape::fade(&mut samples, FADE);
        }
        Kind::Music => shape::level(&mut samples, SAMPLE_RATE, MUSIC_DBFS),
    }
    Ok(Prepared { samples: shape::to_i16(&samples) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone with half a second of silence at both ends.
    fn spoken(rate: u32, gain: f64, seconds: f64) -> Vec<u8> {
        let length = (f64::from(rate) * seconds) as u32;
        let turn = std::f64::consts::TAU * 440.0 / f64::from(rate);
        let tone = (0..length).map(|n| ((f64::from(n) * turn).sin() * gain * 32_767.0) as i16);
        let silence = vec![0_i16; rate as usize / 2];
        wav::write(&[silence.clone(), tone.collect(), silence].concat(), rate)
    }

    #[test]
    fn a_recording_becomes_a_prompt_of_the_telephones_rate_and_level_without_its_silence() {
        for rate in [8_000, 16_000, 44_100, 48_000] {
            let prompt = prepare(&spoken(rate, 0.05, 1.0), Kind::Speech).unwrap();
            let length = prompt.samples().len();
            assert!((8_000..8_600).contains(&length), "{rate}: {length}");
            let samples = shape::from_i16(prompt.samples());
            let level = shape::dbfs(shape::active_rms(&samples, SAMPLE_RATE));
            assert!((level - SPEECH_DBFS).abs() < 0.7, "{rate}: {level}");
            assert_eq!((prompt.samples()[0], prompt.samples()[length - 1]), (0, 0));
            assert_eq!(wav::read(&prompt.wav()).unwrap().samples.len(), length);
        }
    }

    #[test]
    fn music_keeps_its_ends_and_stays_below_speech() {
        let prompt = prepare(&spoken(8_000, 0.3, 1.0), Kind::Music).unwrap();
        assert_eq!(prompt.samples().len(), 16_000);
        let samples = shape::from_i16(prompt.samples());
        let level = shape::dbfs(shape::active_rms(&samples, SAMPLE_RATE));
        assert!((level - MUSIC_DBFS).abs() < 0.7, "{level}");
    }

    #[test]
    fn what_callers_could_not_follow_is_refused_by_field_and_reason() {
        let refused = |file: &[u8]| prepare(file, Kind::Speech).unwrap_err();
        for (file, field, words) in [
            (b"nothing".to_vec(), "file", "is no WAV file"),
            (spoken(8_000, 0.5, 0.01), "length", "at least 80 are needed"),
            (spoken(8_000, 0.0005, 1.0), "level", "while speaking"),
            (wav::write(&[0; 8_000], 8_000), "level", "while speaking"),
            (wav::write(&[], 8_000), "level", "while speaking"),
            (wav::write(&[i16::MAX; 8_000], 8_000), "level", "clipped"),
        ] {
            let error = refused(&file);
            assert_eq!(error.field(), field, "{error}");
            assert!(error.to_string().starts_with(field), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
