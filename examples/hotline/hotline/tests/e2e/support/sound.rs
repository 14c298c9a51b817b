//! Tones, A-law, and finding a tone again, written apart from the media code under test.

use std::f64::consts::TAU;

/// Samples a second.
pub(crate) const RATE: u32 = 8000;

/// Sample `n` of a tone at a quarter of full scale.
pub(crate) fn tone(hertz: f64, n: u64) -> i16 {
    (8192.0 * (TAU * hertz * n as f64 / f64::from(RATE)).sin()) as i16
}

/// Share of the sound's power that lies at `hertz`: near 1 for a clean tone, near 0 without it.
pub(crate) fn share(samples: &[i16], hertz: f64) -> f64 {
    let (mut cosine, mut sine, mut power) = (0.0, 0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (value, turn) = (f64::from(*sample), TAU * hertz * n as f64 / f64::from(RATE));
        cosine += value * turn.cos();
        sine += value * turn.sin();
        power += value * value;
    }
    if power == 0.0 {
        return 0.0;
    }
    2.0 * (cosine * cosine + sine * sine) / (power * samples.len() as f64)
}

/// Counts the 100 ms pieces in which a tone has more than nine tenths of the power, and which are not silent.
pub(crate) fn pieces_with(samples: &[i16], hertz: f64) -> usize {
    let pieces = samples.chunks_exact(RATE as usize / 10);
    pieces.filter(|piece| level(piece) > 200.0 && share(piece, hertz) > 0.9).count()
}

/// Root mean square.
pub(crate) fn level(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (power / samples.len().max(1) as f64).sqrt()
}

/// Counts the 100 ms pieces that are not silent and hold something else than these tones.
pub(crate) fn pieces_of_other_sound(samples: &[i16], tones: &[f64]) -> usize {
    let pieces = samples.chunks_exact(RATE as usize / 10);
    let other = |piece: &&[i16]| tones.iter().map(|hertz| share(piece, *hertz)).sum::<f64>() < 0.5;
    pieces.filter(|piece| level(piece) > 200.0).filter(other).count()
}

/// Says whether a clip is heard anywhere, from its first sample on for up to 0.3 s of it.
pub(crate) fn holds(heard: &[i16], clip: &[i16]) -> bool {
    // The quiet head of a clip looks like any other silence.
    let from = clip.iter().position(|sample| sample.unsigned_abs() > 1000).unwrap_or(0);
    let clip = &clip[from..];
    let clip = &clip[..clip.len().min(RATE as usize * 3 / 10)];
    let (glance, near) = (clip.len().min(80), |a: &[i16], b: &[i16]| likeness(a, b) > 0.95);
    heard
        .windows(clip.len())
        .any(|window| near(&window[..glance], &clip[..glance]) && near(window, clip))
}

/// Correlation of two sounds of one length: 1 when they differ in loudness only.
fn likeness(one: &[i16], other: &[i16]) -> f64 {
    let (mut both, mut ones, mut others) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        both += a * b;
        ones += a * a;
        others += b * b;
    }
    both / (ones * others).sqrt().max(1.0)
}

/// Returns the channels of a WAV file with 16 bits or A-law at 8 kHz.
///
/// # Panics
/// When it is none.
pub(crate) fn channels(wav: &[u8]) -> Vec<Vec<i16>> {
    assert_eq!((&wav[..4], &wav[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    let half = |at: usize| u16::from_le_bytes(wav[at..at + 2].try_into().unwrap());
    let word = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
    let (mut at, mut form) = (12, (0, 0));
    loop {
        let (name, length) = (&wav[at..at + 4], word(at + 4) as usize);
        let body = at + 8;
        if name == b"fmt " {
            assert_eq!(word(body + 4), RATE);
            form = (half(body), usize::from(half(body + 2)));
        }
        if name == b"data" {
            assert_eq!(body + length, wav.len(), "the length in the head is not the file's");
            let data = &wav[body..];
            let all: Vec<i16> = match form.0 {
                1 => data.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect(),
                6 => data.iter().map(|byte| from_alaw(*byte)).collect(),
                other => panic!("WAV format {other}"),
            };
            let channel = |n: usize| all.iter().skip(n).step_by(form.1).copied().collect();
            return (0..form.1).map(channel).collect();
        }
        at = body + length + length % 2;
    }
}

/// ITU-T G.711 A-law: 13 significant bits to 8, even bits inverted.
pub(crate) fn to_alaw(sample: i16) -> u8 {
    let sign = if sample >= 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs() >> 4;
    let (exponent, mantissa) = match magnitude {
        0..16 => (0, magnitude),
        _ => {
            let exponent = 28 - magnitude.min(0x7ff).leading_zeros() as i32;
            (exponent, magnitude.min(0x7ff) >> (exponent - 1))
        }
    };
    (sign | (exponent << 4) as u8 | (mantissa & 0x0f) as u8) ^ 0x55
}

/// The inverse of [`to_alaw`], to the middle of each step.
pub(crate) fn from_alaw(byte: u8) -> i16 {
    let plain = byte ^ 0x55;
    let (exponent, mantissa) = (i32::from(plain >> 4 & 7), i32::from(plain & 0x0f));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    (if plain & 0x80 == 0 { -magnitude } else { magnitude }) as i16
}

/// ITU-T G.711 µ-law to linear.
pub(crate) fn from_ulaw(byte: u8) -> i16 {
    let plain = !byte;
    let (exponent, mantissa) = (i32::from(plain >> 4 & 7), i32::from(plain & 0x0f));
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    (if plain & 0x80 == 0 { magnitude } else { -magnitude }) as i16
}

#[test]
fn a_tone_survives_alaw_and_is_found_again() {
    let samples: Vec<i16> = (0..8000).map(|n| from_alaw(to_alaw(tone(440.0, n)))).collect();
    assert!(share(&samples, 440.0) > 0.99, "{}", share(&samples, 440.0));
    assert!(share(&samples, 1000.0) < 0.01);
    assert_eq!(pieces_with(&samples, 440.0), 10);
}

#[test]
fn a_clip_is_found_where_it_is_and_not_where_it_is_not() {
    let clip: Vec<i16> = (0..4000).map(|n| tone(300.0 + n as f64 / 10.0, n)).collect();
    let mut heard: Vec<i16> = (0..4000).map(|n| tone(440.0, n)).collect();
    assert!(!holds(&heard, &clip));
    heard.extend(clip.iter().map(|sample| sample / 2));
    assert!(holds(&heard, &clip));
}

#[test]
fn alaw_codes_are_those_of_g711() {
    // ITU-T G.711 table 1a: +0 is 0xd5 after the inversion of even bits, the largest value 0xaa.
    assert_eq!((to_alaw(0), to_alaw(i16::MAX), to_alaw(-i16::MAX)), (0xd5, 0xaa, 0x2a));
    for byte in 0..=255 {
        assert_eq!(to_alaw(from_alaw(byte)), byte);
    }
}

#[test]
fn ulaw_silence_and_extremes_are_those_of_g711() {
    assert_eq!((from_ulaw(0xff), from_ulaw(0x80), from_ulaw(0x00)), (0, 32124, -32124));
}
