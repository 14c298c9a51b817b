//! Brings recorded voices to one level and one length of silence, so that they can be spliced.
//!
//! Samples are `f32` from −1 to 1, at any rate.

use std::f32::consts::PI;

/// A frame this share of the loudest one (−26 dB) or more counts as sound.
const ACTIVE: f32 = 0.05;
/// A frame this share of the loudest one (−34 dB) or more is kept at the ends: soft initials (f, h, s) stay, breath goes.
const KEPT: f32 = 0.02;
/// Loudest sample that levelling makes, as a share of full scale (−1 dBFS).
pub const CEILING: f32 = 0.89;

/// Returns the root mean square.
#[must_use]
pub fn rms(samples: &[f32]) -> f32 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (power / samples.len().max(1) as f64).sqrt() as f32
}

/// Returns the root mean square of the frames of 20 ms in which something is heard.
#[must_use]
pub fn active_rms(samples: &[f32], rate: u32) -> f32 {
    let levels: Vec<f32> = samples.chunks((rate as usize / 50).max(1)).map(rms).collect();
    let threshold = levels.iter().copied().fold(0.0, f32::max) * ACTIVE;
    let active: Vec<f32> = levels.into_iter().filter(|level| *level >= threshold).collect();
    rms(&active)
}

/// Returns the largest sample, without its sign.
#[must_use]
pub fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Returns an amplitude relative to full scale, in decibels; at least −120.
#[must_use]
pub fn dbfs(amplitude: f32) -> f64 {
    20.0 * f64::from(amplitude.max(1e-6)).log10()
}

/// Cuts the silence at both ends but for 15 ms; of nothing but silence nothing is left.
#[must_use]
pub fn trimmed(samples: &[f32], rate: u32) -> &[f32] {
    let frame = (rate as usize / 200).max(1);
    let margin = rate as usize * 15 / 1000;
    let levels: Vec<f32> = samples.chunks(frame).map(rms).collect();
    let threshold = levels.iter().copied().fold(0.0, f32::max) * KEPT;
    let sounds = |level: &f32| *level > threshold;
    let (Some(first), Some(last)) =
        (levels.iter().position(sounds), levels.iter().rposition(sounds))
    else {
        return &[];
    };
    let start = (first * frame).saturating_sub(margin);
    let end = ((last + 1) * frame + margin).min(samples.len());
    &samples[start..end]
}

/// Scales to a level while sound is heard, in dBFS, or less where a sample would come too near full scale.
pub fn level(samples: &mut [f32], rate: u32, wanted: f64) {
    let gain = 10_f64.powf(wanted / 20.0) as f32 / active_rms(samples, rate).max(1e-6);
    let gain = gain.min(CEILING / peak(samples).max(1e-6));
    samples.iter_mut().for_each(|sample| *sample *= gain);
}

/// Fades in and out over so many samples, so that a splice does not click.
pub fn fade(samples: &mut [f32], length: usize) {
    let length = length.min(samples.len() / 2);
    let end = samples.len();
    for n in 0..length {
        let gain = 0.5 - 0.5 * (PI * n as f32 / length as f32).cos();
        samples[n] *= gain;
        samples[end - 1 - n] *= gain;
    }
}

/// Rounds to 16 bit, the inverse of [`from_i16`]; what is louder than full scale is clipped.
#[must_use]
pub fn to_i16(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|it| (it * 32_768.0).round() as i16).collect()
}

/// Takes samples of 16 bit.
#[must_use]
pub fn from_i16(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|it| f32::from(*it) / 32_768.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;

    fn tone() -> Vec<f32> {
        (0..RATE).map(|n| (n as f32 * 440.0 / RATE as f32 * 2.0 * PI).sin() * 0.5).collect()
    }

    #[test]
    fn silence_around_a_sound_is_cut_and_the_sound_is_kept() {
        let silence = vec![0.0; 8000];
        let samples = [silence.clone(), tone(), silence.clone()].concat();
        let length = trimmed(&samples, RATE).len();
        assert!((8000..8500).contains(&length), "{length}");
        assert!(trimmed(&silence, RATE).is_empty());
    }

    #[test]
    fn levelling_reaches_the_level_and_never_clips() {
        let mut even = tone();
        level(&mut even, RATE, -20.0);
        assert!((dbfs(active_rms(&even, RATE)) + 20.0).abs() < 0.1);
        let mut spiked = vec![0.01; 8000];
        spiked[4000] = 0.9;
        level(&mut spiked, RATE, -20.0);
        assert!(peak(&spiked) <= CEILING + 1e-6, "{}", peak(&spiked));
    }

    #[test]
    fn samples_of_16_bit_come_back_as_they_were() {
        let samples = [0, 1, -1, 16_384, i16::MAX, i16::MIN];
        assert_eq!(to_i16(&from_i16(&samples)), samples);
        assert_eq!(to_i16(&[2.0, -2.0]), [i16::MAX, i16::MIN]);
    }

    #[test]
    fn a_faded_piece_begins_and_ends_at_zero() {
        let mut samples = vec![0.5; 800];
        fade(&mut samples, 96);
        assert_eq!((samples[0], samples[799], samples[400]), (0.0, 0.0, 0.5));
    }
}
