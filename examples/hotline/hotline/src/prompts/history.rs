//! The versions of a prompt, beside the prompts in the folder `.versions`.
//!
//! ```text
//! prompts/zh-CN/waiting.wav                       what callers hear
//! prompts/.versions/zh-CN/waiting/history.json    who made which version, and the words
//! prompts/.versions/zh-CN/waiting/3.wav           version 3
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use cti_core::time::Timestamp;
use hotline_api::flows::prompts::{
    PromptKey,
    shelf::{Origin, PromptVersion},
};
use serde::{Deserialize, Serialize};

use crate::files;

/// How many versions of a prompt are kept; the oldest go first.
pub(super) const KEPT: usize = 20;
/// Who made what lay in the folder.
const NOBODY: &str = "folder";

/// The history of one prompt.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct History {
    /// What is said, where somebody wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) words: Option<String>,
    /// The oldest first.
    #[serde(default)]
    pub(super) versions: Vec<PromptVersion>,
    #[serde(skip)]
    folder: PathBuf,
}

impl History {
    /// Reads the history of a prompt; an empty one when there is none.
    pub(super) fn read(prompts: &Path, key: &PromptKey) -> io::Result<Self> {
        let folder = prompts.join(".versions").join(&key.language).join(&key.id);
        let history: Self = match fs::read(folder.join("history.json")) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { folder, ..history })
    }

    /// Returns whether the last that happened is that the prompt was removed.
    pub(super) fn is_removed(&self) -> bool {
        self.versions.last().is_some_and(|it| it.origin == Origin::Removal)
    }

    /// Returns the sound of a version.
    pub(super) fn sound(&self, version: u32) -> io::Result<Option<Vec<u8>>> {
        let known = self.versions.iter().find(|it| it.version == version);
        match known {
            Some(it) if it.origin != Origin::Removal => fs::read(self.file(version)).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// Keeps what lies in the folder as a version, unless it is the newest one already.
    pub(super) fn keep_current(&mut self, file: &Path, at: Timestamp) -> io::Result<()> {
        let current = match fs::read(file) {
            Ok(current) => current,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let newest = self.versions.last().map(|it| it.version);
        let known = newest.map(|version| self.sound(version)).transpose()?.flatten();
        if known.is_some_and(|known| known == current) {
            return Ok(());
        }
        self.add(Some(&current), Origin::Folder, NOBODY, at)
    }

    /// Adds a version, with its sound unless it is a removal.
    pub(super) fn add(
        &mut self,
        sound: Option<&[u8]>,
        origin: Origin,
        by: &str,
        at: Timestamp,
    ) -> io::Result<()> {
        let version = self.versions.last().map_or(1, |it| it.version + 1);
        if let Some(sound) = sound {
            files::replace(&self.file(version), sound)?;
        }
        let bytes = sound.map_or(0, |it| it.len() as u64);
        self.versions.push(PromptVersion { version, at, by: by.to_owned(), origin, bytes });
        let over = self.versions.len().saturating_sub(KEPT);
        let old: Vec<_> = self.versions.drain(..over).collect();
        self.write()?;
        for it in old.iter().filter(|it| it.origin != Origin::Removal) {
            // What is in no list any more is never read again.
            let _ = fs::remove_file(self.file(it.version));
        }
        Ok(())
    }

    /// Writes the history down.
    pub(super) fn write(&self) -> io::Result<()> {
        files::replace(&self.folder.join("history.json"), &serde_json::to_vec_pretty(self)?)
    }

    fn file(&self, version: u32) -> PathBuf {
        self.folder.join(format!("{version}.wav"))
    }
}
