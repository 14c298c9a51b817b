//! `record_greeting`: whose mailbox it is speaks how it greets.

use cti_core::id::MailboxId;
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Kind, Node, NodeType, Outlet, Shape, fields,
    mailbox::Which,
    record_message::{Purpose, Recorder, Times},
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "record_greeting",
    group: Group::Mailbox,
    fields: &[
        Field::may("mailbox", Shape::Mailbox, "信箱", "whose greeting"),
        Field::may("from", Shape::Variable, "信箱变量", "the variable with the mailbox"),
        Field::must("prompt", Shape::Prompt, "提示语音", "what is played before the recording"),
        Field::must(
            "limit_ms",
            Shape::Millis(1000, 300_000, None),
            "最长时长",
            "the longest greeting",
        ),
        Field::must(
            "silence_ms",
            Shape::Millis(500, 60_000, None),
            "静音结束",
            "the silence that ends it",
        ),
        Field::may("finish_on", Shape::Key(Some("#")), "结束键", "the key that ends it"),
    ],
    kinds: &[Kind::Inbound, Kind::Voicemail],
    outlets: &[
        Outlet::waited("saved", "问候语已保存", "it is the greeting from now on"),
        Outlet::waited("empty", "没有录到", "nothing was said, or there is no such mailbox"),
    ],
    keys: None,
    ends: false,
    zh: "录制信箱的问候语：提示音后录音，静音、超时或结束键结束",
    en: "Records the greeting of a mailbox after the prompt, until silence, the limit or the finishing key",
    parse: |value| parse(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    mailbox: Option<MailboxId>,
    #[serde(default)]
    from: Option<String>,
    prompt: Prompt,
    limit_ms: u64,
    silence_ms: u64,
    #[serde(default = "super::record_message::pound")]
    finish_on: Option<char>,
}

fn parse(fields: Fields) -> Result<Recorder, FieldError> {
    let which = Which::new(fields.mailbox, fields.from)?;
    let Fields { prompt, limit_ms, silence_ms, finish_on, .. } = fields;
    if limit_ms > 300_000 {
        return Err(FieldError::new("limit_ms", "must lie between 1000 and 300000 ms"));
    }
    let times = Times { limit_ms, silence_ms, min_ms: 0 };
    Recorder::new(prompt, times, finish_on, Purpose::Greeting(which))
}
