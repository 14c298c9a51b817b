//! `switch`: the value of a variable chooses one of several ways.

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step, Traffic, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "switch",
    group: Group::Logic,
    fields: &[
        Field::must("variable", Shape::Variable, "变量", "whose value chooses"),
        Field::must(
            "cases",
            Shape::Texts(1, CASES.len()),
            "取值",
            "the values, in the order of the outlets case_1, case_2 …",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        case("case_1"),
        case("case_2"),
        case("case_3"),
        case("case_4"),
        case("case_5"),
        case("case_6"),
        case("case_7"),
        case("case_8"),
        case("case_9"),
        case("case_10"),
        case("case_11"),
        case("case_12"),
        Outlet::at_once("default", "其他取值", "it has none of these values"),
    ],
    keys: None,
    ends: false,
    zh: "按变量的取值选择出口：第几个取值就走第几个出口，都不是走 default",
    en: "The value of a variable chooses: the first case leads by case_1, and so on; any other by default",
    parse: |value| Ok(Box::new(Switch::new(fields(value)?)?)),
};

const CASES: [&str; 12] = [
    "case_1", "case_2", "case_3", "case_4", "case_5", "case_6", "case_7", "case_8", "case_9",
    "case_10", "case_11", "case_12",
];

const fn case(name: &'static str) -> Outlet {
    Outlet::at_once(name, "取值相符", "it has this value").optional()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    variable: String,
    cases: Vec<String>,
}

impl Switch {
    fn new(node: Self) -> Result<Self, FieldError> {
        if !(1..=CASES.len()).contains(&node.cases.len()) {
            return Err(FieldError::new("cases", format!("must be 1 to {}", CASES.len())));
        }
        let twice = (1..node.cases.len()).find(|at| node.cases[..*at].contains(&node.cases[*at]));
        match twice {
            None => Ok(node),
            Some(at) => {
                let reason = format!("{:?} occurs twice", node.cases[at]);
                Err(FieldError::new("cases", reason))
            }
        }
    }
}

impl Node for Switch {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let value = run.variable(&self.variable).unwrap_or("");
        let found = self.cases.iter().position(|case| case == value);
        Step::Leave(found.map_or("default", |at| CASES[at]))
    }

    fn must_wire(&self) -> &'static [&'static str] {
        CASES.get(..self.cases.len()).unwrap_or(&CASES)
    }

    fn takes(&self, outlet: &str) -> bool {
        CASES.iter().position(|case| *case == outlet).is_none_or(|at| at < self.cases.len())
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("variable", &self.variable).may_be_unset = true;
    }
}
