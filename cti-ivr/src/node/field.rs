//! Fields of a node as the editor shows them: name, shape, default and words in two languages.

use serde_json::{Value, json};

/// A field of a type of node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// The name in documents.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it looks like.
    pub shape: Shape,
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
}

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Pieces that are played.
    Prompt,
    /// A text of at most so many characters.
    Text(usize),
    /// The name of a variable.
    Variable,
    /// Names of variables, at most so many.
    Variables(usize),
    /// An expression: one value.
    Expression,
    /// A script: statements that end with a value.
    Script,
    /// `true` or `false`, and which one when it is not there.
    Flag(bool),
    /// Milliseconds: the least, the most, the default.
    Millis(u64, u64, Option<u64>),
    /// A whole number: the least, the most, the default.
    Count(u64, u64, Option<u64>),
    /// One key, and which one when it is not there.
    Key(Option<&'static str>),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Keys and what each stands for.
    KeyMap,
    /// Keys and the words that mean each.
    KeyWords,
    /// Values by name.
    TextMap,
    /// Texts, from so many to so many.
    Texts(usize, usize),
    /// Whole numbers from 1 to 10000, from so many to so many.
    Shares(usize, usize),
    /// Some of these words, at least one.
    Words(&'static [&'static str]),
    /// A mailbox.
    Mailbox,
    /// A queue.
    Queue,
    /// What is asked of the agent.
    Needs,
    /// Devices, from one to so many.
    Devices(usize),
    /// A table or a named outside service.
    Source,
    /// A schedule of the calendar.
    Schedule,
    /// Another flow: `id`, `id@prod`, `id@test` or `id@version`.
    Flow,
    /// What a sub-flow is handed: texts, or `{"from": variable}`.
    Arguments,
}

impl Field {
    /// A field that must be there.
    pub(crate) const fn must(
        name: &'static str,
        shape: Shape,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        Self { name, required: true, shape, zh, en }
    }

    /// A field that may be there.
    pub(crate) const fn may(
        name: &'static str,
        shape: Shape,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        Self { name, required: false, shape, zh, en }
    }

    /// Returns the JSON Schema of its value; `x-widget` tells an editor how to ask for it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = self.shape.schema();
        schema["title"] = self.zh.into();
        schema["description"] = self.en.into();
        schema
    }
}

const VARIABLE: &str = "^\\S(.*\\S)?$";
const KEY: &str = "^[0-9*#A-D]$";

impl Shape {
    fn schema(self) -> Value {
        let texts = |least, most| json!({"type": "array", "items": {"type": "string"}, "minItems": least, "maxItems": most});
        let number = |widget, least, most, default: Option<u64>| {
            let mut schema =
                json!({"type": "integer", "minimum": least, "maximum": most, "x-widget": widget});
            if let Some(default) = default {
                schema["default"] = default.into();
            }
            schema
        };
        match self {
            Self::Prompt => json!({"$ref": "#/$defs/prompt", "x-widget": "prompt"}),
            Self::Text(most) => {
                json!({"type": "string", "maxLength": most, "x-widget": "text"})
            }
            Self::Variable => {
                json!({"type": "string", "minLength": 1, "pattern": VARIABLE, "x-widget": "variable"})
            }
            Self::Variables(most) => json!({
                "type": "array", "maxItems": most, "x-widget": "variables",
                "items": {"type": "string", "minLength": 1, "pattern": VARIABLE},
            }),
            Self::Expression => {
                json!({"type": "string", "minLength": 1, "maxLength": 1000, "x-widget": "expression"})
            }
            Self::Script => {
                json!({"type": "string", "minLength": 1, "maxLength": 20_000, "x-widget": "script"})
            }
            Self::Flag(default) => {
                json!({"type": "boolean", "default": default, "x-widget": "switch"})
            }
            Self::Millis(least, most, default) => number("milliseconds", least, most, default),
            Self::Count(least, most, default) => number("number", least, most, default),
            Self::Key(default) => {
                let mut schema =
                    json!({"type": ["string", "null"], "pattern": KEY, "x-widget": "key"});
                if let Some(default) = default {
                    schema["default"] = default.into();
                }
                schema
            }
            Self::Choice(words) => json!({"enum": words, "x-widget": "choice"}),
            Self::KeyMap => json!({
                "type": "object", "propertyNames": {"pattern": KEY}, "minProperties": 1,
                "additionalProperties": {"type": "string"}, "x-widget": "key_map",
            }),
            Self::KeyWords => json!({
                "type": "object", "propertyNames": {"pattern": KEY}, "x-widget": "key_words",
                "additionalProperties": {
                    "type": "array", "minItems": 1, "maxItems": 100,
                    "items": {"type": "string", "minLength": 1, "maxLength": 64},
                },
            }),
            Self::TextMap => json!({
                "type": "object", "maxProperties": 64,
                "additionalProperties": {"type": "string"}, "x-widget": "text_map",
            }),
            Self::Texts(least, most) => {
                let mut schema = texts(least, most);
                schema["x-widget"] = "texts".into();
                schema
            }
            Self::Shares(least, most) => json!({
                "type": "array", "minItems": least, "maxItems": most, "x-widget": "shares",
                "items": {"type": "integer", "minimum": 1, "maximum": 10_000},
            }),
            Self::Words(words) => json!({
                "type": "array", "minItems": 1, "maxItems": words.len(), "x-widget": "choices",
                "items": {"enum": words},
            }),
            Self::Mailbox => json!({"$ref": "#/$defs/name", "x-widget": "mailbox"}),
            Self::Queue => json!({"$ref": "#/$defs/name", "x-widget": "queue"}),
            Self::Needs => json!({"type": "object", "x-widget": "needs"}),
            Self::Devices(most) => json!({
                "type": "array", "items": {"$ref": "#/$defs/name"}, "minItems": 1, "maxItems": most,
                "x-widget": "devices",
            }),
            Self::Source => json!({"type": "string", "minLength": 1, "x-widget": "source"}),
            Self::Schedule => json!({"type": "string", "x-widget": "schedule"}),
            Self::Flow => json!({
                "type": "string", "pattern": "^[^@]{1,64}(@(prod|test|[0-9a-f]{8,64}))?$", "x-widget": "flow",
            }),
            Self::Arguments => json!({
                "type": "object", "maxProperties": 64, "x-widget": "arguments",
                "additionalProperties": {"oneOf": [
                    {"type": "string"},
                    {"type": "object", "required": ["from"], "additionalProperties": false,
                     "properties": {"from": {"type": "string", "minLength": 1}}},
                ]},
            }),
        }
    }
}
