//! `note_message`: what the caller says of the message that he left.

use cti_core::mailbox::MailboxQuestion;
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Kind, Node, NodeType, Outlet, Run, Shape, State, Step,
    Traffic, fields,
    mailbox::{answer, ask},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "note_message",
    group: Group::Mailbox,
    fields: &[
        Field::may(
            "wants_reply",
            Shape::Choice(ANSWERS),
            "是否要求回复",
            "whether he wants a reply",
        ),
        Field::may(
            "call_back",
            Shape::Variable,
            "回电号码变量",
            "the variable with the number to call back",
        ),
    ],
    kinds: LEAVES_MESSAGES,
    outlets: &[
        Outlet::waited("next", "已记下", "it is kept with the message"),
        Outlet::waited("none", "本次来电没有留言", "no message was left in this call"),
    ],
    keys: None,
    ends: false,
    zh: "给本次来电的留言记下是否要求回复、回电号码",
    en: "Keeps with the message of this call whether a reply is wanted, and where",
    parse: |value| Ok(Box::new(NoteMessage::new(fields(value)?)?)),
};

/// The kinds in which messages are left.
pub(super) const LEAVES_MESSAGES: &[Kind] =
    &[Kind::Inbound, Kind::AfterCall, Kind::Outbound, Kind::Voicemail];

const ANSWERS: &[&str] = &["yes", "no"];

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Yes,
    No,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteMessage {
    #[serde(default)]
    wants_reply: Option<Reply>,
    #[serde(default)]
    call_back: Option<String>,
}

impl NoteMessage {
    fn new(fields: Self) -> Result<Self, FieldError> {
        if fields.wants_reply.is_none() && fields.call_back.is_none() {
            return Err(FieldError::new("wants_reply", "give wants_reply, call_back or both"));
        }
        Ok(fields)
    }
}

impl Node for NoteMessage {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let call_back = self.call_back.as_ref().and_then(|it| run.variable(it)).map(str::to_owned);
        let wants_reply = self.wants_reply.map(|it| match it {
            Reply::Yes => true,
            Reply::No => false,
        });
        ask(&MailboxQuestion::Note { call_back, wants_reply }, run)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match answer(state, what, run) {
            Err(step) => step,
            Ok(Ok(_)) => Step::Leave("next"),
            Ok(Err(_)) => Step::Leave("none"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Some(variable) = &self.call_back {
            traffic.reads("call_back", variable);
        }
    }
}
