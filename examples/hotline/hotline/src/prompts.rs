//! The prompts as the switch plays them: those of the centre's language go by their bare id.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use cti_core::time::Timestamp;
use cti_ivr::flow::Recordings;
use cti_media::play::{ClipLibrary, LoadError};
use hotline_api::flows::prompts::{NO_LANGUAGE, PromptShelf, Recorded};
use serde::Deserialize;

/// The language whose prompts are known by their bare id.
const LANGUAGE: &str = "zh-CN";

/// Loads every prompt of a folder.
///
/// # Errors
/// When a file is no 8 kHz mono WAV file.
pub fn load(folder: &Path) -> Result<Arc<ClipLibrary>, LoadError> {
    let mut library = ClipLibrary::load(folder)?;
    let own: Vec<_> = library
        .names()
        .filter_map(|name| name.strip_prefix(LANGUAGE)?.strip_prefix('/').map(str::to_owned))
        .collect();
    for id in own {
        if let Ok(clip) = library.clip(&format!("{LANGUAGE}/{id}")).cloned() {
            library.insert(id, clip);
        }
    }
    Ok(Arc::new(library))
}

/// The recordings of a folder, as an administrator looks at them.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
    recorded: Arc<BTreeMap<(String, String), Recorded>>,
}

/// What is said in each recording of a language.
#[derive(Debug, Default, Deserialize)]
struct Words {
    #[serde(default)]
    clips: BTreeMap<String, toml::Value>,
}

impl Shelf {
    /// Returns the recordings of a folder that has been loaded.
    #[must_use]
    pub fn new(folder: &Path, clips: &ClipLibrary) -> Self {
        let mut words: BTreeMap<String, Words> = BTreeMap::new();
        let mut recorded = BTreeMap::new();
        for name in clips.names() {
            // Those of the centre's language are known by their bare id too.
            let Some((first, rest)) = name.split_once('/') else { continue };
            let (language, id) =
                if is_language(first) { (first, rest) } else { (NO_LANGUAGE, name) };
            let said = words.entry(first.to_owned()).or_insert_with(|| words_of(folder, first));
            let file = folder.join(format!("{name}.wav"));
            let (Ok(clip), Ok(meta)) = (clips.clip(name), fs::metadata(&file)) else { continue };
            let changed = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let one = Recorded {
                length: clip.duration(),
                bytes: meta.len(),
                words: said.clips.get(id).and_then(|it| it.as_str()).map(str::to_owned),
                changed: changed.map(|since| Timestamp::ZERO + since),
            };
            recorded.insert((language.to_owned(), id.to_owned()), one);
        }
        Self { folder: folder.to_owned(), recorded: Arc::new(recorded) }
    }

    /// Returns the lengths of the recordings, as the check of flows wants them.
    #[must_use]
    pub fn recordings(&self) -> Recordings {
        crate::flows::lengths(self.recorded.iter().map(|(id, it)| (id.clone(), it.length)))
    }
}

#[async_trait]
impl PromptShelf for Shelf {
    fn recorded(&self) -> BTreeMap<(String, String), Recorded> {
        self.recorded.as_ref().clone()
    }

    async fn audio(&self, language: &str, id: &str) -> io::Result<Option<Vec<u8>>> {
        // Only what was listed is read, whatever the path says.
        if !self.recorded.contains_key(&(language.to_owned(), id.to_owned())) {
            return Ok(None);
        }
        let folder = match language {
            NO_LANGUAGE => self.folder.clone(),
            language => self.folder.join(language),
        };
        tokio::fs::read(folder.join(format!("{id}.wav"))).await.map(Some)
    }
}

/// `zh-CN`, `en-US`.
fn is_language(folder: &str) -> bool {
    let Some((language, region)) = folder.split_once('-') else { return false };
    language.len() == 2
        && region.len() == 2
        && language.chars().all(|it| it.is_ascii_lowercase())
        && region.chars().all(|it| it.is_ascii_uppercase())
}

/// Returns what is said in the recordings of a language; nothing where nobody wrote it down.
fn words_of(folder: &Path, language: &str) -> Words {
    fs::read_to_string(folder.join(language).join("prompts.toml"))
        .ok()
        .and_then(|text| toml::from_str(&text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_shelf_knows_languages_words_lengths_and_what_belongs_to_none() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prompts");
        let shelf = Shelf::new(&folder, &load(&folder).unwrap());
        let recorded = shelf.recorded();
        let greeting = &recorded[&("zh-CN".to_owned(), "greeting-12345".to_owned())];
        assert!(greeting.words.as_ref().unwrap().contains("12345") || greeting.bytes > 1000);
        assert!(greeting.length.as_millis() > 1000);
        assert!(recorded.contains_key(&("-".to_owned(), "music/hold".to_owned())));
        let heard = shelf.audio("zh-CN", "greeting-12345").await.unwrap().unwrap();
        assert_eq!(heard.len() as u64, greeting.bytes);
        assert!(shelf.audio("zh-CN", "../../Cargo").await.unwrap().is_none());
        let lengths = shelf.recordings();
        assert!(lengths.languages["zh-CN"].contains_key("music/hold"));
    }
}
