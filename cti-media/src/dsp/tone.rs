//! Generates the tones of the Chinese telephone network.

use std::f64::consts::PI;

use crate::codec::SAMPLE_RATE;

/// Peak of a 0 dBm0 sine in 16-bit samples: 3.14 dB below the overload level (G.711 §3).
const PEAK_0_DBM0: f64 = 22828.0;

/// A tone with its cadence, as the network plays it (GB/T 3380: 450 Hz with different rhythms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The called party is being rung: 1 s on, 4 s off (回铃音).
    RingBack,
    /// The called party is busy: 0.35 s on, 0.35 s off (忙音).
    Busy,
    /// The exchange waits for digits: continuous (拨号音).
    Dial,
    /// No way through the network: 0.7 s on, 0.7 s off (拥塞音).
    Congestion,
    /// Begin to speak: 0.5 s of 1000 Hz, once.
    Beep,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 5] =
        [Self::RingBack, Self::Busy, Self::Dial, Self::Congestion, Self::Beep];

    /// Returns one period of the tone; playing it in a loop gives the cadence.
    #[must_use]
    pub fn samples(self) -> Vec<i16> {
        match self {
            Self::RingBack => cadence(450.0, -13.0, 1000, 4000),
            Self::Busy => cadence(450.0, -13.0, 350, 350),
            // 450 Hz has a whole number of cycles in one second, so the loop has no click.
            Self::Dial => cadence(450.0, -13.0, 1000, 0),
            Self::Congestion => cadence(450.0, -13.0, 700, 700),
            Self::Beep => cadence(1000.0, -13.0, 500, 0),
        }
    }
}

/// Returns `count` samples of a sine at `level_dbm0`.
#[must_use]
pub fn sine(frequency_hz: f64, level_dbm0: f64, count: usize) -> Vec<i16> {
    let amplitude = PEAK_0_DBM0 * 10_f64.powf(level_dbm0 / 20.0);
    let step = 2.0 * PI * frequency_hz / f64::from(SAMPLE_RATE);
    (0..count).map(|n| (amplitude * (step * n as f64).sin()).round() as i16).collect()
}

fn cadence(frequency_hz: f64, level_dbm0: f64, on_ms: usize, off_ms: usize) -> Vec<i16> {
    let per_ms = SAMPLE_RATE as usize / 1000;
    let mut samples = sine(frequency_hz, level_dbm0, on_ms * per_ms);
    samples.resize((on_ms + off_ms) * per_ms, 0);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::{goertzel, level};

    #[test]
    fn ring_back_sounds_for_one_second_in_five() {
        let period = Tone::RingBack.samples();
        assert_eq!(period.len(), 5 * 8000);
        assert!(goertzel::share_of_energy(&period[..8000], 450.0) > 0.95);
        assert_eq!(level::rms_dbfs(&period[8000..]), level::FLOOR_DBFS);
    }

    #[test]
    fn busy_and_congestion_differ_in_rhythm_only() {
        assert_eq!(Tone::Busy.samples().len(), 5600);
        assert_eq!(Tone::Congestion.samples().len(), 11200);
    }
}
