//! Dates: the year digit by digit, month and day as numbers.

use super::{Word, digits, number::cardinal};

/// Returns the reading of `2026-11-22`: 二零二六年十一月二十二日; `None` when it is not such a date.
#[must_use]
pub fn date(value: &str) -> Option<Vec<Word>> {
    let (month, day) = value.trim().rsplit_once('-')?;
    let mut words = year_month(month)?;
    cardinal(two_digits(day, 31)?, &mut words);
    words.push(Word::Day);
    Some(words)
}

/// Returns the reading of `2026-11`: 二零二六年十一月; `None` when it is not a year and a month.
#[must_use]
pub fn year_month(value: &str) -> Option<Vec<Word>> {
    let (year, month) = value.trim().split_once('-')?;
    let mut words = digits(year).filter(|words| words.len() == 4)?;
    words.push(Word::Year);
    cardinal(two_digits(month, 12)?, &mut words);
    words.push(Word::Month);
    Some(words)
}

fn two_digits(text: &str, most: u64) -> Option<u64> {
    let all_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().ok()).flatten().filter(|value| (1..=most).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speak::text;

    #[test]
    fn a_year_is_read_digit_by_digit_and_month_and_day_as_numbers() {
        assert_eq!(text(&date("2026-11-22").unwrap()), "二零二六年十一月二十二日");
        assert_eq!(text(&year_month("2026-02").unwrap()), "二零二六年二月");
        for wrong in ["2026-13", "2026-00", "26-01", "2026", "2026-1"] {
            assert_eq!(year_month(wrong), None, "{wrong}");
        }
        assert_eq!(date("2026-11-32"), None);
    }
}
