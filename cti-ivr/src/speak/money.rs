//! Amounts of money in yuan, jiao and fen.

use super::{
    Word,
    number::{cardinal, split},
};

/// Returns the reading of an amount in yuan, for example `12345.67`; `None` when it is not an amount. What is
/// smaller than a fen is not read.
#[must_use]
pub fn money(value: &str) -> Option<Vec<Word>> {
    let (negative, yuan, fraction) = split(value)?;
    let mut places = fraction.bytes().map(|digit| u64::from(digit - b'0'));
    let (jiao, fen) = (places.next().unwrap_or(0), places.next().unwrap_or(0));
    let mut words = Vec::new();
    if negative && (yuan, jiao, fen) != (0, 0, 0) {
        words.push(Word::Minus);
    }
    if yuan > 0 || (jiao, fen) == (0, 0) {
        amount(yuan, &mut words);
        words.push(Word::Yuan);
    }
    if jiao > 0 {
        small(jiao, yuan == 0, &mut words);
        words.push(Word::Jiao);
    }
    if fen > 0 {
        if yuan > 0 && jiao == 0 {
            words.push(Word::Zero);
        }
        small(fen, yuan == 0 && jiao == 0, &mut words);
        words.push(Word::Fen);
    }
    Some(words)
}

fn amount(yuan: u64, words: &mut Vec<Word>) {
    if yuan == 2 { words.push(Word::Liang) } else { cardinal(yuan, words) }
}

fn small(digit: u64, first: bool, words: &mut Vec<Word>) {
    words.push(if digit == 2 && first { Word::Liang } else { Word::digit(digit) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speak::text;

    #[test]
    fn amounts_are_read_in_yuan_jiao_and_fen() {
        for (value, reading) in [
            ("12345.67", "一万二千三百四十五元六角七分"),
            ("0.5", "五角"),
            ("0.50", "五角"),
            ("0.05", "五分"),
            ("0", "零元"),
            ("0.00", "零元"),
            ("-0.00", "零元"),
            ("2", "两元"),
            ("2.2", "两元二角"),
            ("0.2", "两角"),
            ("0.02", "两分"),
            ("2000", "两千元"),
            ("200.00", "二百元"),
            ("100.07", "一百元零七分"),
            ("45678.90", "四万五千六百七十八元九角"),
            ("1.999", "一元九角九分"),
            ("-5", "负五元"),
        ] {
            assert_eq!(text(&money(value).unwrap()), reading, "{value}");
        }
        assert_eq!(money("12,345"), None);
        assert_eq!(money("元"), None);
    }
}
