//! The list of clips: what each one says, and how it is read.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::reading;
use crate::Outcome;

/// The clips of one language.
#[derive(Debug)]
pub(crate) struct Table {
    /// In the order of their ids.
    pub(crate) clips: Vec<Clip>,
}

/// One clip.
#[derive(Debug)]
pub(crate) struct Clip {
    /// File name without `.wav`; flows and announcements refer to it.
    pub(crate) id: String,
    /// What is said, one voice after the other.
    pub(crate) parts: Vec<Part>,
}

/// What one voice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Mandarin: syllables with tone digits, commas where the voice pauses.
    Pinyin(String),
    /// English.
    English(String),
}

impl Part {
    /// Returns what the voice is given.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Pinyin(text) | Self::English(text) => text,
        }
    }
}

impl Clip {
    /// Counts the syllables.
    pub(crate) fn syllables(&self) -> usize {
        let syllables = |part: &Part| match part {
            Part::Pinyin(pinyin) => reading::syllables(pinyin),
            Part::English(text) => reading::english_syllables(text),
        };
        self.parts.iter().map(syllables).sum()
    }

    /// Returns whether it is Mandarin alone.
    pub(crate) fn is_mandarin(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Pinyin(_)))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    readings: BTreeMap<String, String>,
    clips: BTreeMap<String, String>,
}

impl Table {
    /// Reads a `prompts.toml`.
    pub(crate) fn read(file: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let document: Document =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut clips = Vec::new();
        for (id, text) in document.clips {
            let parts: Result<Vec<Part>, String> = voices(&text)
                .into_iter()
                .map(|(english, text)| match english {
                    true => Ok(Part::English(text)),
                    false => reading::pinyin(&text, &document.readings).map(Part::Pinyin),
                })
                .collect();
            let parts = parts.map_err(|error| format!("{id}: {error}"))?;
            clips.push(Clip { id, parts });
        }
        Ok(Self { clips })
    }
}

/// Parts a text where another voice goes on: what has Latin letters and stands between Chinese is English.
fn voices(text: &str) -> Vec<(bool, String)> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for character in text.chars() {
        let chinese = !character.is_ascii();
        match parts.last_mut() {
            Some((english, part)) if *english != chinese => part.push(character),
            Some(_) | None => parts.push((!chinese, character.to_string())),
        }
    }
    parts.retain(|(english, part)| !english || part.contains(|it: char| it.is_ascii_alphabetic()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_voice_says_what_is_english_within_a_text() {
        let parts = voices("您好。For English, press 9.");
        assert_eq!(
            parts,
            [(false, "您好。".to_owned()), (true, "For English, press 9.".to_owned())]
        );
    }
}
