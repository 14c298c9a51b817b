//! `say`: speaks a value by splicing clips.

use serde::Deserialize;

use super::{
    EVERY_KIND, Happening, Node, NodeType, Outlet, Run, State, Step, Uses, fields, play::until_over,
};
use crate::{
    prompt::Prompt,
    speak::{self, Style},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "say",
    kinds: EVERY_KIND,
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
    zh: "拼接播报变量：digits、telephone、number、count、money、date、month；接了出口的键立即离开",
    en: "Speaks a variable as digits, telephone, number, count, money, date or month; keys with an outlet leave at once",
    parse: |value| fields::<Say>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

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
        let words = run.variable(&self.variable).and_then(|value| speak::read(value, self.r#as));
        let Some(words) = words else {
            return Step::Leave("unreadable");
        };
        run.play(self.before.around(&words, &self.after), false);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.before);
        uses.prompt(&self.after);
        uses.speech(self.r#as);
    }
}
