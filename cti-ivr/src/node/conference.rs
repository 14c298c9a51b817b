//! `conference`: the caller is brought together with several people.

use std::time::Duration;

use cti_core::{address::PhoneNumber, flow::FlowEffect, target::Target};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Uses, fields, ring::until_answered, time,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "conference",
    group: Group::Call,
    fields: &[
        Field::must(
            "members",
            Shape::Texts(1, MAX_MEMBERS),
            "参加者",
            "who takes part: numbers as one would dial them, of devices, agents or outside",
        ),
        Field::must(
            "each_ms",
            Shape::Millis(1000, 180_000, None),
            "每人振铃时长",
            "how long each one rings before the first has answered",
        ),
        Field::may("prompt", Shape::Prompt, "等待音", "what the caller hears until then"),
    ],
    kinds: SENDS_ON,
    outlets: &[Outlet::waited("failed", "无人参加", "nobody answered")],
    keys: None,
    ends: true,
    zh: "会议：依次呼叫参加者，第一个人接听后与来电人通话，其余的人随即被邀请加入；流程结束",
    en: "Rings the members in order; when the first answers he talks with the caller, the others are invited in, and the session ends",
    parse: |value| Ok(Box::new(Conference::new(fields(value)?)?)),
};

/// The most people that one node brings together with the caller.
const MAX_MEMBERS: usize = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    members: Vec<String>,
    each_ms: u64,
    #[serde(default)]
    prompt: Prompt,
}

#[derive(Debug)]
struct Conference {
    members: Vec<Target>,
    each: Duration,
    prompt: Prompt,
}

impl Conference {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.members.is_empty() || fields.members.len() > MAX_MEMBERS {
            let reason = format!("must name 1 to {MAX_MEMBERS} people");
            return Err(FieldError::new("members", reason));
        }
        let member = |(index, text): (usize, &String)| match PhoneNumber::parse(text) {
            Ok(number) if !number.is_withheld() => Ok(Target::Number(number)),
            Ok(_) | Err(_) => Err(FieldError::new(&format!("members[{index}]"), "is no number")),
        };
        let members = fields.members.iter().enumerate().map(member).collect::<Result<_, _>>()?;
        let each = time("each_ms", fields.each_ms, 1000, 180_000)?;
        Ok(Self { members, each, prompt: fields.prompt })
    }
}

impl Node for Conference {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.play(self.prompt.clips().to_vec(), true);
        run.emit(FlowEffect::Conference { members: self.members.clone(), ring_for: self.each });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        until_answered(state, what)
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
    }
}
