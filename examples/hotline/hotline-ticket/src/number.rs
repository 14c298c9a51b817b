//! The number of a ticket (工单号): region, day, channel, sequence and a check digit.
//!
//! The pattern is configured as text, for example `{region}-{date}-{channel}-{sequence}-{check}`, which gives
//! `370100-20261122-01-000123-7`. The check digit is ISO/IEC 7064 MOD 11,10 over all digits before it: it finds every
//! single wrong digit and nearly every swap of neighbours.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A ticket's number as people read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TicketNo(String);

/// The text is not a ticket number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTicketNo {
    /// It holds something else than digits, letters and `-`, or is too short or too long.
    #[error("a ticket number has 6 to 40 digits and hyphens")]
    Form,
    /// A digit was misread or mistyped.
    #[error("the check digit of the ticket number is wrong")]
    CheckDigit,
}

impl TicketNo {
    /// Returns the number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TicketNo {
    type Err = InvalidTicketNo;
    fn from_str(text: &str) -> Result<Self, InvalidTicketNo> {
        let well_formed =
            (6..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !well_formed {
            return Err(InvalidTicketNo::Form);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let (body, check) = digits.split_at(digits.len().saturating_sub(1));
        if check.bytes().next() != Some(b'0' + check_digit(body)) {
            return Err(InvalidTicketNo::CheckDigit);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TicketNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TicketNo> for String {
    fn from(number: TicketNo) -> Self {
        number.0
    }
}

impl TryFrom<String> for TicketNo {
    type Error = InvalidTicketNo;
    fn try_from(text: String) -> Result<Self, InvalidTicketNo> {
        text.parse()
    }
}

/// How numbers are made: a pattern with the region and the channel of this centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern {
    parts: Vec<Part>,
    region: String,
    channel: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Hyphen,
    Region,
    Date,
    Channel,
    Sequence,
    Check,
}

/// A pattern that cannot make unique numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// Something in braces is not known, or a letter stands outside of braces.
    #[error(
        "ticket number pattern: {0:?} is none of {{region}} {{date}} {{channel}} {{sequence}} {{check}} -"
    )]
    Unknown(String),
    /// Numbers would repeat or could not be checked.
    #[error(
        "ticket number pattern: it needs {{date}}, {{sequence}} and, at the end, {{check}}, once each"
    )]
    Incomplete,
    /// Region and channel are digits.
    #[error("ticket number pattern: {0} must be digits")]
    Digits(&'static str),
}

/// The day's numbers of this pattern are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sequence of the day is used up at {0}")]
pub struct SequenceExhausted(pub u32);

/// The last number of a day.
pub const LAST_SEQUENCE: u32 = 999_999;

impl NumberPattern {
    /// Returns the pattern with its region (行政区划代码) and channel filled in.
    ///
    /// # Errors
    /// When the pattern could not make unique, checkable numbers.
    pub fn parse(pattern: &str, region: &str, channel: &str) -> Result<Self, InvalidPattern> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(region) {
            return Err(InvalidPattern::Digits("region"));
        }
        if !digits(channel) {
            return Err(InvalidPattern::Digits("channel"));
        }
        let mut parts = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let end = if rest.starts_with('{') {
                rest.find('}').map_or(rest.len(), |i| i + 1)
            } else {
                1
            };
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            parts.push(match word {
                "-" => Part::Hyphen,
                "{region}" => Part::Region,
                "{date}" => Part::Date,
                "{channel}" => Part::Channel,
                "{sequence}" => Part::Sequence,
                "{check}" => Part::Check,
                other => return Err(InvalidPattern::Unknown(other.to_owned())),
            });
            rest = after;
        }
        let count = |part: &Part| parts.iter().filter(|p| *p == part).count();
        let complete = count(&Part::Date) == 1
            && count(&Part::Sequence) == 1
            && count(&Part::Check) == 1
            && parts.last() == Some(&Part::Check);
        if !complete {
            return Err(InvalidPattern::Incomplete);
        }
        Ok(Self { parts, region: region.to_owned(), channel: channel.to_owned() })
    }

    /// Returns what distinguishes this day's sequence from others; a counter is kept for each.
    #[must_use]
    pub fn sequence_name(&self, day: Date) -> String {
        format!("{}-{}-{}", self.region, day.strftime("%Y%m%d"), self.channel)
    }

    /// Returns the number with this place in the day's sequence.
    ///
    /// # Errors
    /// When the sequence is beyond [`LAST_SEQUENCE`].
    pub fn number(&self, day: Date, sequence: u32) -> Result<TicketNo, SequenceExhausted> {
        if sequence > LAST_SEQUENCE {
            return Err(SequenceExhausted(LAST_SEQUENCE));
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Hyphen => text.push('-'),
                Part::Region => text += &self.region,
                Part::Date => text += &day.strftime("%Y%m%d").to_string(),
                Part::Channel => text += &self.channel,
                Part::Sequence => text += &format!("{sequence:06}"),
                Part::Check => text.push(char::from(b'0' + check_digit(&text))),
            }
        }
        Ok(TicketNo(text))
    }
}

impl Default for NumberPattern {
    /// Jinan's region and the telephone channel.
    fn default() -> Self {
        Self::parse("{region}-{date}-{channel}-{sequence}-{check}", "370100", "01")
            .expect("the default pattern is complete")
    }
}

/// Returns the check digit of the digits in `text`; other characters do not count (ISO/IEC 7064, MOD 11,10).
fn check_digit(text: &str) -> u8 {
    let mut product = 10_u8;
    for digit in text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0') {
        let sum = (product + digit) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_names_region_day_channel_and_sequence() {
        let number = NumberPattern::default().number(date(2026, 11, 22), 123).unwrap();
        assert!(number.as_str().starts_with("370100-20261122-01-000123-"), "{number}");
        assert_eq!(number.as_str().parse(), Ok(number));
    }

    #[test]
    fn the_check_digit_is_that_of_the_standards_example() {
        // ISO/IEC 7064, MOD 11,10: 0794 has the check digit 5.
        assert_eq!(check_digit("0794"), 5);
    }

    #[test]
    fn a_pattern_without_day_sequence_or_check_is_refused() {
        let parse = |pattern| NumberPattern::parse(pattern, "370100", "01");
        assert_eq!(parse("{date}-{check}"), Err(InvalidPattern::Incomplete));
        assert_eq!(parse("{check}{date}{sequence}"), Err(InvalidPattern::Incomplete));
        assert_eq!(parse("GS{date}"), Err(InvalidPattern::Unknown("G".to_owned())));
        assert_eq!(parse("{dat"), Err(InvalidPattern::Unknown("{dat".to_owned())));
        assert!(parse("工{date}").is_err());
        assert!(parse("{date}{sequence}{check}").is_ok());
        assert!(NumberPattern::parse("{date}{sequence}{check}", "", "01").is_err());
    }

    #[test]
    fn the_sequence_of_a_day_ends_with_an_error_and_not_with_a_repetition() {
        let pattern = NumberPattern::default();
        assert!(pattern.number(date(2026, 1, 1), LAST_SEQUENCE).is_ok());
        assert!(pattern.number(date(2026, 1, 1), LAST_SEQUENCE + 1).is_err());
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_is_found(
            sequence in 0..=LAST_SEQUENCE, at in 0_usize..26, other in 1_u8..10,
        ) {
            let number = NumberPattern::default().number(date(2026, 11, 22), sequence).unwrap();
            let mut bytes = number.as_str().as_bytes().to_vec();
            let at = at % bytes.len();
            if bytes[at].is_ascii_digit() {
                bytes[at] = b'0' + (bytes[at] - b'0' + other) % 10;
                let wrong = String::from_utf8(bytes).unwrap();
                prop_assert_eq!(wrong.parse::<TicketNo>(), Err(InvalidTicketNo::CheckDigit));
            }
        }
    }
}
