//! The page of standards names every rule that can be chosen, as the code describes it.
//!
//! `UPDATE_EXPECT=1` writes the table anew.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{fmt::Write as _, path::Path};

use cti_acd::strategy::{ChosenBy, catalogue};

const BEGIN: &str = "<!-- rules: written by cti-acd/tests/documented.rs -->\n";
const END: &str = "<!-- end of rules -->\n";

fn table() -> String {
    let mut table = String::from("\n| rule | chosen | what it does | 说明 |\n|---|---|---|---|\n");
    for entry in catalogue() {
        let chosen = match entry.chosen_by {
            ChosenBy::Queue => "for a queue",
            ChosenBy::Contact => "by the contact",
            ChosenBy::Centre => "between queues",
        };
        let (name, words) = (entry.name, entry.description);
        writeln!(table, "| `{name}` | {chosen} | {} | {} |", words.en, words.zh).unwrap();
    }
    table.push('\n');
    table
}

#[test]
fn the_page_of_standards_lists_the_rules_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/standards/acd.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, expected).unwrap();
    } else {
        assert_eq!(page, expected, "UPDATE_EXPECT=1 writes the table");
    }
}

#[test]
fn every_rule_has_a_name_of_its_own_and_a_line_in_both_languages() {
    let entries = catalogue();
    let names: std::collections::BTreeSet<_> = entries.iter().map(|it| it.name.clone()).collect();
    assert_eq!(names.len(), entries.len());
    assert!(
        entries.iter().all(|it| !it.description.zh.is_empty() && !it.description.en.is_empty())
    );
}
