//! What is done to samples between the voice and the file.

use std::{f64::consts::PI, io::Cursor, path::Path};

use super::measure;
use crate::Outcome;

/// Sampling rate of every clip, in hertz.
pub(crate) const RATE: u32 = 8000;
/// Frequency above which nothing is let through, in hertz: the upper edge of the telephone band.
const CUTOFF: f64 = 3600.0;
/// Taps of the low-pass on either side of an output sample, in input samples.
const HALF_WIDTH: i64 = 96;
/// Loudest sample a clip may have, as a share of full scale (−1 dBFS).
const CEILING: f32 = 0.89;
/// Silence kept before and after the first and last sound, in samples (15 ms).
const MARGIN: usize = RATE as usize * 15 / 1000;

/// Converts `samples` from `rate` hertz to [`RATE`] through a windowed-sinc low-pass.
pub(crate) fn resampled(samples: &[f32], rate: u32) -> Vec<f32> {
    let common = greatest_common_divisor(rate, RATE);
    let (step, phases) = (i64::from(rate / common), i64::from(RATE / common));
    let filters: Vec<Vec<f32>> =
        (0..phases).map(|phase| low_pass(phase as f64 / phases as f64, rate)).collect();
    let length = samples.len() as i64 * phases / step;
    (0..length)
        .map(|n| {
            let position = n * step;
            let (centre, filter) = (position / phases, &filters[(position % phases) as usize]);
            let taps = filter.iter().zip(centre - HALF_WIDTH..);
            taps.filter_map(|(tap, at)| Some(tap * samples.get(usize::try_from(at).ok()?)?)).sum()
        })
        .collect()
}

/// Taps for an output sample that lies `fraction` of an input sample after the centre, with unit gain at 0 Hz.
fn low_pass(fraction: f64, rate: u32) -> Vec<f32> {
    let cutoff = CUTOFF / f64::from(rate);
    let taps: Vec<f64> = (-HALF_WIDTH..=HALF_WIDTH)
        .map(|tap| {
            let x = tap as f64 - fraction;
            let sinc = if x.abs() < 1e-9 {
                2.0 * cutoff
            } else {
                (2.0 * PI * cutoff * x).sin() / (PI * x)
            };
            let turn = PI * (x / (HALF_WIDTH + 1) as f64);
            sinc * (0.42 + 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos())
        })
        .collect();
    let gain: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / gain) as f32).collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Cuts the silence at both ends.
pub(crate) fn trimmed(samples: Vec<f32>) -> Vec<f32> {
    const FRAME: usize = 40;
    let levels: Vec<f32> = samples.chunks(FRAME).map(measure::rms).collect();
    // −34 dB below the loudest 5 ms: soft initials (f, h, s) stay, the voice's breath of noise goes.
    let threshold = levels.iter().copied().fold(0.0, f32::max) * 0.02;
    let Some(first) = levels.iter().position(|level| *level > threshold) else { return Vec::new() };
    let last = levels.iter().rposition(|level| *level > threshold).expect("there is a first one");
    let start = (first * FRAME).saturating_sub(MARGIN);
    let end = ((last + 1) * FRAME + MARGIN).min(samples.len());
    samples[start..end].to_vec()
}

/// Scales to `dbfs` while sound is heard, or less where a sample would come too near full scale.
pub(crate) fn levelled(mut samples: Vec<f32>, dbfs: f64) -> Vec<f32> {
    let wanted = 10_f64.powf(dbfs / 20.0) as f32 / measure::active_rms(&samples).max(1e-6);
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let gain = wanted.min(CEILING / peak.max(1e-6));
    samples.iter_mut().for_each(|sample| *sample *= gain);
    samples
}

/// Fades in and out over `length` samples, so that a splice does not click.
pub(crate) fn faded(mut samples: Vec<f32>, length: usize) -> Vec<f32> {
    let length = length.min(samples.len() / 2);
    let end = samples.len();
    for n in 0..length {
        let gain = (0.5 - 0.5 * (PI * n as f64 / length as f64).cos()) as f32;
        samples[n] *= gain;
        samples[end - 1 - n] *= gain;
    }
    samples
}

/// Writes 16-bit mono samples at [`RATE`].
pub(crate) fn write_wav(file: &Path, samples: &[f32]) -> Outcome {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(file, spec)?;
    for sample in samples {
        writer.write_sample((sample * f32::from(i16::MAX)).round() as i16)?;
    }
    Ok(writer.finalize()?)
}

/// Reads a WAV file of 16-bit samples; the first value describes it.
pub(crate) fn read_wav(file: &Path) -> Outcome<(hound::WavSpec, Vec<f32>)> {
    let reader =
        hound::WavReader::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    samples_of(reader)
}

/// Reads WAV bytes; returns the rate in hertz and the samples.
pub(crate) fn parse_wav(bytes: Vec<u8>) -> Outcome<(u32, Vec<f32>)> {
    let (spec, samples) = samples_of(hound::WavReader::new(Cursor::new(bytes))?)?;
    Ok((spec.sample_rate, samples))
}

fn samples_of<R: std::io::Read>(
    mut reader: hound::WavReader<R>,
) -> Outcome<(hound::WavSpec, Vec<f32>)> {
    let spec = reader.spec();
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    Ok((spec, samples?.into_iter().map(|sample| f32::from(sample) / 32768.0).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32) -> Vec<f32> {
        (0..rate)
            .map(|n| (0.5 * (2.0 * PI * hertz * f64::from(n) / f64::from(rate)).sin()) as f32)
            .collect()
    }

    /// Level of the middle of a second of sound, where the filter has settled.
    fn settled(samples: &[f32]) -> f64 {
        measure::dbfs(measure::rms(&samples[2000..6000]))
    }

    #[test]
    fn speech_frequencies_pass_the_resampler_and_higher_ones_do_not_fold_back() {
        for hertz in [200.0, 1000.0, 3000.0] {
            let level = settled(&resampled(&tone(hertz, 22050), 22050));
            assert!((level + 9.0).abs() < 0.3, "{hertz} Hz comes out at {level} dBFS");
        }
        for hertz in [4400.0, 5000.0, 9000.0] {
            let level = settled(&resampled(&tone(hertz, 22050), 22050));
            assert!(level < -60.0, "{hertz} Hz comes out at {level} dBFS");
        }
    }

    #[test]
    fn a_second_stays_a_second() {
        assert_eq!(resampled(&tone(440.0, 22050), 22050).len(), 8000);
    }

    #[test]
    fn silence_around_a_sound_is_cut_and_the_sound_is_kept() {
        let mut samples = vec![0.0; 8000];
        samples.extend(tone(440.0, RATE));
        samples.extend(vec![0.0; 8000]);
        let length = trimmed(samples).len();
        assert!((8000..8500).contains(&length), "{length}");
    }

    #[test]
    fn levelling_never_clips() {
        let mut samples = vec![0.01; 8000];
        samples[4000] = 0.9;
        let loudest = levelled(samples, -20.0).into_iter().fold(0.0, f32::max);
        assert!(loudest <= CEILING + 1e-6, "{loudest}");
    }

    #[test]
    fn a_faded_clip_begins_and_ends_at_zero() {
        let samples = faded(vec![0.5; 800], 96);
        assert_eq!((samples[0], samples[799], samples[400]), (0.0, 0.0, 0.5));
    }
}
