//! From the words that a service heard to what the grammar asks for.

use cti_core::speech::{Grammar, Heard, Recognised, RecognitionRequest, Spoken};

/// Returns what words mean by the grammar of a request: a keyword within them, digits however they are written, or
/// anything. Confidence is in percent; services that tell none are believed.
#[must_use]
pub fn understand(request: &RecognitionRequest, words: &str, confidence: Option<f64>) -> Heard {
    let words = words.trim();
    let confidence = confidence.unwrap_or(100.0).clamp(0.0, 100.0).round() as u8;
    if words.is_empty() {
        return Heard::NoInput;
    }
    if confidence < request.least_confidence {
        return Heard::NoMatch;
    }
    let (text, keyword) = match &request.grammar {
        Grammar::Free { .. } => (words.to_owned(), None),
        Grammar::Keywords(known) => match keyword(known, words) {
            Some(word) => (words.to_owned(), Some(word.to_owned())),
            None => return Heard::NoMatch,
        },
        Grammar::Digits { min, max } => match digits(words) {
            Some(all) if (usize::from(*min)..=usize::from(*max)).contains(&all.len()) => {
                (all, None)
            }
            Some(_) | None => return Heard::NoMatch,
        },
    };
    Heard::Final(Recognised { text: Spoken::new(text), confidence, keyword })
}

/// Returns the longest of the words that is said, whatever its case.
fn keyword<'a>(known: &'a [String], said: &str) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let said = plain(said);
    let within = |word: &&String| {
        let word = plain(word);
        !word.is_empty() && said.contains(&word)
    };
    known.iter().filter(within).max_by_key(|word| word.chars().count()).map(String::as_str)
}

/// Returns the digits of a text in which nothing else is said, but for sounds of hesitation.
fn digits(said: &str) -> Option<String> {
    let mut digits = String::new();
    for character in said.to_lowercase().chars() {
        let digit = match character {
            '〇' | '零' | '洞' => '0',
            '一' | '幺' | '壹' => '1',
            '二' | '两' | '贰' => '2',
            '三' | '叁' => '3',
            '四' | '肆' => '4',
            '五' | '伍' => '5',
            '六' | '陆' => '6',
            '七' | '柒' | '拐' => '7',
            '八' | '捌' => '8',
            '九' | '玖' | '勾' => '9',
            '0'..='9' => character,
            '嗯' | '呃' | '啊' | '是' | '号' => continue,
            other if !other.is_alphanumeric() => continue,
            _ => return english(said),
        };
        digits.push(digit);
    }
    (!digits.is_empty()).then_some(digits)
}

fn english(said: &str) -> Option<String> {
    let mut digits = String::new();
    for word in said.to_lowercase().split(|it: char| !it.is_alphanumeric()) {
        let digit = match word {
            "zero" | "oh" | "o" => '0',
            "one" => '1',
            "two" => '2',
            "three" => '3',
            "four" => '4',
            "five" => '5',
            "six" => '6',
            "seven" => '7',
            "eight" => '8',
            "nine" => '9',
            "" | "uh" | "um" => continue,
            _ => return None,
        };
        digits.push(digit);
    }
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::speech::AudioFormat;

    fn heard(grammar: Grammar, words: &str, confidence: Option<f64>) -> Heard {
        understand(&RecognitionRequest::new(grammar, AudioFormat::TELEPHONE), words, confidence)
    }

    fn text(heard: Heard) -> Option<(String, Option<String>)> {
        match heard {
            Heard::Final(it) => Some((it.text.reveal().to_owned(), it.keyword)),
            Heard::SpeechBegan | Heard::Interim(_) | Heard::NoMatch | Heard::NoInput => None,
        }
    }

    #[test]
    fn digits_are_understood_however_they_are_said() {
        let grammar = Grammar::Digits { min: 3, max: 6 };
        for (said, digits) in [
            ("幺二三四五。", "12345"),
            ("嗯，八零 零 一", "8001"),
            ("12 345", "12345"),
            ("one two three oh", "1230"),
        ] {
            assert_eq!(text(heard(grammar.clone(), said, None)).unwrap().0, digits, "{said}");
        }
        for wrong in ["一二", "一二三四五六七", "一百二十", "hello", "一二三四人工"]
        {
            assert_eq!(heard(grammar.clone(), wrong, None), Heard::NoMatch, "{wrong}");
        }
    }

    #[test]
    fn the_longest_keyword_within_a_sentence_is_understood_as_the_grammar_writes_it() {
        let words = ["公积金", "公积金贷款", "Human Agent"].map(str::to_owned).to_vec();
        let grammar = || Grammar::Keywords(words.clone());
        let keyword = |said: &str| text(heard(grammar(), said, Some(90.0))).and_then(|it| it.1);
        assert_eq!(keyword("我想问公积金贷款的事").as_deref(), Some("公积金贷款"));
        assert_eq!(keyword("a human agent, please").as_deref(), Some("Human Agent"));
        assert_eq!(keyword("你好"), None);
    }

    #[test]
    fn what_is_not_sure_enough_is_no_match_and_nothing_is_no_input() {
        let free = || Grammar::Free { hints: Vec::new() };
        assert_eq!(heard(free(), "你好", Some(49.0)), Heard::NoMatch);
        assert_eq!(heard(free(), " ", Some(99.0)), Heard::NoInput);
        assert!(heard(free(), "你好", None).is_end());
    }
}
