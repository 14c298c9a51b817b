//! `expected_wait`: tells a waiting caller how long it may take.

use serde::Deserialize;

use super::{
    Field, Group, Happening, Kind, Node, NodeType, Outlet, Run, Shape, State, Step, Uses, fields,
    play::until_over,
};
use crate::{prompt::Prompt, speak::Style};

pub(super) static TYPE: NodeType = NodeType {
    name: "expected_wait",
    group: Group::Queue,
    fields: &[
        Field::must("before", Shape::Prompt, "前导语", "what is played before the minutes"),
        Field::must("after", Shape::Prompt, "后续语", "what is played after the minutes"),
        Field::may(
            "most_minutes",
            Shape::Count(1, 120, Some(30)),
            "最多播报分钟",
            "a longer wait is not told",
        ),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: &[Kind::Queue],
    outlets: &[Outlet::at_once(
        "next",
        "播报结束或没有可播报的时间",
        "the speech is over, or there is nothing to say",
    )],
    keys: Some(0),
    ends: false,
    zh: "播报预计等待的分钟数，未知或过长时不播报；接了出口的键立即离开",
    en: "Says how many minutes the wait may take, and nothing when that is unknown or too long; keys with an outlet leave at once",
    parse: |value| {
        let node: ExpectedWait = fields(value)?;
        if !(1..=120).contains(&node.most_minutes) {
            return Err(super::FieldError::new("most_minutes", "must lie between 1 and 120"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedWait {
    before: Prompt,
    after: Prompt,
    #[serde(default = "half_an_hour")]
    most_minutes: u64,
    #[serde(default)]
    barge_in: bool,
}

fn half_an_hour() -> u64 {
    30
}

impl Node for ExpectedWait {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        // Less than a minute is told as one: nobody complains when it is shorter.
        let minutes = run.view.expected_wait.map(|wait| wait.as_secs().div_ceil(60).max(1));
        let clips = match minutes.filter(|minutes| *minutes <= self.most_minutes) {
            Some(minutes) => {
                let read = run.read(&minutes.to_string(), Style::Count).unwrap_or_default();
                self.before.around(read, &self.after)
            }
            None => Vec::new(),
        };
        if run.play(clips, false) { Step::Wait(State::Waiting) } else { Step::Leave("next") }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.before);
        uses.prompt(&self.after);
        uses.speech(Style::Count);
    }
}
