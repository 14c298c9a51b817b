//! `say`: speaks a value by splicing clips.

use serde::Deserialize;

use super::{
    Exposure, Field, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step,
    Traffic, Uses, fields, play::until_over,
};
use crate::{prompt::Prompt, speak::Style};

pub(super) static TYPE: NodeType = NodeType {
    name: "say",
    group: Group::Media,
    fields: &[
        Field::must("variable", Shape::Variable, "变量", "whose value is spoken"),
        Field::must("as", Shape::Choice(STYLES), "读法", "how it is read"),
        Field::may("before", Shape::Prompt, "前导语", "what is played before it"),
        Field::may("after", Shape::Prompt, "后续语", "what is played after it"),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("next", "播报结束或被按键打断", "the speech is over or was cut short"),
        Outlet::at_once(
            "unreadable",
            "没有该变量或无法这样朗读",
            "the variable is missing or cannot be read so",
        ),
    ],
    keys: Some(0),
    ends: false,
    zh: "拼接播报变量：digits、telephone、number、count、money、date、month、time、percent、ordinal；接了出口的键立即离开",
    en: "Speaks a variable as digits, telephone, number, count, money, date, month, time, percent or ordinal; keys with an outlet leave at once",
    parse: |value| fields::<Say>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

/// The names of the styles.
pub(super) const STYLES: &[&str] = &[
    "digits",
    "telephone",
    "number",
    "count",
    "money",
    "date",
    "month",
    "time",
    "percent",
    "ordinal",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    variable: String,
    r#as: Style,
    #[serde(default)]
    before: Prompt,
    #[serde(default)]
    after: Prompt,
    #[serde(default)]
    barge_in: bool,
}

impl Node for Say {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let words = run.variable(&self.variable).and_then(|value| run.read(value, self.r#as));
        let Some(words) = words else {
            return Step::Leave("unreadable");
        };
        run.play(self.before.around(words, &self.after), false);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let read = traffic.reads("variable", &self.variable);
        read.exposure = Exposure::Spoken;
        read.wants = self.r#as.kind();
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.barge_in).then_some(&self.before)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.before);
        uses.prompt(&self.after);
        uses.speech(self.r#as);
    }
}
