//! `play_message`: the message is heard.

use cti_core::{id::RecordingId, switch::Clip};
use serde::Deserialize;

use super::{
    Field, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step, Traffic, Uses,
    fields, mailbox::RECORDING, play::until_over,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "play_message",
    group: Group::Mailbox,
    fields: &[
        Field::may("before", Shape::Prompt, "前导语", "what is played before it"),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("next", "播放结束或被按键打断", "it is over or was cut short"),
        Outlet::at_once("missing", "没有留言", "no message was taken before"),
    ],
    keys: Some(0),
    ends: false,
    zh: "播放取到的留言；接了出口的键立即离开",
    en: "Plays the message that was taken; keys with an outlet leave at once",
    parse: |value| fields::<PlayMessage>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlayMessage {
    #[serde(default)]
    before: Prompt,
    #[serde(default)]
    barge_in: bool,
}

impl Node for PlayMessage {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let recording = run.variable(RECORDING).and_then(|it| it.parse::<RecordingId>().ok());
        let Some(recording) = recording else { return Step::Leave("missing") };
        let mut clips = self.before.clips().to_vec();
        clips.push(Clip::Recording(recording));
        run.play(clips, false);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("message", RECORDING);
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.before);
    }
}
