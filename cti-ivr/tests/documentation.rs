//! `docs/standards/flow.md` says what the code does.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::{collections::BTreeSet, fmt::Write as _};

use cti_ivr::{
    flow::{Code, Flow, FlowSet},
    node::{self, NodeType},
};
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/standards/flow.md");
const MARK: &str = "<!-- catalogue -->\n";

fn catalogue() -> String {
    let mut text = String::new();
    for node_type in node::catalogue() {
        let NodeType { name, kinds, outlets, keys, ends, zh, en, .. } = node_type;
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let keys = match keys {
            None => "",
            Some(0) => " · keys",
            Some(_) => " · keys, at least one",
        };
        let ends = if *ends { " · may end the session" } else { "" };
        writeln!(text, "\n### `{name}`\n\n{zh}。{en}.\n\nIn {}{keys}{ends}.", kinds.join(", "))
            .unwrap();
        if !outlets.is_empty() {
            text.push_str("\n| outlet | taken when | 何时 | |\n|---|---|---|---|\n");
        }
        for outlet in *outlets {
            let at_once = if outlet.instant { "at once" } else { "" };
            writeln!(text, "| `{}` | {} | {} | {at_once} |", outlet.name, outlet.en, outlet.zh)
                .unwrap();
        }
    }
    text
}

#[test]
fn the_document_lists_the_catalogue() {
    let document = std::fs::read_to_string(PATH).unwrap();
    let (before, written) = document.split_once(MARK).unwrap();
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(PATH, format!("{before}{MARK}{}", catalogue())).unwrap();
    } else {
        assert_eq!(written, catalogue(), "run the test with UPDATE_CATALOGUE=1");
    }
}

/// Returns the code blocks that begin with this line.
fn blocks<'a>(document: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    document.split(begin).skip(1).map(|rest| rest.split("```").next().unwrap())
}

#[test]
fn every_node_type_has_an_example_and_every_example_passes_the_check() {
    let document = std::fs::read_to_string(PATH).unwrap();
    let mut types = BTreeSet::new();
    for block in blocks(&document, "```json node\n") {
        let example: Value = serde_json::from_str(block).unwrap_or_else(|e| panic!("{block}: {e}"));
        let name = example["type"].as_str().unwrap();
        let node_type = node::find(name).unwrap();
        let flow = json!({
            "schema": "cti.flow/1", "id": "x", "kind": node_type.kinds[0], "name": "X", "entry": "first",
            "nodes": {
                "first": {"type": "play", "prompt": ["p"], "out": {"next": "example", "1": "n"}},
                "example": example,
                "n": {"type": "hangup"},
            }
        });
        Flow::parse(&flow.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        types.insert(name.to_owned());
    }
    let missing: Vec<&str> =
        node::catalogue().iter().map(|it| it.name).filter(|name| !types.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for block in blocks(&document, "```json\n") {
        FlowSet::parse([("flow.md", block)]).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_code_of_the_check_is_explained() {
    let document = std::fs::read_to_string(PATH).unwrap();
    for code in Code::ALL {
        assert!(document.contains(&format!("| `{}` |", code.as_str())), "{}", code.as_str());
    }
}
