//! Chinese text to pinyin with tone digits.
//!
//! Characters with several readings are settled by a table of phrases, because the most frequent reading of a
//! character alone is wrong for 还, 重, 为, 的 and others.

use std::collections::BTreeMap;

use pinyin::ToPinyin as _;

/// Spells `text`; the longest phrase in `readings` wins over the reading of its characters.
///
/// # Errors
/// Names the character that has no reading.
pub(crate) fn pinyin(text: &str, readings: &BTreeMap<String, String>) -> Result<String, String> {
    let mut spelled = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let phrase = readings
            .iter()
            .filter(|(phrase, _)| rest.starts_with(*phrase))
            .max_by_key(|(phrase, _)| phrase.len());
        let (syllables, length) = match phrase {
            Some((phrase, syllables)) => (syllables.clone(), phrase.len()),
            None => (syllable(character)?, character.len_utf8()),
        };
        if !spelled.is_empty() && syllables != "," {
            spelled.push(' ');
        }
        spelled.push_str(&syllables);
        rest = &rest[length..];
    }
    Ok(spelled)
}

fn syllable(character: char) -> Result<String, String> {
    if matches!(character, '，' | '。' | '、' | '；' | '：') {
        return Ok(",".to_owned());
    }
    let pinyin = character.to_pinyin().ok_or_else(|| format!("no reading for {character:?}"))?;
    // The voice expects v for ü, as keyboards do, and 5 for the neutral tone.
    let spelled = pinyin.with_tone_num_end().replace('ü', "v");
    Ok(if spelled.ends_with(|last: char| last.is_ascii_digit()) { spelled } else { spelled + "5" })
}

/// Counts the syllables of a spelling.
pub(crate) fn syllables(pinyin: &str) -> usize {
    pinyin.split_whitespace().count()
}

/// Counts about as many syllables as English words have: groups of vowels, one for a figure.
pub(crate) fn english_syllables(text: &str) -> usize {
    let vowel = |it: char| "aeiouyAEIOUY".contains(it);
    let word = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        let begins = |at: &usize| vowel(letters[*at]) && (*at == 0 || !vowel(letters[*at - 1]));
        let groups = (0..letters.len()).filter(begins).count();
        let silent = groups > 1 && word.ends_with('e') && !word.ends_with("le");
        (groups - usize::from(silent)).max(1)
    };
    text.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).map(word).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_spelled_with_tone_digits_and_commas_stay() {
        assert_eq!(pinyin("您好，绿", &BTreeMap::new()).unwrap(), "nin2 hao3, lv4");
    }

    #[test]
    fn the_longest_phrase_decides_the_reading() {
        let readings = [("还", "huan2"), ("还有", "hai2 you3")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        assert_eq!(pinyin("还有还", &readings).unwrap(), "hai2 you3 huan2");
    }

    #[test]
    fn a_character_without_a_reading_is_named() {
        assert!(pinyin("按1", &BTreeMap::new()).unwrap_err().contains('1'));
    }

    #[test]
    fn english_words_have_their_syllables() {
        assert_eq!(english_syllables("For English, press 9."), 5);
        assert_eq!(english_syllables("Please leave a message"), 5);
    }

    #[test]
    fn a_comma_is_not_a_syllable() {
        assert_eq!(syllables("nin2 hao3, zai4 jian4"), 4);
    }
}
