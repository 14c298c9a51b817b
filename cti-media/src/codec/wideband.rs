//! G.722 peers among G.711 voices.

use std::f64::consts::PI;

use audio_codec::{
    Decoder as _, Encoder as _,
    g722::{Bitrate, G722Decoder, G722Encoder},
};

use super::Codec;

/// Samples converted at a time.
const CHUNK: usize = 160;

/// Converts one leg's voice in both directions; it remembers the past of either, as ADPCM does.
///
/// What is not G.722 here is telephone voice up to 3.4 kHz, so the upper band is left out in one direction and
/// empty in the other.
pub struct Wideband {
    decoder: G722Decoder,
    encoder: G722Encoder,
    doubler: Doubler,
}

impl Default for Wideband {
    fn default() -> Self {
        Self {
            decoder: G722Decoder::with_options(Bitrate::Mode1_64000, false, true),
            encoder: G722Encoder::new(),
            doubler: Doubler::default(),
        }
    }
}

impl Wideband {
    /// Converts a G.722 payload to `law`; both are of the same length.
    ///
    /// # Panics
    ///
    /// Panics when `target` is shorter than `payload`.
    pub fn decode(&mut self, payload: &[u8], law: Codec, target: &mut [u8]) {
        for (payload, target) in payload.chunks(CHUNK).zip(target.chunks_mut(CHUNK)) {
            let mut samples = [0; CHUNK];
            self.decoder
                .decode_into(payload, &mut samples[..payload.len()])
                .expect("a byte is one sample");
            for (byte, sample) in target.iter_mut().zip(&samples[..payload.len()]) {
                *byte = law.encode(*sample);
            }
        }
    }

    /// Converts a payload of `law` to G.722 in its place.
    pub fn encode(&mut self, law: Codec, payload: &mut [u8]) {
        for payload in payload.chunks_mut(CHUNK) {
            let mut samples = [0; 2 * CHUNK];
            for (pair, byte) in samples.chunks_exact_mut(2).zip(payload.iter()) {
                pair.copy_from_slice(&self.doubler.double(law.decode(*byte)));
            }
            self.encoder
                .encode_into(&samples[..2 * payload.len()], payload)
                .expect("two samples are one byte");
        }
    }
}

/// Doubles the sample rate by a half-band filter; 1 ms late.
struct Doubler {
    /// Weights of the samples on either side of a new one, the nearest first.
    weights: [f32; REACH],
    /// The last samples, oldest first.
    past: [f32; 2 * REACH],
}

/// Samples on either side that a sample between two is made of.
const REACH: usize = 8;

impl Default for Doubler {
    fn default() -> Self {
        let weight = |n: usize| {
            // A sinc at half-sample places under a Hann window.
            let place = PI * (n as f64 + 0.5);
            let window = 0.5 + 0.5 * (place / (REACH as f64 + 0.5)).cos();
            place.sin() / place * window
        };
        let sum: f64 = (0..REACH).map(|n| 2.0 * weight(n)).sum();
        Self { weights: std::array::from_fn(|n| (weight(n) / sum) as f32), past: [0.0; 2 * REACH] }
    }
}

impl Doubler {
    fn double(&mut self, sample: i16) -> [i16; 2] {
        self.past.copy_within(1.., 0);
        self.past[2 * REACH - 1] = f32::from(sample);
        let pairs = self.weights.iter().enumerate();
        let between: f32 = pairs
            .map(|(n, weight)| weight * (self.past[REACH - 1 - n] + self.past[REACH + n]))
            .sum();
        [self.past[REACH - 1] as i16, between.round() as i16]
    }
}

impl std::fmt::Debug for Wideband {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wideband").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::{goertzel::share_of_energy, level::rms_dbfs, tone::sine};

    fn law(samples: &[i16]) -> Vec<u8> {
        samples.iter().map(|&sample| Codec::Pcma.encode(sample)).collect()
    }

    fn linear(bytes: &[u8]) -> Vec<i16> {
        bytes.iter().map(|&byte| Codec::Pcma.decode(byte)).collect()
    }

    #[test]
    fn a_voice_survives_there_and_back_at_its_level() {
        for (frequency, level) in [(300.0, -10.0), (1000.0, -3.0), (3000.0, -20.0), (1000.0, 3.0)] {
            let voice = sine(frequency, level, 8000);
            let mut payload = law(&voice);
            let mut back = vec![0; payload.len()];
            let mut leg = Wideband::default();
            for (coded, back) in payload.chunks_mut(160).zip(back.chunks_mut(160)) {
                leg.encode(Codec::Pcma, coded);
                leg.decode(coded, Codec::Pcma, back);
            }
            let heard = &linear(&back)[800..];
            let share = share_of_energy(heard, frequency);
            assert!(share > 0.97, "{frequency} Hz at {level} dBm0 keeps {share}");
            assert!(
                (rms_dbfs(heard) - rms_dbfs(&voice)).abs() < 1.0,
                "{frequency} Hz, {level} dBm0"
            );
        }
    }

    #[test]
    fn a_peer_with_both_bands_hears_us_and_is_heard_by_us() {
        let voice = sine(1000.0, -10.0, 8000);
        let mut coded = law(&voice);
        Wideband::default().encode(Codec::Pcma, &mut coded);
        let mut wide = vec![0; 16_000];
        G722Decoder::new().decode_into(&coded, &mut wide).unwrap();
        // 1000 Hz at 16 kHz is 500 Hz to a measure that counts in 8 kHz.
        assert!(share_of_energy(&wide[1600..], 500.0) > 0.95);

        let wide = sine(500.0, -10.0, 16_000);
        let mut coded = vec![0; 8000];
        G722Encoder::new().encode_into(&wide, &mut coded).unwrap();
        let mut heard = vec![0; coded.len()];
        Wideband::default().decode(&coded, Codec::Pcma, &mut heard);
        assert!(share_of_energy(&linear(&heard)[800..], 1000.0) > 0.95);
        assert!((rms_dbfs(&linear(&heard)[800..]) - rms_dbfs(&wide)).abs() < 1.5);
    }

    #[test]
    fn packets_of_any_length_are_converted() {
        let mut leg = Wideband::default();
        for length in [0, 1, 80, 161, 480] {
            let mut payload = vec![Codec::Pcmu.silence(); length];
            leg.encode(Codec::Pcmu, &mut payload);
            let mut back = vec![0; length];
            leg.decode(&payload, Codec::Pcmu, &mut back);
            assert!(linear(&back).len() == length);
        }
    }
}
