//! `set`: gives a variable a value.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{EVERY_KIND, FieldError, Node, NodeType, Outlet, Run, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "set",
    kinds: EVERY_KIND,
    outlets: &[Outlet::at_once("next", "已赋值", "the value is set")],
    keys: None,
    ends: false,
    zh: "给变量赋值；share 为真时写入随路数据，话务员可见",
    en: "Gives a variable a value; with share it goes into the call's data, which agents see",
    parse: |value| {
        let node: Set = fields(value)?;
        if node.variable.is_empty() {
            return Err(FieldError::new("variable", "is empty"));
        }
        if node.value.is_some() == node.from.is_some() {
            return Err(FieldError::new("value", "give either value or from"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    variable: String,
    /// A fixed text.
    #[serde(default)]
    value: Option<String>,
    /// Another variable; an empty text when it has no value.
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    share: bool,
}

impl Node for Set {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let copied = self.from.as_deref().map(|from| run.variable(from).unwrap_or(""));
        let value = copied.or(self.value.as_deref()).unwrap_or("").to_owned();
        run.assign(&self.variable, &value);
        if self.share {
            run.emit(FlowEffect::SetData { key: self.variable.clone(), value });
        }
        Step::Leave("next")
    }
}
