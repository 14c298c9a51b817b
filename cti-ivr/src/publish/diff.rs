//! What changed between two documents, node by node and field by field.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// What changed; the picture (`view`) is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diff {
    /// Changes outside the nodes: name, entry, limits, variables …
    pub fields: Vec<FieldChange>,
    /// Nodes that differ, by id.
    pub nodes: Vec<NodeChange>,
}

/// One node that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeChange {
    /// Which node.
    pub node: String,
    /// How.
    #[serde(flatten)]
    pub change: Change,
}

/// How a node differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is there only in the new document.
    Added {
        /// The node as it is written.
        document: Value,
    },
    /// It is there only in the old document.
    Removed {
        /// The node as it was written.
        document: Value,
    },
    /// It is in both.
    Changed {
        /// Which fields differ.
        fields: Vec<FieldChange>,
    },
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Which one, as a JSON Pointer (RFC 6901) within the document or the node.
    pub field: String,
    /// Its old value; absent when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its new value; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Diff {
    /// Returns whether both documents do the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.nodes.is_empty()
    }
}

/// Returns what changed from one document to another.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Diff {
    let none = Map::new();
    let object = |value: &Value, field: &str| value.get(field).and_then(Value::as_object).cloned();
    let (old_nodes, new_nodes) =
        (object(old, "nodes").unwrap_or_default(), object(new, "nodes").unwrap_or_default());
    let mut fields = Vec::new();
    let (old, new) = (old.as_object().unwrap_or(&none), new.as_object().unwrap_or(&none));
    for key in keys(old, new).into_iter().filter(|key| !matches!(*key, "nodes" | "view")) {
        compare(&pointer("", key), old.get(key), new.get(key), &mut fields);
    }
    let mut nodes = Vec::new();
    for key in keys(&old_nodes, &new_nodes) {
        let change = match (old_nodes.get(key), new_nodes.get(key)) {
            (None, Some(node)) => Change::Added { document: node.clone() },
            (Some(node), None) => Change::Removed { document: node.clone() },
            (before, after) => {
                let mut fields = Vec::new();
                compare("", before, after, &mut fields);
                Change::Changed { fields }
            }
        };
        if change != (Change::Changed { fields: Vec::new() }) {
            nodes.push(NodeChange { node: key.to_owned(), change });
        }
    }
    Diff { fields, nodes }
}

/// Objects are compared field by field, everything else as a whole; the parser limits the depth.
fn compare(
    at: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<FieldChange>,
) {
    if before == after {
        return;
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) {
        for key in keys(before, after) {
            compare(&pointer(at, key), before.get(key), after.get(key), changes);
        }
        return;
    }
    let (before, after) = (before.cloned(), after.cloned());
    changes.push(FieldChange { field: at.to_owned(), before, after });
}

fn keys<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    old.keys().chain(new.keys()).map(String::as_str).collect()
}

/// RFC 6901 §3: `~` is written `~0`, `/` is written `~1`.
fn pointer(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nodes_and_fields_that_differ_are_listed() {
        let old = json!({"name": "A", "view": {"a": 1}, "nodes": {
            "a": {"type": "play", "prompt": ["x"], "out": {"next": "b", "1": "b"}},
            "b": {"type": "hangup"}, "c/d": {"type": "hangup"}}});
        let new = json!({"name": "B", "view": {"a": 2}, "nodes": {
            "a": {"type": "play", "prompt": ["y"], "barge_in": true, "out": {"next": "c/d"}},
            "c/d": {"type": "hangup"}, "e": {"type": "hangup"}}});
        let found = serde_json::to_value(diff(&old, &new)).unwrap();
        assert_eq!(
            found,
            json!({
                "fields": [{"field": "/name", "before": "A", "after": "B"}],
                "nodes": [
                    {"node": "a", "change": "changed", "fields": [
                        {"field": "/barge_in", "after": true},
                        {"field": "/out/1", "before": "b"},
                        {"field": "/out/next", "before": "b", "after": "c/d"},
                        {"field": "/prompt", "before": ["x"], "after": ["y"]},
                    ]},
                    {"node": "b", "change": "removed", "document": {"type": "hangup"}},
                    {"node": "e", "change": "added", "document": {"type": "hangup"}},
                ],
            })
        );
        assert!(diff(&old, &old).is_empty());
    }
}
