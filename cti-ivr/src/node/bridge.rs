//! `bridge`: joins the caller with a number; when the other has hung up, the caller goes on in another flow.

use cti_core::{
    address::PhoneNumber, data::AFTER_CALL_FLOW, flow::FlowEffect, id::FlowId, target::Target,
};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Traffic, Uses, fields, transfer_external::Where,
};
use crate::{flow::Kind, prompt::Prompt};

pub(super) static TYPE: NodeType = NodeType {
    name: "bridge",
    group: Group::Call,
    fields: &[
        Field::may("number", Shape::Text(32), "号码", "the number, as one would dial it"),
        Field::may("from", Shape::Variable, "号码变量", "the variable with the number"),
        Field::must("then", Shape::Flow, "后续流程", "a flow of kind after_call"),
        Field::may("prompt", Shape::Prompt, "等待音", "what the caller hears meanwhile"),
    ],
    kinds: SENDS_ON,
    outlets: &[
        Outlet::at_once("unknown", "不是电话号码", "this is no telephone number").optional(),
        Outlet::waited("failed", "没有接通", "nobody answered, or no way leads there"),
    ],
    keys: None,
    ends: true,
    zh: "与外线或内部号码通话；对方挂机后来电人不挂断，进入后续流程；from 时 unknown 必须接线",
    en: "Joins the caller with a number; when the other has hung up, the caller goes on in the flow then; with from the outlet unknown must be wired",
    parse: |value| Ok(Box::new(Bridge::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    number: Option<PhoneNumber>,
    #[serde(default)]
    from: Option<String>,
    then: FlowId,
    #[serde(default)]
    prompt: Prompt,
}

#[derive(Debug)]
struct Bridge {
    to: Where,
    then: FlowId,
    prompt: Prompt,
}

impl Bridge {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let Fields { number, from, then, prompt } = fields;
        Ok(Self { to: Where::new(number, from)?, then, prompt })
    }
}

fn goes_on(run: &mut Run<'_>, value: String) {
    run.emit(FlowEffect::SetData { key: AFTER_CALL_FLOW.name().to_owned(), value });
}

impl Node for Bridge {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let Some(number) = self.to.number(run) else { return Step::Leave("unknown") };
        run.play(self.prompt.clips().to_vec(), true);
        goes_on(run, self.then.to_string());
        run.emit(FlowEffect::GoTo { target: Target::Number(number) });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match what {
            Happening::RingFailed | Happening::LeftQueue(_) => {
                // Whoever serves the caller later is not this one.
                goes_on(run, String::new());
                Step::Leave("failed")
            }
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

    fn names_flow(&self) -> Option<(&'static str, &FlowId, Kind)> {
        Some(("then", &self.then, Kind::AfterCall))
    }

    fn traffic(&self, traffic: &mut Traffic) {
        self.to.traffic(traffic);
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
        uses.flows.insert(self.then.clone());
    }
}
