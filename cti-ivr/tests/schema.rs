//! The published JSON Schema says what the parser accepts.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use cti_ivr::{
    catalogue::{catalogue, document_schema},
    flow::{Code, Flow},
    node::{self, NodeType, Shape},
};
use jsonschema::Validator;
use serde_json::{Value, json};

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/standards/flow.md");
    std::fs::read_to_string(path).unwrap()
}

/// The examples of the documentation, one or more per type of node.
fn examples() -> Vec<Value> {
    let document = document();
    let blocks = document.split("```json node\n").skip(1);
    blocks.map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap()).collect()
}

/// A flow around a node.
fn around(node: &Value) -> Value {
    let kind = node::find(node["type"].as_str().unwrap()).unwrap().kinds[0];
    json!({
        "schema": "cti.flow/1", "id": "x", "kind": kind, "name": "X", "entry": "first",
        "nodes": {
            "first": {"type": "play", "prompt": ["p"], "out": {"next": "example", "1": "n"}},
            "example": node,
            "n": {"type": "hangup"},
        }
    })
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&document_schema()).unwrap()
}

#[test]
fn the_schema_is_one_of_draft_2020_12_and_accepts_the_examples_and_the_shipped_flows() {
    assert!(jsonschema::draft202012::meta::is_valid(&document_schema()));
    let validator = validator();
    for example in examples() {
        let flow = around(&example);
        let errors: Vec<String> = validator.iter_errors(&flow).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{example}: {errors:?}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/flows");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let flow: Value = serde_json::from_str(&text).unwrap();
            assert!(validator.is_valid(&flow), "{}", path.display());
        }
    }
}

/// Demands that schema and parser both refuse a node.
#[track_caller]
fn refused(validator: &Validator, node: &Value) {
    let flow = around(node);
    assert!(!validator.is_valid(&flow), "the schema accepts {node}");
    let error = Flow::parse(&flow.to_string()).expect_err("the parser accepts what is refused");
    let codes = [Code::InvalidField, Code::MissingOutlet, Code::UnknownOutlet];
    assert!(error.findings.iter().any(|it| codes.contains(&it.code)), "{node}: {error}");
}

#[test]
fn schema_and_parser_refuse_the_same() {
    let validator = validator();
    for example in examples() {
        let node_type: &NodeType = node::find(example["type"].as_str().unwrap()).unwrap();
        let with = |field: &str, value: Value| {
            let mut node = example.clone();
            node[field] = value;
            node
        };
        refused(&validator, &with("no_such_field", json!(1)));
        for field in node_type.fields {
            if field.required {
                let mut node = example.clone();
                node.as_object_mut().unwrap().remove(field.name);
                refused(&validator, &node);
            }
            match field.shape {
                Shape::Millis(least, most, _) | Shape::Count(least, most, _) => {
                    refused(&validator, &with(field.name, json!(most + 1)));
                    if least > 0 {
                        refused(&validator, &with(field.name, json!(least - 1)));
                    }
                    refused(&validator, &with(field.name, json!("1")));
                    for edge in [least, most] {
                        assert!(validator.is_valid(&around(&with(field.name, json!(edge)))));
                    }
                }
                Shape::Key(_) => refused(&validator, &with(field.name, json!("x"))),
                Shape::Flag(_) => refused(&validator, &with(field.name, json!("yes"))),
                Shape::Choice(_) | Shape::Flow => {
                    refused(&validator, &with(field.name, json!("no@such@thing")));
                }
                Shape::Prompt => refused(&validator, &with(field.name, json!([{"noise": 1}]))),
                Shape::Shares(..) | Shape::Words(_) | Shape::Devices(_) => {
                    refused(&validator, &with(field.name, json!([])));
                }
                Shape::KeyWords => refused(&validator, &with(field.name, json!({"1": []}))),
                Shape::KeyMap => refused(&validator, &with(field.name, json!({"x": "y"}))),
                Shape::Variable
                | Shape::Variables(_)
                | Shape::Text(_)
                | Shape::Texts(..)
                | Shape::TextMap
                | Shape::Arguments
                | Shape::Expression
                | Shape::Script
                | Shape::Mailbox
                | Shape::Queue
                | Shape::Source
                | Shape::Schedule
                | Shape::Needs => refused(&validator, &with(field.name, json!(7))),
            }
        }
        for outlet in node_type.outlets.iter().filter(|outlet| outlet.required) {
            let mut node = example.clone();
            node["out"].as_object_mut().unwrap().remove(outlet.name);
            refused(&validator, &node);
        }
        let mut node = example.clone();
        node["out"]["no_such_outlet"] = json!("n");
        refused(&validator, &node);
    }
}

#[test]
fn the_catalogue_has_words_in_two_languages_for_everything_it_offers() {
    let catalogue = catalogue();
    let types = catalogue["node_types"].as_array().unwrap();
    assert_eq!(types.len(), node::catalogue().len());
    let words = |value: &Value, zh: &str, en: &str| {
        let has = |field: &str| value[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(has(zh) && has(en), "{value}");
    };
    for node_type in types {
        words(node_type, "zh", "en");
        for outlet in node_type["outlets"].as_array().unwrap() {
            words(outlet, "zh", "en");
        }
        let properties = node_type["schema"]["properties"].as_object().unwrap();
        let own = ["type", "name", "description", "out"];
        for (name, field) in properties.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            words(field, "title", "description");
            assert!(field["x-widget"].is_string(), "{name}");
        }
    }
    for group in catalogue["groups"].as_array().unwrap() {
        words(group, "zh", "en");
        assert!(types.iter().any(|it| it["group"] == group["group"]), "{group} is empty");
    }
}
