//! `menu`: one key chooses the way.

use std::time::Duration;

use serde::Deserialize;

use super::{EVERY_KIND, Happening, Node, NodeType, Outlet, Run, State, Step, Uses, fields, time};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "menu",
    kinds: EVERY_KIND,
    outlets: &[Outlet::waited("exhausted", "重试次数用完", "no attempt is left")],
    keys: Some(1),
    ends: false,
    zh: "按键菜单：每个键一个出口；无输入或错键时重试",
    en: "One key chooses the way; asks again after silence or a key that leads nowhere",
    parse: |value| Menu::new(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    #[serde(default = "yes")]
    barge_in: bool,
    #[serde(default)]
    flush: bool,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_input_prompt: Prompt,
    #[serde(default)]
    no_match_prompt: Prompt,
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn five_seconds() -> u64 {
    5000
}

pub(super) fn two() -> u32 {
    2
}

#[derive(Debug)]
struct Menu {
    fields: Fields,
    first_digit: Duration,
}

impl Menu {
    fn new(fields: Fields) -> Result<Self, super::FieldError> {
        let first_digit = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        Ok(Self { fields, first_digit })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        if !run.play(sorry.then(&self.fields.prompt), false) {
            run.wake_after(self.first_digit);
        }
        Step::Wait(State::Asking { failed, digits: String::new() })
    }

    fn key(&self, digit: char, failed: u32, run: &mut Run<'_>) -> Step {
        match super::key_of(digit).filter(|key| run.leads_on(key)) {
            Some(key) => Step::Leave(key),
            None => {
                run.flush();
                self.again(failed, &self.fields.no_match_prompt, run)
            }
        }
    }

    fn again(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        if failed >= self.fields.retries {
            return Step::Leave("exhausted");
        }
        self.ask(failed + 1, sorry, run)
    }
}

impl Node for Menu {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if self.fields.flush {
            run.flush();
        }
        match run.typed() {
            Some(digit) => self.key(digit, 0, run),
            None => self.ask(0, &Prompt::default(), run),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Asking { failed, .. } = state else { return Step::Wait(state) };
        match what {
            Happening::Digit(digit) if run.is_playing() && !self.fields.barge_in => {
                run.type_ahead(digit);
                Step::Wait(state)
            }
            Happening::Digit(digit) => self.key(digit, failed, run),
            Happening::PlayEnded => match run.typed() {
                Some(digit) => self.key(digit, failed, run),
                None => {
                    run.wake_after(self.first_digit);
                    Step::Wait(state)
                }
            },
            Happening::TimeOut => self.again(failed, &self.fields.no_input_prompt, run),
            Happening::LookupDone(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_input_prompt);
        uses.prompt(&self.fields.no_match_prompt);
    }
}
