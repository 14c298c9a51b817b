//! `position`: tells a waiting caller how many are before him.

use serde::Deserialize;

use super::{
    Field, Group, Happening, Kind, Node, NodeType, Outlet, Run, Shape, State, Step, Uses, fields,
    play::until_over,
};
use crate::{prompt::Prompt, speak::Style};

pub(super) static TYPE: NodeType = NodeType {
    name: "position",
    group: Group::Queue,
    fields: &[
        Field::must("before", Shape::Prompt, "前导语", "what is played before the number"),
        Field::must("after", Shape::Prompt, "后续语", "what is played after the number"),
        Field::may("next", Shape::Prompt, "下一位提示", "what is played when nobody is ahead"),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: &[Kind::Queue],
    outlets: &[Outlet::at_once(
        "next",
        "播报结束或没有可播报的位置",
        "the speech is over, or there is nothing to say",
    )],
    keys: Some(0),
    ends: false,
    zh: "播报前面还有几位，下一位时播放 next；接了出口的键立即离开",
    en: "Says how many are before the caller, plays `next` when nobody is; keys with an outlet leave at once",
    parse: |value| fields::<Position>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    before: Prompt,
    after: Prompt,
    #[serde(default)]
    next: Prompt,
    #[serde(default)]
    barge_in: bool,
}

impl Node for Position {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let clips = match run.view.position {
            None | Some(0) => Vec::new(),
            Some(1) => self.next.clips().to_vec(),
            Some(place) => {
                let ahead = run.read(&(place - 1).to_string(), Style::Count).unwrap_or_default();
                self.before.around(ahead, &self.after)
            }
        };
        if run.play(clips, false) { Step::Wait(State::Waiting) } else { Step::Leave("next") }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.barge_in).then_some(&self.before)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.before);
        uses.prompt(&self.after);
        uses.prompt(&self.next);
        uses.speech(Style::Count);
    }
}
