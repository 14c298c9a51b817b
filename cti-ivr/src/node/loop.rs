//! `loop`: lets a part of the flow happen a number of times.

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "loop",
    group: Group::Logic,
    fields: &[Field::must(
        "times",
        Shape::Count(1, 1000, None),
        "次数",
        "how often it leads by again",
    )],
    kinds: EVERY_KIND,
    // A circle through `again` comes to an end by itself, so it need not wait for anything.
    outlets: &[
        Outlet::waited("again", "还有次数", "it was passed less often than that"),
        Outlet::at_once("done", "次数用完", "it was; counting begins anew"),
    ],
    keys: None,
    ends: false,
    zh: "有限循环：前 times 次走 again，之后走 done 并重新计数",
    en: "Leads by again so many times, then by done, and begins to count anew",
    parse: |value| {
        let node: Loop = fields(value)?;
        if !(1..=1000).contains(&node.times) {
            return Err(FieldError::new("times", "must lie between 1 and 1000"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Loop {
    times: u32,
}

impl Node for Loop {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if run.count_pass() < self.times {
            return Step::Leave("again");
        }
        run.forget_passes();
        Step::Leave("done")
    }
}
