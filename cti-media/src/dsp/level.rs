//! Measures how loud a signal is.

use crate::codec::Codec;

/// The level reported for digital silence, in dBFS.
pub const FLOOR_DBFS: f64 = -96.0;

/// Returns the RMS level in dB relative to a full-scale square wave.
#[must_use]
pub fn rms_dbfs(samples: &[i16]) -> f64 {
    from_energy(samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum(), samples.len())
}

/// Returns the RMS level of an encoded payload in dBFS.
#[must_use]
pub fn encoded_dbfs(codec: Codec, payload: &[u8]) -> f64 {
    let energy = payload.iter().map(|&byte| {
        let sample = f64::from(codec.decode(byte));
        sample * sample
    });
    from_energy(energy.sum(), payload.len())
}

fn from_energy(energy: f64, samples: usize) -> f64 {
    if samples == 0 || energy <= 0.0 {
        return FLOOR_DBFS;
    }
    let rms = (energy / samples as f64).sqrt() / 32768.0;
    (20.0 * rms.log10()).max(FLOOR_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::tone;

    #[test]
    fn a_full_scale_sine_is_three_decibels_below_full_scale() {
        let sine: Vec<i16> =
            (0..8000).map(|n| (32767.0 * (f64::from(n) * 0.1).sin()).round() as i16).collect();
        assert!((rms_dbfs(&sine) + 3.01).abs() < 0.1);
    }

    #[test]
    fn silence_is_the_floor() {
        assert_eq!(rms_dbfs(&[0; 160]), FLOOR_DBFS);
        assert_eq!(rms_dbfs(&[]), FLOOR_DBFS);
        assert!(encoded_dbfs(Codec::Pcma, &[Codec::Pcma.silence(); 160]) < -70.0);
    }

    #[test]
    fn a_generated_tone_has_the_level_asked_for() {
        // A 0 dBm0 sine peaks 3.14 dB below full scale, and its RMS is 3.01 dB below its peak.
        let samples = tone::sine(450.0, -10.0, 8000);
        assert!((rms_dbfs(&samples) - (-10.0 - 6.15)).abs() < 0.2);
    }
}
