//! How loud a party is to the others.

/// Bits behind the point of the factor.
const SHIFT: u32 = 12;

/// A factor that a party's voice is multiplied by before it is mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gain(i32);

impl Gain {
    /// The voice as it came.
    pub const UNITY: Self = Self(1 << SHIFT);

    /// Returns the gain of a level change in decibels, limited to −60 … +20 dB; not a number is unity.
    #[must_use]
    pub fn from_decibels(decibels: f32) -> Self {
        if decibels.is_nan() {
            return Self::UNITY;
        }
        let factor = 10_f32.powf(decibels.clamp(-60.0, 20.0) / 20.0);
        Self((factor * (1 << SHIFT) as f32).round() as i32)
    }

    /// Returns one sample made louder or softer, limited to 16 bits.
    #[must_use]
    pub fn apply(self, sample: i16) -> i16 {
        let scaled = (i32::from(sample) * self.0) >> SHIFT;
        scaled.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }
}

impl Default for Gain {
    fn default() -> Self {
        Self::UNITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unity_changes_nothing_and_six_decibels_double() {
        for sample in [i16::MIN, -1, 0, 1, 12_345, i16::MAX] {
            assert_eq!(Gain::UNITY.apply(sample), sample);
        }
        assert_eq!(Gain::from_decibels(0.0), Gain::UNITY);
        assert!((Gain::from_decibels(6.0206).apply(1000) - 2000).abs() <= 1);
        assert!((Gain::from_decibels(-20.0).apply(1000) - 100).abs() <= 1);
    }

    #[test]
    fn what_grows_too_loud_is_limited() {
        assert_eq!(Gain::from_decibels(20.0).apply(30_000), i16::MAX);
        assert_eq!(Gain::from_decibels(1e9).apply(-30_000), i16::MIN);
        assert_eq!(Gain::from_decibels(f32::NAN), Gain::UNITY);
    }
}
