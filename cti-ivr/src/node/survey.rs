//! What `rating` and `survey_question` have in common: one key is one answer.

use std::{collections::BTreeMap, time::Duration};

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    FieldError, Happening, Node, Outlet, Run, Shape, State, Step, Uses, key_outlet,
    menu::{at_most_retries, differ, five_seconds, one_key, two},
    time,
};
use crate::{prompt::Prompt, statistics::What};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(default)]
    question: Option<String>,
    prompt: Prompt,
    #[serde(default)]
    keys: Option<BTreeMap<String, String>>,
    #[serde(default)]
    skip: Option<char>,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default)]
    once_within_ms: Option<u64>,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_match_prompt: Prompt,
}

/// Who answered is left alone for at most 90 days, in milliseconds.
const LONGEST: u64 = 90 * 24 * 60 * 60 * 1000;
/// The time in which a caller is asked once.
pub(super) const ONCE_WITHIN: Shape = Shape::Millis(1000, LONGEST, None);
/// The way of who answered within that time.
pub(super) const RECENT: Outlet = Outlet::at_once(
    "recent",
    "近期已评价过",
    "he answered within that time, in this call or another",
)
.optional();

/// How satisfied a caller can be, from the key 1 on.
const STEPS: [&str; 5] =
    ["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"];

fn five_steps() -> BTreeMap<String, String> {
    (1..).zip(STEPS).map(|(key, step)| (key.to_string(), step.to_owned())).collect()
}

/// A question that is answered by one key.
#[derive(Debug)]
pub(super) struct AskSurvey {
    question: String,
    keys: BTreeMap<String, String>,
    fields: Fields,
    wait: Duration,
    once_within: Option<Duration>,
    answered: &'static str,
    skipped: &'static str,
}

impl AskSurvey {
    /// Asks how satisfied the caller is, unless the fields say something else.
    pub(super) fn rating(fields: Fields) -> Result<Self, FieldError> {
        let question = fields.question.clone().unwrap_or_else(|| "satisfaction".to_owned());
        let keys = fields.keys.clone().unwrap_or_else(five_steps);
        Self::new(question, keys, fields, "rated")
    }

    /// Asks what the fields say.
    pub(super) fn question(fields: Fields) -> Result<Self, FieldError> {
        let missing = |field| FieldError::new(field, "is missing");
        let question = fields.question.clone().ok_or_else(|| missing("question"))?;
        let keys = fields.keys.clone().ok_or_else(|| missing("keys"))?;
        Self::new(question, keys, fields, "answered")
    }

    fn new(
        question: String,
        keys: BTreeMap<String, String>,
        fields: Fields,
        answered: &'static str,
    ) -> Result<Self, FieldError> {
        if question.is_empty() || question.chars().count() > 64 {
            return Err(FieldError::new("question", "has 1 to 64 characters"));
        }
        if keys.is_empty() {
            return Err(FieldError::new("keys", "is empty"));
        }
        if let Some(wrong) = keys.keys().find(|key| key_outlet(key).is_none()) {
            let reason = format!("{wrong:?} must be one key: 0-9 * # A-D");
            return Err(FieldError::new("keys", reason));
        }
        one_key("skip", fields.skip)?;
        for key in keys.keys() {
            differ("skip", fields.skip, "key of an answer", key.chars().next())?;
        }
        at_most_retries(fields.retries)?;
        let wait = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        let within = |ms| time("once_within_ms", ms, 1000, LONGEST);
        let once_within = fields.once_within_ms.map(within).transpose()?;
        Ok(Self { question, keys, fields, wait, once_within, answered, skipped: "skipped" })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        if !run.play(sorry.then(&self.fields.prompt), false) {
            run.wake_after(self.wait);
        }
        Step::Wait(State::Asking { failed, digits: String::new(), until: None })
    }

    fn again(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        if failed >= self.fields.retries {
            return Step::Leave(self.skipped);
        }
        self.ask(failed + 1, sorry, run)
    }

    fn key(&self, digit: char, failed: u32, run: &mut Run<'_>) -> Step {
        if self.fields.skip == Some(digit) {
            return Step::Leave(self.skipped);
        }
        let Some(answer) = self.keys.get(digit.encode_utf8(&mut [0; 4]) as &str) else {
            run.flush();
            return self.again(failed, &self.fields.no_match_prompt, run);
        };
        run.observe(What::Answered { question: &self.question, answer });
        let key = format!("survey.{}", self.question);
        run.emit(FlowEffect::SetData { key, value: answer.clone() });
        Step::Leave(self.answered)
    }
}

impl Node for AskSurvey {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if self.once_within.is_some_and(|time| run.answered_within(&self.question, time)) {
            return Step::Leave("recent");
        }
        match run.typed() {
            Some(digit) => self.key(digit, 0, run),
            None => self.ask(0, &Prompt::default(), run),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Asking { failed, .. } = state else { return Step::Wait(state) };
        match what {
            Happening::Digit(digit) => self.key(digit, failed, run),
            Happening::PlayEnded => {
                run.wake_after(self.wait);
                Step::Wait(state)
            }
            Happening::TimeOut => self.again(failed, &Prompt::default(), run),
            Happening::LookupDone(_)
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn must_wire(&self) -> &'static [&'static str] {
        if self.once_within.is_some() { &["recent"] } else { &[] }
    }

    fn takes(&self, outlet: &str) -> bool {
        outlet != "recent" || self.once_within.is_some()
    }

    fn asks(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_match_prompt);
        if self.once_within.is_some() {
            uses.questions.insert(self.question.clone());
        }
    }
}
