//! The canonical form of a document, whose hash is the version of the flow.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Returns the hash of a document without its picture: sorted keys, no spaces.
pub(super) fn hash(document: &Value) -> String {
    let mut text = String::new();
    if let Value::Object(fields) = document {
        write_object(fields.iter().filter(|(key, _)| *key != "view"), &mut text);
    }
    hex::encode(Sha256::digest(text))
}

/// The depth of a document is limited by the parser, so recursion is bounded.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => write_object(fields.iter(), out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

fn write_object<'a>(fields: impl Iterator<Item = (&'a String, &'a Value)>, out: &mut String) {
    // Another crate may have switched on `preserve_order`, so the order is made here.
    let sorted: BTreeMap<_, _> = fields.collect();
    out.push('{');
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(key.as_str()).to_string());
        out.push(':');
        write(value, out);
    }
    out.push('}');
}
