//! Sound becomes text.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AudioFormat, InvalidAudio, Spoken, is_language};
use crate::time::millis;

/// What may be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grammar {
    /// Anything; words that are likely are listed to help.
    Free {
        /// Likely words, at most [`RecognitionRequest::MAX_WORDS`].
        hints: Vec<String>,
    },
    /// One of these words, which may stand within a sentence; at most [`RecognitionRequest::MAX_WORDS`].
    Keywords(Vec<String>),
    /// Digits.
    Digits {
        /// At least so many.
        min: u8,
        /// At most so many.
        max: u8,
    },
}

/// What is to be understood, and how long to listen.
///
/// All times are measured by the sound that was heard, not by a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognitionRequest {
    /// In which language, as a tag of RFC 5646, for example `zh-CN`.
    pub language: String,
    /// How the sound comes.
    pub format: AudioFormat,
    /// What may be said.
    pub grammar: Grammar,
    /// The silence at the beginning after which nothing was said: [`Heard::NoInput`].
    #[serde(rename = "no_input_ms", with = "millis")]
    pub no_input: Duration,
    /// The silence that ends a sentence.
    #[serde(rename = "end_silence_ms", with = "millis")]
    pub end_silence: Duration,
    /// The longest that somebody is listened to once he has begun; what was understood until then counts.
    #[serde(rename = "limit_ms", with = "millis")]
    pub limit: Duration,
    /// Whether [`Heard::Interim`] is wanted.
    #[serde(default)]
    pub interim: bool,
    /// Less sure than this, in percent, is [`Heard::NoMatch`].
    pub least_confidence: u8,
}

/// A request that no provider can fulfil.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecognition {
    /// The language is no tag.
    #[error("language: {language:?} is no language tag")]
    Language {
        /// What it was.
        language: String,
    },
    /// The list of words is empty or too long, or a word is.
    #[error(
        "grammar: 1 to {} words of 1 to 64 characters, hints may be none",
        RecognitionRequest::MAX_WORDS
    )]
    Words,
    /// The count of digits makes no sense.
    #[error("grammar.digits: between 1 and 64, not {min} to {max}")]
    Digits {
        /// At least.
        min: u8,
        /// At most.
        max: u8,
    },
    /// A time is out of range.
    #[error("{field}: 1 ms to 10 minutes, not {} ms", time.as_millis())]
    Time {
        /// Which one.
        field: &'static str,
        /// What it was.
        time: Duration,
    },
    /// The confidence is more than all.
    #[error("least_confidence: 0 to 100 percent, not {percent}")]
    Confidence {
        /// What it was.
        percent: u8,
    },
    /// The format cannot be.
    #[error(transparent)]
    Format(#[from] InvalidAudio),
}

impl RecognitionRequest {
    /// The most words that a grammar lists.
    pub const MAX_WORDS: usize = 500;
    const MAX_TIME: Duration = Duration::from_secs(600);

    /// Listens in Mandarin: 5 s for a beginning, 800 ms for an end, 30 s at most, and believes from 50 % on.
    #[must_use]
    pub fn new(grammar: Grammar, format: AudioFormat) -> Self {
        Self {
            language: "zh-CN".to_owned(),
            format,
            grammar,
            no_input: Duration::from_secs(5),
            end_silence: Duration::from_millis(800),
            limit: Duration::from_secs(30),
            interim: false,
            least_confidence: 50,
        }
    }

    /// Checks bounds.
    ///
    /// # Errors
    /// Names the first field that is out of them.
    pub fn check(&self) -> Result<(), InvalidRecognition> {
        if !is_language(&self.language) {
            return Err(InvalidRecognition::Language { language: self.language.clone() });
        }
        let (words, least) = match &self.grammar {
            Grammar::Free { hints } => (hints.as_slice(), 0),
            Grammar::Keywords(words) => (words.as_slice(), 1),
            Grammar::Digits { min, max } => {
                let (min, max) = (*min, *max);
                if min == 0 || max > 64 || min > max {
                    return Err(InvalidRecognition::Digits { min, max });
                }
                (&[][..], 0)
            }
        };
        let named = |word: &String| (1..=64).contains(&word.chars().count());
        if !(least..=Self::MAX_WORDS).contains(&words.len()) || !words.iter().all(named) {
            return Err(InvalidRecognition::Words);
        }
        let times =
            [("no_input", self.no_input), ("end_silence", self.end_silence), ("limit", self.limit)];
        for (field, time) in times {
            if time < Duration::from_millis(1) || time > Self::MAX_TIME {
                return Err(InvalidRecognition::Time { field, time });
            }
        }
        if self.least_confidence > 100 {
            return Err(InvalidRecognition::Confidence { percent: self.least_confidence });
        }
        Ok(self.format.check()?)
    }
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    /// The words; the digits `0-9` alone for [`Grammar::Digits`].
    pub text: Spoken,
    /// How sure the provider is, in percent: 0 to 100.
    pub confidence: u8,
    /// The word of [`Grammar::Keywords`] that was said, as the grammar writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
}

/// What came of listening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// Somebody began to speak: what is being played can be stopped.
    SpeechBegan,
    /// What it may become; the next one replaces it.
    Interim(Recognised),
    /// The end: this was said.
    Final(Recognised),
    /// The end: something was said that the grammar does not hold, or nothing sure enough.
    NoMatch,
    /// The end: nobody spoke.
    NoInput,
}

impl Heard {
    /// Returns whether nothing comes afterwards.
    #[must_use]
    pub fn is_end(&self) -> bool {
        match self {
            Self::Final(_) | Self::NoMatch | Self::NoInput => true,
            Self::SpeechBegan | Self::Interim(_) => false,
        }
    }
}

/// How a recognition ended at a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecognitionEnd {
    /// This was said.
    Final(Recognised),
    /// Something was said that the grammar does not hold, or nothing sure enough.
    NoMatch,
    /// Nobody spoke.
    NoInput,
    /// It was stopped.
    Stopped,
    /// The leg ended first.
    LegEnded,
    /// No recognizer understands this language, or it failed.
    Failed,
}

/// Why nothing can be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecognitionError {
    /// The request makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidRecognition),
    /// The provider does not understand the language.
    #[error("language: the provider does not understand {language}")]
    UnsupportedLanguage {
        /// Which one.
        language: String,
    },
    /// The provider cannot take this format.
    #[error("format: the provider cannot take {format}")]
    UnsupportedFormat {
        /// Which one.
        format: AudioFormat,
    },
    /// The provider cannot listen for this.
    #[error("grammar: the provider cannot listen for this")]
    UnsupportedGrammar,
    /// The provider is asked for more than it can do; another time it may work.
    #[error("the provider is busy")]
    Busy,
    /// The provider cannot be reached or failed; another time it may work.
    #[error("the provider failed: {reason}")]
    Unavailable {
        /// What went wrong, without what was said.
        reason: String,
    },
    /// It has ended before.
    #[error("the recognition is over")]
    Over,
}

/// Understands what is said.
///
/// Contract, checked by `conformance::speech`:
///
/// - a request that does not pass [`RecognitionRequest::check`] is refused as [`RecognitionError::Invalid`];
/// - each recognition ends with exactly one [`Heard`] that [is an end](Heard::is_end), or with an error;
/// - interim results come only where they were asked for, and before the end;
/// - confidence lies between 0 and 100, and a final result is at least as sure as was asked;
/// - a keyword is one of the grammar's, digits are as many as the grammar allows;
/// - recognitions may run at the same time, and one that is dropped before its end is given up.
#[async_trait]
pub trait Recognizer: fmt::Debug + Send + Sync {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the request cannot be fulfilled, or the provider fails.
    async fn listen(
        &self,
        request: &RecognitionRequest,
    ) -> Result<Box<dyn Recognition>, RecognitionError>;
}

/// One listening, from the first sound to its end.
#[async_trait]
pub trait Recognition: fmt::Debug + Send {
    /// Hands over the next sound, whole samples in the format of the request, silence too; at most a second at once.
    /// Returns what came of the sound so far, without waiting for what will come of this one.
    ///
    /// # Errors
    /// [`RecognitionError::Over`] after the end; else the recognition ends with this error.
    async fn hear(&mut self, sound: &[u8]) -> Result<Option<Heard>, RecognitionError>;

    /// Says that no more sound comes, and waits for the end.
    ///
    /// # Errors
    /// [`RecognitionError::Over`] after the end; else the recognition ends with this error.
    async fn finish(&mut self) -> Result<Heard, RecognitionError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_out_of_bounds_names_the_field() {
        let words = Grammar::Keywords(vec!["社保".to_owned(), "公积金".to_owned()]);
        let good = RecognitionRequest::new(words, AudioFormat::TELEPHONE);
        assert_eq!(good.check(), Ok(()));
        let wrong = |change: fn(&mut RecognitionRequest)| {
            let mut request = good.clone();
            change(&mut request);
            request.check().unwrap_err().to_string()
        };
        assert!(wrong(|it| it.grammar = Grammar::Keywords(Vec::new())).starts_with("grammar: "));
        assert!(wrong(|it| it.grammar = Grammar::Digits { min: 4, max: 3 }).contains("4 to 3"));
        assert!(wrong(|it| it.limit = Duration::from_secs(601)).starts_with("limit: "));
        assert!(wrong(|it| it.no_input = Duration::ZERO).starts_with("no_input: "));
        assert!(wrong(|it| it.least_confidence = 101).starts_with("least_confidence: "));
        assert!(wrong(|it| it.language.clear()).starts_with("language: "));
        let free = Grammar::Free { hints: Vec::new() };
        assert_eq!(RecognitionRequest::new(free, AudioFormat::WIDE).check(), Ok(()));
    }
}
