//! Recognises single frequencies by Goertzel's algorithm.

use crate::codec::SAMPLE_RATE;

/// Returns how much of the signal's energy lies at `frequency_hz`, from 0 (none) to 1 (a pure tone).
///
/// The resolution is the sample rate divided by the number of samples: 400 samples tell 20 Hz apart.
#[must_use]
pub fn share_of_energy(samples: &[i16], frequency_hz: f64) -> f64 {
    let total: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    if total <= 0.0 {
        return 0.0;
    }
    // A pure tone of amplitude A gives power (A·N/2)² and energy A²·N/2, hence the factor 2/N.
    (power(samples, frequency_hz) * 2.0 / (samples.len() as f64 * total)).min(1.0)
}

/// Returns the squared magnitude of the signal's spectrum at `frequency_hz`.
#[must_use]
pub fn power(samples: &[i16], frequency_hz: f64) -> f64 {
    let step = 2.0 * std::f64::consts::PI * frequency_hz / f64::from(SAMPLE_RATE);
    let coefficient = 2.0 * step.cos();
    let (mut previous, mut before) = (0.0, 0.0);
    for &sample in samples {
        let next = f64::from(sample) + coefficient * previous - before;
        before = previous;
        previous = next;
    }
    previous * previous + before * before - coefficient * previous * before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::tone;

    #[test]
    fn a_tone_is_found_at_its_own_frequency_and_nowhere_else() {
        let samples = tone::sine(440.0, -12.0, 4000);
        assert!(share_of_energy(&samples, 440.0) > 0.95);
        assert!(share_of_energy(&samples, 1000.0) < 0.01);
    }

    #[test]
    fn silence_has_no_frequency() {
        assert_eq!(share_of_energy(&[0; 800], 440.0), 0.0);
        assert_eq!(share_of_energy(&[], 440.0), 0.0);
    }
}
