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

/// Returns the folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns the folder of the hotline's spoken clips and music.
pub(crate) fn prompts() -> PathBuf {
    root().join("examples/hotline/prompts")
}

/// Returns cargo, to be run at the top. What a run of continuous integration compiles is compiled once: it keeps nothing
/// for the next time, which would take gigabytes.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    if std::env::var_os("CI").is_some() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// Builds the hotline in release and returns where it is.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn release_binary() -> Outcome<PathBuf> {
    let arguments = ["build", "--release", "--package", "hotline"];
    process::succeed(cargo().args(arguments))?;
    let built = cargo().args(arguments).args(["--quiet", "--message-format", "json"]).output()?;
    let messages = String::from_utf8(built.stdout)?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
    messages
        .filter_map(|it: serde_json::Value| it["executable"].as_str().map(PathBuf::from))
        .find(|it| it.file_name().is_some_and(|name| name == "hotline"))
        .ok_or_else(|| "cargo names no executable `hotline`".into())
}

/// Lists the files that belong to the repository, relative to its top: tracked, or new and not ignored.
pub(crate) fn files() -> Outcome<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    Ok(process::output(&mut git)?.lines().map(str::to_owned).collect())
}
