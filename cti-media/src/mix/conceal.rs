//! Fills what was lost with what was said right before (after ITU-T G.711 Appendix I).
//!
//! The last pitch period is repeated, softer and softer, until after 60 ms nothing is left of it; the voice
//! that comes back is faded in over 4 ms, so that neither edge clicks.

/// Samples remembered: the longest pitch period and the stretch it is compared with.
const HISTORY: usize = LONGEST + MATCH;

/// The lowest voice, 66 Hz, and the highest, 200 Hz, as periods in samples.
const LONGEST: usize = 120;
const SHORTEST: usize = 40;

/// Samples whose likeness tells the pitch: 20 ms.
const MATCH: usize = 160;

/// The first 10 ms of a loss are as loud as before, the last of 60 ms are silent.
const FULL: usize = 80;
const SILENT: usize = 480;

/// Samples over which one voice fades into the other: 4 ms.
const FADE: usize = 32;

/// Conceals losses of one voice; give it every sample in order, heard or to be filled.
#[derive(Clone, Debug)]
pub struct Concealer {
    /// What was played last, oldest first.
    history: [i16; HISTORY],
    /// Whether there is anything to repeat.
    heard: bool,
    /// The period that is being repeated and the samples filled since the loss began.
    loss: Option<Loss>,
}

#[derive(Clone, Debug)]
struct Loss {
    period: [i16; LONGEST],
    length: usize,
    filled: usize,
}

impl Default for Concealer {
    fn default() -> Self {
        Self { history: [0; HISTORY], heard: false, loss: None }
    }
}

impl Concealer {
    /// Takes samples that arrived; their beginning is changed after a loss.
    pub fn hear(&mut self, samples: &mut [i16]) {
        if let Some(mut loss) = self.loss.take() {
            let fade = FADE.min(samples.len());
            for (n, sample) in samples[..fade].iter_mut().enumerate() {
                let filling = i32::from(loss.next()) * (fade - n) as i32;
                *sample = ((i32::from(*sample) * n as i32 + filling) / fade as i32) as i16;
            }
        }
        self.heard = true;
        self.remember(samples);
    }

    /// Fills samples that did not arrive; returns whether anything is to be heard in them.
    pub fn fill(&mut self, samples: &mut [i16]) -> bool {
        if !self.heard {
            samples.fill(0);
            return false;
        }
        let mut loss = self.loss.take().unwrap_or_else(|| Loss::after(&self.history));
        let audible = loss.filled < SILENT;
        for sample in samples.iter_mut() {
            *sample = loss.next();
        }
        self.loss = Some(loss);
        self.remember(samples);
        audible
    }

    fn remember(&mut self, samples: &[i16]) {
        let newest = &samples[samples.len().saturating_sub(HISTORY)..];
        self.history.copy_within(newest.len().., 0);
        self.history[HISTORY - newest.len()..].copy_from_slice(newest);
    }
}

impl Loss {
    fn after(history: &[i16; HISTORY]) -> Self {
        let length = pitch(history);
        let mut period = [0; LONGEST];
        period[..length].copy_from_slice(&history[HISTORY - length..]);
        // The end of a period leads into its beginning, as it does in the voice one period earlier.
        let fade = FADE.min(length / 2);
        for n in 0..fade {
            let at = length - fade + n;
            let before = i32::from(history[HISTORY - length - fade + n]) * (n + 1) as i32;
            let own = i32::from(period[at]) * (fade - n - 1) as i32;
            period[at] = ((own + before) / fade as i32) as i16;
        }
        Self { period, length, filled: 0 }
    }

    fn next(&mut self) -> i16 {
        let sample = i32::from(self.period[self.filled % self.length]);
        let left = SILENT.saturating_sub(self.filled.max(FULL)) as i32;
        self.filled += 1;
        (sample * left / (SILENT - FULL) as i32) as i16
    }
}

/// Returns the lag at which the newest samples are most like those before them.
fn pitch(history: &[i16; HISTORY]) -> usize {
    let newest = &history[LONGEST..];
    let likeness = |lag: usize| {
        let earlier = &history[LONGEST - lag..HISTORY - lag];
        let (mut product, mut energy) = (0_i64, 1_i64);
        for (a, b) in newest.iter().zip(earlier) {
            product += i64::from(*a) * i64::from(*b);
            energy += i64::from(*b) * i64::from(*b);
        }
        product as f64 / (energy as f64).sqrt()
    };
    (SHORTEST..=LONGEST).max_by(|&a, &b| likeness(a).total_cmp(&likeness(b))).unwrap_or(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::{goertzel::share_of_energy, level::rms_dbfs, tone::sine};

    #[test]
    fn a_lost_frame_of_a_tone_sounds_like_the_tone() {
        for frequency in [100.0, 160.0, 440.0] {
            let mut tone = sine(frequency, -10.0, 1600);
            let mut concealer = Concealer::default();
            concealer.hear(&mut tone[..800]);
            assert!(concealer.fill(&mut tone[800..960]));
            concealer.hear(&mut tone[960..]);
            let share = share_of_energy(&tone[400..1360], frequency);
            assert!(share > 0.9, "{frequency} Hz keeps {share}");
            assert!(rms_dbfs(&tone[800..960]) > rms_dbfs(&tone[400..800]) - 3.0);
        }
    }

    #[test]
    fn no_step_is_larger_than_those_of_the_voice_itself() {
        let step = |samples: &[i16]| {
            let steps = samples.windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0]));
            steps.map(i32::abs).max().unwrap()
        };
        let mut tone = sine(200.0, -10.0, 1600);
        let natural = step(&tone);
        let mut concealer = Concealer::default();
        concealer.hear(&mut tone[..777]);
        concealer.fill(&mut tone[777..1000]);
        concealer.hear(&mut tone[1000..]);
        assert!(step(&tone) <= natural * 2, "{} after {natural}", step(&tone));
    }

    #[test]
    fn a_long_loss_fades_to_silence() {
        let mut concealer = Concealer::default();
        concealer.hear(&mut sine(150.0, -10.0, 800));
        let mut frame = [0; 160];
        let levels: Vec<f64> = (0..4)
            .map(|_| {
                concealer.fill(&mut frame);
                rms_dbfs(&frame)
            })
            .collect();
        assert!(levels.windows(2).all(|pair| pair[1] < pair[0]), "{levels:?}");
        assert_eq!(frame, [0; 160]);
        assert!(!concealer.fill(&mut frame));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut frame = [7; 160];
        assert!(!Concealer::default().fill(&mut frame));
        assert_eq!(frame, [0; 160]);
    }
}
