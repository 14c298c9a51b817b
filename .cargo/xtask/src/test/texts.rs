//! Rules about the sources that no compiler checks.

use std::{fs, path::Path};

use super::totals::Totals;
use crate::{Outcome, workspace};

/// Everything that may lie at the top of the repository, besides dotfiles.
const TOP: [&str; 12] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "cti-core",
    "cti-acd",
    "cti-ivr",
    "cti-media",
    "cti-bindings",
    "examples",
    "benches",
];

/// A word that may be used in some folders only.
struct Confined {
    word: &'static str,
    to: &'static [&'static str],
    why: &'static str,
}

const CONFINED: [Confined; 2] = [
    Confined {
        word: concat!("rsip", "stack::"),
        to: &["cti-media/src/sip"],
        why: "the SIP stack is seen by the SIP adapter alone",
    },
    Confined {
        word: concat!("unsafe", " {"),
        to: &["cti-bindings/capi", "cti-media/src/codec", "cti-media/src/fax"],
        why: "unsafe code is confined to foreign functions",
    },
];

/// Checks the sources git knows of, and new ones it does not ignore.
///
/// # Errors
/// Lists every breach with its file.
pub(crate) fn run() -> Outcome<Totals> {
    let root = workspace::root();
    let files = workspace::files()?;
    let mut breaches = Vec::new();
    for file in &files {
        breaches.extend(misplaced(file));
        if file.ends_with(".rs") && root.join(file).exists() {
            breaches.extend(source_breaches(file, &fs::read_to_string(root.join(file))?));
        }
    }
    breaches.dedup();
    if breaches.is_empty() {
        println!("{} files follow the rules", files.len());
        Ok(Totals::default())
    } else {
        Err(breaches.join("\n").into())
    }
}

fn misplaced(file: &str) -> Option<String> {
    let top = Path::new(file).iter().next()?.to_str()?;
    let known = TOP.contains(&top) || top == "docs" || top.starts_with('.');
    (!known).then(|| format!("{top} does not belong at the top of the repository"))
}

fn source_breaches(file: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    if !text.starts_with("//!") && !text.starts_with("#![doc") {
        breaches.push(format!("{file}: does not open by saying what it is (`//!`)"));
    }
    for rule in &CONFINED {
        if text.contains(rule.word) && !rule.to.iter().any(|folder| file.starts_with(folder)) {
            breaches.push(format!("{file}: {} ({})", rule.word, rule.why));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_says_what_it_is_in_its_first_line() {
        assert!(source_breaches("cti-core/src/id.rs", "//! Ids.\n").is_empty());
        assert_eq!(source_breaches("cti-core/src/id.rs", "use std::fmt;\n").len(), 1);
    }

    #[test]
    fn the_sip_stack_is_named_in_the_sip_adapter_alone() {
        let text = concat!("//! X.\nuse rsip", "stack::sip;\n");
        assert!(source_breaches("cti-media/src/sip/adapter.rs", text).is_empty());
        assert_eq!(source_breaches("cti-core/src/call.rs", text).len(), 1);
    }

    #[test]
    fn the_top_folder_stays_as_it_is_laid_out() {
        assert_eq!(misplaced("docs/glossary.md"), None);
        assert_eq!(misplaced(".ci/run"), None);
        assert!(misplaced("scripts/helper.sh").is_some());
    }
}
