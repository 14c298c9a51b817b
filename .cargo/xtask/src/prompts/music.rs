//! Music on hold and tones, computed note by note.
//!
//! A broken chord in triangle waves, a soft sine pad an octave region below, and a sparse pentatonic melody. Every note rings on past the last bar into the first, so the loop has no seam.

use std::f64::consts::TAU;

use super::sound::RATE;

/// Samples of one beat: 108 a minute, rounded so that a bar is a whole number of samples.
const BEAT: usize = 4444;
const BEATS_PER_BAR: usize = 4;

/// Chords, one per bar, as MIDI note numbers; all notes lie where a telephone carries them.
const CHORDS: [[u8; 4]; 16] = [
    [60, 64, 67, 72], // C
    [59, 62, 67, 71], // G/B
    [57, 60, 64, 69], // Am
    [57, 60, 65, 69], // F/A
    [60, 64, 67, 72], // C
    [57, 62, 65, 69], // Dm
    [59, 62, 67, 71], // G
    [60, 64, 67, 72], // C
    [57, 60, 64, 69], // Am
    [59, 64, 67, 71], // Em
    [57, 60, 65, 69], // F
    [60, 64, 67, 72], // C
    [57, 62, 65, 69], // Dm
    [57, 60, 64, 69], // Am
    [57, 60, 65, 69], // F
    [59, 62, 67, 71], // G, which leads back to C
];

/// Melody: bar, beat, length in beats, note.
const MELODY: [(usize, usize, usize, u8); 28] = [
    (0, 0, 2, 76),
    (0, 2, 2, 79),
    (1, 0, 3, 74),
    (1, 3, 1, 76),
    (2, 0, 2, 72),
    (2, 2, 2, 76),
    (3, 0, 4, 69),
    (4, 0, 2, 72),
    (4, 2, 1, 74),
    (4, 3, 1, 76),
    (5, 0, 3, 77),
    (5, 3, 1, 76),
    (6, 0, 2, 74),
    (6, 2, 2, 71),
    (7, 0, 4, 72),
    (8, 0, 2, 76),
    (8, 2, 2, 81),
    (9, 0, 3, 79),
    (10, 0, 2, 77),
    (10, 2, 2, 72),
    (11, 0, 4, 76),
    (12, 0, 2, 74),
    (12, 2, 2, 77),
    (13, 0, 3, 76),
    (13, 3, 1, 74),
    (14, 0, 2, 72),
    (14, 2, 2, 69),
    (15, 0, 3, 74),
];

/// A piece that is played over and over.
struct Piece<'a> {
    /// Samples of one beat.
    beat: usize,
    /// Beats of a bar.
    bar: usize,
    /// Which note of the chord is plucked at each half beat.
    broken: &'a [usize],
    /// One per bar.
    chords: &'a [[u8; 4]],
    /// Bar, beat, length in beats, note.
    melody: &'a [(usize, usize, usize, u8)],
}

/// Renders music on hold, about 36 seconds.
pub(crate) fn hold() -> Vec<f32> {
    let broken = &[0, 1, 2, 3, 2, 1, 2, 1];
    let (chords, melody) = (&CHORDS, &MELODY);
    render(&Piece { beat: BEAT, bar: BEATS_PER_BAR, broken, chords, melody })
}

/// Renders a slow waltz in the pentatonic of F, about 26 seconds: the music on hold of another queue.
pub(crate) fn garden() -> Vec<f32> {
    let chords = &[
        [53, 57, 60, 65], // F
        [50, 57, 62, 65], // Dm
        [55, 58, 62, 67], // Gm
        [53, 60, 65, 69], // F/C
        [53, 57, 60, 65], // F
        [58, 62, 65, 70], // B flat
        [55, 58, 62, 67], // Gm
        [52, 60, 64, 67], // C/E
        [50, 57, 62, 65], // Dm
        [58, 62, 65, 70], // B flat
        [55, 60, 64, 67], // C/G
        [53, 57, 60, 65], // F
    ];
    let melody = &[
        (0, 0, 2, 72),
        (0, 2, 1, 74),
        (1, 0, 3, 77),
        (2, 0, 2, 74),
        (2, 2, 1, 72),
        (3, 0, 3, 69),
        (4, 0, 1, 72),
        (4, 1, 2, 77),
        (5, 0, 2, 79),
        (5, 2, 1, 77),
        (6, 0, 3, 74),
        (7, 0, 3, 72),
        (8, 0, 2, 69),
        (8, 2, 1, 72),
        (9, 0, 2, 74),
        (9, 2, 1, 70),
        (10, 0, 3, 72),
        (11, 0, 3, 65),
    ];
    render(&Piece { beat: 5714, bar: 3, broken: &[0, 2, 1, 3, 1, 2], chords, melody })
}

fn render(piece: &Piece<'_>) -> Vec<f32> {
    let bar = piece.bar * piece.beat;
    let mut track = vec![0.0; piece.chords.len() * bar];
    for (number, chord) in piece.chords.iter().enumerate() {
        let start = number * bar;
        for (half, step) in piece.broken.iter().enumerate() {
            pluck(&mut track, start + half * piece.beat / 2, chord[*step], 0.30);
        }
        for note in &chord[..3] {
            pad(&mut track, start, bar, *note, 0.10);
        }
    }
    for (number, beat, beats, note) in piece.melody {
        pad(&mut track, number * bar + beat * piece.beat, beats * piece.beat, *note, 0.28);
    }
    track
}

/// Renders the tone before a message is taken: 880 Hz for 0.35 s.
pub(crate) fn beep() -> Vec<f32> {
    let length = RATE as usize * 35 / 100;
    (0..length).map(|n| (0.3 * (TAU * 880.0 * n as f64 / f64::from(RATE)).sin()) as f32).collect()
}

/// A plucked triangle wave that dies away within 1.2 s.
fn pluck(track: &mut [f32], start: usize, note: u8, gain: f64) {
    let hertz = frequency(note);
    for n in 0..RATE as usize * 12 / 10 {
        let seconds = n as f64 / f64::from(RATE);
        let attack = (seconds / 0.006).min(1.0);
        let release = ((1.2 - seconds) / 0.05).min(1.0);
        // The first three odd partials: a triangle without what would fold back at 4 kHz.
        let phase = TAU * hertz * seconds;
        let wave = phase.sin() - (3.0 * phase).sin() / 9.0 + (5.0 * phase).sin() / 25.0;
        add(track, start + n, gain * attack * release * (-seconds * 4.5).exp() * wave);
    }
}

/// A soft sine that swells and fades, with a slow vibrato.
fn pad(track: &mut [f32], start: usize, length: usize, note: u8, gain: f64) {
    let hertz = frequency(note);
    let tail = RATE as usize / 4;
    for n in 0..length + tail {
        let seconds = n as f64 / f64::from(RATE);
        let attack = (seconds / 0.08).min(1.0);
        let release = ((length + tail - n) as f64 / tail as f64).min(1.0);
        let phase = TAU * hertz * seconds + 0.15 * (TAU * 4.5 * seconds).sin();
        add(track, start + n, gain * attack * release * (phase.sin() + 0.15 * (2.0 * phase).sin()));
    }
}

/// Adds one sample; what rings past the end of the loop sounds at its beginning.
fn add(track: &mut [f32], at: usize, value: f64) {
    let at = at % track.len();
    track[at] += value as f32;
}

/// Frequency of a MIDI note in hertz.
fn frequency(note: u8) -> f64 {
    440.0 * 2_f64.powf((f64::from(note) - 69.0) / 12.0)
}
