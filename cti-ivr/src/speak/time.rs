//! Times of day, percentages and places in a row.

use super::{
    Word, decimal,
    number::{cardinal, split},
};

/// Returns the reading of `15:05`: 十五点零五分; `None` when it is no time of day. The full hour is 整.
#[must_use]
pub fn time(value: &str) -> Option<Vec<Word>> {
    let (hour, minute) = value.trim().split_once(':')?;
    let two = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let one = hour.len() == 1 && hour.bytes().all(|byte| byte.is_ascii_digit());
    if !(two(hour) || one) || !two(minute) {
        return None;
    }
    let hour: u64 = hour.parse().ok().filter(|hour| *hour < 24)?;
    let minute: u64 = minute.parse().ok().filter(|minute| *minute < 60)?;
    let mut words = Vec::new();
    if hour == 2 {
        words.push(Word::Liang)
    } else {
        cardinal(hour, &mut words)
    }
    words.push(Word::Hour);
    if minute == 0 {
        words.push(Word::Sharp);
        return Some(words);
    }
    if minute < 10 {
        words.push(Word::Zero);
    }
    cardinal(minute, &mut words);
    words.push(Word::Minute);
    Some(words)
}

/// Returns the reading of `3` or `3.5%` as a percentage: 百分之三, 百分之三点五; `None` when it is no number.
#[must_use]
pub fn percent(value: &str) -> Option<Vec<Word>> {
    let value = value.trim();
    let value = value.strip_suffix(['%', '％']).unwrap_or(value);
    let (negative, _, _) = split(value)?;
    let number = decimal(value.trim_start_matches('-'))?;
    let sign = negative.then_some(Word::Minus);
    Some(sign.into_iter().chain([Word::Percent]).chain(number).collect())
}

/// Returns the reading of `2` as a place in a row: 第二; `None` when it is no whole number from 1.
#[must_use]
pub fn ordinal(value: &str) -> Option<Vec<Word>> {
    let place: u64 = value.trim().parse().ok().filter(|place| *place > 0)?;
    let mut words = vec![Word::Ordinal];
    // 第二 and 第两千: only a bare 2 differs from a count.
    cardinal(place, &mut words);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speak::text;

    #[test]
    fn a_time_is_read_by_hour_and_minute() {
        for (value, reading) in [
            ("15:05", "十五点零五分"),
            ("00:00", "零点整"),
            ("02:30", "两点三十分"),
            ("2:30", "两点三十分"),
            ("12:12", "十二点十二分"),
            ("22:20", "二十二点二十分"),
        ] {
            assert_eq!(text(&time(value).unwrap()), reading, "{value}");
        }
        for wrong in ["24:00", "12:60", "12:5", "1205", "12:05:00", "-1:00", ":05"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_percentage_is_so_many_of_a_hundred() {
        for (value, reading) in [
            ("3", "百分之三"),
            ("3%", "百分之三"),
            ("12.50%", "百分之十二点五零"),
            ("100", "百分之一百"),
            ("-5", "负百分之五"),
        ] {
            assert_eq!(text(&percent(value).unwrap()), reading, "{value}");
        }
        assert_eq!(percent("three"), None);
    }

    #[test]
    fn a_place_in_a_row_is_never_liang() {
        for (value, reading) in [("2", "第二"), ("12", "第十二"), ("101", "第一百零一")] {
            assert_eq!(text(&ordinal(value).unwrap()), reading, "{value}");
        }
        assert_eq!(ordinal("0"), None);
    }
}
