//! `log_tag`: marks the call for reports and agents.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    EVERY_KIND, Exposure, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step,
    Traffic, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "log_tag",
    group: Group::Data,
    fields: &[
        Field::must("tag", Shape::Text(64), "标签", "the name of the tag"),
        Field::may(
            "from",
            Shape::Variable,
            "取值变量",
            "the variable whose value the tag has; yes by default",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[Outlet::at_once("next", "已打标签", "the call is marked")],
    keys: None,
    ends: false,
    zh: "给来电打标签，写入随路数据 tag.名称，供报表和话务员使用",
    en: "Marks the call in its data as tag.name, for reports and agents",
    parse: |value| {
        let node: LogTag = fields(value)?;
        if node.tag.is_empty() || node.tag.chars().count() > 64 {
            return Err(FieldError::new("tag", "has 1 to 64 characters"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogTag {
    tag: String,
    #[serde(default)]
    from: Option<String>,
}

impl Node for LogTag {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let value = match &self.from {
            Some(variable) => run.variable(variable).unwrap_or("").to_owned(),
            None => "yes".to_owned(),
        };
        run.emit(FlowEffect::SetData { key: format!("tag.{}", self.tag), value });
        Step::Leave("next")
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Some(variable) = &self.from {
            traffic.reads("from", variable).exposure = Exposure::Shown;
        }
    }
}
