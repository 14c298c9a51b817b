//! `change_priority`: who waits is served earlier, or later.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{Field, Group, Kind, Node, NodeType, Outlet, Run, Shape, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "change_priority",
    group: Group::Queue,
    fields: &[Field::must(
        "priority",
        Shape::Count(0, 255, None),
        "优先级",
        "higher is served first",
    )],
    kinds: &[Kind::Queue],
    outlets: &[Outlet::at_once("next", "已调整", "the priority is changed")],
    keys: None,
    ends: false,
    zh: "调整正在排队的来电的优先级，数大者先接",
    en: "Changes the priority of the caller who waits; higher is served first",
    parse: |value| fields::<ChangePriority>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePriority {
    priority: u8,
}

impl Node for ChangePriority {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.emit(FlowEffect::SetPriority { priority: self.priority });
        Step::Leave("next")
    }
}
