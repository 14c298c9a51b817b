//! Texts with the values of variables in them: `/accounts/{account}`.

use super::{FieldError, Run, Traffic};

/// A text has at most this many characters.
const MAX_LENGTH: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads a text; `{{` and `}}` stand for braces.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let wrong = |reason: &str| FieldError::new(field, reason);
        if text.chars().count() > MAX_LENGTH {
            return Err(wrong("must have at most 1000 characters"));
        }
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' | '}' if chars.next_if_eq(&c).is_some() => plain.push(c),
                '}' => return Err(wrong("} closes nothing; write }} for a brace")),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match chars.next() {
                            Some('}') => break,
                            Some(c) => name.push(c),
                            None => return Err(wrong("{ is not closed; write {{ for a brace")),
                        }
                    }
                    if name.trim().is_empty() {
                        return Err(wrong("{} names no variable"));
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Variable(name.trim().to_owned()));
                }
                c => plain.push(c),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// Returns the text with values in it.
    pub(super) fn fill(&self, run: &Run<'_>) -> String {
        self.with(run, str::to_owned)
    }

    /// Returns the text with percent-encoded values in it (RFC 3986 §2.1), so that no value adds a path or a query.
    pub(super) fn fill_path(&self, run: &Run<'_>) -> String {
        self.with(run, |value| {
            let byte = |byte: u8| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                // A dot is allowed there, but `..` as a value would go up in the path.
                _ => format!("%{byte:02X}"),
            };
            value.bytes().map(byte).collect()
        })
    }

    fn with(&self, run: &Run<'_>, encode: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(name) => encode(run.variable(name).unwrap_or("")),
        };
        self.0.iter().map(part).collect()
    }

    /// Adds the variables that are read.
    pub(super) fn traffic(&self, field: &'static str, traffic: &mut Traffic) {
        for part in &self.0 {
            if let Part::Variable(name) = part {
                traffic.reads(field, name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_name_variables_and_doubled_ones_stand_for_themselves() {
        let parse = |text| Template::parse("path", text);
        let part = |text: &str| Part::Text(text.to_owned());
        assert_eq!(
            parse("/a/{ x }/{{b}}").unwrap(),
            Template(vec![part("/a/"), Part::Variable("x".to_owned()), part("/{b}")])
        );
        for wrong in ["{", "}", "{}", "a{b"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
