//! What the demonstration brings with it: prompts, flows, tables, calendar, laid out in the data folder.
//!
//! Files that are there already are left alone, so that what an administrator changed stays changed.

use std::{fs, io, path::Path};

use include_dir::{Dir, include_dir};

static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../prompts");
static FLOWS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../flows");
static CONFIG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../config");

/// The configuration of the demonstration.
pub const DEMO_TOML: &str = include_str!("../../config/demo.toml");

/// Lays the built-in files out below `folder`.
///
/// # Errors
/// When a file cannot be written.
pub fn lay_out(folder: &Path) -> io::Result<()> {
    write(&PROMPTS, &folder.join("prompts"))?;
    write(&FLOWS, &folder.join("flows"))?;
    for part in ["tables", "calendar"] {
        if let Some(dir) = CONFIG.get_dir(part) {
            write(dir, &folder.join(part))?;
        }
    }
    Ok(())
}

fn write(dir: &Dir<'_>, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in dir.files() {
        let target = to.join(file.path().file_name().unwrap_or_default());
        if !target.exists() {
            fs::write(target, file.contents())?;
        }
    }
    for inner in dir.dirs() {
        write(inner, &to.join(inner.path().file_name().unwrap_or_default()))?;
    }
    Ok(())
}
