//! The catalogue of node types and the JSON Schema of documents, for editors and other programs.
//!
//! Both are made of the descriptions that the node types carry, so they say what the parser accepts.

use serde_json::{Map, Value, json};

use crate::{
    flow::{Code, Kind, Limits, Type},
    language::Language,
    node::{self, Group, NodeType},
    prompt::MAX_PIECES,
};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Returns everything an editor needs to offer nodes and to ask for their fields.
#[must_use]
pub fn catalogue() -> Value {
    let groups: Vec<Value> = Group::ALL
        .iter()
        .map(|group| json!({"group": group, "zh": group.zh(), "en": group.en()}))
        .collect();
    let kinds: Vec<Value> =
        Kind::ALL.iter().map(|kind| json!({"kind": kind, "zh": kind.zh()})).collect();
    let coded = |code: &Code| json!({"code": code, "severity": code.severity(), "zh": code.zh(), "en": code.en()});
    let codes: Vec<Value> = Code::ALL.iter().map(coded).collect();
    json!({
        "schema": "cti.flow/1",
        "groups": groups,
        "kinds": kinds,
        "variable_types": Type::ALL,
        "codes": codes,
        "node_types": node::catalogue().iter().map(|it| described(it)).collect::<Vec<_>>(),
        "$defs": shared(),
    })
}

fn described(node_type: &NodeType) -> Value {
    json!({
        "type": node_type.name,
        "group": node_type.group,
        "kinds": node_type.kinds,
        "outlets": node_type.outlets,
        "keys": node_type.keys.map(|least| json!({"least": least})),
        "ends": node_type.ends,
        "zh": node_type.zh,
        "en": node_type.en,
        "schema": node_schema(node_type),
    })
}

/// Returns the JSON Schema (2020-12) of a whole document.
#[must_use]
pub fn document_schema() -> Value {
    let mut defs = shared();
    let mut types = Vec::new();
    for node_type in node::catalogue() {
        let name = format!("node_{}", node_type.name);
        types.push(json!({"$ref": format!("#/$defs/{name}")}));
        defs.insert(name, node_schema(node_type));
    }
    defs.insert("node".to_owned(), json!({"oneOf": types}));
    let limits = Limits::default();
    json!({
        "$schema": DIALECT,
        "title": "cti.flow/1",
        "type": "object",
        "required": ["schema", "id", "kind", "name", "entry", "nodes"],
        "additionalProperties": false,
        "properties": {
            "schema": {"const": "cti.flow/1"},
            "id": {"$ref": "#/$defs/name"},
            "kind": {"enum": Kind::ALL},
            "name": {"type": "string"},
            "description": {"type": "string"},
            "entry": {"$ref": "#/$defs/node_id"},
            "on_error": {"$ref": "#/$defs/node_id"},
            "languages": {
                "type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": Language::TAGS}, "default": ["zh-CN"],
            },
            "fallback": {"$ref": "#/$defs/name"},
            "limits": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "steps_per_input": {"type": "integer", "minimum": 0, "default": limits.steps_per_input},
                    "steps": {"type": "integer", "minimum": 0, "default": limits.steps},
                    "session_ms": {"type": "integer", "minimum": 0, "default": limits.session_ms},
                    "depth": {"type": "integer", "minimum": 0, "default": limits.depth},
                },
            },
            "params": {"type": "object", "additionalProperties": {"$ref": "#/$defs/declaration"}},
            "vars": {"type": "object", "additionalProperties": {"$ref": "#/$defs/declaration"}},
            "nodes": {
                "type": "object",
                "propertyNames": {"$ref": "#/$defs/node_id"},
                "additionalProperties": {"$ref": "#/$defs/node"},
            },
            "view": true,
        },
        "$defs": defs,
    })
}

/// Returns the JSON Schema of a node of one type; references lead to the definitions that all types share.
#[must_use]
pub fn node_schema(node_type: &NodeType) -> Value {
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({"const": node_type.name}));
    properties.insert("name".to_owned(), json!({"type": "string"}));
    properties.insert("description".to_owned(), json!({"type": "string"}));
    let mut required = vec!["type"];
    for field in node_type.fields {
        properties.insert(field.name.to_owned(), field.schema());
        if field.required {
            required.push(field.name);
        }
    }
    let mut outlets = Map::new();
    let mut wired: Vec<&str> = Vec::new();
    for outlet in node_type.outlets {
        let words =
            json!({"$ref": "#/$defs/node_id", "title": outlet.zh, "description": outlet.en});
        outlets.insert(outlet.name.to_owned(), words);
        if outlet.required {
            wired.push(outlet.name);
        }
    }
    let mut out = json!({
        "type": "object", "properties": outlets, "required": wired, "additionalProperties": false,
    });
    if node_type.keys.is_some() {
        out["patternProperties"] = json!({"^[0-9*#A-D]$": {"$ref": "#/$defs/node_id"}});
    }
    if !wired.is_empty() || node_type.keys.is_some_and(|least| least > 0) {
        required.push("out");
    }
    properties.insert("out".to_owned(), out);
    json!({
        "type": "object", "title": node_type.zh, "description": node_type.en,
        "properties": properties, "required": required, "additionalProperties": false,
    })
}

/// What several fields are made of.
fn shared() -> Map<String, Value> {
    let defs = json!({
        "name": {"type": "string", "pattern": "^[A-Za-z0-9_.*#+-]{1,64}$"},
        "node_id": {"type": "string", "minLength": 1, "maxLength": 64},
        "prompt": {
            "type": "array",
            "maxItems": MAX_PIECES,
            "items": {"oneOf": [
                {"type": "string", "pattern": "\\S"},
                {"type": "object", "required": ["tone"], "additionalProperties": false,
                 "properties": {"tone": {"enum": ["ring_back", "busy", "congestion", "beep"]}}},
                {"type": "object", "required": ["silence_ms"], "additionalProperties": false,
                 "properties": {"silence_ms": {"type": "integer", "minimum": 0, "maximum": 60_000}}},
            ]},
        },
        "declaration": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "type": {"enum": Type::ALL, "default": "text"},
                "default": {"type": ["string", "null"]},
                "secret": {"type": "boolean", "default": false},
                "from_call": {"type": "boolean", "default": false},
            },
        },
    });
    match defs {
        Value::Object(defs) => defs,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
