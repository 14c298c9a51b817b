//! What `rating` and `survey_question` have in common: one key is one answer.

use std::{collections::BTreeMap, time::Duration};

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{
    FieldError, Happening, Node, Run, State, Step, Uses, key_outlet,
    menu::{at_most_retries, differ, five_seconds, one_key, two},
    time,
};
use crate::{prompt::Prompt, statistics::What};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(default = "satisfaction")]
    question: String,
    prompt: Prompt,
    #[serde(default = "five_steps")]
    keys: BTreeMap<String, String>,
    #[serde(default)]
    skip: Option<char>,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_match_prompt: Prompt,
}

fn satisfaction() -> String {
    "satisfaction".to_owned()
}

fn five_steps() -> BTreeMap<String, String> {
    let steps =
        ["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"];
    (1..).zip(steps).map(|(key, step)| (key.to_string(), step.to_owned())).collect()
}

/// A question that is answered by one key.
#[derive(Debug)]
pub(super) struct AskSurvey {
    fields: Fields,
    wait: Duration,
    answered: &'static str,
    skipped: &'static str,
}

impl AskSurvey {
    pub(super) fn new(
        fields: Fields,
        answered: &'static str,
        skipped: &'static str,
    ) -> Result<Self, FieldError> {
        if fields.question.is_empty() || fields.question.chars().count() > 64 {
            return Err(FieldError::new("question", "has 1 to 64 characters"));
        }
        if fields.keys.is_empty() {
            return Err(FieldError::new("keys", "is empty"));
        }
        if let Some(wrong) = fields.keys.keys().find(|key| key_outlet(key).is_none()) {
            let reason = format!("{wrong:?} must be one key: 0-9 * # A-D");
            return Err(FieldError::new("keys", reason));
        }
        one_key("skip", fields.skip)?;
        for key in fields.keys.keys() {
            differ("skip", fields.skip, "key of an answer", key.chars().next())?;
        }
        at_most_retries(fields.retries)?;
        let wait = time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?;
        Ok(Self { fields, wait, answered, skipped })
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
        let Some(answer) = self.fields.keys.get(digit.encode_utf8(&mut [0; 4]) as &str) else {
            run.flush();
            return self.again(failed, &self.fields.no_match_prompt, run);
        };
        run.observe(What::Answered { question: &self.fields.question, answer });
        let key = format!("survey.{}", self.fields.question);
        run.emit(FlowEffect::SetData { key, value: answer.clone() });
        Step::Leave(self.answered)
    }
}

impl Node for AskSurvey {
    fn enter(&self, run: &mut Run<'_>) -> Step {
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
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn asks(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.fields.prompt);
        uses.prompt(&self.fields.no_match_prompt);
    }
}
