//! `script`: statements compute values of variables.

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Script, Shape, Source, Step,
    Traffic, fields,
};
use crate::{expression::Expression, flow::Code};

pub(super) static TYPE: NodeType = NodeType {
    name: "script",
    group: Group::Logic,
    fields: &[
        Field::must("code", Shape::Script, "脚本", "the statements"),
        Field::must(
            "assigns",
            Shape::Variables(MAX_ASSIGNED),
            "输出变量",
            "which variables it may assign",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("next", "执行完成", "it is done"),
        Outlet::at_once("error", "脚本出错或超出限制", "it failed, or did too much"),
    ],
    keys: None,
    ends: false,
    zh: "用脚本计算变量；运算次数、深度和大小受限，不能访问外部",
    en: "Computes variables by a script, within limits of operations, depth and size, without a way out",
    parse: |value| Ok(Box::new(ScriptNode::new(fields(value)?)?)),
};

/// A script assigns at most this many variables.
const MAX_ASSIGNED: usize = 32;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    code: String,
    assigns: Vec<String>,
}

#[derive(Debug)]
struct ScriptNode {
    code: Expression,
    assigns: Vec<String>,
}

impl ScriptNode {
    fn new(Fields { code, assigns }: Fields) -> Result<Self, FieldError> {
        if code.len() > 20_000 {
            return Err(FieldError::new("code", "must have at most 20000 characters"));
        }
        if assigns.len() > MAX_ASSIGNED {
            return Err(FieldError::new("assigns", format!("must be at most {MAX_ASSIGNED}")));
        }
        let is_name = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some(wrong) = assigns.iter().find(|name| !is_name(name)) {
            let reason = format!("{wrong:?} must be of letters, digits and _");
            return Err(FieldError::new("assigns", reason));
        }
        let code = Expression::script(&code)
            .map_err(|reason| FieldError::coded(Code::ExpressionError, "code", reason))?;
        Ok(Self { code, assigns })
    }
}

impl Node for ScriptNode {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        match run.compute(&self.code, &self.assigns) {
            Some(values) => {
                values.iter().for_each(|(name, value)| run.assign(name, value));
                Step::Leave("next")
            }
            None => Step::Leave("error"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let reads: Vec<String> = self.code.reads().iter().cloned().collect();
        for variable in &reads {
            // What it assigns it may use without a value from before.
            traffic.reads("code", variable).may_be_unset = self.assigns.contains(variable);
        }
        for name in &self.assigns {
            let others = reads.iter().filter(|read| *read != name).cloned().collect();
            traffic.writes("assigns", name, Some("next"), Source::Made(None, others));
        }
    }

    fn scripts(&self) -> Vec<Script<'_>> {
        let mut script = Script::value("code", &self.code, None);
        script.assigns = &self.assigns;
        vec![script]
    }
}
