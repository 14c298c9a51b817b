//! What digits must look like: `1XXXXXXXXXX` for a mobile number.

use super::{FieldError, key_of};

/// A node has at most this many masks.
pub(super) const MAX_MASKS: usize = 32;

/// A pattern of keys: `X` any digit, `Z` 1 to 9, `N` 2 to 9, a final `.` any keys, at least one; others stand for
/// themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mask {
    places: Vec<char>,
    open: bool,
}

impl Mask {
    fn parse(text: &str) -> Option<Self> {
        let (places, open) = text.strip_suffix('.').map_or((text, false), |rest| (rest, true));
        let is_place = |c: char| matches!(c, 'X' | 'Z' | 'N') || key_of(c).is_some();
        let empty = places.is_empty() && !open;
        (!empty && places.chars().all(is_place))
            .then(|| Self { places: places.chars().collect(), open })
    }

    /// Reads the masks of a field.
    pub(super) fn parse_all(field: &str, texts: &[String]) -> Result<Vec<Self>, FieldError> {
        if texts.len() > MAX_MASKS {
            return Err(FieldError::new(field, format!("must be at most {MAX_MASKS}")));
        }
        let one = |text: &String| {
            let reason = || format!("{text:?} must be of 0-9 * # A-D, X, Z, N and a final .");
            Self::parse(text).ok_or_else(|| FieldError::new(field, reason()))
        };
        texts.iter().map(one).collect()
    }

    /// Returns whether digits look so.
    pub(super) fn matches(&self, digits: &str) -> bool {
        let length = digits.chars().count();
        let fits = if self.open { length > self.places.len() } else { length == self.places.len() };
        fits && self.places.iter().zip(digits.chars()).all(|(place, digit)| match place {
            'X' => digit.is_ascii_digit(),
            'Z' => matches!(digit, '1'..='9'),
            'N' => matches!(digit, '2'..='9'),
            key => digit == *key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_says_what_digits_look_like() {
        let matches = |mask: &str, digits| Mask::parse(mask).unwrap().matches(digits);
        assert!(matches("1XXXXXXXXXX", "13812345678") && !matches("1XXXXXXXXXX", "1381234567"));
        assert!(matches("0ZX.", "0105") && !matches("0ZX.", "0005") && !matches("0ZX.", "010"));
        assert!(matches("N", "2") && !matches("N", "1"));
        assert!(matches("*5", "*5") && matches(".", "7") && !matches(".", ""));
        for wrong in ["", "1-2", "1.2", "abc"] {
            assert!(Mask::parse(wrong).is_none(), "{wrong}");
        }
    }
}
