//! Numbers and counts.
//!
//! Digits go in groups of four (个, 万, 亿, 万亿); one 零 stands for any run of zeros between digits, none for
//! trailing zeros; 10 to 19 begin with 十 when nothing stands before them. 2 at the very front is 两 before 千, 万
//! and 亿, and 两 alone when things are counted (两位), but 二 in 二十, 二百 and 十二.

use super::Word;

/// From here on numbers have no usual name and are read digit by digit.
const LIMIT: u64 = 10_u64.pow(16);

/// Returns the reading of a whole number.
#[must_use]
pub fn number(value: i64) -> Vec<Word> {
    let mut words = Vec::new();
    if value < 0 {
        words.push(Word::Minus);
    }
    cardinal(value.unsigned_abs(), &mut words);
    words
}

/// Returns the reading of a count of things, which stands before a measure word: 两 (位), 十二 (件).
#[must_use]
pub fn count(value: u64) -> Vec<Word> {
    if value == 2 {
        return vec![Word::Liang];
    }
    let mut words = Vec::new();
    cardinal(value, &mut words);
    words
}

/// Returns the reading of a decimal number written with digits, sign and point; `None` when it is not one.
#[must_use]
pub fn decimal(value: &str) -> Option<Vec<Word>> {
    let (negative, whole, fraction) = split(value)?;
    let mut words = Vec::new();
    if negative {
        words.push(Word::Minus);
    }
    cardinal(whole, &mut words);
    if !fraction.is_empty() {
        words.push(Word::Point);
        words.extend(fraction.bytes().map(|digit| Word::digit(u64::from(digit - b'0'))));
    }
    Some(words)
}

/// Splits a decimal number into sign, whole part and the digits after the point.
pub(crate) fn split(value: &str) -> Option<(bool, u64, &str)> {
    let value = value.trim();
    let (negative, value) = value.strip_prefix('-').map_or((false, value), |rest| (true, rest));
    let (whole, fraction) = value.split_once('.').map_or((value, ""), |parts| parts);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 16 {
        return None;
    }
    (!value.ends_with('.')).then_some(())?;
    Some((negative, whole.parse().ok()?, fraction))
}

/// Appends the reading of a number that nothing stands before.
pub(super) fn cardinal(value: u64, words: &mut Vec<Word>) {
    if value == 0 {
        words.push(Word::Zero);
        return;
    }
    if value >= LIMIT {
        words.extend(value.to_string().bytes().map(|digit| Word::digit(u64::from(digit - b'0'))));
        return;
    }
    let start = words.len();
    // 万亿 is 万 of 亿: the part above 10⁸ is itself a number of at most eight digits, followed by 亿.
    let (yi, rest) = (value / 100_000_000, value % 100_000_000);
    let mut zero_due = false;
    if yi > 0 {
        eight(yi, &mut zero_due, start, words);
        words.push(Word::Yi);
        zero_due = rest < 10_000_000;
    }
    if rest > 0 {
        eight(rest, &mut zero_due, start, words);
    }
    if words.get(start) == Some(&Word::Two)
        && matches!(words.get(start + 1), Some(Word::Thousand | Word::Wan | Word::Yi))
    {
        words[start] = Word::Liang;
    }
}

/// Appends at most eight digits: 万 and below.
fn eight(value: u64, zero_due: &mut bool, start: usize, words: &mut Vec<Word>) {
    let (wan, rest) = (value / 10_000, value % 10_000);
    if wan > 0 {
        four(wan, zero_due, start, words);
        words.push(Word::Wan);
        *zero_due = rest < 1000;
    }
    if rest > 0 {
        four(rest, zero_due, start, words);
    }
}

/// Appends at most four digits.
fn four(value: u64, zero_due: &mut bool, start: usize, words: &mut Vec<Word>) {
    const PLACES: [(u64, Option<Word>); 4] = [
        (1000, Some(Word::Thousand)),
        (100, Some(Word::Hundred)),
        (10, Some(Word::Ten)),
        (1, None),
    ];
    let mut begun = false;
    for (place, unit) in PLACES {
        let digit = value / place % 10;
        if digit == 0 {
            *zero_due |= begun && !value.is_multiple_of(place);
            continue;
        }
        if *zero_due {
            words.push(Word::Zero);
            *zero_due = false;
        }
        if !(digit == 1 && place == 10 && words.len() == start) {
            words.push(Word::digit(digit));
        }
        words.extend(unit);
        begun = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::speak::{parse_number, text};

    #[test]
    fn numbers_are_read_as_people_read_them() {
        for (value, reading) in [
            (0, "零"),
            (2, "二"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (101, "一百零一"),
            (110, "一百一十"),
            (200, "二百"),
            (222, "二百二十二"),
            (1001, "一千零一"),
            (1010, "一千零一十"),
            (2000, "两千"),
            (10_000, "一万"),
            (10_010, "一万零一十"),
            (12_345, "一万二千三百四十五"),
            (20_000, "两万"),
            (22_000, "两万二千"),
            (100_100, "十万零一百"),
            (101_000, "十万一千"),
            (120_000, "十二万"),
            (1_000_001, "一百万零一"),
            (10_000_000, "一千万"),
            (100_000_000, "一亿"),
            (100_000_001, "一亿零一"),
            (100_100_000, "一亿零一十万"),
            (110_000_000, "一亿一千万"),
            (200_000_000, "两亿"),
            (1_000_000_000_000, "一万亿"),
            (1_000_100_000_000, "一万零一亿"),
            (-5, "负五"),
        ] {
            assert_eq!(text(&number(value)), reading, "{value}");
        }
    }

    #[test]
    fn two_of_something_is_liang() {
        assert_eq!(text(&count(2)), "两");
        assert_eq!(text(&count(12)), "十二");
        assert_eq!(text(&count(22)), "二十二");
        assert_eq!(text(&count(102)), "一百零二");
        assert_eq!(text(&count(2000)), "两千");
    }

    #[test]
    fn a_fraction_is_read_digit_by_digit() {
        assert_eq!(text(&decimal("3.14").unwrap()), "三点一四");
        assert_eq!(text(&decimal("-0.50").unwrap()), "负零点五零");
        for wrong in ["", "-", ".", "1.", ".5", "1e3", "一", "1.2.3", "99999999999999999999"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_reading_says_the_number_and_no_other(
            value in prop_oneof![
                -100_000_i64..100_000,
                -1_000_000_000_i64..1_000_000_000,
                -9_999_999_999_999_999_i64..=9_999_999_999_999_999,
            ],
        ) {
            prop_assert_eq!(parse_number(&number(value)), Some(value));
        }

        #[test]
        fn a_number_with_many_zeros_reads_back(digits in proptest::collection::vec(0_u64..3, 1..16)) {
            let value = digits.iter().fold(0, |all, digit| all * 10 + digit);
            let value = i64::try_from(value).unwrap();
            let words = number(value);
            prop_assert_eq!(parse_number(&words), Some(value));
            prop_assert!(!text(&words).contains("零零"));
            prop_assert!(value == 0 || !text(&words).ends_with('零'));
        }

        #[test]
        fn any_text_is_read_or_refused(value in ".{0,24}", style in 0_usize..10) {
            let _ = crate::speak::read(&value, crate::speak::Style::ALL[style]);
        }
    }
}
