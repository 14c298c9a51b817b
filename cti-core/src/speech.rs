//! The seam to speech: text becomes sound, sound becomes text.
//!
//! ```text
//!   text ──▶ Synthesizer ──▶ Audio ──▶ played to a leg
//!   a leg's sound ──▶ Recognizer ──▶ interim … interim ──▶ final · no match · no input
//! ```
//!
//! Providers stand behind [`Synthesizer`] and [`Recognizer`]: a program on this machine, an HTTP service, an MRCP
//! server. The driver and the media layer call them; the Center never does. What is said and what was understood may
//! name people, so it is a [`Spoken`] and prints masked.

mod audio;
#[cfg(feature = "tokio")]
mod cached;
mod recognition;
mod synthesis;

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(feature = "tokio")]
pub use self::cached::{CacheLimits, CacheUse, CachedSynthesizer};
pub use self::{
    audio::{Audio, AudioFormat, Encoding, InvalidAudio},
    recognition::{
        Grammar, Heard, InvalidRecognition, Recognised, Recognition, RecognitionEnd,
        RecognitionError, RecognitionRequest, Recognizer,
    },
    synthesis::{InvalidSynthesis, SynthesisError, SynthesisRequest, Synthesizer},
};

/// Words that are said or were understood; printed as their length alone.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spoken(String);

impl Spoken {
    /// Takes words.
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// Returns the words in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} characters>", self.0.chars().count())
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Returns whether a text has the form of a language tag (RFC 5646): letters and digits in parts of 1 to 8.
fn is_language(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 35
        && text.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_never_printed() {
        let words = Spoken::new("王小明，住解放路 1 号");
        assert_eq!(format!("{words} {words:?}"), "<12 characters> <12 characters>");
        assert!(words.reveal().contains("解放路"));
        let request = SynthesisRequest::new("王小明", AudioFormat::TELEPHONE);
        assert!(!format!("{request:?}").contains("王小明"));
    }

    #[test]
    fn a_language_is_a_tag_of_letters_and_digits() {
        assert!(["zh-CN", "cmn-Hans-CN", "en", "i-klingon"].into_iter().all(is_language));
        assert!(["", "zh_CN", "zh-", "中文", "abcdefghi"].into_iter().all(|it| !is_language(it)));
    }
}
