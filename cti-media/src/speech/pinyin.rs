//! Chinese text to pinyin with tone digits, as synthesizers read it that know no characters.
//!
//! Characters with several readings are settled by a table of phrases, because the most frequent reading of a
//! character alone is wrong for 还, 重, 为, 的 and others.

use std::collections::BTreeMap;

use pinyin::ToPinyin as _;

/// Phrases whose reading is not that of their characters; the longest one wins.
const PHRASES: &[(&str, &str)] = &[
    ("不要", "bu2 yao4"),
    ("不是", "bu2 shi4"),
    ("不对", "bu2 dui4"),
    ("不会", "bu2 hui4"),
    ("不用", "bu2 yong4"),
    ("不必", "bu2 bi4"),
    ("为您", "wei4 nin2"),
    ("为了", "wei4 le5"),
    ("为保证", "wei4 bao3 zheng4"),
    ("因为", "yin1 wei4"),
    ("称为", "cheng1 wei2"),
    ("视为", "shi4 wei2"),
    ("额为", "e2 wei2"),
    ("号为", "hao4 wei2"),
    ("数为", "shu4 wei2"),
    ("期为", "qi1 wei2"),
    ("间为", "jian1 wei2"),
    ("态为", "tai4 wei2"),
    ("份为", "fen4 wei2"),
    ("一个", "yi2 ge4"),
    ("一位", "yi2 wei4"),
    ("一次", "yi2 ci4"),
    ("一样", "yi2 yang4"),
    ("一下", "yi2 xia4"),
    ("重新", "chong2 xin1"),
    ("重复", "chong2 fu4"),
    ("重听", "chong2 ting1"),
    ("重庆", "chong2 qing4"),
    ("还有", "hai2 you3"),
    ("还是", "hai2 shi4"),
    ("还可以", "hai2 ke2 yi3"),
    ("还在", "hai2 zai4"),
    ("还没", "hai2 mei2"),
    ("还款", "huan2 kuan3"),
    ("还清", "huan2 qing1"),
    ("偿还", "chang2 huan2"),
    ("归还", "gui1 huan2"),
    ("处理", "chu3 li3"),
    ("处罚", "chu3 fa2"),
    ("便民", "bian4 min2"),
    ("便宜", "pian2 yi5"),
    ("没有", "mei2 you3"),
    ("没收", "mo4 shou1"),
    ("缴存", "jiao3 cun2"),
    ("的确", "di2 que4"),
    ("目的", "mu4 di4"),
    ("的", "de5"),
    ("得到", "de2 dao4"),
    ("获得", "huo4 de2"),
    ("觉得", "jue2 de5"),
    ("了解", "liao3 jie3"),
    ("了", "le5"),
    ("着", "zhe5"),
    ("吗", "ma5"),
    ("吧", "ba5"),
    ("呢", "ne5"),
    ("银行", "yin2 hang2"),
    ("行业", "hang2 ye4"),
    ("转", "zhuan3"),
    ("结束", "jie2 shu4"),
    ("人数", "ren2 shu4"),
    ("数字", "shu4 zi4"),
    ("稍候", "shao1 hou4"),
    ("稍后", "shao1 hou4"),
    ("星期", "xing1 qi1"),
    ("都是", "dou1 shi4"),
    ("都", "dou1"),
    ("地址", "di4 zhi3"),
    ("地点", "di4 dian3"),
    ("长度", "chang2 du4"),
    ("长期", "chang2 qi1"),
    ("市长", "shi4 zhang3"),
    ("家长", "jia1 zhang3"),
    ("局长", "ju2 zhang3"),
    ("调整", "tiao2 zheng3"),
    ("调解", "tiao2 jie3"),
    ("差额", "cha1 e2"),
    ("应该", "ying1 gai1"),
    ("应用", "ying4 yong4"),
    ("供应", "gong1 ying4"),
    ("相应", "xiang1 ying4"),
    ("参与", "can1 yu4"),
    ("教育", "jiao4 yu4"),
    ("会计", "kuai4 ji4"),
    ("曾经", "ceng2 jing1"),
    ("朝阳", "chao2 yang2"),
    ("济南", "ji3 nan2"),
    ("幺", "yao1"),
];

/// Letters as they are named in Chinese speech.
const LETTERS: [&str; 26] = [
    "ei1",
    "bi4",
    "sei4",
    "di4",
    "yi4",
    "ai2 fu5",
    "ji4",
    "ai2 chi5",
    "ai4",
    "zhei4",
    "kai4",
    "ai2 lou5",
    "ai2 mu5",
    "en4",
    "ou4",
    "pi4",
    "kiu4",
    "a4",
    "ai2 si5",
    "ti4",
    "you4",
    "wei4",
    "da2 bu5 liu5",
    "ai2 ke5 si5",
    "wai4",
    "zei4",
];

/// A character that has no reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no reading for {0:?}")]
pub struct NoReading(pub char);

/// Spells Chinese text; `own` are further phrases, and win over the table. Punctuation becomes a comma, at which the
/// voice pauses, Latin letters their names; digits are for whoever knows how they are read.
///
/// # Errors
/// Names the first character that has no reading.
pub fn spell(text: &str, own: &BTreeMap<String, String>) -> Result<String, NoReading> {
    let mut spelled = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (reading, length) = match phrase(rest, own) {
            Some((phrase, reading)) => (Some(reading.to_owned()), phrase.len()),
            None => (syllable(character)?, character.len_utf8()),
        };
        rest = &rest[length..];
        match reading.as_deref() {
            Some(",") if spelled.is_empty() || spelled.ends_with(',') => {}
            Some(",") => spelled.push(','),
            Some(reading) => {
                if !spelled.is_empty() {
                    spelled.push(' ');
                }
                spelled.push_str(reading);
            }
            None => {}
        }
    }
    Ok(spelled)
}

/// Returns the longest phrase that a text begins with, and its reading.
fn phrase<'a>(text: &str, own: &'a BTreeMap<String, String>) -> Option<(&'a str, &'a str)> {
    let longest = |(phrase, _): &(&str, &str)| phrase.len();
    let own = own.iter().map(|(phrase, reading)| (phrase.as_str(), reading.as_str()));
    let starts = |(phrase, _): &(&str, &str)| text.starts_with(phrase);
    let own = own.filter(starts).max_by_key(longest);
    own.or_else(|| PHRASES.iter().copied().filter(starts).max_by_key(longest))
}

fn syllable(character: char) -> Result<Option<String>, NoReading> {
    if character.is_ascii_alphabetic() {
        let at = usize::from(character.to_ascii_lowercase() as u8 - b'a');
        return Ok(Some(LETTERS[at].to_owned()));
    }
    if matches!(
        character,
        '，' | '。' | '、' | '；' | '：' | '！' | '？' | ',' | '.' | ';' | ':' | '!' | '?'
    ) {
        return Ok(Some(",".to_owned()));
    }
    if let Some(pinyin) = character.to_pinyin() {
        // Voices expect v for ü, as keyboards do, and 5 for the neutral tone.
        let spelled = pinyin.with_tone_num_end().replace('ü', "v");
        let toned = spelled.ends_with(|last: char| last.is_ascii_digit());
        return Ok(Some(if toned { spelled } else { spelled + "5" }));
    }
    if character.is_alphanumeric() { Err(NoReading(character)) } else { Ok(None) }
}

/// Counts the syllables of a spelling.
#[must_use]
pub fn syllables(spelled: &str) -> usize {
    spelled.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        spell(text, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn characters_are_spelled_with_tone_digits_and_commas_stay() {
        assert_eq!(read("您好，绿"), "nin2 hao3, lv4");
        assert_eq!(read("“您好”。（再见）"), "nin2 hao3, zai4 jian4");
        assert_eq!(read("A座"), "ei1 zuo4");
    }

    #[test]
    fn the_longest_phrase_decides_the_reading_and_ones_own_come_first() {
        assert_eq!(read("还有还款的"), "hai2 you3 huan2 kuan3 de5");
        let own = [("还有".to_owned(), "huan2 you3".to_owned())].into();
        assert_eq!(spell("还有", &own).unwrap(), "huan2 you3");
    }

    #[test]
    fn a_character_without_a_reading_is_named() {
        assert_eq!(spell("按1", &BTreeMap::new()), Err(NoReading('1')));
        assert_eq!(syllables("nin2 hao3, zai4 jian4"), 4);
    }
}
