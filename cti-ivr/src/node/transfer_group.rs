//! `transfer_group`: the telephones of a pickup group ring together.

use std::time::Duration;

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Uses, fields, ring::until_answered, time,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "transfer_group",
    group: Group::Call,
    fields: &[
        Field::must("group", Shape::Text(64), "代答组", "the pickup group of the seats"),
        Field::must(
            "ring_ms",
            Shape::Millis(1000, 180_000, None),
            "振铃时长",
            "how long they ring",
        ),
        Field::may("prompt", Shape::Prompt, "等待音", "what the caller hears meanwhile"),
    ],
    kinds: SENDS_ON,
    outlets: &[Outlet::waited("failed", "组内无人接听", "nobody of the group answered")],
    keys: None,
    ends: true,
    zh: "转接工作组：同一代答组的话机同时振铃，先接者通话；接通后流程结束",
    en: "Rings all telephones of a pickup group at once; the session ends when one answers",
    parse: |value| {
        let fields: Fields = fields(value)?;
        if fields.group.is_empty() {
            return Err(FieldError::new("group", "is empty"));
        }
        let ring_for = time("ring_ms", fields.ring_ms, 1000, 180_000)?;
        Ok(Box::new(TransferGroup { group: fields.group, ring_for, prompt: fields.prompt }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    group: String,
    ring_ms: u64,
    #[serde(default)]
    prompt: Prompt,
}

#[derive(Debug)]
struct TransferGroup {
    group: String,
    ring_for: Duration,
    prompt: Prompt,
}

impl Node for TransferGroup {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.play(self.prompt.clips().to_vec(), true);
        run.emit(FlowEffect::RingGroup { group: self.group.clone(), ring_for: self.ring_for });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        until_answered(state, what)
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.groups.insert(self.group.clone());
        uses.prompt(&self.prompt);
    }
}
