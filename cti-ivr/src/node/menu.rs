//! `menu`: one key chooses the way.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Code, Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State,
    Step, Uses, fields, time,
};
use crate::{prompt::Prompt, statistics::What};

pub(super) static TYPE: NodeType = NodeType {
    name: "menu",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "菜单语音", "the choices"),
        Field::may("barge_in", Shape::Flag(true), "按键可打断", "a key counts while it is played"),
        Field::may(
            "flush",
            Shape::Flag(false),
            "清除预按键",
            "keys that were pressed ahead are forgotten",
        ),
        Field::may(
            "repeat",
            Shape::Key(None),
            "重听键",
            "the key that plays the choices again; it is not an attempt",
        ),
        Field::may(
            "first_digit_ms",
            FIRST_DIGIT,
            "等待按键",
            "the wait for a key after the prompt",
        ),
        Field::may("retries", RETRIES, "重试次数", "attempts after the first"),
        Field::may(
            "no_input_prompt",
            Shape::Prompt,
            "未按键提示",
            "what is played before the choices after silence",
        ),
        Field::may(
            "no_match_prompt",
            Shape::Prompt,
            "错键提示",
            "what is played before the choices after a wrong key",
        ),
    ],
    kinds: HEARD,
    outlets: &[Outlet::waited("exhausted", "重试次数用完", "no attempt is left")],
    keys: Some(1),
    ends: false,
    zh: "按键菜单：每个键一个出口；无输入或错键时重试",
    en: "One key chooses the way; asks again after silence or a key that leads nowhere",
    parse: |value| Menu::new(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

/// The wait for the first key, of every node that asks for keys.
pub(super) const FIRST_DIGIT: Shape = Shape::Millis(100, 600_000, Some(5000));
/// The attempts after the first, of every node that asks for keys.
pub(super) const RETRIES: Shape = Shape::Count(0, MAX_RETRIES as u64, Some(2));
/// A caller is asked at most this many times more.
pub(super) const MAX_RETRIES: u32 = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    #[serde(default = "yes")]
    barge_in: bool,
    #[serde(default)]
    flush: bool,
    #[serde(default)]
    repeat: Option<char>,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_input_prompt: Prompt,
    #[serde(default)]
    no_match_prompt: Prompt,
}

/// Checks that a field names one key, if it is there.
pub(super) fn one_key(field: &str, key: Option<char>) -> Result<(), FieldError> {
    match key.filter(|key| super::key_of(*key).is_none()) {
        None => Ok(()),
        Some(_) => Err(FieldError::new(field, "must be one key: 0-9 * # A-D")),
    }
}

/// Checks that two fields do not give one key two meanings.
pub(super) fn differ(
    field: &str,
    key: Option<char>,
    other: &str,
    taken: Option<char>,
) -> Result<(), FieldError> {
    match key.filter(|_| key == taken) {
        None => Ok(()),
        Some(key) => {
            let reason = format!("the key {key} is the {other} already");
            Err(FieldError::coded(Code::OverlappingKeys, field, reason))
        }
    }
}

pub(super) fn at_most_retries(retries: u32) -> Result<(), FieldError> {
    if retries <= MAX_RETRIES {
        return Ok(());
    }
    Err(FieldError::new("retries", format!("must be at most {MAX_RETRIES}")))
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
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let first_digit = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        one_key("repeat", fields.repeat)?;
        at_most_retries(fields.retries)?;
        Ok(Self { fields, first_digit })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        if !run.play(sorry.then(&self.fields.prompt), false) {
            run.wake_after(self.first_digit);
        }
        Step::Wait(State::Asking { failed, digits: String::new(), until: None })
    }

    fn key(&self, digit: char, failed: u32, run: &mut Run<'_>) -> Step {
        run.observe(What::Key(digit));
        match super::key_of(digit).filter(|key| run.leads_on(key)) {
            Some(key) => Step::Leave(key),
            None if self.fields.repeat == Some(digit) => self.ask(failed, &Prompt::default(), run),
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
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn asks(&self) -> bool {
        true
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.fields.barge_in).then_some(&self.fields.prompt)
    }

    fn own_keys(&self) -> Vec<(&'static str, char)> {
        self.fields.repeat.map(|key| ("repeat", key)).into_iter().collect()
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_input_prompt);
        uses.prompt(&self.fields.no_match_prompt);
    }
}
