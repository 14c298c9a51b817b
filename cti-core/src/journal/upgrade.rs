//! Facts of earlier schema versions, in the words of the current one.
//!
//! | until | it was | it is |
//! |---|---|---|
//! | 1 | `device_offered`: one device after the other | `rung`: steps of devices and numbers |
//! | 1 | `device_offer_ended` | `ring_ended` |

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// Returns a record of schema version `version` as the current version writes it.
pub(super) fn upgraded(version: u16, record: &[u8]) -> Cow<'_, [u8]> {
    if version > 1 {
        return Cow::Borrowed(record);
    }
    let Ok(Value::Object(mut event)) = serde_json::from_slice(record) else {
        return Cow::Borrowed(record);
    };
    match event.get("fact").and_then(Value::as_str) {
        Some("device_offered") => rung(&mut event),
        Some("device_offer_ended") => drop(event.insert("fact".to_owned(), json!("ring_ended"))),
        Some(_) | None => return Cow::Borrowed(record),
    }
    Cow::Owned(Value::Object(event).to_string().into_bytes())
}

fn rung(event: &mut Map<String, Value>) {
    let leg = event.remove("leg").unwrap_or_default();
    let device = event.remove("device").unwrap_or_default();
    let then = match event.remove("then") {
        Some(Value::Array(devices)) => devices,
        Some(_) | None => Vec::new(),
    };
    let then: Vec<_> = then.into_iter().map(|device| json!([{ "device": device }])).collect();
    event.insert("fact".to_owned(), json!("rung"));
    event.insert("legs".to_owned(), json!([[leg, { "device": device }]]));
    event.insert("then".to_owned(), json!(then));
    // The flow went on when nobody answered, and a call without one ended.
    event.insert("otherwise".to_owned(), json!("go_on"));
}
