//! `record_message`: the caller leaves a message.

use std::time::Duration;

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Kind, Node, NodeType, Outlet, Run, Shape, State, Step,
    Uses, fields, key_of, time,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "record_message",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "提示语音", "what is played before the recording"),
        Field::must(
            "limit_ms",
            Shape::Millis(1000, 3_600_000, None),
            "最长时长",
            "the longest message",
        ),
        Field::must(
            "silence_ms",
            Shape::Millis(500, 60_000, None),
            "静音结束",
            "the silence that ends it",
        ),
        Field::may(
            "min_ms",
            Shape::Millis(0, 60_000, Some(1000)),
            "最短时长",
            "a shorter message counts as none",
        ),
        Field::may("finish_on", Shape::Key(Some("#")), "结束键", "the key that ends it"),
    ],
    kinds: &[Kind::Inbound, Kind::AfterCall, Kind::Outbound, Kind::Voicemail],
    outlets: &[
        Outlet::waited("saved", "留言已保存", "the message is kept"),
        Outlet::waited("empty", "没有留言或太短", "there is no message, or it is too short"),
    ],
    keys: None,
    ends: false,
    zh: "留言：提示音后录音，静音、超时或结束键结束",
    en: "Records a message after the prompt, until silence, the limit or the finishing key",
    parse: |value| Message::new(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    limit_ms: u64,
    silence_ms: u64,
    #[serde(default = "one_second")]
    min_ms: u64,
    #[serde(default = "pound")]
    finish_on: Option<char>,
}

fn one_second() -> u64 {
    1000
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn pound() -> Option<char> {
    Some('#')
}

#[derive(Debug)]
struct Message {
    prompt: Prompt,
    limit: Duration,
    silence: Duration,
    shortest: Duration,
    finish_on: Option<char>,
}

impl Message {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.finish_on.is_some_and(|key| key_of(key).is_none()) {
            return Err(FieldError::new("finish_on", "must be one key: 0-9 * # A-D"));
        }
        Ok(Self {
            prompt: fields.prompt,
            limit: time("limit_ms", fields.limit_ms, 1000, 3_600_000)?,
            silence: time("silence_ms", fields.silence_ms, 500, 60_000)?,
            shortest: time("min_ms", fields.min_ms, 0, 60_000)?,
            finish_on: fields.finish_on,
        })
    }

    fn record(&self, run: &mut Run<'_>) -> Step {
        run.flush();
        run.emit(FlowEffect::RecordMessage { limit: self.limit, silence: self.silence });
        Step::Wait(State::Message { recording: true })
    }
}

impl Node for Message {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.flush();
        if run.play(self.prompt.clips().to_vec(), false) {
            Step::Wait(State::Message { recording: false })
        } else {
            self.record(run)
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Message { recording } = state else { return Step::Wait(state) };
        match what {
            Happening::PlayEnded if !recording => return self.record(run),
            Happening::Digit(digit) if recording && self.finish_on == Some(digit) => {
                run.emit(FlowEffect::StopRecording);
            }
            Happening::RecordingEnded { saved, length } if recording => {
                let kept = saved && length >= self.shortest;
                return Step::Leave(if kept { "saved" } else { "empty" });
            }
            Happening::PlayEnded
            | Happening::Digit(_)
            | Happening::RecordingEnded { .. }
            | Happening::TimeOut
            | Happening::LookupDone(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed => {}
        }
        Step::Wait(state)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
    }
}
