//! `answer`: accepts the call.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{Group, Kind, Node, NodeType, Outlet, Run, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "answer",
    group: Group::Call,
    fields: &[],
    kinds: &[Kind::Inbound],
    outlets: &[Outlet::at_once("next", "已应答", "the call is accepted")],
    keys: None,
    ends: false,
    zh: "应答来电；已应答时无作用",
    en: "Accepts the call; does nothing when it is accepted already",
    parse: |value| fields::<Answer>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {}

impl Node for Answer {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.emit(FlowEffect::Answer);
        Step::Leave("next")
    }
}
