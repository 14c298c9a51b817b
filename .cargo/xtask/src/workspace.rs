//! Where things are in the repository.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Outcome, process};

/// Returns the repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lives two folders below the top").to_path_buf()
}

/// Returns the folder of the hotline's spoken clips and music.
pub(crate) fn prompts() -> PathBuf {
    root().join("examples/hotline/prompts")
}

/// Returns cargo, to be run at the top.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Lists the files that belong to the repository, relative to its top: tracked, or new and not ignored.
pub(crate) fn files() -> Outcome<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    Ok(process::output(&mut git)?.lines().map(str::to_owned).collect())
}
