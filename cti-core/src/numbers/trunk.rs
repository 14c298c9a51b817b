//! How a trunk writes numbers: what it delivers and what it wants to be sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::PhoneNumber;

/// A change to the front of a number; of those that fit, the one with the longest prefix is used.
///
/// ```
/// use cti_core::numbers::Rewrite;
///
/// // The exchange wants a 9 before everything, and the carrier's prefix before calls to other countries.
/// let rules = [
///     Rewrite { prepend: "9".to_owned(), ..Rewrite::default() },
///     Rewrite { prefix: "00".to_owned(), prepend: "917909".to_owned(), ..Rewrite::default() },
/// ];
/// assert_eq!(Rewrite::apply(&rules, "053282345678"), "9053282345678");
/// assert_eq!(Rewrite::apply(&rules, "0085221234567"), "9179090085221234567");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rewrite {
    /// What the number must begin with; empty fits every number.
    pub prefix: String,
    /// How many characters the number must have; any when absent.
    pub length: Option<usize>,
    /// How many characters are taken from the front.
    pub strip: usize,
    /// What is put in front of the rest.
    pub prepend: String,
}

impl Rewrite {
    /// Returns the number after the rule that fits it best; unchanged when none does.
    #[must_use]
    pub fn apply(rules: &[Self], number: &str) -> String {
        let fits = |rule: &&Self| {
            number.starts_with(&rule.prefix)
                && rule.length.is_none_or(|it| it == number.chars().count())
        };
        // Of equals the first one written, so `max_by_key` looks from the end.
        let best = rules
            .iter()
            .rev()
            .filter(fits)
            .max_by_key(|rule| (rule.prefix.len(), rule.length.is_some()));
        match best {
            Some(rule) => rule.prepend.chars().chain(number.chars().skip(rule.strip)).collect(),
            None => number.to_owned(),
        }
    }
}

/// In which form a trunk wants a number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// E.164 with plus: `+8613812341234`, `+8653182345678`.
    Plus,
    /// The home country's code without plus, 00 for others: `8613812341234`, `8653182345678`, `0085221234567`.
    CountryCode,
    /// As one dials from another city: `13812341234`, `053182345678`, `0085221234567`.
    #[default]
    National,
    /// The same with 0 before mobile numbers: `013812341234`.
    NationalZero,
    /// As one dials in the trunk's own city: `13812341234`, `82345678`, `053282345678`.
    Local,
}

/// What becomes of the caller's number when it must not be shown.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RestrictedCaller {
    /// The network gets none: an anonymous caller (RFC 3323).
    #[default]
    Anonymous,
    /// The network gets the number and the wish that it is not shown (RFC 3325 `Privacy: id`).
    Private,
    /// The network gets the trunk's main number instead.
    MainNumber,
}

/// Whether the person called may see the caller's number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// He may.
    #[default]
    Allowed,
    /// He may not (caller-id restriction, CLIR).
    Restricted,
}

/// What is peculiar to a trunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrunkRule {
    /// The area code that numbers without one belong to, with its 0; the home area when absent. A trunk that comes in
    /// from another city has its own.
    pub area: Option<String>,
    /// Whether it comes from an exchange of the house, whose callers may be extensions. From any other trunk nobody
    /// is taken for an extension, whatever number he shows.
    pub house: bool,
    /// Changes to the caller's number as delivered, before it is understood.
    pub incoming_caller: Vec<Rewrite>,
    /// Changes to the called number as delivered, before it is understood.
    pub incoming_called: Vec<Rewrite>,
    /// In which form the trunk wants the caller's number.
    pub caller_form: NumberForm,
    /// Changes to that form.
    pub outgoing_caller: Vec<Rewrite>,
    /// In which form the trunk wants the called number.
    pub called_form: NumberForm,
    /// Changes to that form.
    pub outgoing_called: Vec<Rewrite>,
    /// The number that stands for a caller who has none outside the house, exactly as the trunk wants it.
    pub main_number: Option<PhoneNumber>,
    /// Whether the carrier takes no other caller than the main number.
    pub main_number_only: bool,
    /// What becomes of a caller's number that must not be shown.
    pub restricted: RestrictedCaller,
}

/// The caller as he is told to a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingCaller {
    /// The number; [withheld](PhoneNumber::withheld) for an anonymous caller.
    pub number: PhoneNumber,
    /// Whether the network is asked not to show it.
    pub private: bool,
}

/// Why a number cannot be called by a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRender {
    /// There is no number to call.
    #[error("there is no number to call")]
    Withheld,
    /// An extension of the house is not called by a trunk.
    #[error("an extension of the house is not called by a trunk")]
    Extension,
    /// What the rules of the trunk make of it is no number; it would be this long.
    #[error("the rules of the trunk make a text of {length} characters of it, which is no number")]
    Rewritten {
        /// How many characters it would have.
        length: usize,
    },
}

impl fmt::Display for NumberForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plus => "plus",
            Self::CountryCode => "country_code",
            Self::National => "national",
            Self::NationalZero => "national_zero",
            Self::Local => "local",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides_then_a_length_then_the_first_rule() {
        let rule = |prefix: &str, length, prepend: &str| Rewrite {
            prefix: prefix.to_owned(),
            length,
            strip: prefix.len(),
            prepend: prepend.to_owned(),
        };
        let rules = [
            rule("1", None, "a"),
            rule("12", None, "b"),
            rule("12", Some(4), "c"),
            rule("12", None, "d"),
        ];
        assert_eq!(Rewrite::apply(&rules, "1399"), "a399");
        assert_eq!(Rewrite::apply(&rules, "12345"), "b345");
        assert_eq!(Rewrite::apply(&rules, "1234"), "c34");
        assert_eq!(Rewrite::apply(&rules, "2"), "2");
    }
}
