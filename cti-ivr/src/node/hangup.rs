//! `hangup`: ends the session, and with a main session the call.

use serde::Deserialize;

use super::{EVERY_KIND, Group, Node, NodeType, Run, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "hangup",
    group: Group::Call,
    fields: &[],
    kinds: EVERY_KIND,
    outlets: &[],
    keys: None,
    ends: true,
    zh: "结束流程；主流程结束时挂机",
    en: "Ends the session; a main session's call is hung up",
    parse: |value| fields::<Hangup>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hangup {}

impl Node for Hangup {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::End
    }
}
