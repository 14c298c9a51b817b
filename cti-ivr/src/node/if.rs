//! `if`: a variable chooses between two ways.

use std::cmp::Ordering;

use serde::Deserialize;

use super::{EVERY_KIND, FieldError, Node, NodeType, Outlet, Run, Step, fields};
use crate::speak;

pub(super) static TYPE: NodeType = NodeType {
    name: "if",
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("true", "条件成立", "the comparison holds"),
        Outlet::at_once("false", "条件不成立或无法比较", "it does not hold, or cannot be made"),
    ],
    keys: None,
    ends: false,
    zh: "比较变量：equals 等于文本，less 小于数字，exists 有值",
    en: "Compares a variable: equals a text, less than a number, or exists",
    parse: |value| {
        let node: If = fields(value)?;
        match (node.is, &node.value) {
            (Comparison::Exists, Some(_)) => {
                Err(FieldError::new("value", "exists compares with nothing"))
            }
            (Comparison::Equals | Comparison::Less, None) => {
                Err(FieldError::new("value", "is missing"))
            }
            (Comparison::Less, Some(value)) if Decimal::parse(value).is_none() => {
                Err(FieldError::new("value", "must be a number"))
            }
            (Comparison::Exists, None) | (Comparison::Equals | Comparison::Less, Some(_)) => {
                Ok(Box::new(node))
            }
        }
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct If {
    variable: String,
    is: Comparison,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Comparison {
    Equals,
    Less,
    Exists,
}

impl Node for If {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let variable = run.variable(&self.variable).filter(|value| !value.is_empty());
        let holds = match (self.is, variable, &self.value) {
            (Comparison::Exists, variable, _) => variable.is_some(),
            (Comparison::Equals, variable, value) => {
                variable.unwrap_or("") == value.as_deref().unwrap_or("")
            }
            (Comparison::Less, Some(variable), Some(value)) => Decimal::parse(variable)
                .zip(Decimal::parse(value))
                .is_some_and(|(a, b)| a.is_less(&b)),
            (Comparison::Less, None, _) | (Comparison::Less, _, None) => false,
        };
        Step::Leave(if holds { "true" } else { "false" })
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
