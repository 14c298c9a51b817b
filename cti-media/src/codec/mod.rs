//! Audio codecs: what a payload type means and how its bytes become samples.

mod encoding;
pub mod g711;
mod wideband;

pub use self::{
    encoding::{Encoding, EncodingSet},
    wideband::Wideband,
};

use std::fmt;

/// Samples per second of every codec carried here.
pub const SAMPLE_RATE: u32 = 8000;

/// Samples in one 20 ms packet.
pub const FRAME_SAMPLES: usize = 160;

/// A G.711 encoding; one byte is one sample at 8 kHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// A-law, the encoding of Chinese and European networks (static payload type 8).
    Pcma,
    /// µ-law, the encoding of American and Japanese networks (static payload type 0).
    Pcmu,
}

impl Codec {
    /// Every codec, in our order of preference.
    pub const ALL: [Self; 2] = [Self::Pcma, Self::Pcmu];

    /// Returns the static RTP payload type (RFC 3551 §6).
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    /// Returns the codec that a static payload type names.
    #[must_use]
    pub const fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            8 => Some(Self::Pcma),
            0 => Some(Self::Pcmu),
            _ => None,
        }
    }

    /// Returns the encoding name used in `a=rtpmap`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    /// Returns the byte that decodes to silence.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::Pcma => 0xD5,
            Self::Pcmu => 0xFF,
        }
    }

    /// Decodes one byte to a 16-bit linear sample.
    #[must_use]
    pub const fn decode(self, byte: u8) -> i16 {
        match self {
            Self::Pcma => g711::ALAW_TO_LINEAR[byte as usize],
            Self::Pcmu => g711::ULAW_TO_LINEAR[byte as usize],
        }
    }

    /// Encodes one 16-bit linear sample.
    #[must_use]
    pub const fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Pcma => g711::linear_to_alaw(sample),
            Self::Pcmu => g711::linear_to_ulaw(sample),
        }
    }

    /// Re-encodes a payload in place from this codec to `to`; does nothing when they are the same.
    pub fn transcode(self, to: Self, payload: &mut [u8]) {
        let table = match (self, to) {
            (Self::Pcma, Self::Pcmu) => &g711::ALAW_TO_ULAW,
            (Self::Pcmu, Self::Pcma) => &g711::ULAW_TO_ALAW,
            (Self::Pcma, Self::Pcma) | (Self::Pcmu, Self::Pcmu) => return,
        };
        for byte in payload {
            *byte = table[usize::from(*byte)];
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_bytes_decode_to_almost_nothing() {
        for codec in Codec::ALL {
            assert!(codec.decode(codec.silence()).abs() <= 8, "{codec}");
        }
    }
}
