//! The prompts as the switch plays them: those of the centre's language go by their bare id.

use std::{path::Path, sync::Arc};

use cti_media::play::{ClipLibrary, LoadError};

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
