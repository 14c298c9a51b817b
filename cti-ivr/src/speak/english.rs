//! The same readings in English, as words.

use std::collections::BTreeSet;

use super::{Style, number::split};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Powers of a thousand.
const GROUPS: [&str; 6] = ["", " thousand", " million", " billion", " trillion", " quadrillion"];

/// Returns how a value is read in English in a style; `None` when it cannot be read so. Amounts are in yuan and fen.
///
/// ```
/// use cti_ivr::speak::{Style, english};
///
/// assert_eq!(english("15:05", Style::Time).as_deref(), Some("three oh five p.m."));
/// assert_eq!(english("0.5", Style::Money).as_deref(), Some("fifty fen"));
/// ```
#[must_use]
pub fn english(value: &str, style: Style) -> Option<String> {
    let value = value.trim();
    match style {
        Style::Digits => row(value).filter(|_| value.bytes().all(|byte| byte.is_ascii_digit())),
        Style::Telephone => row(value),
        Style::Number => decimal(value),
        Style::Count => {
            let count: i64 = value.parse().ok()?;
            Some(signed(count < 0, cardinal(count.unsigned_abs())))
        }
        Style::Money => money(value),
        Style::Date => {
            let (month, day) = value.rsplit_once('-')?;
            let (year, month) = year_month(month)?;
            let day = two_digits(day, 31)?;
            Some(format!("{month} {}, {}", ordinal(day), spoken_year(year)))
        }
        Style::Month => {
            let (year, month) = year_month(value)?;
            Some(format!("{month} {}", spoken_year(year)))
        }
        Style::Time => time(value),
        Style::Percent => {
            let value = value.strip_suffix(['%', '％']).unwrap_or(value);
            Some(format!("{} percent", decimal(value)?))
        }
        Style::Ordinal => value.parse().ok().filter(|place| *place > 0).map(ordinal),
    }
}

/// Returns the clips that say a value in English, one for each word; `None` when it cannot be read so.
#[must_use]
pub fn english_words(value: &str, style: Style) -> Option<impl Iterator<Item = String>> {
    let text = english(value, style)?.replace("a.m.", "am").replace("p.m.", "pm");
    let words = text.split([' ', '-', ',']).filter(|word| !word.is_empty());
    Some(words.map(clip).collect::<Vec<_>>().into_iter())
}

fn clip(word: &str) -> String {
    format!("w-{}", word.to_lowercase())
}

impl Style {
    /// Returns the clips that readings of this style can hold in English, so that a centre can check that they are there.
    pub fn english_words(self) -> impl Iterator<Item = String> {
        let digits = &SMALL[..10];
        let powers = || GROUPS[1..].iter().map(|it| it.trim_start());
        let cardinal = || {
            let tens = TENS[2..].iter().copied();
            SMALL.into_iter().chain(tens).chain(["hundred", "and"]).chain(powers())
        };
        let words: Vec<&str> = match self {
            Self::Digits | Self::Telephone => digits.to_vec(),
            Self::Number => cardinal().chain(["minus", "point"]).collect(),
            Self::Count => cardinal().chain(["minus"]).collect(),
            Self::Money => cardinal().chain(["minus", "yuan", "fen"]).collect(),
            Self::Month => cardinal().chain(["oh"]).chain(MONTHS).collect(),
            Self::Date => cardinal().chain(["oh"]).chain(MONTHS).collect(),
            Self::Time => cardinal().chain(["oh", "am", "pm", "midnight", "noon"]).collect(),
            Self::Percent => cardinal().chain(["minus", "point", "percent"]).collect(),
            Self::Ordinal => cardinal().collect(),
        };
        let last = match self {
            Self::Date => 31,
            Self::Ordinal => 99,
            Self::Digits | Self::Telephone | Self::Number | Self::Count | Self::Money => 0,
            Self::Month | Self::Time | Self::Percent => 0,
        };
        let mut clips: BTreeSet<String> = words.into_iter().map(clip).collect();
        let places = (1..=last).map(ordinal);
        clips.extend(places.flat_map(|it| it.split('-').map(clip).collect::<Vec<_>>()));
        if self == Self::Ordinal {
            clips.insert(clip("hundredth"));
            clips.extend(powers().map(|power| clip(&format!("{power}th"))));
        }
        clips.into_iter()
    }
}

fn signed(negative: bool, words: String) -> String {
    if negative { format!("minus {words}") } else { words }
}

fn small(number: u64) -> &'static str {
    SMALL[usize::try_from(number % 20).unwrap_or_default()]
}

fn row(value: &str) -> Option<String> {
    let digits = value.chars().filter_map(|it| it.to_digit(10)).map(|it| small(it.into()));
    let words = digits.collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// Reads a whole number.
fn cardinal(number: u64) -> String {
    if number == 0 {
        return SMALL[0].to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for (power, name) in GROUPS.iter().enumerate().rev() {
        let unit = 1000_u64.pow(u32::try_from(power).unwrap_or_default());
        let group = number / unit % 1000;
        if group > 0 {
            // "one thousand and one": what is below a hundred is joined by "and" at the end.
            let last_and = power == 0 && group < 100 && number > 1000;
            let joined = if last_and { "and " } else { "" };
            words.push(format!("{joined}{}{name}", below_thousand(group)));
        }
    }
    words.join(" ")
}

fn below_thousand(number: u64) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let rest = (rest > 0).then(|| below_hundred(rest));
    match (hundreds, rest) {
        (0, rest) => rest.unwrap_or_default(),
        (hundreds, None) => format!("{} hundred", small(hundreds)),
        (hundreds, Some(rest)) => format!("{} hundred and {rest}", small(hundreds)),
    }
}

fn below_hundred(number: u64) -> String {
    if number < 20 {
        return small(number).to_owned();
    }
    let ten = TENS[usize::try_from(number / 10 % 10).unwrap_or_default()];
    if number.is_multiple_of(10) { ten.to_owned() } else { format!("{ten}-{}", small(number % 10)) }
}

fn decimal(value: &str) -> Option<String> {
    let (negative, whole, fraction) = split(value)?;
    let whole = cardinal(whole);
    let words = match row(fraction) {
        Some(fraction) => format!("{whole} point {fraction}"),
        None => whole,
    };
    Some(signed(negative, words))
}

fn money(value: &str) -> Option<String> {
    let (negative, yuan, fraction) = split(value)?;
    let mut places = fraction.bytes().map(|digit| u64::from(digit - b'0'));
    let fen = places.next().unwrap_or(0) * 10 + places.next().unwrap_or(0);
    let words = match (yuan, fen) {
        (yuan, 0) => format!("{} yuan", cardinal(yuan)),
        (0, fen) => format!("{} fen", cardinal(fen)),
        (yuan, fen) => format!("{} yuan and {} fen", cardinal(yuan), cardinal(fen)),
    };
    Some(signed(negative && (yuan, fen) != (0, 0), words))
}

fn year_month(value: &str) -> Option<(u64, &'static str)> {
    let (year, month) = value.split_once('-')?;
    let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let month = usize::try_from(two_digits(month, 12)? - 1).ok()?;
    Some((year.parse().ok().filter(|_| digits)?, MONTHS[month]))
}

fn two_digits(text: &str, most: u64) -> Option<u64> {
    let all_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().ok()).flatten().filter(|value| (1..=most).contains(value))
}

/// 1995 is nineteen ninety-five, 2005 two thousand and five, 1900 nineteen hundred.
fn spoken_year(year: u64) -> String {
    let (century, rest) = (year / 100, year % 100);
    match (century, rest) {
        (0, _) | (10 | 20, 0..10) => cardinal(year),
        (century, 0) => format!("{} hundred", below_hundred(century)),
        (century, 1..10) => format!("{} oh {}", below_hundred(century), small(rest)),
        (century, rest) => format!("{} {}", below_hundred(century), below_hundred(rest)),
    }
}

fn time(value: &str) -> Option<String> {
    // What Mandarin takes for a time is one here too.
    super::time(value)?;
    let (hour, minute) = value.split_once(':')?;
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    let half = if hour < 12 { "a.m." } else { "p.m." };
    let on_dial = small(if hour.is_multiple_of(12) { 12 } else { hour % 12 });
    Some(match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => format!("{on_dial} {half}"),
        (_, 1..10) => format!("{on_dial} oh {} {half}", small(minute)),
        (_, _) => format!("{on_dial} {} {half}", below_hundred(minute)),
    })
}

fn ordinal(number: u64) -> String {
    let words = cardinal(number);
    let (before, last) = match words.rfind([' ', '-']) {
        Some(at) => words.split_at(at + 1),
        None => ("", words.as_str()),
    };
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        other => match other.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{other}th"),
        },
    };
    format!("{before}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_names_every_clip_that_its_english_readings_hold() {
        let values = [
            "0",
            "11",
            "2",
            "31",
            "90",
            "100",
            "2000",
            "-12345.67",
            "200100010.02",
            "2026-12-31",
            "1908-02-20",
            "2026-02",
            "02:59",
            "20:00",
            "00:00",
            "12:00",
            "1000000",
            "3000000000",
            "1000",
        ];
        for style in Style::ALL {
            let known: Vec<String> = style.english_words().collect();
            for mut words in values.iter().filter_map(|value| english_words(value, style)) {
                assert!(words.all(|word| known.contains(&word)), "{style:?}");
            }
        }
        let clips: Vec<String> = english_words("15:05", Style::Time).unwrap().collect();
        assert_eq!(clips, ["w-three", "w-oh", "w-five", "w-pm"]);
    }

    #[test]
    fn the_table_of_readings_in_english() {
        for (value, style, reading) in [
            ("0", Style::Number, "zero"),
            ("10", Style::Number, "ten"),
            ("12", Style::Number, "twelve"),
            ("20", Style::Number, "twenty"),
            ("101", Style::Number, "one hundred and one"),
            ("110", Style::Number, "one hundred and ten"),
            ("1001", Style::Number, "one thousand and one"),
            ("1010", Style::Number, "one thousand and ten"),
            ("10000", Style::Number, "ten thousand"),
            ("10010", Style::Number, "ten thousand and ten"),
            ("100100", Style::Number, "one hundred thousand one hundred"),
            ("1000001", Style::Number, "one million and one"),
            ("100000000", Style::Number, "one hundred million"),
            ("12345", Style::Number, "twelve thousand three hundred and forty-five"),
            ("-5", Style::Number, "minus five"),
            ("3.14", Style::Number, "three point one four"),
            ("2", Style::Count, "two"),
            (
                "13800138000",
                Style::Telephone,
                "one three eight zero zero one three eight zero zero zero",
            ),
            ("8001", Style::Digits, "eight zero zero one"),
            ("2026-11-22", Style::Date, "November twenty-second, twenty twenty-six"),
            ("2005-01-01", Style::Date, "January first, two thousand and five"),
            ("1900-02", Style::Month, "February nineteen hundred"),
            ("1908-02", Style::Month, "February nineteen oh eight"),
            ("15:05", Style::Time, "three oh five p.m."),
            ("00:00", Style::Time, "midnight"),
            ("00:30", Style::Time, "twelve thirty a.m."),
            ("12:00", Style::Time, "noon"),
            ("09:00", Style::Time, "nine a.m."),
            (
                "12345.67",
                Style::Money,
                "twelve thousand three hundred and forty-five yuan and sixty-seven fen",
            ),
            ("0.5", Style::Money, "fifty fen"),
            ("-0.00", Style::Money, "zero yuan"),
            ("3", Style::Percent, "three percent"),
            ("-2.5%", Style::Percent, "minus two point five percent"),
            ("2", Style::Ordinal, "second"),
            ("12", Style::Ordinal, "twelfth"),
            ("20", Style::Ordinal, "twentieth"),
            ("101", Style::Ordinal, "one hundred and first"),
        ] {
            assert_eq!(english(value, style).as_deref(), Some(reading), "{value} {style:?}");
        }
        for (wrong, style) in [
            ("", Style::Number),
            ("1e3", Style::Number),
            ("10a", Style::Digits),
            ("25:00", Style::Time),
            ("2026-13-01", Style::Date),
            ("0", Style::Ordinal),
        ] {
            assert_eq!(english(wrong, style), None, "{wrong} {style:?}");
        }
    }
}
