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
    /// Syllables with tone digits, commas where the voice pauses.
    pub(crate) pinyin: String,
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
            let pinyin = reading::pinyin(&text, &document.readings)
                .map_err(|error| format!("{id}: {error}"))?;
            clips.push(Clip { id, pinyin });
        }
        Ok(Self { clips })
    }
}
