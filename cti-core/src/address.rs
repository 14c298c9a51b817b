//! Telephone numbers, which are personal data and print masked.

mod mask;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub use mask::{MaskPolicy, Masked};

/// A number as it was received or dialled; a withheld one is empty ([`PhoneNumber::withheld`]).
///
/// `Debug` and `Display` mask it (`138****1234`); [`reveal`](Self::reveal) is the only way to the digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PhoneNumber(Arc<str>);

/// A text that cannot be a telephone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// Numbers have at most 40 characters.
    #[error("a number has at most 40 characters, this one has {length}")]
    Length {
        /// How many characters it had.
        length: usize,
    },
    /// Numbers hold digits, letters and `* # + - _ .`.
    #[error("a number cannot hold the character {character:?}")]
    Character {
        /// The first character that is not allowed.
        character: char,
    },
}

impl std::str::FromStr for PhoneNumber {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        Self::parse(text)
    }
}

impl PhoneNumber {
    /// Returns the number, or why it cannot be one. An empty text is a withheld number.
    ///
    /// # Errors
    /// When the text is too long or holds a character that no number has.
    pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
        let length = text.chars().count();
        if length > 40 {
            return Err(InvalidNumber::Length { length });
        }
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || "*#+-_.".contains(*c))) {
            Some(character) => Err(InvalidNumber::Character { character }),
            None => Ok(Self(text.into())),
        }
    }

    /// Returns the number of a caller who withholds it.
    #[must_use]
    pub fn withheld() -> Self {
        Self("".into())
    }

    /// Returns whether the caller withheld the number.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number as somebody may see it to whom `policy` applies.
    #[must_use]
    pub fn masked(&self, policy: MaskPolicy) -> Masked {
        Masked::new(self.clone(), policy)
    }

    /// Returns the digits. Call it only where a person with the right to see them, or the network, gets them.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        MaskPolicy::MiddleFour.write(&self.0, f)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0.as_ref().to_owned()
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidNumber;
    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizens_number_prints_masked_and_a_service_number_does_not() {
        let shown = |text| PhoneNumber::parse(text).unwrap().to_string();
        assert_eq!(shown("13812341234"), "138****1234");
        assert_eq!(shown("82345678"), "82****78");
        assert_eq!(shown("12345"), "12345");
        assert_eq!(shown(""), "withheld");
        assert_eq!(format!("{:?}", PhoneNumber::parse("13812341234").unwrap()), "138****1234");
    }
}
