//! Gives back the number that a reading says; the inverse that proves readings right.

use super::Word;

/// Returns the whole number that words say, or `None` when they say none. At most 16 digits.
#[must_use]
pub fn parse_number(words: &[Word]) -> Option<i64> {
    let (negative, words) = match words {
        [Word::Minus, rest @ ..] => (true, rest),
        all => (false, all),
    };
    if words.is_empty() {
        return None;
    }
    // Total of finished 亿, total of finished 万 below, and the group of four in progress.
    let (mut yi, mut wan, mut group) = (0_i64, 0_i64, 0_i64);
    let mut digit: Option<i64> = None;
    for word in words {
        let multiple = |digit: &mut Option<i64>, unit| unit * digit.take().unwrap_or(1);
        if *word == Word::Ten {
            group += multiple(&mut digit, 10);
        } else if *word == Word::Hundred {
            group += multiple(&mut digit, 100);
        } else if *word == Word::Thousand {
            group += multiple(&mut digit, 1000);
        } else if *word == Word::Wan {
            wan += (group + digit.take().unwrap_or(0)) * 10_000;
            group = 0;
        } else if *word == Word::Yi {
            yi += (wan + group + digit.take().unwrap_or(0)).checked_mul(100_000_000)?;
            (wan, group) = (0, 0);
        } else {
            digit = Some(value(*word)?);
        }
    }
    let total = yi.checked_add(wan + group + digit.unwrap_or(0))?;
    Some(if negative { -total } else { total })
}

fn value(word: Word) -> Option<i64> {
    if word == Word::Yao {
        return Some(1);
    }
    if word == Word::Liang {
        return Some(2);
    }
    let digit = Word::DIGITS.iter().position(|digit| *digit == word)?;
    i64::try_from(digit).ok()
}
