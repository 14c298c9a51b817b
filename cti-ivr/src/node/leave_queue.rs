//! `leave_queue`: the caller gives up his place; his main flow goes on.

use serde::Deserialize;

use super::{Group, Kind, Node, NodeType, Run, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "leave_queue",
    group: Group::Queue,
    fields: &[],
    kinds: &[Kind::Queue],
    outlets: &[],
    keys: None,
    ends: true,
    zh: "离开队列，主流程从 enqueue 的 left 出口继续",
    en: "Leaves the queue; the main flow goes on at the outlet left of its enqueue node",
    parse: |value| fields::<LeaveQueue>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaveQueue {}

impl Node for LeaveQueue {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        Step::LeaveQueue
    }
}
