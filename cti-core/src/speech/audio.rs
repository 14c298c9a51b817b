//! Sound as providers give and take it: one channel, uncompressed or G.711.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// 16 bit linear, signed, most significant byte first (RFC 3551 §4.5.11).
    L16,
    /// G.711 A-law, one byte a sample (RFC 3551 §4.5.14).
    Pcma,
    /// G.711 µ-law, one byte a sample (RFC 3551 §4.5.14).
    Pcmu,
}

impl Encoding {
    /// Returns how many bytes a sample takes.
    #[must_use]
    pub fn bytes_per_sample(self) -> usize {
        match self {
            Self::L16 => 2,
            Self::Pcma | Self::Pcmu => 1,
        }
    }

    /// Returns the name of the media type (RFC 3551 §6).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::L16 => "L16",
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }
}

/// Encoding and sample rate; always one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AudioFormat {
    /// How samples are written.
    pub encoding: Encoding,
    /// Samples a second, in hertz: 8,000 to 48,000.
    pub rate: u32,
}

impl AudioFormat {
    /// What the telephone network of China carries: G.711 A-law at 8 kHz.
    pub const TELEPHONE: Self = Self { encoding: Encoding::Pcma, rate: 8_000 };
    /// What most recognizers prefer: linear at 16 kHz.
    pub const WIDE: Self = Self { encoding: Encoding::L16, rate: 16_000 };

    /// Checks the sample rate.
    ///
    /// # Errors
    /// When the rate is outside 8,000 to 48,000 Hz or not a multiple of 50, so that 20 ms are no whole samples.
    pub fn check(self) -> Result<(), InvalidAudio> {
        if (8_000..=48_000).contains(&self.rate) && self.rate.is_multiple_of(50) {
            Ok(())
        } else {
            Err(InvalidAudio::Rate { rate: self.rate })
        }
    }

    /// Returns how many bytes a frame of 20 ms takes.
    #[must_use]
    pub fn bytes_per_frame(self) -> usize {
        self.rate as usize / 50 * self.encoding.bytes_per_sample()
    }

    /// Returns how long so many bytes last.
    #[must_use]
    pub fn duration(self, bytes: usize) -> Duration {
        let samples = (bytes / self.encoding.bytes_per_sample()) as u64;
        Duration::from_nanos(samples.saturating_mul(1_000_000_000) / u64::from(self.rate.max(1)))
    }
}

impl fmt::Display for AudioFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.encoding.name(), self.rate)
    }
}

/// Sound that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAudio {
    /// The sample rate cannot be used.
    #[error(
        "format.rate: a rate lies between 8000 and 48000 Hz and is a multiple of 50, not {rate}"
    )]
    Rate {
        /// The rate.
        rate: u32,
    },
    /// The last sample is cut.
    #[error("audio: {bytes} bytes are no whole samples of {format}")]
    CutSample {
        /// How many bytes there were.
        bytes: usize,
        /// What they should be.
        format: AudioFormat,
    },
    /// There is too much of it.
    #[error("audio: {bytes} bytes are more than the {} allowed", Audio::MAX_BYTES)]
    TooLong {
        /// How many bytes there were.
        bytes: usize,
    },
}

/// A piece of sound; cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Audio {
    format: AudioFormat,
    bytes: Arc<[u8]>,
}

impl Audio {
    /// The most bytes that one piece has: 32 MiB, over an hour of the telephone's.
    pub const MAX_BYTES: usize = 32 << 20;

    /// Takes sound of a format.
    ///
    /// # Errors
    /// When the format cannot be, a sample is cut, or there is too much.
    pub fn new(format: AudioFormat, bytes: impl Into<Arc<[u8]>>) -> Result<Self, InvalidAudio> {
        let bytes = bytes.into();
        format.check()?;
        if bytes.len() > Self::MAX_BYTES {
            return Err(InvalidAudio::TooLong { bytes: bytes.len() });
        }
        if bytes.len() % format.encoding.bytes_per_sample() != 0 {
            return Err(InvalidAudio::CutSample { bytes: bytes.len(), format });
        }
        Ok(Self { format, bytes })
    }

    /// Returns its format.
    #[must_use]
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// Returns all of it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns it in frames of 20 ms; the last one may be shorter.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.format.bytes_per_frame())
    }

    /// Returns how long it lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.format.duration(self.bytes.len())
    }
}

impl fmt::Debug for Audio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} ms of {}>", self.duration().as_millis(), self.format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_20_ms_long_and_together_they_are_the_whole() {
        let audio = Audio::new(AudioFormat::WIDE, vec![7; 1_500]).unwrap();
        let lengths: Vec<_> = audio.frames().map(<[u8]>::len).collect();
        assert_eq!(lengths, [640, 640, 220]);
        assert_eq!(audio.duration(), Duration::from_micros(46_875));
        assert_eq!(format!("{audio:?}"), "<46 ms of L16/16000>");
    }

    #[test]
    fn sound_that_cannot_be_is_refused_by_name() {
        let cut = Audio::new(AudioFormat::WIDE, vec![0; 3]).unwrap_err();
        assert_eq!(cut.to_string(), "audio: 3 bytes are no whole samples of L16/16000");
        let format = AudioFormat { encoding: Encoding::Pcma, rate: 8_001 };
        assert_eq!(Audio::new(format, vec![0; 3]), Err(InvalidAudio::Rate { rate: 8_001 }));
    }
}
