//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// Returns the repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lives two folders below the top").to_path_buf()
}

/// Returns the folder of the hotline's spoken clips and music.
pub(crate) fn prompts() -> PathBuf {
    root().join("examples/hotline/prompts")
}
