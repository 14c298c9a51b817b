//! `record_message`: the caller leaves a message.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    flow::{FlowEffect, RecordInto},
    id::MailboxId,
};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape, State, Step, Traffic,
    Uses, fields, mailbox::Which, menu::one_key, note_message::LEAVES_MESSAGES, time,
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
        Field::may(
            "mailbox",
            Shape::Mailbox,
            "信箱",
            "where it is kept; among the messages of all when absent",
        ),
        Field::may("from", Shape::Variable, "信箱变量", "the variable with the mailbox"),
        Field::may(
            "call_back",
            Shape::Variable,
            "回电号码变量",
            "the variable with the number to call back",
        ),
    ],
    kinds: LEAVES_MESSAGES,
    outlets: &[
        Outlet::waited("saved", "留言已保存", "the message is kept"),
        Outlet::waited("empty", "没有留言或太短", "there is no message, or it is too short"),
    ],
    keys: None,
    ends: false,
    zh: "留言：提示音后录音，静音、超时或结束键结束；指定信箱则存入该信箱",
    en: "Records a message after the prompt, until silence, the limit or the finishing key; kept in a mailbox where one is named",
    parse: |value| parse(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
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
    #[serde(default)]
    mailbox: Option<MailboxId>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    call_back: Option<String>,
}

fn one_second() -> u64 {
    1000
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
pub(super) fn pound() -> Option<char> {
    Some('#')
}

fn parse(fields: Fields) -> Result<Recorder, FieldError> {
    let Fields { prompt, limit_ms, silence_ms, min_ms, finish_on, mailbox, from, call_back } =
        fields;
    let into = match (mailbox, from) {
        (None, None) if call_back.is_some() => {
            return Err(FieldError::new("call_back", "is kept with messages of a mailbox alone"));
        }
        (None, None) => Purpose::Nothing,
        (mailbox, from) => Purpose::Message { which: Which::new(mailbox, from)?, call_back },
    };
    Recorder::new(prompt, Times { limit_ms, silence_ms, min_ms }, finish_on, into)
}

/// The lengths that matter, in milliseconds.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) limit_ms: u64,
    pub(super) silence_ms: u64,
    pub(super) min_ms: u64,
}

/// What the recording becomes.
#[derive(Debug)]
pub(super) enum Purpose {
    /// A recording like any other.
    Nothing,
    /// A message in a mailbox.
    Message { which: Which, call_back: Option<String> },
    /// The greeting of a mailbox.
    Greeting(Which),
}

/// Records the caller, for the nodes that let him speak.
#[derive(Debug)]
pub(super) struct Recorder {
    prompt: Prompt,
    limit: Duration,
    silence: Duration,
    shortest: Duration,
    finish_on: Option<char>,
    purpose: Purpose,
}

impl Recorder {
    pub(super) fn new(
        prompt: Prompt,
        times: Times,
        finish_on: Option<char>,
        purpose: Purpose,
    ) -> Result<Self, FieldError> {
        one_key("finish_on", finish_on)?;
        Ok(Self {
            prompt,
            limit: time("limit_ms", times.limit_ms, 1000, 3_600_000)?,
            silence: time("silence_ms", times.silence_ms, 500, 60_000)?,
            shortest: time("min_ms", times.min_ms, 0, 60_000)?,
            finish_on,
            purpose,
        })
    }

    fn record(&self, run: &mut Run<'_>) -> Step {
        run.flush();
        let into = match &self.purpose {
            Purpose::Nothing => None,
            Purpose::Message { which, call_back } => {
                let Some(mailbox) = which.mailbox(run) else { return Step::Leave("empty") };
                let number = call_back.as_ref().and_then(|name| run.variable(name));
                let call_back = number.and_then(|it| PhoneNumber::parse(it).ok());
                let call_back = call_back.filter(|it| !it.is_withheld());
                Some(RecordInto::Message { mailbox, call_back, shortest: self.shortest })
            }
            Purpose::Greeting(which) => {
                let Some(mailbox) = which.mailbox(run) else { return Step::Leave("empty") };
                Some(RecordInto::Greeting { mailbox })
            }
        };
        run.emit(FlowEffect::RecordMessage { limit: self.limit, silence: self.silence, into });
        Step::Wait(State::Message { recording: true })
    }
}

impl Node for Recorder {
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
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed => {}
        }
        Step::Wait(state)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        match &self.purpose {
            Purpose::Nothing => {}
            Purpose::Message { which, call_back } => {
                which.traffic(traffic);
                if let Some(variable) = call_back {
                    traffic.reads("call_back", variable).may_be_unset = true;
                }
            }
            Purpose::Greeting(which) => which.traffic(traffic),
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
        match &self.purpose {
            Purpose::Nothing => {}
            Purpose::Message { which, .. } | Purpose::Greeting(which) => which.uses(uses),
        }
    }
}
