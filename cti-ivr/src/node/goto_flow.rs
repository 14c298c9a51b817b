//! `goto_flow`: the session goes on at the entry of another flow.

use serde::Deserialize;

use super::{EVERY_KIND, Field, Group, Node, NodeType, Run, Shape, Step, Target, Uses, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "goto_flow",
    group: Group::Logic,
    fields: &[Field::must("flow", Shape::Flow, "流程", "which flow goes on")],
    kinds: EVERY_KIND,
    outlets: &[],
    keys: None,
    ends: true,
    zh: "转到另一个流程的入口，变量保留",
    en: "Goes on at the entry of another flow of the same kind; variables are kept",
    parse: |value| fields::<GotoFlow>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GotoFlow {
    flow: Target,
}

impl Node for GotoFlow {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::Goto(self.flow.clone())
    }

    fn uses(&self, uses: &mut Uses) {
        uses.flows.insert(self.flow.flow.clone());
    }

    fn goes_to(&self) -> Option<&Target> {
        Some(&self.flow)
    }
}
