//! The variables that a flow declares: their types, which of them are secret, what a caller of a sub-flow hands over.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A session keeps at most this many variables in one flow.
pub const MAX_VARIABLES: usize = 256;

/// What the text of a variable must look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Anything.
    #[default]
    Text,
    /// Keys of a telephone: `0-9 * # A-D`.
    Digits,
    /// A whole number of at most 18 digits.
    Integer,
    /// A decimal number: `-12.50`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `2026-11-22`.
    Date,
}

impl Type {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Digits, Self::Integer, Self::Number, Self::Boolean, Self::Date];

    /// Returns the name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Digits => "digits",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// Returns whether a text is a value of this type.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Digits => {
                !text.is_empty() && text.chars().all(|key| crate::node::key_of(key).is_some())
            }
            Self::Integer => text.len() <= 19 && text.parse::<i64>().is_ok(),
            Self::Number => crate::speak::split(text).is_some(),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Date => text.parse::<Date>().is_ok(),
        }
    }

    /// Returns whether a value of another type can ever be one of this type.
    #[must_use]
    pub const fn can_hold(self, other: Self) -> bool {
        match (self, other) {
            (Self::Text, _) | (_, Self::Text) => true,
            (Self::Number | Self::Digits | Self::Integer, Self::Digits | Self::Integer)
            | (Self::Number | Self::Integer, Self::Number)
            | (Self::Boolean, Self::Boolean)
            | (Self::Date, Self::Date) => true,
            (Self::Digits, Self::Number)
            | (Self::Boolean | Self::Date, Self::Digits | Self::Integer | Self::Number)
            | (Self::Digits | Self::Integer | Self::Number | Self::Date, Self::Boolean)
            | (Self::Digits | Self::Integer | Self::Number | Self::Boolean, Self::Date) => false,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One declared variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// What its text must look like.
    #[serde(default, rename = "type")]
    pub kind: Type,
    /// Its value before anything is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it must never be spoken, logged, shown to agents or counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Whether it comes with the call (随路数据), so that the flow may read it without having set it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_call: bool,
}

/// What a flow declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// What one that uses it as a sub-flow hands over; one without a default must be handed over.
    pub params: BTreeMap<String, Declaration>,
    /// Its own.
    pub vars: BTreeMap<String, Declaration>,
}

impl Variables {
    /// Returns a declaration, parameter or not.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Declaration> {
        self.params.get(name).or_else(|| self.vars.get(name))
    }

    /// Returns the type; what is not declared is text.
    #[must_use]
    pub fn kind(&self, name: &str) -> Type {
        self.get(name).map_or(Type::Text, |declared| declared.kind)
    }

    /// Returns whether a variable must not be told to anybody.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.get(name).is_some_and(|declared| declared.secret)
    }

    /// Returns all declarations, parameters first.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Declaration)> {
        self.params.iter().chain(&self.vars)
    }

    /// Returns the variables that have a value from the beginning.
    pub fn defaults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter_map(|(name, it)| Some((name.as_str(), it.default.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_accepts_its_texts_only() {
        let yes = [
            (Type::Text, "何"),
            (Type::Digits, "12*#"),
            (Type::Integer, "-7"),
            (Type::Number, "-12.50"),
            (Type::Boolean, "true"),
            (Type::Date, "2026-02-28"),
        ];
        for (kind, text) in yes {
            assert!(kind.accepts(text), "{kind} {text}");
        }
        let no = [
            (Type::Digits, ""),
            (Type::Digits, "1a"),
            (Type::Integer, "1.5"),
            (Type::Integer, "99999999999999999999"),
            (Type::Number, "1e9"),
            (Type::Boolean, "TRUE"),
            (Type::Date, "2026-02-30"),
        ];
        for (kind, text) in no {
            assert!(!kind.accepts(text), "{kind} {text}");
        }
    }

    #[test]
    fn every_type_holds_itself_and_text_holds_all() {
        for kind in Type::ALL {
            assert!(kind.can_hold(kind) && Type::Text.can_hold(kind) && kind.can_hold(Type::Text));
        }
        assert!(!Type::Number.can_hold(Type::Boolean) && !Type::Boolean.can_hold(Type::Digits));
    }
}
