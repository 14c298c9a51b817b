//! Reads values aloud in Mandarin by splicing short clips: numbers, digits, money, dates, times, percentages.
//!
//! A reading is a list of [`Word`]s; each word has one clip of the prompt set and one Chinese text. The functions
//! are pure, so what a caller hears can be tested as text, and [`parse`] gives the value back. [`normalise`] writes
//! the values within a text as they are read, for synthesizers; [`english`] are the readings in English.
//!
//! ```
//! use cti_ivr::speak;
//!
//! assert_eq!(speak::text(&speak::number(100_100)), "十万零一百");
//! assert_eq!(speak::text(&speak::count(2)), "两");
//! assert_eq!(speak::text(&speak::money("12345.67").unwrap()), "一万二千三百四十五元六角七分");
//! assert_eq!(speak::text(&speak::telephone("8001")), "八零零幺");
//! assert_eq!(speak::normalise("11月22日15:05，3%"), "十一月二十二日十五点零五分，百分之三");
//! assert_eq!(speak::english("110", speak::Style::Number).as_deref(), Some("one hundred and ten"));
//! ```

mod date;
mod digits;
mod english;
mod money;
mod normalise;
mod number;
mod parse;
mod time;
mod word;

use serde::{Deserialize, Serialize};

use crate::flow::Type;

pub use date::{date, year_month};
pub use digits::{digits, telephone};
pub use english::{english, english_words};
pub use money::money;
pub use normalise::{normalise, normalise_in};
pub(crate) use number::split;
pub use number::{count, decimal, number};
pub use parse::{parse, parse_number};
pub use time::{ordinal, percent, time};
pub use word::{Word, text};

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Digit by digit; 1 is 一.
    Digits,
    /// Digit by digit as in telephone, account and order numbers; 1 is 幺.
    Telephone,
    /// As a number, with an optional fraction.
    Number,
    /// As a count of things; 2 is 两.
    Count,
    /// As an amount in yuan, rounded down to fen.
    Money,
    /// `2026-11-22` as a date.
    Date,
    /// `2026-11` as year and month.
    Month,
    /// `15:05` as a time of day.
    Time,
    /// `3.5` as a percentage.
    Percent,
    /// `2` as a place in a row.
    Ordinal,
}

impl Style {
    /// Returns the type of the values that can be read so.
    #[must_use]
    pub(crate) fn kind(self) -> Option<Type> {
        match self {
            Self::Digits | Self::Telephone => Some(Type::Digits),
            Self::Number | Self::Money => Some(Type::Number),
            Self::Count | Self::Ordinal => Some(Type::Integer),
            Self::Date => Some(Type::Date),
            Self::Month | Self::Time | Self::Percent => None,
        }
    }

    /// Every style.
    pub const ALL: [Self; 10] = [
        Self::Digits,
        Self::Telephone,
        Self::Number,
        Self::Count,
        Self::Money,
        Self::Date,
        Self::Month,
        Self::Time,
        Self::Percent,
        Self::Ordinal,
    ];
}

/// Returns how a value is read in a style; `None` when the value cannot be read so.
#[must_use]
pub fn read(value: &str, style: Style) -> Option<Vec<Word>> {
    match style {
        Style::Digits => digits(value),
        Style::Telephone => Some(telephone(value)).filter(|words| !words.is_empty()),
        Style::Number => decimal(value),
        Style::Count => value.trim().parse().ok().map(count),
        Style::Money => money(value),
        Style::Date => date(value),
        Style::Month => year_month(value),
        Style::Time => time(value),
        Style::Percent => percent(value),
        Style::Ordinal => ordinal(value),
    }
}

impl Style {
    /// Returns the words that readings of this style can hold, so that a centre can check that their clips are there.
    pub fn words(self) -> impl Iterator<Item = Word> {
        Word::ALL.iter().copied().filter(move |word| self.says(*word))
    }

    fn says(self, word: Word) -> bool {
        let digit = Word::DIGITS.contains(&word);
        let number = digit
            || matches!(
                word,
                Word::Liang | Word::Ten | Word::Hundred | Word::Thousand | Word::Wan | Word::Yi
            );
        let year_month = digit || matches!(word, Word::Ten | Word::Year | Word::Month);
        match self {
            Self::Digits => digit,
            Self::Telephone => (digit && word != Word::One) || word == Word::Yao,
            Self::Number => number || matches!(word, Word::Point | Word::Minus),
            Self::Count => number,
            Self::Money => {
                number || matches!(word, Word::Yuan | Word::Jiao | Word::Fen | Word::Minus)
            }
            Self::Month => year_month,
            Self::Date => year_month || word == Word::Day,
            Self::Time => {
                digit
                    || matches!(
                        word,
                        Word::Liang | Word::Ten | Word::Hour | Word::Minute | Word::Sharp
                    )
            }
            Self::Percent => number || matches!(word, Word::Point | Word::Minus | Word::Percent),
            Self::Ordinal => number || word == Word::Ordinal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_names_every_word_that_its_readings_hold() {
        let values = [
            "0",
            "11",
            "2",
            "2000",
            "-12345.67",
            "200100010.02",
            "2026-12-31",
            "2026-02",
            "02:59",
            "20:00",
        ];
        for style in Style::ALL {
            let known: Vec<Word> = style.words().collect();
            for words in values.iter().filter_map(|value| read(value, style)) {
                assert!(words.iter().all(|word| known.contains(word)), "{style:?} {words:?}");
            }
        }
    }
}
