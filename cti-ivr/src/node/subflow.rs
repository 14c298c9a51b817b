//! `subflow`: uses another flow and comes back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Argument, Call, EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape,
    Source, Step, Target, Traffic, Uses, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "subflow",
    group: Group::Logic,
    fields: &[
        Field::must("flow", Shape::Flow, "子流程", "which flow is used"),
        Field::may("arguments", Shape::Arguments, "参数", "what its parameters get"),
        Field::may(
            "results",
            Shape::TextMap,
            "结果",
            "which of its variables go into which of ours",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("done", "子流程完成", "it returned done"),
        Outlet::at_once("failed", "子流程未成功", "it returned failed").optional(),
        Outlet::at_once("error", "子流程出错或不存在", "it broke, or is not there"),
    ],
    keys: None,
    ends: false,
    zh: "调用子流程，return 后从 done 或 failed 出口继续；参数和结果按名字传递，其他变量互不可见",
    en: "Uses another flow and goes on by done or failed when that returns; parameters and results are passed by name, other variables stay apart",
    parse: |value| Ok(Box::new(Subflow::new(fields(value)?)?)),
};

/// A sub-flow gets and gives at most this many values.
const MAX_VALUES: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    flow: Target,
    #[serde(default)]
    arguments: BTreeMap<String, Argument>,
    #[serde(default)]
    results: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Subflow(Call);

impl Subflow {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let Fields { flow: target, arguments, results } = fields;
        for (field, length) in [("arguments", arguments.len()), ("results", results.len())] {
            if length > MAX_VALUES {
                return Err(FieldError::new(field, format!("must be at most {MAX_VALUES}")));
            }
        }
        Ok(Self(Call { target, arguments, results }))
    }
}

impl Node for Subflow {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::Call(self.0.target.clone())
    }

    fn calls(&self) -> Option<&Call> {
        Some(&self.0)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        for argument in self.0.arguments.values() {
            if let Argument::Variable { from } = argument {
                traffic.reads("arguments", from);
            }
        }
        for ours in self.0.results.values() {
            // Types and secrecy are checked against the other flow.
            traffic.writes("results", ours, Some("done"), Source::Returned);
            traffic.writes("results", ours, Some("failed"), Source::Returned);
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.flows.insert(self.0.target.flow.clone());
    }
}
