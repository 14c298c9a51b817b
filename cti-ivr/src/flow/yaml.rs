//! Flows written in YAML, for those who would rather not write JSON.

use serde_json::Value;

/// A text that is not YAML, or holds what JSON cannot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidYaml(String);

/// A document has at most this many bytes; aliases of YAML could make it longer than any memory.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Returns a document in YAML as JSON, for [`Flow::parse`](super::Flow::parse); call it at import, flows are kept as
/// JSON. Keys of keypads must be quoted, as in `"1": queue`.
///
/// # Errors
/// When the text is not YAML, has keys that are no texts, or is too long.
pub fn from_yaml(text: &str) -> Result<String, InvalidYaml> {
    if text.len() > MAX_BYTES {
        return Err(InvalidYaml(format!("has more than {MAX_BYTES} bytes")));
    }
    let value: Value =
        serde_norway::from_str(text).map_err(|error| InvalidYaml(error.to_string()))?;
    serde_json::to_string_pretty(&value).map_err(|error| InvalidYaml(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;

    const YAML: &str = r#"
schema: cti.flow/1
id: hello
kind: inbound
name: 问候
entry: greet
nodes:
  greet: {type: menu, prompt: [welcome], out: {"1": bye, exhausted: bye}}
  bye:
    type: hangup
"#;

    #[test]
    fn a_flow_in_yaml_is_the_same_flow() {
        let json = r#"{"schema":"cti.flow/1","id":"hello","kind":"inbound","name":"问候","entry":"greet","nodes":{
            "greet":{"type":"menu","prompt":["welcome"],"out":{"1":"bye","exhausted":"bye"}},"bye":{"type":"hangup"}}}"#;
        let flow = Flow::parse(&from_yaml(YAML).unwrap()).unwrap();
        assert_eq!(flow.hash(), Flow::parse(json).unwrap().hash());
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        let error = from_yaml("a: [1, 2").unwrap_err().to_string();
        assert!(error.contains("line"), "{error}");
        let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
            d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
            g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\ni: [*h,*h,*h,*h,*h,*h,*h,*h,*h]\n";
        assert!(from_yaml(laughs).is_err(), "aliases that multiply are refused");
    }
}
