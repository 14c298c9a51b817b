//! What the program brings with it: prompts, flows, tables, calendar, laid out in the data folder.
//!
//! Files that are there already are left alone, so that what an administrator changed stays changed.

use std::{fs, io, path::Path};

use include_dir::{Dir, include_dir};

use crate::{config::Config, phone_book};

static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../prompts");
static FLOWS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../flows");
static CONFIG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../config");

/// The configuration of the demonstration.
pub const DEMO_TOML: &str = include_str!("../../config/demo.toml");

/// Lays out the built-in files that a configuration does not take from elsewhere.
///
/// # Errors
/// When a file cannot be written.
pub fn lay_out(config: &Config) -> io::Result<()> {
    let data = &config.data;
    let parts = [
        (&config.prompts, "prompts", Some(&PROMPTS)),
        (&config.flows, "flows", Some(&FLOWS)),
        (&config.tables, "tables", CONFIG.get_dir("tables")),
        (&config.calendar, "calendar", CONFIG.get_dir("calendar")),
    ];
    for (chosen, name, built_in) in parts {
        if let Some(dir) = built_in.filter(|_| chosen.is_none()) {
            write(dir, &data.join(name))?;
        }
    }
    Ok(())
}

/// Lays out the built-in files for the demonstration, which is always open: whoever tries it at night wants to reach
/// an agent too.
///
/// # Errors
/// When a file cannot be written.
pub fn lay_out_demo(config: &Config) -> io::Result<()> {
    let hours = config.data.join("calendar/schedules.json");
    if let Some(file) = CONFIG.get_file("demo-schedules.json").filter(|_| !hours.exists()) {
        fs::create_dir_all(config.data.join("calendar"))?;
        fs::write(hours, file.contents())?;
    }
    let book = config.data.join(phone_book::FILE);
    if let Some(file) = CONFIG.get_file("demo-phone-book.csv").filter(|_| !book.exists()) {
        fs::write(book, file.contents())?;
    }
    lay_out(config)
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

/// Returns the built-in flows by file name.
#[must_use]
pub fn flows() -> std::collections::BTreeMap<String, String> {
    texts(&FLOWS)
        .filter(|(name, _)| name.ends_with(".json"))
        .map(|(n, t)| (n, t.to_owned()))
        .collect()
}

/// Returns a built-in calendar file.
///
/// # Errors
/// When there is no such file.
pub fn calendar(name: &str) -> Result<String, String> {
    CONFIG
        .get_file(format!("calendar/{name}"))
        .and_then(|file| file.contents_utf8())
        .map(str::to_owned)
        .ok_or_else(|| format!("there is no built-in calendar file {name}"))
}

/// Returns the built-in tables by name.
pub fn tables() -> impl Iterator<Item = (String, &'static str)> {
    CONFIG
        .get_dir("tables")
        .into_iter()
        .flat_map(texts)
        .filter_map(|(name, text)| Some((name.strip_suffix(".csv")?.to_owned(), text)))
}

/// Returns the built-in prompts by id, as WAV files.
pub fn prompts() -> impl Iterator<Item = (String, &'static [u8])> {
    ["zh-CN", "en-US", "music", "tones"]
        .into_iter()
        .filter_map(|folder| PROMPTS.get_dir(folder))
        .flat_map(|dir| {
            dir.files().filter_map(move |file| {
                let stem = file.path().file_stem()?.to_str()?;
                let is_wav = file.path().extension().is_some_and(|extension| extension == "wav");
                let folder = dir.path().to_str()?;
                let id =
                    if folder == "zh-CN" { stem.to_owned() } else { format!("{folder}/{stem}") };
                is_wav.then(|| (id, file.contents()))
            })
        })
}

fn texts(dir: &'static Dir<'static>) -> impl Iterator<Item = (String, &'static str)> {
    dir.files().filter_map(|file| {
        Some((file.path().file_name()?.to_str()?.to_owned(), file.contents_utf8()?))
    })
}
