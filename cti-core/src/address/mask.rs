//! How much of a number somebody may see.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize, Serializer};

use super::PhoneNumber;

/// Up to this many characters a number is a service number or an extension and names no citizen.
const SHORT: usize = 5;

/// Which digits of a number are hidden, as a role or a ticket's secrecy decides.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MaskPolicy {
    /// Nothing is hidden: the role has the right to see numbers.
    None,
    /// The last four characters are hidden: `1381234****`. It tells mobile segment and region.
    LastFour,
    /// The four characters before the last four are hidden: `138****1234`.
    #[default]
    MiddleFour,
    /// Everything is hidden, the length too: `****`.
    Full,
}

impl MaskPolicy {
    /// Writes `text` with what this policy hides replaced by `****`.
    ///
    /// An empty text is a withheld number and reads `withheld`; five characters and less are a service number or an
    /// extension, which only [`Full`](Self::Full) hides.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(self, text: &str, out: &mut impl fmt::Write) -> fmt::Result {
        let length = text.chars().count();
        // Byte index of a character, so that cuts fall between characters of any text.
        let cut = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
        match (self, length) {
            (_, 0) => out.write_str("withheld"),
            (Self::Full, _) => out.write_str("****"),
            (Self::None, _) | (Self::LastFour | Self::MiddleFour, 1..=SHORT) => out.write_str(text),
            (Self::LastFour, _) => write!(out, "{}****", &text[..cut(length - 4)]),
            (Self::MiddleFour, _) => {
                // A local number shows two at each end; a long one never more than a country and an area code.
                let (head, tail) = if length >= 11 { ((length - 8).min(7), 4) } else { (2, 2) };
                write!(out, "{}****{}", &text[..cut(head)], &text[cut(length - tail)..])
            }
        }
    }

    /// Returns `text` with what this policy hides replaced by `****`.
    #[must_use]
    pub fn apply(self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        self.write(text, &mut shown).expect("a String takes everything");
        shown
    }
}

/// A number together with how much of it may be seen; made by [`PhoneNumber::masked`].
///
/// `Display` and `Serialize` obey the policy, so it can be put into an answer, a page or an export as it is. `Debug`,
/// which ends in logs, hides the middle even where the policy shows all.
///
/// # Examples
///
/// ```
/// use cti_core::address::{MaskPolicy, PhoneNumber};
///
/// let caller = PhoneNumber::parse("13812341234")?;
/// let shown = caller.masked(MaskPolicy::LastFour);
/// assert_eq!(shown.to_string(), "1381234****");
///
/// let to_a_supervisor = caller.masked(MaskPolicy::None);
/// assert_eq!(to_a_supervisor.to_string(), "13812341234");
/// assert_eq!(format!("{to_a_supervisor:?}"), "138****1234");
/// # Ok::<(), cti_core::address::InvalidNumber>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Masked {
    number: PhoneNumber,
    policy: MaskPolicy,
}

impl Masked {
    pub(super) fn new(number: PhoneNumber, policy: MaskPolicy) -> Self {
        Self { number, policy }
    }

    /// Returns what is hidden.
    #[must_use]
    pub fn policy(&self) -> MaskPolicy {
        self.policy
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy.write(self.number.reveal(), f)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = match self.policy {
            MaskPolicy::None => MaskPolicy::MiddleFour,
            MaskPolicy::LastFour | MaskPolicy::MiddleFour | MaskPolicy::Full => self.policy,
        };
        policy.write(self.number.reveal(), f)
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = String::new();
        write!(shown, "{self}").expect("a String takes everything");
        serializer.serialize_str(&shown)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    #[test]
    fn each_policy_hides_what_its_name_says() {
        let shown = |text, policy| number(text).masked(policy).to_string();
        let rows = [
            ("13812341234", "138****1234", "1381234****"),
            ("+8613812341234", "+86138****1234", "+861381234****"),
            ("053182345678", "0531****5678", "05318234****"),
            ("82345678", "82****78", "8234****"),
            ("12345", "12345", "12345"),
            ("", "withheld", "withheld"),
        ];
        for (text, middle, last) in rows {
            assert_eq!(shown(text, MaskPolicy::MiddleFour), middle);
            assert_eq!(shown(text, MaskPolicy::LastFour), last);
        }
        assert_eq!(shown("12345", MaskPolicy::Full), "****");
        assert_eq!(shown("13812341234", MaskPolicy::Full), "****");
        assert_eq!(shown("13812341234", MaskPolicy::None), "13812341234");
    }

    #[test]
    fn a_number_behind_the_network_shows_no_more_than_a_country_and_an_area_code() {
        assert_eq!(number("053182345678801222").to_string(), "0531823****1222");
    }

    proptest! {
        #[test]
        fn neither_log_nor_page_nor_answer_holds_a_citizens_number_that_is_not_revealed(
            text in "\\+?[0-9]{6,20}",
            policy in prop_oneof![
                Just(MaskPolicy::LastFour), Just(MaskPolicy::MiddleFour), Just(MaskPolicy::Full)
            ],
        ) {
            let masked = number(&text).masked(policy);
            let shown = [
                masked.to_string(),
                format!("{masked:?}"),
                serde_json::to_string(&masked).unwrap(),
                format!("{:?}", number(&text).masked(MaskPolicy::None)),
                format!("{}", number(&text)),
            ];
            for shown in shown {
                prop_assert!(!shown.contains(&text), "{shown}");
                prop_assert!(shown.contains("****"));
            }
        }
    }
}
