//! Text becomes sound.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Audio, AudioFormat, InvalidAudio, Spoken, is_language};

/// What is to be said, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthesisRequest {
    /// What is said; 1 to [`SynthesisRequest::MAX_CHARACTERS`] characters, no markup.
    pub text: Spoken,
    /// In which language, as a tag of RFC 5646, for example `zh-CN`.
    pub language: String,
    /// By which of the provider's voices; its own choice for the language when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// How fast, in percent of the usual: 50 to 200.
    pub rate: u16,
    /// How the sound is wanted.
    pub format: AudioFormat,
}

/// A request that cannot be fulfilled by any provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSynthesis {
    /// Nothing, or too much, to say.
    #[error(
        "text: 1 to {} characters are said at once, not {characters}",
        SynthesisRequest::MAX_CHARACTERS
    )]
    Text {
        /// How many there were.
        characters: usize,
    },
    /// The language is no tag.
    #[error("language: {language:?} is no language tag")]
    Language {
        /// What it was.
        language: String,
    },
    /// The name of a voice cannot be one.
    #[error("voice: a name has 1 to 64 printable characters")]
    Voice,
    /// The rate is out of range.
    #[error("rate: 50 to 200 percent, not {rate}")]
    Rate {
        /// What it was.
        rate: u16,
    },
    /// The format cannot be.
    #[error(transparent)]
    Format(#[from] InvalidAudio),
}

impl SynthesisRequest {
    /// The most characters that are said at once.
    pub const MAX_CHARACTERS: usize = 2_000;

    /// Asks for a text in Mandarin, at the usual speed, in the provider's own choice of voice.
    #[must_use]
    pub fn new(text: impl Into<String>, format: AudioFormat) -> Self {
        let language = "zh-CN".to_owned();
        Self { text: Spoken::new(text), language, voice: None, rate: 100, format }
    }

    /// Checks bounds.
    ///
    /// # Errors
    /// Names the first field that is out of them.
    pub fn check(&self) -> Result<(), InvalidSynthesis> {
        let characters = self.text.reveal().chars().count();
        if characters == 0 || characters > Self::MAX_CHARACTERS {
            return Err(InvalidSynthesis::Text { characters });
        }
        if !is_language(&self.language) {
            return Err(InvalidSynthesis::Language { language: self.language.clone() });
        }
        let named = |voice: &String| {
            (1..=64).contains(&voice.chars().count()) && !voice.chars().any(char::is_control)
        };
        if !self.voice.as_ref().is_none_or(named) {
            return Err(InvalidSynthesis::Voice);
        }
        if !(50..=200).contains(&self.rate) {
            return Err(InvalidSynthesis::Rate { rate: self.rate });
        }
        Ok(self.format.check()?)
    }

    /// Returns a text that two requests share when they ask for the same sound: the key of a cache. It holds the text
    /// in clear; hash it before it becomes the name of a file.
    #[must_use]
    pub fn key(&self) -> String {
        let voice = self.voice.as_deref().unwrap_or("");
        // The text comes last, and no other field can hold a line break.
        let Self { text, language, rate, format, .. } = self;
        format!("{format}\n{}\n{voice}\n{rate}\n{}", language.to_ascii_lowercase(), text.reveal())
    }
}

/// Why there is no sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SynthesisError {
    /// The request makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidSynthesis),
    /// The provider has no such voice.
    #[error("voice: the provider has no voice {voice}")]
    UnknownVoice {
        /// Which one.
        voice: String,
    },
    /// The provider does not speak the language.
    #[error("language: the provider does not speak {language}")]
    UnsupportedLanguage {
        /// Which one.
        language: String,
    },
    /// The provider cannot give this format.
    #[error("format: the provider cannot give {format}")]
    UnsupportedFormat {
        /// Which one.
        format: AudioFormat,
    },
    /// The provider is asked for more than it can do; another time it may work.
    #[error("the provider is busy")]
    Busy,
    /// The provider cannot be reached or failed; another time it may work.
    #[error("the provider failed: {reason}")]
    Unavailable {
        /// What went wrong, without the text.
        reason: String,
    },
}

impl SynthesisError {
    /// Returns whether the same request may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy | Self::Unavailable { .. } => true,
            Self::Invalid(_)
            | Self::UnknownVoice { .. }
            | Self::UnsupportedLanguage { .. }
            | Self::UnsupportedFormat { .. } => false,
        }
    }
}

/// Says a text.
///
/// Contract, checked by `conformance::speech`:
///
/// - the sound has the format that was asked for and is not empty;
/// - a request that does not pass [`SynthesisRequest::check`] is refused as [`SynthesisError::Invalid`];
/// - equal requests may be answered from a cache: what is said depends on nothing but the request;
/// - requests may be made at the same time, and one that is dropped before its end is given up;
/// - no error holds the text.
#[async_trait]
pub trait Synthesizer: fmt::Debug + Send + Sync {
    /// Returns the text as sound.
    ///
    /// # Errors
    /// When the request cannot be fulfilled, or the provider fails.
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_out_of_bounds_names_the_field() {
        let good = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
        assert_eq!(good.check(), Ok(()));
        let wrong = |change: fn(&mut SynthesisRequest)| {
            let mut request = good.clone();
            change(&mut request);
            request.check().unwrap_err().to_string()
        };
        assert_eq!(wrong(|it| it.rate = 300), "rate: 50 to 200 percent, not 300");
        assert!(wrong(|it| it.text = Spoken::default()).starts_with("text: "));
        assert!(wrong(|it| it.text = Spoken::new("好".repeat(2_001))).starts_with("text: "));
        assert!(wrong(|it| it.language = "zh_CN".to_owned()).starts_with("language: "));
        assert!(wrong(|it| it.voice = Some("a\nb".to_owned())).starts_with("voice: "));
        assert!(wrong(|it| it.format.rate = 44).starts_with("format.rate: "));
    }

    #[test]
    fn two_requests_share_a_key_only_when_they_ask_for_the_same_sound() {
        let one = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
        let upper = SynthesisRequest { language: "ZH-cn".to_owned(), ..one.clone() };
        assert_eq!(one.key(), upper.key());
        for other in [
            SynthesisRequest { text: Spoken::new("你好"), ..one.clone() },
            SynthesisRequest { language: "en".to_owned(), ..one.clone() },
            SynthesisRequest { voice: Some("xiaoyan".to_owned()), ..one.clone() },
            SynthesisRequest { rate: 120, ..one.clone() },
            SynthesisRequest { format: AudioFormat::WIDE, ..one.clone() },
        ] {
            assert_ne!(one.key(), other.key());
        }
    }
}
