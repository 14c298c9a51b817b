//! Events of the switch, in either of the forms that it writes them in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::message::{EslError, Message, decoded, head_and_body, headers, length};

/// Something that happened at the switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    headers: BTreeMap<String, String>,
    /// What follows the headers, as the answer of a job.
    pub body: String,
}

impl Event {
    /// Reads the event of a message of type `text/event-plain` or `text/event-json`.
    ///
    /// # Errors
    /// When it is neither, or is not written as its form asks.
    pub fn parse(message: &Message) -> Result<Self, EslError> {
        match message.content_type()? {
            "text/event-plain" => Self::from_plain(&message.body),
            "text/event-json" => Self::from_json(&message.body),
            other => Err(EslError::Unasked { content_type: other.to_owned() }),
        }
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, EslError> {
        let (head, rest) = head_and_body(bytes);
        let mut read = BTreeMap::new();
        for (name, value) in headers("event", head)? {
            let value = decoded(&name, &value)?;
            read.insert(name, value);
        }
        let body = match read.get("Content-Length") {
            Some(value) => rest.get(..length(value)?).unwrap_or(rest),
            None => &[],
        };
        Ok(Self { headers: read, body: String::from_utf8_lossy(body).into_owned() })
    }

    /// Reads an event in JSON, as `uuid_dump` writes the state of a channel.
    ///
    /// # Errors
    /// When it is no object of texts.
    pub fn from_json(bytes: &[u8]) -> Result<Self, EslError> {
        let wrong = |reason: String| EslError::Json { reason };
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        let Value::Object(fields) = value else {
            return Err(wrong("is no object".to_owned()));
        };
        let mut event = Self::default();
        for (name, value) in fields {
            let text = match value {
                Value::String(text) => text,
                // Of a header that stands there several times the first counts.
                Value::Array(mut all) => match all.drain(..).next() {
                    Some(Value::String(text)) => text,
                    Some(_) | None => return Err(wrong(format!("{name}: holds no text"))),
                },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                    return Err(wrong(format!("{name}: is no text")));
                }
            };
            if name == "_body" {
                event.body = text;
            } else {
                event.headers.insert(name, text);
            }
        }
        Ok(event)
    }

    /// Returns a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns the first of several headers that is there.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Returns a header that the event cannot be understood without.
    ///
    /// # Errors
    /// When it is not there.
    pub fn need(&self, header: &'static str) -> Result<&str, EslError> {
        self.get(header).ok_or(EslError::Missing { header })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_the_same_in_both_forms() {
        let plain =
            b"Event-Name: BACKGROUND_JOB\nJob-UUID: 7\nName: %E5%B8%82\nContent-Length: 4\n\n+OK\n";
        let json = r#"{"Event-Name":"BACKGROUND_JOB","Job-UUID":["7","8"],"Name":"市",
            "Content-Length":"4","_body":"+OK\n"}"#;
        let plain = Event::from_plain(plain).unwrap();
        assert_eq!(plain, Event::from_json(json.as_bytes()).unwrap());
        assert_eq!(plain.body, "+OK\n");
        assert_eq!(plain.first(&["Nobody", "Name"]), Some("市"));
        assert_eq!(plain.need("Unique-ID").unwrap_err().to_string(), "Unique-ID: is missing");
    }

    #[test]
    fn an_event_that_is_no_object_of_texts_says_which_field_is_not() {
        let read = |json: &str| Event::from_json(json.as_bytes()).unwrap_err().to_string();
        assert_eq!(read("[]"), "event: is no object");
        assert_eq!(read(r#"{"Event-Name":7}"#), "event: Event-Name: is no text");
        assert_eq!(read(r#"{"Event-Name":[]}"#), "event: Event-Name: holds no text");
        assert!(read("{").starts_with("event: EOF"), "{}", read("{"));
    }
}
