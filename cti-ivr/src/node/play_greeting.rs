//! `play_greeting`: whoever is to leave a message hears how the mailbox greets.

use cti_core::{id::MailboxId, mailbox::MailboxQuestion, switch::Clip};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step,
    Traffic, Uses, fields,
    mailbox::{Which, answer, ask},
    play::until_over,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "play_greeting",
    group: Group::Mailbox,
    fields: &[
        Field::may("mailbox", Shape::Mailbox, "信箱", "whose greeting"),
        Field::may("from", Shape::Variable, "信箱变量", "the variable with the mailbox"),
        Field::must(
            "prompt",
            Shape::Prompt,
            "默认问候语",
            "what is played where nobody has spoken one",
        ),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("next", "播放结束或被按键打断", "it is over or was cut short"),
        Outlet::waited("full", "信箱已满", "the mailbox can hold no more messages"),
        Outlet::waited("unknown", "没有这个信箱", "there is no such mailbox"),
    ],
    keys: Some(0),
    ends: false,
    zh: "播放信箱的问候语：机主用电话录制的，没有则播放默认语音；信箱已满或不存在时另有出口",
    en: "Plays the greeting that was spoken for a mailbox, or a prompt; a full or unknown mailbox has outlets of its own",
    parse: |value| Ok(Box::new(PlayGreeting::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    mailbox: Option<MailboxId>,
    #[serde(default)]
    from: Option<String>,
    prompt: Prompt,
    #[serde(default)]
    barge_in: bool,
}

#[derive(Debug)]
struct PlayGreeting {
    which: Which,
    prompt: Prompt,
    barge_in: bool,
}

impl PlayGreeting {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let which = Which::new(fields.mailbox, fields.from)?;
        Ok(Self { which, prompt: fields.prompt, barge_in: fields.barge_in })
    }
}

impl Node for PlayGreeting {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        match self.which.mailbox(run) {
            Some(mailbox) => ask(&MailboxQuestion::Greeting { mailbox }, run),
            None => Step::Leave("unknown"),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        if state == State::Waiting {
            return until_over(self.barge_in, state, what, run);
        }
        match answer(state, what, run) {
            Err(step) => step,
            Ok(Err(_)) => Step::Leave("unknown"),
            Ok(Ok(row)) if row.get("room").is_some_and(|room| room == "0") => Step::Leave("full"),
            Ok(Ok(row)) => {
                let spoken = row.get("greeting").and_then(|it| it.parse().ok());
                let clips = match spoken {
                    Some(recording) => vec![Clip::Recording(recording)],
                    None => self.prompt.clips().to_vec(),
                };
                if run.play(clips, false) {
                    Step::Wait(State::Waiting)
                } else {
                    Step::Leave("next")
                }
            }
        }
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.barge_in).then_some(&self.prompt)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        self.which.traffic(traffic);
    }

    fn uses(&self, uses: &mut Uses) {
        self.which.uses(uses);
        uses.prompt(&self.prompt);
    }
}
