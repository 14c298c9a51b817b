//! Digit by digit.

use super::Word;

/// Returns the reading of a row of digits; `None` when there is anything else in it, or nothing.
#[must_use]
pub fn digits(value: &str) -> Option<Vec<Word>> {
    let words: Option<Vec<Word>> =
        value.chars().map(|c| c.to_digit(10).map(|digit| Word::digit(digit.into()))).collect();
    words.filter(|words| !words.is_empty())
}

/// Returns the reading of a telephone, account or order number, in which 1 is 幺; other characters are silent.
#[must_use]
pub fn telephone(value: &str) -> Vec<Word> {
    value
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| if digit == 1 { Word::Yao } else { Word::digit(digit.into()) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speak::text;

    #[test]
    fn one_is_yao_in_a_telephone_number_and_yi_in_plain_digits() {
        assert_eq!(text(&telephone("138-0011")), "幺三八零零幺幺");
        assert_eq!(text(&digits("101").unwrap()), "一零一");
        assert_eq!(digits("10a"), None);
        assert_eq!(digits(""), None);
    }
}
