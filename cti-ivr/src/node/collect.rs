//! `collect`: several keys become the value of a variable.

use std::time::Duration;

use cti_core::time::Timestamp;
use serde::Deserialize;

use super::{
    Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, Source, State,
    Step, Traffic, Uses, fields, key_of,
    mask::{MAX_MASKS, Mask},
    menu::{FIRST_DIGIT, RETRIES, at_most_retries, differ, five_seconds, one_key, two, yes},
    time,
};
use crate::{flow::Type, prompt::Prompt};

pub(super) static TYPE: NodeType = NodeType {
    name: "collect",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "提示语音", "what is asked for"),
        Field::must("variable", Shape::Variable, "存入变量", "which variable gets the digits"),
        Field::may("min", Shape::Count(1, 64, Some(1)), "最少位数", "the least digits"),
        Field::must("max", Shape::Count(1, 64, None), "最多位数", "the most digits"),
        Field::may("terminator", Shape::Key(None), "结束键", "the key that ends the input"),
        Field::may("clear", Shape::Key(None), "重输键", "the key that forgets the digits so far"),
        Field::may(
            "masks",
            Shape::Texts(0, MAX_MASKS),
            "号码格式",
            "what the digits must look like: X any, Z 1-9, N 2-9, a final . any more",
        ),
        Field::may(
            "barge_in",
            Shape::Flag(true),
            "按键可打断",
            "a key counts while the prompt is played",
        ),
        Field::may(
            "flush",
            Shape::Flag(false),
            "清除预按键",
            "keys that were pressed ahead are forgotten",
        ),
        Field::may(
            "first_digit_ms",
            FIRST_DIGIT,
            "首位等待",
            "the wait for the first digit after the prompt",
        ),
        Field::may(
            "inter_digit_ms",
            Shape::Millis(100, 600_000, Some(5000)),
            "位间等待",
            "the wait for the next digit",
        ),
        Field::may(
            "total_ms",
            Shape::Millis(1000, 600_000, None),
            "总时限",
            "the time for all digits from the first one on",
        ),
        Field::may("retries", RETRIES, "重试次数", "attempts after the first"),
        Field::may(
            "no_input_prompt",
            Shape::Prompt,
            "未按键提示",
            "what is played before the prompt after silence",
        ),
        Field::may(
            "no_match_prompt",
            Shape::Prompt,
            "输入有误提示",
            "what is played before the prompt after a wrong input",
        ),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("next", "已收到号码", "the digits are collected"),
        Outlet::waited("exhausted", "重试次数用完", "no attempt is left"),
    ],
    keys: None,
    ends: false,
    zh: "收取一串按键存入变量：最少、最多位数，号码格式，结束键，重输键，首位、位间和总超时，重试",
    en: "Collects digits into a variable: least, most, masks, terminator, a key to begin again, first, inter-digit and total time-outs, retries",
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
    #[serde(default)]
    clear: Option<char>,
    #[serde(default)]
    masks: Vec<String>,
    #[serde(default = "yes")]
    barge_in: bool,
    #[serde(default)]
    flush: bool,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "five_seconds")]
    inter_digit_ms: u64,
    #[serde(default)]
    total_ms: Option<u64>,
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
    masks: Vec<Mask>,
    first_digit: Duration,
    inter_digit: Duration,
    total: Option<Duration>,
}

/// One attempt.
struct Attempt {
    failed: u32,
    digits: String,
    until: Option<Timestamp>,
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
        one_key("terminator", fields.terminator)?;
        one_key("clear", fields.clear)?;
        differ("clear", fields.clear, "terminator", fields.terminator)?;
        at_most_retries(fields.retries)?;
        let masks = Mask::parse_all("masks", &fields.masks)?;
        let first_digit = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        let inter_digit = time("inter_digit_ms", fields.inter_digit_ms, 100, 600_000)?;
        let total = fields.total_ms.map(|ms| time("total_ms", ms, 1000, 600_000)).transpose()?;
        Ok(Self { fields, masks, first_digit, inter_digit, total })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        if !run.play(sorry.then(&self.fields.prompt), false) {
            run.wake_after(self.first_digit);
        }
        Step::Wait(State::Asking { failed, digits: String::new(), until: None })
    }

    fn again(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        if failed >= self.fields.retries {
            return Step::Leave("exhausted");
        }
        self.ask(failed + 1, sorry, run)
    }

    /// Takes one key, then those that were pressed ahead.
    fn take(&self, digit: char, mut attempt: Attempt, run: &mut Run<'_>) -> Step {
        run.stop_playing();
        let mut next = Some(digit);
        while let Some(digit) = next {
            if self.fields.terminator == Some(digit) {
                return self.close(&attempt, run);
            }
            if self.fields.clear == Some(digit) {
                return self.ask(attempt.failed, &Prompt::default(), run);
            }
            attempt.until = attempt.until.or_else(|| self.total.map(|total| run.now + total));
            attempt.digits.push(digit);
            if attempt.digits.len() >= self.fields.max && self.fields.terminator.is_none() {
                return self.close(&attempt, run);
            }
            if attempt.digits.len() > self.fields.max {
                run.flush();
                return self.again(attempt.failed, &self.fields.no_match_prompt, run);
            }
            next = run.typed();
        }
        let wake = run.now + self.inter_digit;
        run.wake_at(attempt.until.map_or(wake, |until| wake.min(until)));
        attempt.into()
    }

    fn close(&self, attempt: &Attempt, run: &mut Run<'_>) -> Step {
        let digits = &attempt.digits;
        let matches = self.masks.is_empty() || self.masks.iter().any(|mask| mask.matches(digits));
        if digits.len() < self.fields.min || !matches {
            run.flush();
            return self.again(attempt.failed, &self.fields.no_match_prompt, run);
        }
        run.assign(&self.fields.variable, digits);
        Step::Leave("next")
    }
}

impl From<Attempt> for Step {
    fn from(Attempt { failed, digits, until }: Attempt) -> Self {
        Self::Wait(State::Asking { failed, digits, until })
    }
}

impl Node for Collect {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if self.fields.flush {
            run.flush();
        }
        match run.typed() {
            Some(digit) => {
                let attempt = Attempt { failed: 0, digits: String::new(), until: None };
                self.take(digit, attempt, run)
            }
            None => self.ask(0, &Prompt::default(), run),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Asking { failed, digits, until } = state else { return Step::Wait(state) };
        let attempt = Attempt { failed, digits, until };
        match what {
            Happening::Digit(digit) if run.is_playing() && !self.fields.barge_in => {
                run.type_ahead(digit);
                attempt.into()
            }
            Happening::Digit(digit) if key_of(digit).is_some() => self.take(digit, attempt, run),
            Happening::PlayEnded => match run.typed() {
                Some(digit) => self.take(digit, attempt, run),
                None => {
                    run.wake_after(self.first_digit);
                    attempt.into()
                }
            },
            Happening::TimeOut if attempt.digits.is_empty() => {
                self.again(failed, &self.fields.no_input_prompt, run)
            }
            Happening::TimeOut => self.close(&attempt, run),
            Happening::Digit(_)
            | Happening::LookupDone(_)
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => attempt.into(),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let digits = Source::Made(Some(Type::Digits), Vec::new());
        traffic.writes("variable", &self.fields.variable, Some("next"), digits);
    }

    fn asks(&self) -> bool {
        true
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.fields.barge_in).then_some(&self.fields.prompt)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_input_prompt);
        uses.prompt(&self.fields.no_match_prompt);
    }
}
