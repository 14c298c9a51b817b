//! `random_split`: sends callers different ways in given shares.

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "random_split",
    group: Group::Logic,
    fields: &[Field::must(
        "shares",
        Shape::Shares(2, SHARES.len()),
        "份额",
        "how many of all callers go by share_1, share_2 …, in any unit",
    )],
    kinds: EVERY_KIND,
    outlets: &[
        share("share_1"),
        share("share_2"),
        share("share_3"),
        share("share_4"),
        share("share_5"),
        share("share_6"),
    ],
    keys: None,
    ends: false,
    zh: "按份额随机分流；同一会话重放时结果相同",
    en: "Sends callers different ways in given shares; a session that is replayed goes the same way",
    parse: |value| Ok(Box::new(Split::new(fields(value)?)?)),
};

const SHARES: [&str; 6] = ["share_1", "share_2", "share_3", "share_4", "share_5", "share_6"];

const fn share(name: &'static str) -> Outlet {
    Outlet::at_once(name, "分到这一份", "he belongs to this share").optional()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Split {
    shares: Vec<u32>,
}

impl Split {
    fn new(node: Self) -> Result<Self, FieldError> {
        if !(2..=SHARES.len()).contains(&node.shares.len()) {
            return Err(FieldError::new("shares", format!("must be 2 to {}", SHARES.len())));
        }
        if node.shares.iter().any(|share| !(1..=10_000).contains(share)) {
            return Err(FieldError::new("shares", "each must lie between 1 and 10000"));
        }
        Ok(node)
    }
}

impl Node for Split {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let all = self.shares.iter().map(|share| u64::from(*share)).sum();
        let mut drawn = run.random_below(all);
        for (share, outlet) in self.shares.iter().zip(SHARES) {
            if drawn < u64::from(*share) {
                return Step::Leave(outlet);
            }
            drawn -= u64::from(*share);
        }
        Step::Leave(SHARES[0])
    }

    fn must_wire(&self) -> &'static [&'static str] {
        SHARES.get(..self.shares.len()).unwrap_or(&SHARES)
    }

    fn takes(&self, outlet: &str) -> bool {
        SHARES.iter().position(|share| *share == outlet).is_none_or(|at| at < self.shares.len())
    }
}
