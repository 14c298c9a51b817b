//! Whether a clip is fit for callers.

use std::path::Path;

use super::{
    sound::{self, RATE},
    table::Clip,
};
use crate::Outcome;

/// Length of a frame whose level is looked at, in samples (20 ms).
const FRAME: usize = RATE as usize / 50;
/// A frame this share of the loudest one (−26 dB) or more counts as sound.
const ACTIVE: f32 = 0.05;

/// What was measured of one clip.
#[derive(Debug)]
pub(crate) struct Measurement {
    spec: hound::WavSpec,
    /// Length.
    pub(crate) seconds: f64,
    /// Level of the frames in which something is heard.
    pub(crate) active_dbfs: f64,
    /// Largest sample.
    pub(crate) peak_dbfs: f64,
}

impl Measurement {
    /// Measures a WAV file.
    pub(crate) fn of_file(file: &Path) -> Outcome<Self> {
        let (spec, samples) = sound::read_wav(file)?;
        let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        Ok(Self {
            spec,
            seconds: samples.len() as f64 / f64::from(spec.sample_rate),
            active_dbfs: dbfs(active_rms(&samples)),
            peak_dbfs: dbfs(peak),
        })
    }

    /// Lists what makes the clip unfit; empty when it is fit.
    pub(crate) fn faults(&self, clip: &Clip) -> Vec<String> {
        let syllables = clip.syllables();
        let mut faults = Vec::new();
        let format = (self.spec.sample_rate, self.spec.channels, self.spec.bits_per_sample);
        if format != (RATE, 1, 16) {
            faults.push(format!("{format:?} where {RATE} Hz, 1 channel, 16 bit are expected"));
        }
        let pace = self.seconds / syllables.max(1) as f64;
        // A single word may be drawn out a little; it is heard alone or spliced.
        let slowest = if syllables < 4 { 0.45 } else { 0.35 };
        // Syllables of English are counted roughly, and differ in length.
        let (fastest, slowest) = if clip.is_mandarin() { (0.18, slowest) } else { (0.12, 0.7) };
        if !(fastest..=slowest).contains(&pace) {
            faults
                .push(format!("{pace:.3} s per syllable, {fastest} to {slowest} are intelligible"));
        }
        if !(-23.0..=-17.0).contains(&self.active_dbfs) {
            faults.push(format!("{:.1} dBFS while speaking, −20 ± 3 is even", self.active_dbfs));
        }
        if self.peak_dbfs >= -0.1 {
            faults.push(format!("clipped: peak at {:.2} dBFS", self.peak_dbfs));
        }
        faults
    }
}

/// Root mean square.
pub(crate) fn rms(samples: &[f32]) -> f32 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (power / samples.len().max(1) as f64).sqrt() as f32
}

/// Root mean square of the frames in which something is heard.
pub(crate) fn active_rms(samples: &[f32]) -> f32 {
    let levels: Vec<f32> = samples.chunks(FRAME).map(rms).collect();
    let threshold = levels.iter().copied().fold(0.0, f32::max) * ACTIVE;
    let active: Vec<f32> = levels.into_iter().filter(|level| *level >= threshold).collect();
    rms(&active)
}

/// Level relative to full scale, in decibels.
pub(crate) fn dbfs(amplitude: f32) -> f64 {
    20.0 * f64::from(amplitude.max(1e-6)).log10()
}
