//! `collect`: several keys become the value of a variable.

use std::time::Duration;

use serde::Deserialize;

use super::{
    EVERY_KIND, FieldError, Happening, Node, NodeType, Outlet, Run, State, Step, Uses, fields,
    key_of,
    menu::{five_seconds, two, yes},
    time,
};
use crate::prompt::Prompt;

pub(super) static TYPE: NodeType = NodeType {
    name: "collect",
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("next", "已收到号码", "the digits are collected"),
        Outlet::waited("exhausted", "重试次数用完", "no attempt is left"),
    ],
    keys: None,
    ends: false,
    zh: "收取一串按键存入变量：最少、最多位数，结束键，首位与位间超时，重试",
    en: "Collects digits into a variable: least, most, terminator, first and inter-digit time-outs, retries",
    parse: |value| Collect::new(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

/// A collection has at most this many digits.
const MAX_DIGITS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    variable: String,
    #[serde(default = "one")]
    min: usize,
    max: usize,
    #[serde(default)]
    terminator: Option<char>,
    #[serde(default = "yes")]
    barge_in: bool,
    #[serde(default)]
    flush: bool,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "five_seconds")]
    inter_digit_ms: u64,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_input_prompt: Prompt,
    #[serde(default)]
    no_match_prompt: Prompt,
}

fn one() -> usize {
    1
}

#[derive(Debug)]
struct Collect {
    fields: Fields,
    first_digit: Duration,
    inter_digit: Duration,
}

impl Collect {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.variable.is_empty() {
            return Err(FieldError::new("variable", "is empty"));
        }
        if fields.min == 0 || fields.min > fields.max {
            return Err(FieldError::new("min", "must lie between 1 and max"));
        }
        if fields.max > MAX_DIGITS {
            return Err(FieldError::new("max", format!("must be at most {MAX_DIGITS}")));
        }
        if fields.terminator.is_some_and(|key| key_of(key).is_none()) {
            return Err(FieldError::new("terminator", "must be one key: 0-9 * # A-D"));
        }
        let first_digit = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        let inter_digit = time("inter_digit_ms", fields.inter_digit_ms, 100, 600_000)?;
        Ok(Self { fields, first_digit, inter_digit })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        if !run.play(sorry.then(&self.fields.prompt), false) {
            run.wake_after(self.first_digit);
        }
        Step::Wait(State::Asking { failed, digits: String::new() })
    }

    fn again(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        if failed >= self.fields.retries {
            return Step::Leave("exhausted");
        }
        self.ask(failed + 1, sorry, run)
    }

    /// Takes one key, then those that were pressed ahead.
    fn take(&self, digit: char, failed: u32, mut digits: String, run: &mut Run<'_>) -> Step {
        run.stop_playing();
        let mut next = Some(digit);
        while let Some(digit) = next {
            if self.fields.terminator == Some(digit) {
                return self.close(failed, &digits, run);
            }
            digits.push(digit);
            if digits.len() >= self.fields.max && self.fields.terminator.is_none() {
                return self.close(failed, &digits, run);
            }
            if digits.len() > self.fields.max {
                run.flush();
                return self.again(failed, &self.fields.no_match_prompt, run);
            }
            next = run.typed();
        }
        run.wake_after(self.inter_digit);
        Step::Wait(State::Asking { failed, digits })
    }

    fn close(&self, failed: u32, digits: &str, run: &mut Run<'_>) -> Step {
        if digits.len() < self.fields.min {
            run.flush();
            return self.again(failed, &self.fields.no_match_prompt, run);
        }
        run.assign(&self.fields.variable, digits);
        Step::Leave("next")
    }
}

impl Node for Collect {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if self.fields.flush {
            run.flush();
        }
        match run.typed() {
            Some(digit) => self.take(digit, 0, String::new(), run),
            None => self.ask(0, &Prompt::default(), run),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Asking { failed, digits } = state else { return Step::Wait(state) };
        match what {
            Happening::Digit(digit) if run.is_playing() && !self.fields.barge_in => {
                run.type_ahead(digit);
                Step::Wait(State::Asking { failed, digits })
            }
            Happening::Digit(digit) if key_of(digit).is_some() => {
                self.take(digit, failed, digits, run)
            }
            Happening::PlayEnded => match run.typed() {
                Some(digit) => self.take(digit, failed, digits, run),
                None => {
                    run.wake_after(self.first_digit);
                    Step::Wait(State::Asking { failed, digits })
                }
            },
            Happening::TimeOut if digits.is_empty() => {
                self.again(failed, &self.fields.no_input_prompt, run)
            }
            Happening::TimeOut => self.close(failed, &digits, run),
            Happening::Digit(_)
            | Happening::LookupDone(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(State::Asking { failed, digits }),
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_input_prompt);
        uses.prompt(&self.fields.no_match_prompt);
    }
}
