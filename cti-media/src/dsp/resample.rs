//! Changes the sample rate of a whole piece of sound.

use std::f64::consts::PI;

/// Share of the lower of the two rates below which everything passes: 3.6 kHz at 8 kHz, the edge of the telephone band.
const PASS: f64 = 0.45;
/// Taps of the low-pass on either side of a sample, in samples of the lower rate.
const HALF_WIDTH: i64 = 48;

/// Converts samples from one rate to another, both in hertz, through a windowed-sinc low-pass; what the lower rate
/// cannot carry is taken away and does not fold back.
#[must_use]
pub fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || from == 0 || to == 0 {
        return samples.to_vec();
    }
    let common = greatest_common_divisor(from, to);
    let (step, phases) = (i64::from(from / common), i64::from(to / common));
    let cutoff = PASS * f64::from(from.min(to)) / f64::from(from);
    let half = (HALF_WIDTH * i64::from(from) / i64::from(from.min(to))).max(HALF_WIDTH);
    let filters: Vec<Vec<f32>> =
        (0..phases).map(|phase| low_pass(phase as f64 / phases as f64, cutoff, half)).collect();
    let length = samples.len() as i64 * phases / step;
    (0..length)
        .map(|n| {
            let position = n * step;
            let (centre, filter) = (position / phases, &filters[(position % phases) as usize]);
            let taps = filter.iter().zip(centre - half..);
            taps.filter_map(|(tap, at)| Some(tap * samples.get(usize::try_from(at).ok()?)?)).sum()
        })
        .collect()
}

/// Converts sound that comes in pieces, as [`resample`] converts a whole; 6 ms late at 8 kHz.
#[derive(Clone, Debug)]
pub struct Converter {
    from: u32,
    to: u32,
    /// What the next piece needs of those before, and what waits for the next piece.
    kept: Vec<f32>,
}

impl Converter {
    /// Converts from one rate to another, both in hertz; one is a multiple of the other.
    #[must_use]
    pub fn new(from: u32, to: u32) -> Self {
        let around = Self::around(from, to);
        Self { from, to, kept: if from == to { Vec::new() } else { vec![0.0; around] } }
    }

    /// Samples on either side that a sample needs, a multiple of the ratio of the rates.
    fn around(from: u32, to: u32) -> usize {
        let ratio = (from / to.max(1)).max(1) as usize;
        (HALF_WIDTH as usize + 1) * ratio
    }

    /// Takes the next piece and returns what can be said of it.
    pub fn convert(&mut self, piece: &[f32]) -> Vec<f32> {
        if self.from == self.to {
            return piece.to_vec();
        }
        self.kept.extend_from_slice(piece);
        let around = Self::around(self.from, self.to);
        let ratio = (self.from / self.to.max(1)).max(1) as usize;
        let ready = self.kept.len().saturating_sub(2 * around) / ratio * ratio;
        if ready == 0 {
            return Vec::new();
        }
        let all = resample(&self.kept[..ready + 2 * around], self.from, self.to);
        let place = |samples: usize| samples * self.to as usize / self.from as usize;
        let converted = all[place(around)..place(around + ready)].to_vec();
        self.kept.drain(..ready);
        converted
    }
}

/// Taps for an output sample that lies `fraction` of an input sample after the centre, with unit gain at 0 Hz.
fn low_pass(fraction: f64, cutoff: f64, half: i64) -> Vec<f32> {
    let taps: Vec<f64> = (-half..=half)
        .map(|tap| {
            let x = tap as f64 - fraction;
            let sinc = if x.abs() < 1e-9 {
                2.0 * cutoff
            } else {
                (2.0 * PI * cutoff * x).sin() / (PI * x)
            };
            let turn = PI * (x / (half + 1) as f64);
            sinc * (0.42 + 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos())
        })
        .collect();
    let gain: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / gain) as f32).collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::shape::{dbfs, rms};

    fn tone(hertz: f64, rate: u32) -> Vec<f32> {
        let turn = |n| 2.0 * PI * hertz * f64::from(n) / f64::from(rate);
        (0..rate).map(|n| (0.5 * turn(n).sin()) as f32).collect()
    }

    /// Level of the middle of a second of sound, where the filter has settled.
    fn settled(samples: &[f32]) -> f64 {
        dbfs(rms(&samples[samples.len() / 4..samples.len() * 3 / 4]))
    }

    #[test]
    fn speech_frequencies_pass_and_higher_ones_do_not_fold_back() {
        for rate in [11_025, 16_000, 22_050, 44_100, 48_000, 96_000] {
            for hertz in [200.0, 1000.0, 3000.0] {
                let level = settled(&resample(&tone(hertz, rate), rate, 8_000));
                assert!((level + 9.0).abs() < 0.3, "{hertz} Hz of {rate} at {level} dBFS");
            }
            for hertz in [4600.0, 5200.0] {
                let level = settled(&resample(&tone(hertz, rate), rate, 8_000));
                assert!(level < -60.0, "{hertz} Hz of {rate} comes out at {level} dBFS");
            }
        }
    }

    #[test]
    fn a_higher_rate_gets_no_mirror_images() {
        let up = resample(&tone(1000.0, 8_000), 8_000, 48_000);
        assert_eq!(up.len(), 48_000);
        assert!((settled(&up) + 9.0).abs() < 0.3);
        let back = resample(&up, 48_000, 8_000);
        let apart = back.iter().zip(tone(1000.0, 8_000)).skip(500).take(7_000);
        assert!(apart.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max) < 0.01);
    }

    #[test]
    fn sound_in_pieces_is_converted_as_the_whole_is() {
        for (from, to) in [(8_000, 16_000), (16_000, 8_000), (8_000, 8_000), (48_000, 16_000)] {
            let (whole, mut converter) = (tone(440.0, from), Converter::new(from, to));
            let pieces: Vec<f32> =
                whole.chunks(from as usize / 50).flat_map(|it| converter.convert(it)).collect();
            let apart = pieces.iter().zip(resample(&whole, from, to)).skip(200);
            let apart = apart.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
            assert!(apart < 0.001, "{from} to {to}: {apart}");
            assert!(pieces.len() + to as usize / 50 > to as usize, "{from} to {to}");
        }
    }

    #[test]
    fn a_second_stays_a_second() {
        for rate in [8_000, 11_025, 12_000, 22_050, 44_100] {
            assert_eq!(resample(&tone(440.0, rate), rate, 8_000).len(), 8_000, "{rate}");
        }
    }
}
