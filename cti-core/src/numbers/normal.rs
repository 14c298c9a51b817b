//! The normal form of a number: what all its spellings have in common.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::PhoneNumber;

/// What sort of number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// A mobile telephone of the home country: `+8613812341234`.
    Mobile,
    /// A fixed line of the home country, with its area: `+8653182345678`.
    Fixed,
    /// A number of the home country without area, such as 400 and 800: `+864008123456`.
    NonGeographic,
    /// A service number: `12345`, `110`, `95588`; one of another area with that area: `+8653212345`.
    Service,
    /// A number of another country: `+85221234567`.
    International,
    /// An extension of the house: `8001`.
    Extension,
    /// The caller withholds his number, or the network did not deliver it; the text is empty.
    Withheld,
    /// None of these; the text is what was received, without separators.
    Unknown,
}

impl fmt::Display for NumberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mobile => "mobile",
            Self::Fixed => "fixed",
            Self::NonGeographic => "non_geographic",
            Self::Service => "service",
            Self::International => "international",
            Self::Extension => "extension",
            Self::Withheld => "withheld",
            Self::Unknown => "unknown",
        })
    }
}

/// A number in its one normal form, made by [`NumberRules`](super::NumberRules).
///
/// Numbers of the public network are written as E.164 does, with `+` and country code; service numbers and extensions
/// as they are dialled. Two spellings of one number are equal; it is what customers are found by. The number as it was
/// received stays beside it, for the record and the network. `Debug` and `Display` mask it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NormalNumber {
    kind: NumberKind,
    number: PhoneNumber,
}

impl NormalNumber {
    /// `text` has only characters of a number; what is too long is cut.
    pub(super) fn new(kind: NumberKind, text: &str) -> Self {
        let text: String = text.chars().take(40).collect();
        let number = PhoneNumber::parse(&text)
            .expect("the reader of spellings leaves only the characters of numbers");
        Self { kind, number }
    }

    /// Returns the number of a caller who withholds it.
    #[must_use]
    pub fn withheld() -> Self {
        Self { kind: NumberKind::Withheld, number: PhoneNumber::withheld() }
    }

    /// Returns what sort of number it is.
    #[must_use]
    pub fn kind(&self) -> NumberKind {
        self.kind
    }

    /// Returns the normal form as a number, which masks itself.
    #[must_use]
    pub fn number(&self) -> &PhoneNumber {
        &self.number
    }

    /// Returns the digits. Call it only where a person with the right to see them, or the network, gets them.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.number.reveal()
    }
}

impl fmt::Display for NormalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl fmt::Debug for NormalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.number)
    }
}

/// A text read as a number: the number, and what is dialled behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadNumber {
    /// The number in normal form.
    pub number: NormalNumber,
    /// The extension behind it: 801 of `0531-82345678-801`, `82345678转801` and `tel:+86…;ext=801`.
    pub behind: Option<PhoneNumber>,
}
