//! `next_message`: takes the next message of the mailbox that is open.

use cti_core::{
    id::{MailboxId, RecordingId},
    mailbox::{MailboxQuestion, MessageState},
    time::Timestamp,
};
use serde::Deserialize;

use super::{
    Field, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step, Traffic,
    fields,
    mailbox::{MESSAGE, OPENED, RECORDING, answer, ask},
    traffic::Source,
};
use crate::flow::Type;

pub(super) static TYPE: NodeType = NodeType {
    name: "next_message",
    group: Group::Mailbox,
    fields: &[
        Field::may(
            "only",
            Shape::Choice(STATES),
            "只取",
            "messages of this state; all when absent",
        ),
        Field::may(
            "from_start",
            Shape::Flag(false),
            "从头开始",
            "the first one, not the one after the last",
        ),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited(
            "found",
            "取到留言",
            "message.recording, .caller, .call_back, .date and .wants_reply are set",
        ),
        Outlet::waited("none", "没有更多留言", "there is none any more"),
    ],
    keys: None,
    ends: false,
    zh: "取已打开信箱的下一条留言，从最早的开始",
    en: "Takes the next message of the mailbox that is open, the oldest first",
    parse: |value| fields::<NextMessage>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

const STATES: &[&str] = &["new", "heard", "done"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NextMessage {
    #[serde(default)]
    only: Option<MessageState>,
    #[serde(default)]
    from_start: bool,
}

impl Node for NextMessage {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let Some(Ok(mailbox)) = run.variable(OPENED).map(MailboxId::new) else {
            return Step::Leave("none");
        };
        let last = run.variable(RECORDING).and_then(|it| it.parse::<RecordingId>().ok());
        let after = last.filter(|_| !self.from_start);
        ask(&MailboxQuestion::Next { mailbox, after, only: self.only }, run)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match answer(state, what, run) {
            Err(step) => step,
            Ok(Err(_)) => Step::Leave("none"),
            Ok(Ok(row)) => {
                let at = row.get("at").and_then(|it| it.parse().ok()).map(Timestamp::from_micros);
                let date = at.map(|at| run.calendars.date_of(at)).unwrap_or_default();
                for (name, value) in row {
                    run.assign(&format!("{MESSAGE}{name}"), &value);
                }
                run.assign("message.date", &date);
                Step::Leave("found")
            }
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("mailbox", OPENED);
        let made = |kind| Source::Made(kind, Vec::new());
        let digits = Some(Type::Digits);
        for (name, kind) in [
            (RECORDING, None),
            ("message.state", None),
            ("message.caller", digits),
            ("message.call_back", digits),
            ("message.at", None),
            ("message.date", Some(Type::Date)),
            ("message.wants_reply", None),
        ] {
            traffic.writes("message", name, Some("found"), made(kind));
        }
    }
}
