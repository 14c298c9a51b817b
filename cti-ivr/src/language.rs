//! The languages that flows speak: prompts are recorded in each, values are read in each.

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
