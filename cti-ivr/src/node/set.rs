//! `set`: gives a variable a value.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Script, Shape, Source, Step,
    Traffic, compiled, fields,
};
use crate::expression::Expression;

pub(super) static TYPE: NodeType = NodeType {
    name: "set",
    group: Group::Logic,
    fields: &[
        Field::must("variable", Shape::Variable, "变量", "which variable gets the value"),
        Field::may("value", Shape::Text(1000), "固定值", "a fixed text"),
        Field::may("from", Shape::Variable, "取自变量", "the variable whose value it gets"),
        Field::may("expression", Shape::Expression, "表达式", "the expression whose value it gets"),
        Field::may(
            "share",
            Shape::Flag(false),
            "写入随路数据",
            "agents see it and the log keeps it",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("next", "已赋值", "the value is set"),
        Outlet::at_once("error", "表达式出错", "the expression failed").optional(),
    ],
    keys: None,
    ends: false,
    zh: "给变量赋值：固定值、另一变量或表达式（此时 error 必须接线）；share 为真时写入随路数据，话务员可见",
    en: "Gives a variable a value: a text, another variable's, or an expression's, which needs the outlet error; with share it goes into the call's data, which agents see",
    parse: |value| Ok(Box::new(Set::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    variable: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    expression: Option<String>,
    #[serde(default)]
    share: bool,
}

#[derive(Debug)]
struct Set {
    variable: String,
    value: Value,
    share: bool,
}

#[derive(Debug)]
enum Value {
    Text(String),
    /// Another variable; an empty text when it has no value.
    From(String),
    Expression(Expression),
}

impl Set {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.variable.is_empty() {
            return Err(FieldError::new("variable", "is empty"));
        }
        let value = match (fields.value, fields.from, fields.expression) {
            (Some(text), None, None) => Value::Text(text),
            (None, Some(variable), None) => Value::From(variable),
            (None, None, Some(text)) => Value::Expression(compiled("expression", &text)?),
            (None, None, None)
            | (Some(_), Some(_), _)
            | (Some(_), _, Some(_))
            | (_, Some(_), Some(_)) => {
                return Err(FieldError::new("value", "give one of value, from and expression"));
            }
        };
        Ok(Self { variable: fields.variable, value, share: fields.share })
    }
}

impl Node for Set {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let value = match &self.value {
            Value::Text(text) => text.clone(),
            Value::From(variable) => run.variable(variable).unwrap_or("").to_owned(),
            Value::Expression(expression) => match run.evaluate(expression) {
                Some(value) => value,
                None => return Step::Leave("error"),
            },
        };
        run.assign(&self.variable, &value);
        if self.share {
            run.emit(FlowEffect::SetData { key: self.variable.clone(), value });
        }
        Step::Leave("next")
    }

    fn must_wire(&self) -> &'static [&'static str] {
        match self.value {
            Value::Expression(_) => &["error"],
            Value::Text(_) | Value::From(_) => &[],
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let (field, source) = match &self.value {
            Value::Text(text) => ("value", Source::Literal(text.clone())),
            Value::From(variable) => {
                traffic.reads("from", variable);
                ("from", Source::Copy(variable.clone()))
            }
            Value::Expression(expression) => {
                traffic.computes("expression", expression);
                let reads = expression.reads().iter().cloned().collect();
                ("expression", Source::Made(None, reads))
            }
        };
        traffic.writes(field, &self.variable, Some("next"), source);
        if self.share {
            traffic.shows.push(("share", self.variable.clone()));
        }
    }

    fn scripts(&self) -> Vec<Script<'_>> {
        match &self.value {
            Value::Expression(expression) => {
                let mut script = Script::value("expression", expression, None);
                script.into = Some(&self.variable);
                vec![script]
            }
            Value::Text(_) | Value::From(_) => Vec::new(),
        }
    }
}
