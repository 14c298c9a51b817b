//! How a flow names another: by id, by id and channel, or by id and version.

use std::fmt;

use cti_core::id::{FlowId, InvalidName};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Which line of versions a session follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// What was published.
    #[default]
    Prod,
    /// The draft, and what was published where there is none.
    Test,
}

/// Which version of another flow is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// The one of the session's own channel: `gjj-identify`.
    Same,
    /// The one of this channel: `gjj-identify@prod`.
    Channel(Channel),
    /// This one, by the first 8 or more characters of its hash: `gjj-identify@3f9a61c2`.
    Pinned(String),
}

/// Another flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its id.
    pub flow: FlowId,
    /// Which version.
    pub version: Wanted,
}

/// A text that names no flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// The id cannot be one.
    #[error(transparent)]
    Id(#[from] InvalidName),
    /// What follows the `@` is neither a channel nor a version.
    #[error("{0:?} is not prod, test or 8 to 64 hexadecimal digits of a version")]
    Version(String),
}

impl Target {
    /// Reads `flow`, `flow@prod`, `flow@test` or `flow@3f9a61c2`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, InvalidTarget> {
        let (flow, version) = match text.split_once('@') {
            None => (text, Wanted::Same),
            Some((flow, "prod")) => (flow, Wanted::Channel(Channel::Prod)),
            Some((flow, "test")) => (flow, Wanted::Channel(Channel::Test)),
            Some((flow, hash)) => {
                let is_hash = (8..=64).contains(&hash.len())
                    && hash.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
                if !is_hash {
                    return Err(InvalidTarget::Version(hash.to_owned()));
                }
                (flow, Wanted::Pinned(hash.to_owned()))
            }
        };
        Ok(Self { flow: FlowId::new(flow)?, version })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Wanted::Same => write!(f, "{}", self.flow),
            Wanted::Channel(Channel::Prod) => write!(f, "{}@prod", self.flow),
            Wanted::Channel(Channel::Test) => write!(f, "{}@test", self.flow),
            Wanted::Pinned(hash) => write!(f, "{}@{hash}", self.flow),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_written_as_it_was_read() {
        for text in ["a", "a@prod", "a@test", "a@0123abcd"] {
            assert_eq!(Target::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "a@", "a@dev", "a@0123", "a@0123ABCD", "a b"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
