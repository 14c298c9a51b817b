//! `ring`: rings devices one after the other.

use std::time::Duration;

use cti_core::{flow::FlowEffect, id::DeviceId};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Uses, fields, time,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "ring",
    group: Group::Call,
    fields: &[
        Field::must("devices", Shape::Devices(MAX_DEVICES), "话机", "which devices ring, in order"),
        Field::must(
            "each_ms",
            Shape::Millis(1000, 180_000, None),
            "每部振铃时长",
            "how long each one rings",
        ),
        Field::may("prompt", Shape::Prompt, "等待音", "what the caller hears meanwhile"),
    ],
    kinds: SENDS_ON,
    outlets: &[Outlet::waited("failed", "都没有接听", "no device answered")],
    keys: None,
    ends: true,
    zh: "依次呼叫话机；prompt 在振铃时循环播放；接通后流程结束",
    en: "Rings devices in order while `prompt` plays in a loop; the session ends when one answers",
    parse: |value| {
        let fields: Fields = fields(value)?;
        if fields.devices.is_empty() || fields.devices.len() > MAX_DEVICES {
            let reason = format!("must name 1 to {MAX_DEVICES} devices");
            return Err(FieldError::new("devices", reason));
        }
        let each = time("each_ms", fields.each_ms, 1000, 180_000)?;
        Ok(Box::new(Ring { devices: fields.devices, each, prompt: fields.prompt }))
    },
};

/// A node rings at most this many devices.
const MAX_DEVICES: usize = 32;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    devices: Vec<DeviceId>,
    each_ms: u64,
    #[serde(default)]
    prompt: Prompt,
}

#[derive(Debug)]
struct Ring {
    devices: Vec<DeviceId>,
    each: Duration,
    prompt: Prompt,
}

impl Node for Ring {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.play(self.prompt.clips().to_vec(), true);
        run.emit(FlowEffect::RingDevices { devices: self.devices.clone(), ring_for: self.each });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        until_answered(state, what)
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.devices.extend(self.devices.iter().cloned());
        uses.prompt(&self.prompt);
    }
}

/// Waits until somebody answers, for every node that rings people.
pub(super) fn until_answered(state: State, what: Happening) -> Step {
    match what {
        Happening::RingFailed => Step::Leave("failed"),
        Happening::Digit(_)
        | Happening::PlayEnded
        | Happening::TimeOut
        | Happening::LookupDone(_)
        | Happening::SpeechBegan
        | Happening::Listened(_)
        | Happening::LeftQueue(_)
        | Happening::RecordingEnded { .. } => Step::Wait(state),
    }
}
