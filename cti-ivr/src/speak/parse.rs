//! Gives back the value that a reading says; the inverse that proves readings right.

use super::{Style, Word};

/// Returns the value that words say in a style, as [`super::read`] takes it; `None` when they say none.
///
/// Amounts have two places after the point, numbers as many as are said.
#[must_use]
pub fn parse(words: &[Word], style: Style) -> Option<String> {
    match style {
        Style::Digits | Style::Telephone => row(words),
        Style::Number => decimal(words),
        Style::Count => parse_number(words).map(|value| value.to_string()),
        Style::Money => money(words),
        Style::Date => {
            let (month, day) = before(words, Word::Month)?;
            let (day, rest) = before(day, Word::Day)?;
            let day = parse_number(day).filter(|_| rest.is_empty())?;
            Some(format!("{}-{day:02}", year_month(month)?))
        }
        Style::Month => {
            let (month, rest) = before(words, Word::Month)?;
            year_month(month).filter(|_| rest.is_empty())
        }
        Style::Time => {
            let (hour, minute) = before(words, Word::Hour)?;
            let minute = match before(minute, Word::Minute) {
                Some((minute, [])) => parse_number(minute)?,
                Some(_) => return None,
                None => (minute == [Word::Sharp]).then_some(0)?,
            };
            Some(format!("{:02}:{minute:02}", parse_number(hour)?))
        }
        Style::Percent => match words {
            [Word::Minus, Word::Percent, rest @ ..] => Some(format!("-{}", decimal(rest)?)),
            [Word::Percent, rest @ ..] => decimal(rest),
            _ => None,
        },
        Style::Ordinal => match words {
            [Word::Ordinal, rest @ ..] => parse_number(rest).map(|value| value.to_string()),
            _ => None,
        },
    }
}

/// Returns what stands before and after a word.
fn before(words: &[Word], word: Word) -> Option<(&[Word], &[Word])> {
    let at = words.iter().position(|it| *it == word)?;
    Some((&words[..at], &words[at + 1..]))
}

fn row(words: &[Word]) -> Option<String> {
    let digits: Option<String> =
        words.iter().map(|word| value(*word).map(|digit| digit.to_string())).collect();
    digits.filter(|digits| !digits.is_empty())
}

fn decimal(words: &[Word]) -> Option<String> {
    let Some((whole, fraction)) = before(words, Word::Point) else {
        return parse_number(words).map(|value| value.to_string());
    };
    // −0.5 has a sign that its whole part cannot carry.
    let (sign, whole) = match whole {
        [Word::Minus, rest @ ..] => ("-", rest),
        all => ("", all),
    };
    Some(format!("{sign}{}.{}", parse_number(whole)?, row(fraction)?))
}

fn money(words: &[Word]) -> Option<String> {
    let (sign, words) = match words {
        [Word::Minus, rest @ ..] => ("-", rest),
        all => ("", all),
    };
    let (yuan, rest) = match before(words, Word::Yuan) {
        Some((yuan, rest)) => (parse_number(yuan)?, rest),
        None => (0, words),
    };
    let (jiao, rest) = match before(rest, Word::Jiao) {
        Some((jiao, rest)) => (parse_number(jiao)?, rest),
        None => (0, rest),
    };
    let fen = match before(rest, Word::Fen) {
        Some((fen, [])) => parse_number(fen)?,
        Some(_) => return None,
        None if rest.is_empty() => 0,
        None => return None,
    };
    let digit = |value: i64| (0..10).contains(&value);
    (digit(jiao) && digit(fen)).then(|| format!("{sign}{yuan}.{jiao}{fen}"))
}

fn year_month(words: &[Word]) -> Option<String> {
    let (year, month) = before(words, Word::Year)?;
    Some(format!("{}-{:02}", row(year)?, parse_number(month)?))
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::speak::read;

    fn comes_back(value: &str, style: Style) {
        let words = read(value, style).unwrap();
        assert_eq!(parse(&words, style).as_deref(), Some(value), "{style:?} {words:?}");
    }

    proptest! {
        #[test]
        fn what_is_read_says_the_value_and_no_other(
            number in -9_999_999_999_i64..9_999_999_999, fraction in "[0-9]{1,4}", row in "[0-9]{1,20}",
            year in 1900_u32..2100, month in 1_u32..13, day in 1_u32..32,
            hour in 0_u32..24, minute in 0_u32..60, fen in 0_u32..100, place in 1_u64..1_000_000,
        ) {
            comes_back(&number.to_string(), Style::Number);
            comes_back(&format!("{number}.{fraction}"), Style::Number);
            comes_back(&number.unsigned_abs().to_string(), Style::Count);
            comes_back(&row, Style::Digits);
            comes_back(&row, Style::Telephone);
            comes_back(&format!("{year}-{month:02}-{day:02}"), Style::Date);
            comes_back(&format!("{year}-{month:02}"), Style::Month);
            comes_back(&format!("{hour:02}:{minute:02}"), Style::Time);
            comes_back(&format!("{number}.{fraction}"), Style::Percent);
            comes_back(&place.to_string(), Style::Ordinal);
            comes_back(&format!("{}.{fen:02}", number.unsigned_abs()), Style::Money);
            if number < 0 {
                comes_back(&format!("{number}.{fen:02}"), Style::Money);
            }
        }
    }

    #[test]
    fn what_says_nothing_of_its_style_is_no_value() {
        for (words, style) in [
            (vec![], Style::Digits),
            (vec![Word::Ten], Style::Telephone),
            (vec![Word::Hour], Style::Time),
            (vec![Word::One, Word::Hour], Style::Time),
            (vec![Word::One], Style::Percent),
            (vec![Word::One], Style::Ordinal),
            (vec![Word::One, Word::Yuan, Word::Two], Style::Money),
            (vec![Word::One, Word::Year], Style::Date),
        ] {
            assert_eq!(parse(&words, style), None, "{style:?} {words:?}");
        }
    }
}
