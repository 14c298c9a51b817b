//! One prompt or tone, encoded in every codec.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    codec::{Codec, SAMPLE_RATE},
    dsp::shape,
};

/// Audio that was encoded once and is shared by every leg that plays it.
#[derive(Clone, PartialEq, Eq)]
pub struct Clip {
    alaw: Arc<[u8]>,
    ulaw: Arc<[u8]>,
}

impl Clip {
    /// Encodes 8 kHz samples.
    #[must_use]
    pub fn from_samples(samples: &[i16]) -> Self {
        let encode = |codec: Codec| samples.iter().map(|&sample| codec.encode(sample)).collect();
        Self { alaw: encode(Codec::Pcma), ulaw: encode(Codec::Pcmu) }
    }

    /// Returns the encoded bytes; one byte is one sample.
    #[must_use]
    pub fn encoded(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.alaw,
            Codec::Pcmu => &self.ulaw,
        }
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.alaw.len()
    }

    /// Returns its level while something is heard, in dBFS (RMS).
    #[must_use]
    pub fn level(&self) -> f64 {
        let samples: Vec<i16> = self.alaw.iter().map(|byte| Codec::Pcma.decode(*byte)).collect();
        shape::dbfs(shape::active_rms(&shape::from_i16(&samples), SAMPLE_RATE))
    }

    /// Returns how long the clip lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples() as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clip({:?})", self.duration())
    }
}
