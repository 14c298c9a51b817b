//! `transfer_external`: the call goes to a number outside, or of the house.

use cti_core::{address::PhoneNumber, flow::FlowEffect, target::Target};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Traffic, Uses, fields,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "transfer_external",
    group: Group::Call,
    fields: &[
        Field::may("number", Shape::Text(32), "号码", "the number, as one would dial it"),
        Field::may("from", Shape::Variable, "号码变量", "the variable with the number"),
        Field::may("prompt", Shape::Prompt, "等待音", "what the caller hears meanwhile"),
    ],
    kinds: SENDS_ON,
    outlets: &[
        Outlet::at_once("unknown", "不是电话号码", "this is no telephone number").optional(),
        Outlet::waited("failed", "没有接通", "nobody answered, or no way leads there"),
    ],
    keys: None,
    ends: true,
    zh: "转接到外线或内部号码；接通后流程结束；from 时 unknown 必须接线",
    en: "Sends the call to a number; the session ends when somebody answers; with from the outlet unknown must be wired",
    parse: |value| Ok(Box::new(TransferExternal::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    number: Option<PhoneNumber>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    prompt: Prompt,
}

#[derive(Debug)]
struct TransferExternal {
    to: Where,
    prompt: Prompt,
}

/// Which number is called.
#[derive(Debug)]
pub(super) enum Where {
    Number(PhoneNumber),
    /// The variable with it.
    From(String),
}

impl Where {
    pub(super) fn new(
        number: Option<PhoneNumber>,
        from: Option<String>,
    ) -> Result<Self, FieldError> {
        match (number, from) {
            (Some(number), None) => Ok(Self::Number(number)),
            (None, Some(variable)) => Ok(Self::From(variable)),
            (Some(_), Some(_)) | (None, None) => {
                Err(FieldError::new("number", "give either number or from"))
            }
        }
    }

    pub(super) fn number(&self, run: &Run<'_>) -> Option<PhoneNumber> {
        match self {
            Self::Number(number) => Some(number.clone()),
            Self::From(variable) => {
                run.variable(variable).and_then(|text| PhoneNumber::parse(text).ok())
            }
        }
    }

    pub(super) fn must_wire(&self) -> &'static [&'static str] {
        match self {
            Self::Number(_) => &[],
            Self::From(_) => &["unknown"],
        }
    }

    pub(super) fn traffic(&self, traffic: &mut Traffic) {
        if let Self::From(variable) = self {
            traffic.reads("from", variable);
        }
    }
}

impl TransferExternal {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        Ok(Self { to: Where::new(fields.number, fields.from)?, prompt: fields.prompt })
    }
}

impl Node for TransferExternal {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let Some(number) = self.to.number(run) else { return Step::Leave("unknown") };
        run.play(self.prompt.clips().to_vec(), true);
        run.emit(FlowEffect::GoTo { target: Target::Number(number) });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        match what {
            Happening::RingFailed | Happening::LeftQueue(_) => Step::Leave("failed"),
            Happening::Digit(_)
            | Happening::PlayEnded
            | Happening::TimeOut
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LookupDone(_)
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn must_wire(&self) -> &'static [&'static str] {
        self.to.must_wire()
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn traffic(&self, traffic: &mut Traffic) {
        self.to.traffic(traffic);
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
    }
}
