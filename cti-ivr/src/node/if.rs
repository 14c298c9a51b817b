//! `if`: a variable or an expression chooses between two ways.

use std::cmp::Ordering;

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Script, Shape, Step,
    Traffic, compiled, fields,
};
use crate::{expression::Expression, flow::Type, speak};

pub(super) static TYPE: NodeType = NodeType {
    name: "if",
    group: Group::Logic,
    fields: &[
        Field::may("variable", Shape::Variable, "变量", "which variable is compared"),
        Field::may(
            "is",
            Shape::Choice(&["equals", "less", "exists"]),
            "比较",
            "how it is compared",
        ),
        Field::may("value", Shape::Text(1000), "值", "what it is compared with"),
        Field::may(
            "when",
            Shape::Expression,
            "表达式",
            "the condition as an expression, in place of the other three",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("true", "条件成立", "the condition holds"),
        Outlet::at_once("false", "条件不成立或无法比较", "it does not hold, or cannot be made"),
        Outlet::at_once("error", "表达式出错", "the expression failed").optional(),
    ],
    keys: None,
    ends: false,
    zh: "比较变量：equals 等于文本，less 小于数字，exists 有值；或用 when 写表达式，此时 error 必须接线",
    en: "Compares a variable: equals a text, less than a number, or exists; or an expression in when, which needs the outlet error",
    parse: |value| Ok(Box::new(If::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    variable: Option<String>,
    #[serde(default)]
    is: Option<Comparison>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    when: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Comparison {
    Equals,
    Less,
    Exists,
}

#[derive(Debug)]
enum If {
    Equals { variable: String, value: String },
    Less { variable: String, value: String },
    Exists { variable: String },
    When(Expression),
}

impl If {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let (variable, is) = match (fields.when, fields.variable, fields.is) {
            (Some(text), None, None) if fields.value.is_none() => {
                return compiled("when", &text).map(Self::When);
            }
            (Some(_), _, _) => {
                return Err(FieldError::new("when", "stands in place of variable, is and value"));
            }
            (None, None, _) => return Err(FieldError::new("variable", "is missing")),
            (None, Some(_), None) => return Err(FieldError::new("is", "is missing")),
            (None, Some(variable), Some(is)) => (variable, is),
        };
        match (is, fields.value) {
            (Comparison::Exists, None) => Ok(Self::Exists { variable }),
            (Comparison::Exists, Some(_)) => {
                Err(FieldError::new("value", "exists compares with nothing"))
            }
            (Comparison::Equals | Comparison::Less, None) => {
                Err(FieldError::new("value", "is missing"))
            }
            (Comparison::Equals, Some(value)) => Ok(Self::Equals { variable, value }),
            (Comparison::Less, Some(value)) if Decimal::parse(&value).is_none() => {
                Err(FieldError::new("value", "must be a number"))
            }
            (Comparison::Less, Some(value)) => Ok(Self::Less { variable, value }),
        }
    }
}

impl Node for If {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let filled = |name: &str| run.variable(name).filter(|value| !value.is_empty());
        let holds = match self {
            Self::Exists { variable } => filled(variable).is_some(),
            Self::Equals { variable, value } => filled(variable).unwrap_or("") == value,
            Self::Less { variable, value } => filled(variable)
                .and_then(|variable| Decimal::parse(variable).zip(Decimal::parse(value)))
                .is_some_and(|(a, b)| a.is_less(&b)),
            Self::When(expression) => match run.evaluate(expression).as_deref() {
                Some("true") => true,
                Some("false") => false,
                Some(_) | None => return Step::Leave("error"),
            },
        };
        Step::Leave(if holds { "true" } else { "false" })
    }

    fn must_wire(&self) -> &'static [&'static str] {
        match self {
            Self::When(_) => &["error"],
            Self::Equals { .. } | Self::Less { .. } | Self::Exists { .. } => &[],
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        match self {
            Self::Exists { variable } => {
                traffic.reads("variable", variable).may_be_unset = true;
                traffic.known.push((variable.clone(), "true"));
            }
            // A variable without a value is an empty text.
            Self::Equals { variable, value } => {
                traffic.reads("variable", variable).may_be_unset = true;
                if !value.is_empty() {
                    traffic.known.push((variable.clone(), "true"));
                }
            }
            Self::Less { variable, .. } => {
                traffic.reads("variable", variable).wants = Some(Type::Number);
                traffic.known.push((variable.clone(), "true"));
            }
            Self::When(expression) => traffic.computes("when", expression),
        }
    }

    fn scripts(&self) -> Vec<Script<'_>> {
        match self {
            Self::When(expression) => vec![Script::value("when", expression, Some(Type::Boolean))],
            Self::Equals { .. } | Self::Less { .. } | Self::Exists { .. } => Vec::new(),
        }
    }
}

/// A decimal number that is compared without rounding.
struct Decimal<'a> {
    negative: bool,
    whole: u64,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, whole, fraction) = speak::split(text)?;
        let fraction = fraction.trim_end_matches('0');
        Some(Self { negative: negative && (whole > 0 || !fraction.is_empty()), whole, fraction })
    }

    fn is_less(&self, other: &Self) -> bool {
        let size = || self.whole.cmp(&other.whole).then_with(|| self.fraction.cmp(other.fraction));
        match (self.negative, other.negative) {
            (true, false) => true,
            (false, true) => false,
            (false, false) => size() == Ordering::Less,
            (true, true) => size() == Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_and_not_by_text() {
        let less = |a, b| Decimal::parse(a).unwrap().is_less(&Decimal::parse(b).unwrap());
        assert!(less("9", "10"));
        assert!(less("-10", "-9"));
        assert!(less("1.05", "1.5"));
        assert!(!less("1.50", "1.5"));
        assert!(!less("-0", "0"));
        assert!(less("-0.01", "0"));
    }
}
