//! `goto_flow`: the session goes on at the entry of another flow.

use cti_core::id::FlowId;
use serde::Deserialize;

use super::{EVERY_KIND, Node, NodeType, Run, Step, Uses, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "goto_flow",
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
    flow: FlowId,
}

impl Node for GotoFlow {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::Goto(self.flow.clone())
    }

    fn uses(&self, uses: &mut Uses) {
        uses.flows.insert(self.flow.clone());
    }

    fn goes_to(&self) -> Option<&FlowId> {
        Some(&self.flow)
    }
}
