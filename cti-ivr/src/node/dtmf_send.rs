//! `dtmf_send`: keys are pressed for whoever is at the other end.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    Exposure, Field, FieldError, Group, HEARD, Node, NodeType, Outlet, Run, Shape, Step, Traffic,
    fields, key_of,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "dtmf_send",
    group: Group::Media,
    fields: &[
        Field::may("digits", Shape::Text(MAX_DIGITS), "按键", "keys: 0-9 * # A-D"),
        Field::may("from", Shape::Variable, "按键变量", "the variable with the keys"),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::at_once("next", "已发送", "the keys are sent"),
        Outlet::at_once("unknown", "不是按键", "these are no keys").optional(),
    ],
    keys: None,
    ends: false,
    zh: "向对方发送按键音；from 时 unknown 必须接线",
    en: "Sends keys to the other end; with from the outlet unknown must be wired",
    parse: |value| Ok(Box::new(DtmfSend::new(fields(value)?)?)),
};

/// At most this many keys are sent.
const MAX_DIGITS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    digits: Option<String>,
    #[serde(default)]
    from: Option<String>,
}

#[derive(Debug)]
enum DtmfSend {
    Digits(String),
    From(String),
}

impl DtmfSend {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        match (fields.digits, fields.from) {
            (Some(digits), None) if are_keys(&digits) => Ok(Self::Digits(digits)),
            (Some(_), None) => Err(FieldError::new("digits", "are 1 to 64 keys: 0-9 * # A-D")),
            (None, Some(variable)) => Ok(Self::From(variable)),
            (Some(_), Some(_)) | (None, None) => {
                Err(FieldError::new("digits", "give either digits or from"))
            }
        }
    }
}

fn are_keys(text: &str) -> bool {
    (1..=MAX_DIGITS).contains(&text.len()) && text.chars().all(|it| key_of(it).is_some())
}

impl Node for DtmfSend {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let digits = match self {
            Self::Digits(digits) => Some(digits.as_str()),
            Self::From(variable) => run.variable(variable).filter(|text| are_keys(text)),
        };
        let Some(digits) = digits.map(str::to_owned) else { return Step::Leave("unknown") };
        run.emit(FlowEffect::SendDigits { digits });
        Step::Leave("next")
    }

    fn must_wire(&self) -> &'static [&'static str] {
        match self {
            Self::Digits(_) => &[],
            Self::From(_) => &["unknown"],
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Self::From(variable) = self {
            traffic.reads("from", variable).exposure = Exposure::Spoken;
        }
    }
}
