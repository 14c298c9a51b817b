//! `set_caller_attr`: keeps what the flow learned of the caller with the call.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    EVERY_KIND, Exposure, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step,
    Traffic, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "set_caller_attr",
    group: Group::Call,
    fields: &[
        Field::must(
            "attribute",
            Shape::Text(64),
            "属性",
            "which attribute: vip, language, district …",
        ),
        Field::may("value", Shape::Text(1000), "固定值", "a fixed text"),
        Field::may("from", Shape::Variable, "取自变量", "the variable whose value it gets"),
    ],
    kinds: EVERY_KIND,
    outlets: &[Outlet::at_once("next", "已设置", "the attribute is set")],
    keys: None,
    ends: false,
    zh: "设置来电人属性，写入随路数据 caller.名称，供路由和话务员使用",
    en: "Sets an attribute of the caller in the call's data as caller.name, for routing and agents",
    parse: |value| {
        let node: SetAttribute = fields(value)?;
        if node.attribute.is_empty() || node.attribute.chars().count() > 64 {
            return Err(FieldError::new("attribute", "has 1 to 64 characters"));
        }
        if node.value.is_some() == node.from.is_some() {
            return Err(FieldError::new("value", "give either value or from"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetAttribute {
    attribute: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    from: Option<String>,
}

impl Node for SetAttribute {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let copied = self.from.as_deref().map(|from| run.variable(from).unwrap_or(""));
        let value = copied.or(self.value.as_deref()).unwrap_or("").to_owned();
        run.emit(FlowEffect::SetData { key: format!("caller.{}", self.attribute), value });
        Step::Leave("next")
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Some(variable) = &self.from {
            traffic.reads("from", variable).exposure = Exposure::Shown;
        }
    }
}
