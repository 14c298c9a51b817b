//! `mark_message`: the message that was taken is kept, dealt with or deleted.

use cti_core::{
    id::{MailboxId, RecordingId},
    mailbox::{MailboxQuestion, MessageMark},
};
use serde::Deserialize;

use super::{
    Field, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step, Traffic,
    fields,
    mailbox::{OPENED, RECORDING, answer, ask},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "mark_message",
    group: Group::Mailbox,
    fields: &[Field::must("as", Shape::Choice(MARKS), "标记为", "what becomes of it")],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("next", "已标记", "it is marked"),
        Outlet::waited("gone", "留言已不在", "it is not there any more"),
    ],
    keys: None,
    ends: false,
    zh: "把取到的留言标为已听、已处理、未听，或删除",
    en: "Marks the message that was taken as heard, done or new, or deletes it",
    parse: |value| fields::<MarkMessage>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

const MARKS: &[&str] = &["heard", "done", "new", "deleted"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkMessage {
    r#as: MessageMark,
}

impl Node for MarkMessage {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let mailbox = run.variable(OPENED).and_then(|it| MailboxId::new(it).ok());
        let recording = run.variable(RECORDING).and_then(|it| it.parse::<RecordingId>().ok());
        match (mailbox, recording) {
            (Some(mailbox), Some(recording)) => {
                ask(&MailboxQuestion::Mark { mailbox, recording, mark: self.r#as }, run)
            }
            (None | Some(_), _) => Step::Leave("gone"),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match answer(state, what, run) {
            Err(step) => step,
            Ok(Ok(_)) => Step::Leave("next"),
            Ok(Err(_)) => Step::Leave("gone"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("mailbox", OPENED);
        traffic.reads("message", RECORDING);
    }
}
