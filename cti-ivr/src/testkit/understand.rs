//! What a recognizer of the test kit understands: the exact words, digits as digits.

use cti_core::speech::{Grammar, Recognised, RecognitionEnd, Spoken};

/// Returns what comes of words by a grammar; of the keywords within them the longest.
pub(super) fn understood(grammar: &Grammar, words: &str) -> RecognitionEnd {
    let keyword = match grammar {
        Grammar::Free { .. } => None,
        Grammar::Keywords(known) => {
            let said = known.iter().filter(|word| words.contains(word.as_str()));
            match said.max_by_key(|word| word.len()) {
                Some(word) => Some(word.clone()),
                None => return RecognitionEnd::NoMatch,
            }
        }
        Grammar::Digits { min, max } => {
            let fits = (usize::from(*min)..=usize::from(*max)).contains(&words.len());
            if !fits || !words.bytes().all(|digit| digit.is_ascii_digit()) {
                return RecognitionEnd::NoMatch;
            }
            None
        }
    };
    RecognitionEnd::Final(Recognised { text: Spoken::new(words), confidence: 100, keyword })
}
