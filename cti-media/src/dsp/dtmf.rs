//! Keys as tones in the voice band (ITU-T Q.23), for peers that send no telephone events.
//!
//! A window of 12.75 ms is looked at every 6.4 ms. It holds a key when most of its energy lies at one
//! frequency of either group and neither is much louder than the other. Five such windows in a row are a
//! press, three others are its end: 40 ms are recognised and 23 ms are not (ITU-T Q.24), a drop-out of
//! 10 ms does not make two presses of one.

use std::f64::consts::PI;

use crate::{codec::SAMPLE_RATE, rtp::Digit};

/// The frequencies of rows and columns (Q.23).
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// The keys by row and column.
const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

const WINDOW: usize = 102;
const HOP: usize = WINDOW / 2;

/// Share of the energy that the two tones must have together.
const PURE: f64 = 0.55;

/// How much louder one tone may be than the other, as a ratio of power: 9 dB.
const TWIST: f64 = 8.0;

/// Least mean square of a window: −38 dBm0, below which exchanges need not listen.
const AUDIBLE: f64 = 40_000.0;

/// Windows in a row that make a press, and that end it.
const PRESSED: u8 = 5;
const RELEASED: u8 = 3;

/// Hears keys in a voice.
#[derive(Clone, Debug)]
pub struct DtmfDetector {
    coefficients: [f32; 8],
    window: [f32; WINDOW],
    filled: usize,
    /// The key of the windows before, and how many there were in a row.
    candidate: Option<(Digit, u8)>,
    /// The key that is down, and windows without it.
    down: Option<(Digit, u8)>,
}

impl Default for DtmfDetector {
    fn default() -> Self {
        let of = |n: usize| if n < 4 { ROWS[n] } else { COLUMNS[n - 4] };
        Self {
            coefficients: std::array::from_fn(|n| {
                (2.0 * (2.0 * PI * of(n) / f64::from(SAMPLE_RATE)).cos()) as f32
            }),
            window: [0.0; WINDOW],
            filled: 0,
            candidate: None,
            down: None,
        }
    }
}

impl DtmfDetector {
    /// Listens to samples; calls `pressed` once for each key, when it has sounded for 40 ms.
    pub fn listen(
        &mut self,
        samples: impl IntoIterator<Item = i16>,
        mut pressed: impl FnMut(Digit),
    ) {
        for sample in samples {
            self.window[self.filled] = f32::from(sample);
            self.filled += 1;
            if self.filled == WINDOW {
                let key = self.key_in_window();
                if let Some(digit) = self.follow(key) {
                    pressed(digit);
                }
                self.window.copy_within(HOP.., 0);
                self.filled = WINDOW - HOP;
            }
        }
    }

    /// Follows keys from window to window; returns a key when it is pressed.
    fn follow(&mut self, key: Option<Digit>) -> Option<Digit> {
        self.down = match self.down {
            Some((digit, _)) if key == Some(digit) => Some((digit, 0)),
            Some((digit, missed)) if missed + 1 < RELEASED => Some((digit, missed + 1)),
            Some(_) | None => None,
        };
        self.candidate = match (self.candidate, key) {
            (Some((digit, count)), Some(key)) if digit == key => {
                Some((key, count.saturating_add(1)))
            }
            (_, Some(key)) => Some((key, 1)),
            (_, None) => None,
        };
        match (self.candidate, self.down) {
            (Some((digit, PRESSED..)), None) => {
                self.down = Some((digit, 0));
                Some(digit)
            }
            // Another key without a pause: the one before is up.
            (Some((digit, PRESSED..)), Some((old, _))) if digit != old => {
                self.down = Some((digit, 0));
                Some(digit)
            }
            (Some(_) | None, Some(_) | None) => None,
        }
    }

    fn key_in_window(&self) -> Option<Digit> {
        let energy: f64 = self.window.iter().map(|s| f64::from(s * s)).sum();
        if energy < AUDIBLE * WINDOW as f64 {
            return None;
        }
        let powers = self.powers();
        let strongest = |group: &[f64]| (0..4).max_by(|&a, &b| group[a].total_cmp(&group[b]));
        let (rows, columns) = powers.split_at(4);
        let (row, column) = (strongest(rows)?, strongest(columns)?);
        let (low, high) = (rows[row], columns[column]);
        // A pure tone of amplitude A has power (A·N/2)² and energy A²·N/2.
        let share = (low + high) * 2.0 / (WINDOW as f64 * energy);
        let balanced = low < high * TWIST && high < low * TWIST;
        let key = KEYS[row][column];
        (share > PURE && balanced).then(|| Digit::try_from(key).ok()).flatten()
    }

    /// Goertzel's algorithm at all eight frequencies in one pass.
    fn powers(&self) -> [f64; 8] {
        let (mut previous, mut before) = ([0.0_f32; 8], [0.0_f32; 8]);
        for &sample in &self.window {
            for n in 0..8 {
                let next = sample + self.coefficients[n] * previous[n] - before[n];
                before[n] = previous[n];
                previous[n] = next;
            }
        }
        std::array::from_fn(|n| {
            let (a, b) = (f64::from(previous[n]), f64::from(before[n]));
            a * a + b * b - f64::from(self.coefficients[n]) * a * b
        })
    }
}

/// Returns the tones of a key at −8 dBm0 (low group) and −6 dBm0 (high group), as telephones send them.
#[must_use]
pub fn tones(digit: Digit, samples: usize) -> Vec<i16> {
    let (row, column) = (0..16)
        .map(|n| (n / 4, n % 4))
        .find(|&(row, column)| KEYS[row][column] == digit.as_char())
        .expect("every digit is on the keypad");
    let low = super::tone::sine(ROWS[row], -8.0, samples);
    let high = super::tone::sine(COLUMNS[column], -6.0, samples);
    low.iter().zip(high).map(|(low, high)| low.saturating_add(high)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{codec::Codec, dsp::tone::sine};

    const MS: usize = 8;

    fn hear(samples: &[i16]) -> String {
        let mut heard = String::new();
        let mut detector = DtmfDetector::default();
        for packet in samples.chunks(160) {
            detector.listen(packet.iter().copied(), |digit| heard.push(digit.as_char()));
        }
        heard
    }

    fn press(keys: &str, on: usize, off: usize) -> Vec<i16> {
        let mut samples = vec![0; 37];
        for key in keys.chars() {
            samples.extend(tones(Digit::try_from(key).unwrap(), on));
            samples.extend(vec![0; off]);
        }
        samples
    }

    fn pair(low: f64, low_db: f64, high: f64, high_db: f64, count: usize) -> Vec<i16> {
        sine(low, low_db, count)
            .iter()
            .zip(sine(high, high_db, count))
            .map(|(a, b)| a + b)
            .collect()
    }

    /// Noise that repeats exactly.
    fn noise(peak: i32, count: usize) -> Vec<i16> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 17) as i32 * peak / 16_384 - peak) as i16
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn every_key_is_heard_once_however_long() {
        let keys = "0123456789*#ABCD";
        for (on, off) in [(40, 40), (50, 50), (80, 80), (300, 100)] {
            assert_eq!(hear(&press(keys, on * MS, off * MS)), keys, "{on} ms");
        }
    }

    proptest! {
        #[test]
        fn forty_milliseconds_are_a_key_wherever_they_begin_and_twenty_three_are_not(
            start in 0_usize..400, key in 0_u8..16,
        ) {
            let digit = Digit::from_code(key).unwrap();
            for (length, count) in [(40 * MS, 1), (23 * MS, 0)] {
                let samples = [vec![0; start], tones(digit, length), vec![0; 400]].concat();
                prop_assert_eq!(hear(&samples).len(), count);
            }
        }
    }

    #[test]
    fn the_same_key_twice_is_two_and_a_drop_out_is_none() {
        assert_eq!(hear(&press("11", 60 * MS, 40 * MS)), "11");
        assert_eq!(hear(&press("11", 60 * MS, 9 * MS)), "1");
    }

    #[test]
    fn keys_are_heard_through_both_laws_and_noise() {
        let clean = press("159#", 60 * MS, 60 * MS);
        for codec in Codec::ALL {
            let coded: Vec<i16> = clean.iter().map(|&s| codec.decode(codec.encode(s))).collect();
            assert_eq!(hear(&coded), "159#", "{codec}");
        }
        let noisy: Vec<i16> =
            clean.iter().zip(noise(2500, clean.len())).map(|(a, b)| a.saturating_add(b)).collect();
        assert_eq!(hear(&noisy), "159#");
    }

    #[test]
    fn frequencies_off_by_one_and_a_half_per_cent_and_four_decibels_of_twist_are_a_key() {
        for off in [0.985, 1.015] {
            for (low_db, high_db) in [(-10.0, -10.0), (-10.0, -6.0), (-6.0, -10.0), (-24.0, -24.0)]
            {
                let samples = pair(770.0 * off, low_db, 1336.0 * off, high_db, 60 * MS);
                assert_eq!(
                    hear(&[samples, vec![0; 200]].concat()),
                    "5",
                    "{off} {low_db} {high_db}"
                );
            }
        }
    }

    #[test]
    fn single_tones_dial_tones_music_and_noise_are_no_keys() {
        assert_eq!(hear(&sine(697.0, -6.0, 8000)), "");
        assert_eq!(hear(&sine(450.0, -6.0, 8000)), "");
        assert_eq!(hear(&noise(20_000, 80_000)), "");
        assert_eq!(hear(&pair(697.0, -6.0, 1209.0, -22.0, 8000)), "", "too uneven");
        assert_eq!(hear(&pair(440.0, -6.0, 880.0, -6.0, 8000)), "");
        // A voice: a low pitch with many harmonics.
        let voice: Vec<i16> = (1..20)
            .map(|n| sine(f64::from(n) * 133.0, -12.0 - f64::from(n), 8000))
            .reduce(|a, b| a.iter().zip(b).map(|(a, b)| a.saturating_add(b)).collect())
            .unwrap();
        assert_eq!(hear(&voice), "");
    }

    #[test]
    fn what_is_too_soft_is_no_key() {
        assert_eq!(hear(&pair(770.0, -50.0, 1336.0, -50.0, 4000)), "");
    }
}
