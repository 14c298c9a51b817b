//! The sixteen keys of a telephone.

use std::fmt;

/// A key of a telephone: `0`–`9`, `*`, `#`, `A`–`D`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digit {
    /// Event code of RFC 4733 §3.2, always below 16.
    code: u8,
}

/// The character is on no telephone key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("digit is not one of 0-9, *, #, A-D: {0:?}")]
pub struct ParseDigitError(pub char);

const KEYS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

impl Digit {
    /// Returns the key for an event code of RFC 4733, if it is a key at all.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        if code < 16 { Some(Self { code }) } else { None }
    }

    /// Returns the event code of RFC 4733.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.code
    }

    /// Returns the key's character.
    #[must_use]
    pub const fn as_char(self) -> char {
        KEYS[self.code as usize]
    }

    /// Reads a whole string of keys.
    ///
    /// # Errors
    ///
    /// Fails at the first character that is on no key.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ParseDigitError> {
        text.chars().map(Self::try_from).collect()
    }
}

impl TryFrom<char> for Digit {
    type Error = ParseDigitError;

    fn try_from(key: char) -> Result<Self, Self::Error> {
        let upper = key.to_ascii_uppercase();
        let code = KEYS.iter().position(|&known| known == upper).ok_or(ParseDigitError(key))?;
        Ok(Self { code: code as u8 })
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digit({})", self.as_char())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_code_of_rfc_4733() {
        for (code, key) in "0123456789*#ABCD".chars().enumerate() {
            let digit = Digit::try_from(key).unwrap();
            assert_eq!(usize::from(digit.code()), code);
            assert_eq!(digit.to_string(), key.to_string());
        }
        assert_eq!(Digit::from_code(16), None, "flash is not a key");
    }

    #[test]
    fn a_string_with_a_stranger_is_refused() {
        assert_eq!(Digit::parse_all("12x"), Err(ParseDigitError('x')));
        assert_eq!(Digit::parse_all("1a").unwrap().len(), 2);
    }
}
