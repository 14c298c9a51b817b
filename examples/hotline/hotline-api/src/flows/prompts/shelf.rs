//! Where recordings are kept.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The language of recordings that are none: music and tones.
pub const NO_LANGUAGE: &str = "-";

/// Which recording.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromptKey {
    /// Its set: a language (`zh-CN`), a language and a voice (`zh-CN-lin`), or [`NO_LANGUAGE`].
    pub language: String,
    /// What flows call it.
    pub id: String,
}

impl PromptKey {
    /// Checks that both can be names of files.
    ///
    /// # Errors
    /// Names the field and the reason.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.language != NO_LANGUAGE && language_of(&self.language).is_none() {
            return Err(("language", "is neither `-` nor a language such as zh-CN or zh-CN-lin"));
        }
        let plain = |part: &str| {
            part.starts_with(|it: char| it.is_ascii_alphanumeric())
                && part.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it))
        };
        if self.id.len() > 64 || !self.id.split('/').all(plain) {
            return Err(("id", "has 1 to 64 letters, digits, `-`, `_`, and `/` between them"));
        }
        let first = self.id.split_once('/').map_or("", |(first, _)| first);
        if self.language == NO_LANGUAGE && language_of(first).is_some() {
            return Err(("id", "begins with a language"));
        }
        Ok(())
    }
}

/// Returns the language of a set, `zh-CN` of `zh-CN` and of `zh-CN-lin`; nothing when it is no set.
#[must_use]
pub fn language_of(set: &str) -> Option<&str> {
    let (language, rest) = set.split_once('-')?;
    let (region, voice) =
        rest.split_once('-').map_or((rest, None), |(it, voice)| (it, Some(voice)));
    let lower = |text: &str| text.bytes().all(|it| it.is_ascii_lowercase());
    let named = |voice: &str| {
        (1..=24).contains(&voice.len())
            && voice.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    let holds = language.len() == 2
        && lower(language)
        && region.len() == 2
        && region.bytes().all(|it| it.is_ascii_uppercase())
        && voice.is_none_or(named);
    holds.then(|| &set[..5])
}

/// One recording as it lies on the shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// How long it is.
    pub length: Duration,
    /// How many bytes its file has.
    pub bytes: u64,
    /// How loud it is while something is heard, in dBFS.
    pub level: f64,
    /// What is said, where that is known.
    pub words: Option<String>,
    /// When it was changed last.
    pub changed: Option<Timestamp>,
}

/// How a version of a recording came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Origin {
    /// It lay in the folder.
    Folder,
    /// Somebody uploaded it.
    Upload,
    /// A synthesizer said it.
    Synthesis {
        /// By which voice.
        voice: String,
    },
    /// An earlier version was taken again.
    RollBack {
        /// Which one.
        of: u32,
    },
    /// It was removed; this version has no sound.
    Removal,
}

/// One version of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptVersion {
    /// Its number, counted from 1.
    pub version: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
    /// How.
    #[serde(flatten)]
    pub origin: Origin,
    /// How many bytes its file has.
    pub bytes: u64,
}

/// A voice that can say a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Voice {
    /// What it is asked for by: the synthesizer and its voice, `espeak/female`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The language that it speaks.
    pub language: String,
}

/// What a synthesizer is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// The words.
    pub text: String,
    /// By which voice; the first one of the language when absent.
    pub voice: Option<String>,
    /// How fast, in percent of the usual: 50 to 200.
    pub rate: u16,
}

/// Why a recording was not changed or cannot be heard.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// There is none.
    #[error("there is no recording {} in {}", .0.id, .0.language)]
    Unknown(PromptKey),
    /// It has no such version, or no longer.
    #[error("there is no version {0}")]
    UnknownVersion(u32),
    /// What was brought is not fit for callers.
    #[error("{reason}")]
    Unfit {
        /// Which property is wrong.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No synthesizer says it.
    #[error("{reason}")]
    Unspoken {
        /// Whether it may work another time.
        passing: bool,
        /// Why not.
        reason: String,
    },
    /// There is no room for more.
    #[error("the shelf is full: {0}")]
    Full(&'static str),
    /// It could not be read or kept.
    #[error(transparent)]
    Keep(#[from] std::io::Error),
}

/// Where recordings are kept. What is changed is heard at once, and at the next start too.
#[async_trait]
pub trait PromptShelf: Send + Sync {
    /// Returns all recordings.
    fn recorded(&self) -> BTreeMap<PromptKey, Recorded>;

    /// Returns a recording as a WAV file, in an earlier version when one is named.
    async fn audio(&self, key: &PromptKey, version: Option<u32>) -> Result<Vec<u8>, PromptError>;

    /// Takes a WAV file, checks it and makes a prompt of it.
    async fn record(&self, key: &PromptKey, wav: Vec<u8>, by: &str) -> Result<(), PromptError>;

    /// Returns the voices that can say a text; none without a synthesizer.
    fn voices(&self) -> Vec<Voice>;

    /// Has a synthesizer say a text in a language, as a WAV file that is not kept.
    async fn say(&self, language: &str, what: Saying) -> Result<Vec<u8>, PromptError>;

    /// Has a synthesizer say a text, and makes a prompt of it, whose words it then is.
    async fn synthesize(&self, key: &PromptKey, what: Saying, by: &str) -> Result<(), PromptError>;

    /// Writes down what is said in a recording; nothing when the words are empty.
    async fn describe(&self, key: &PromptKey, words: &str) -> Result<(), PromptError>;

    /// Returns the versions that are kept, the newest first.
    async fn versions(&self, key: &PromptKey) -> Result<Vec<PromptVersion>, PromptError>;

    /// Takes an earlier version again.
    async fn roll_back(&self, key: &PromptKey, version: u32, by: &str) -> Result<(), PromptError>;

    /// Removes a recording; its versions are kept.
    async fn remove(&self, key: &PromptKey, by: &str) -> Result<(), PromptError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_language_and_perhaps_a_voice() {
        assert_eq!(language_of("zh-CN"), Some("zh-CN"));
        assert_eq!(language_of("zh-CN-lin2"), Some("zh-CN"));
        for wrong in
            ["", "-", "zh", "zh-cn", "ZH-CN", "zh-CN-", "zh-CN-Lin", "zh-CN-a-b", "menu-ab"]
        {
            assert_eq!(language_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_could_lead_out_of_the_folder_is_no_recording() {
        let wrong = |language: &str, id: &str| {
            let key = PromptKey { language: language.to_owned(), id: id.to_owned() };
            key.check().err().map(|(field, _)| field)
        };
        assert_eq!(wrong("zh-CN", "menu1-1"), None);
        assert_eq!(wrong("-", "music/hold"), None);
        for id in ["", "/etc", "a//b", "a/", "..", "a/../b", ".versions/x", "a.b", "-x"] {
            assert_eq!(wrong("zh-CN", id), Some("id"), "{id}");
        }
        assert_eq!(wrong("-", "zh-CN/greeting"), Some("id"));
        assert_eq!(wrong("..", "a"), Some("language"));
    }
}
