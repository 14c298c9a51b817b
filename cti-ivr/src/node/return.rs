//! `return`: goes back to the flow that uses this one.

use serde::Deserialize;

use super::{EVERY_KIND, Field, Group, Node, NodeType, Run, Shape, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "return",
    group: Group::Logic,
    fields: &[Field::may(
        "result",
        Shape::Choice(&["done", "failed"]),
        "结果",
        "by which outlet the other flow goes on; done by default",
    )],
    kinds: EVERY_KIND,
    outlets: &[],
    keys: None,
    ends: true,
    zh: "返回调用本流程的 subflow 节点；不是被调用时结束流程",
    en: "Goes back to the subflow node that uses this flow; ends the session when none does",
    parse: |value| fields::<Return>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    #[serde(default)]
    result: Outcome,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    #[default]
    Done,
    Failed,
}

impl Node for Return {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::Return(match self.result {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
        })
    }
}
