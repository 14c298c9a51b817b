//! Comfort noise (RFC 3389): what a silent party that stopped sending still sounds like.

/// A soft hiss of a given level, the same at every run.
#[derive(Clone, Debug)]
pub struct Noise {
    peak: i32,
    state: u32,
}

impl Noise {
    /// Makes noise of a level in −dBov, as the first byte of a comfort noise packet gives it (RFC 3389 §3.1).
    ///
    /// What would be louder than −30 dBov is a mistake of the sender and is made as loud as that.
    #[must_use]
    pub fn new(level: u8) -> Self {
        let level = f64::from((level & 0x7F).max(30));
        // Evenly spread samples have 1/√3 of their peak as root mean square.
        let peak = 32768.0 * 10_f64.powf(-level / 20.0) * 3_f64.sqrt();
        Self { peak: peak.round() as i32, state: 1 }
    }

    /// Fills samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            // The constants are those of Numerical Recipes; the upper bits are random enough for a hiss.
            self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let even = (self.state >> 16) as i32 - 32_768;
            *sample = (even * self.peak / 32_768) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::{goertzel::share_of_energy, level::rms_dbfs};

    #[test]
    fn noise_has_the_level_asked_for_and_no_pitch() {
        for level in [30, 50, 70] {
            let mut samples = [0; 8000];
            Noise::new(level).fill(&mut samples);
            assert!((rms_dbfs(&samples) + f64::from(level)).abs() < 1.0, "{level}");
            assert!((1..8).all(|n| share_of_energy(&samples, f64::from(n) * 450.0) < 0.02));
        }
    }

    #[test]
    fn a_sender_that_asks_for_a_roar_gets_a_hiss() {
        let mut samples = [0; 8000];
        Noise::new(0x80).fill(&mut samples);
        assert!(rms_dbfs(&samples) < -29.0);
    }
}
