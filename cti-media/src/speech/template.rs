//! What a service is sent, as an administrator writes it: text with `${names}` in it.

use std::{collections::BTreeMap, env, fs};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How values are written into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As they are.
    None,
    /// As in a JSON string, without the quotes (RFC 8259 §7).
    Json,
    /// As in a URL or a form (RFC 3986 §2.1).
    Percent,
    /// As in XML text and attributes.
    Xml,
}

impl Escape {
    /// Returns how values are written into a body of a media type.
    #[must_use]
    pub fn of_media_type(kind: &str) -> Self {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => Self::Percent,
            it if it == "application/json" || it.ends_with("+json") => Self::Json,
            it if it.ends_with("/xml") || it.ends_with("+xml") => Self::Xml,
            _ => Self::None,
        }
    }

    fn write(self, value: &str, into: &mut String) {
        match self {
            Self::None => into.push_str(value),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                into.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Percent => {
                for byte in value.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        into.push(char::from(byte));
                    } else {
                        into.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
            Self::Xml => {
                for character in value.chars() {
                    match character {
                        '&' => into.push_str("&amp;"),
                        '<' => into.push_str("&lt;"),
                        '>' => into.push_str("&gt;"),
                        '"' => into.push_str("&quot;"),
                        '\'' => into.push_str("&apos;"),
                        other => into.push(other),
                    }
                }
            }
        }
    }
}

/// A text of the configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A `${` is not closed.
    #[error("a ${{ is not closed")]
    Open,
    /// A name means nothing here.
    #[error("${{{name}}} means nothing here; there is {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// A secret cannot be read.
    #[error("${{{name}}}: {reason}")]
    Secret {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(&'static str),
}

/// A text with places for values.
#[derive(Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl std::fmt::Debug for Template {
    /// Prints the names alone: secrets are part of the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().filter_map(|piece| match piece {
            Piece::Value(name) => Some(name),
            Piece::Text(_) => None,
        });
        f.debug_list().entries(names).finish()
    }
}

impl Template {
    /// Reads a text in which these names stand for values. `${env:NAME}` and `${file:PATH}` are secrets, read now.
    ///
    /// # Errors
    /// When a place is not closed or means nothing, or a secret is not there.
    pub fn parse(text: &str, known: &[&'static str]) -> Result<Self, InvalidTemplate> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, place)) = rest.split_once("${") {
            let (name, after) = place.split_once('}').ok_or(InvalidTemplate::Open)?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match known.iter().find(|it| **it == name) {
                Some(name) => Piece::Value(name),
                None => Piece::Text(secret(name, known)?),
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Returns the text with its values.
    #[must_use]
    pub fn fill(&self, values: &BTreeMap<&'static str, String>, escape: Escape) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Value(name) => {
                    escape.write(values.get(name).map_or("", String::as_str), &mut filled);
                }
            }
        }
        filled
    }
}

fn secret(name: &str, known: &[&'static str]) -> Result<String, InvalidTemplate> {
    let wrong = |reason: String| InvalidTemplate::Secret { name: name.to_owned(), reason };
    let secret = if let Some(variable) = name.strip_prefix("env:") {
        env::var(variable).map_err(|error| wrong(error.to_string()))?
    } else if let Some(file) = name.strip_prefix("file:") {
        fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?
    } else {
        return Err(InvalidTemplate::Unknown { name: name.to_owned(), known: known.to_vec() });
    };
    Ok(secret.trim().to_owned())
}

/// Returns a value of a JSON answer at a pointer (RFC 6901) as sound in base64.
pub(super) fn decoded(answer: &[u8], pointer: &str) -> Option<Vec<u8>> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    STANDARD.decode(answer.pointer(pointer)?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_body_wants_them() {
        let values: BTreeMap<_, _> = [("text", "他说\"好\" & <行>".to_owned())].into();
        let template = Template::parse("a=${text}.", &["text"]).unwrap();
        for (kind, filled) in [
            ("text/plain", "a=他说\"好\" & <行>."),
            ("application/json; charset=utf-8", "a=他说\\\"好\\\" & <行>."),
            ("application/ssml+xml", "a=他说&quot;好&quot; &amp; &lt;行&gt;."),
        ] {
            assert_eq!(template.fill(&values, Escape::of_media_type(kind)), filled, "{kind}");
        }
        let form = Escape::of_media_type("application/x-www-form-urlencoded");
        let short: BTreeMap<_, _> = [("text", "好 a".to_owned())].into();
        assert_eq!(template.fill(&short, form), "a=%E5%A5%BD%20a.");
    }

    #[test]
    fn a_secret_comes_from_a_file_and_is_never_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "s3cret\n").unwrap();
        let text = format!("Bearer ${{file:{}}}", file.path().display());
        let template = Template::parse(&text, &[]).unwrap();
        assert_eq!(template.fill(&BTreeMap::new(), Escape::None), "Bearer s3cret");
        assert!(!format!("{template:?}").contains("s3cret"));
    }

    #[test]
    fn a_place_that_means_nothing_is_refused_by_name() {
        let reason = |text: &str| Template::parse(text, &["text"]).unwrap_err().to_string();
        assert_eq!(reason("${tex}"), "${tex} means nothing here; there is text");
        assert_eq!(reason("${text"), "a ${ is not closed");
        assert!(reason("${file:/nonexistent/key}").starts_with("${file:/nonexistent/key}: "));
        assert!(reason("${env:CTI_NO_SUCH_KEY}").starts_with("${env:CTI_NO_SUCH_KEY}: "));
    }
}
