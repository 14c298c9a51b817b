//! The languages that flows speak: prompts are recorded in each, values are read in each.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language that values can be read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// Mandarin.
    #[serde(rename = "zh-CN")]
    Mandarin,
    /// English.
    #[serde(rename = "en-US")]
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Mandarin, Self::English];

    /// The tags of all of them (RFC 5646).
    pub const TAGS: &[&str] = &[Self::Mandarin.tag(), Self::English.tag()];

    /// Returns its tag (RFC 5646), which is the name of its set of prompts too.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Mandarin => "zh-CN",
            Self::English => "en-US",
        }
    }

    /// Returns the language of a tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.tag() == tag)
    }

    /// Returns the name of a prompt in its set; one that belongs to no language, as `music/hold`, keeps its own.
    #[must_use]
    pub fn prompt(self, id: &str) -> String {
        if id.contains('/') { id.to_owned() } else { format!("{}/{id}", self.tag()) }
    }

    /// Returns whether a set of prompts is in this language: the language's own, or that of one of its voices.
    #[must_use]
    pub fn has_set(self, set: &str) -> bool {
        set.strip_prefix(self.tag()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A tag of a language that flows do not speak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of the languages {tags}", tags = Language::TAGS.join(", "))]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        Self::of_tag(tag).ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }
}
