//! `listen`: the caller says what he wants; a recognizer understands it, and keys do the same.

use std::{collections::BTreeMap, time::Duration};

use cti_core::speech::{AudioFormat, Grammar, Recognised, RecognitionEnd, RecognitionRequest};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape, Source, State, Step,
    Traffic, Uses, fields, key_of, key_outlet,
    menu::{FIRST_DIGIT, RETRIES, at_most_retries, five_seconds, two, yes},
    time,
};
use crate::{
    flow::{Kind, Type},
    prompt::Prompt,
    statistics::What,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "listen",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "提示语音", "what the caller is asked to say"),
        Field::may(
            "words",
            Shape::KeyWords,
            "关键词",
            "words by key: whoever says one of them goes the way of the key",
        ),
        Field::may(
            "variable",
            Shape::Variable,
            "存入变量",
            "without words: which variable gets the digits or the text",
        ),
        Field::may("min", Shape::Count(1, 64, Some(1)), "最少位数", "the least digits"),
        Field::may(
            "max",
            Shape::Count(1, 64, None),
            "最多位数",
            "the most digits; without it the caller says anything",
        ),
        Field::may("hints", Shape::Texts(0, 100), "提示词", "likely words, where he says anything"),
        Field::may("barge_in", Shape::Flag(true), "可打断", "voice and keys cut the prompt short"),
        Field::may(
            "flush",
            Shape::Flag(false),
            "清除预按键",
            "keys that were pressed ahead are forgotten",
        ),
        Field::may(
            "first_digit_ms",
            FIRST_DIGIT,
            "等待开口",
            "the wait for a word or a key after the prompt",
        ),
        Field::may(
            "inter_digit_ms",
            Shape::Millis(100, 600_000, Some(5000)),
            "位间等待",
            "the wait for the next digit that is typed",
        ),
        Field::may(
            "end_silence_ms",
            Shape::Millis(100, 10_000, Some(800)),
            "句末静音",
            "the silence that ends a sentence",
        ),
        Field::may(
            "limit_ms",
            Shape::Millis(1000, 60_000, Some(15_000)),
            "最长说话",
            "the longest that the caller is listened to once he has begun",
        ),
        Field::may(
            "least_confidence",
            Shape::Count(0, 100, Some(50)),
            "最低置信度",
            "less sure than this, in percent, is not understood",
        ),
        Field::may("retries", RETRIES, "重试次数", "attempts after the first"),
        Field::may(
            "no_input_prompt",
            Shape::Prompt,
            "未说话提示",
            "what is played before the prompt after silence",
        ),
        Field::may(
            "no_match_prompt",
            Shape::Prompt,
            "未听懂提示",
            "what is played before the prompt when nothing was understood",
        ),
    ],
    kinds: &[Kind::Inbound, Kind::Queue, Kind::AfterCall, Kind::Outbound, Kind::Voicemail],
    outlets: &[
        Outlet::waited("next", "已听到数字或文字", "the digits or the text are understood")
            .optional(),
        Outlet::waited("exhausted", "重试次数用完", "no attempt is left"),
        Outlet::waited("unavailable", "语音识别不可用", "no recognizer understands, or it failed"),
    ],
    keys: Some(0),
    ends: false,
    zh: "听来电人说话：关键词等同按键，或数字、任意文字存入变量；说话和按键都可打断；未说话、未听懂时重试",
    en: "Understands what the caller says: words that mean keys, or digits or a text for a variable; voice and keys barge in; asks again after silence and what it does not understand",
    parse: |value| Listen::new(fields(value)?).map(|node| Box::new(node) as Box<dyn Node>),
};

/// No caller is silent for so long: the wait for him is the node's own, from the end of the prompt.
const PATIENCE: Duration = Duration::from_secs(600);
/// A recognizer that has not ended so long after its limit never will.
const GRACE: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    variable: Option<String>,
    #[serde(default)]
    min: Option<u8>,
    #[serde(default)]
    max: Option<u8>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default = "yes")]
    barge_in: bool,
    #[serde(default)]
    flush: bool,
    #[serde(default = "five_seconds")]
    first_digit_ms: u64,
    #[serde(default = "five_seconds")]
    inter_digit_ms: u64,
    #[serde(default = "end_silence")]
    end_silence_ms: u64,
    #[serde(default = "limit")]
    limit_ms: u64,
    #[serde(default = "half")]
    least_confidence: u8,
    #[serde(default = "two")]
    retries: u32,
    #[serde(default)]
    no_input_prompt: Prompt,
    #[serde(default)]
    no_match_prompt: Prompt,
}

fn end_silence() -> u64 {
    800
}

fn limit() -> u64 {
    15_000
}

fn half() -> u8 {
    50
}

/// What is listened for.
#[derive(Debug)]
enum Wanted {
    /// Words, each of which means a key.
    Words(Vec<(&'static str, Vec<String>)>),
    /// Digits, said or typed, for a variable.
    Digits { variable: String, min: u8, max: u8 },
    /// Anything, for a variable.
    Text { variable: String, hints: Vec<String> },
}

#[derive(Debug)]
struct Listen {
    wanted: Wanted,
    fields: Fields,
    request: RecognitionRequest,
    first: Duration,
    inter_digit: Duration,
}

impl Listen {
    fn new(mut fields: Fields) -> Result<Self, FieldError> {
        let wanted = wanted(&mut fields)?;
        let grammar = match &wanted {
            Wanted::Words(words) => {
                Grammar::Keywords(words.iter().flat_map(|(_, said)| said.clone()).collect())
            }
            Wanted::Digits { min, max, .. } => Grammar::Digits { min: *min, max: *max },
            Wanted::Text { hints, .. } => Grammar::Free { hints: hints.clone() },
        };
        let request = RecognitionRequest {
            no_input: PATIENCE,
            end_silence: time("end_silence_ms", fields.end_silence_ms, 100, 10_000)?,
            limit: time("limit_ms", fields.limit_ms, 1000, 60_000)?,
            least_confidence: fields.least_confidence,
            ..RecognitionRequest::new(grammar, AudioFormat::TELEPHONE)
        };
        request.check().map_err(|error| {
            let field = match &wanted {
                Wanted::Words(_) => "words",
                Wanted::Digits { .. } => "max",
                Wanted::Text { .. } => "hints",
            };
            let field = if fields.least_confidence > 100 { "least_confidence" } else { field };
            FieldError::new(field, error.to_string())
        })?;
        at_most_retries(fields.retries)?;
        Ok(Self {
            first: time("first_digit_ms", fields.first_digit_ms, 100, 600_000)?,
            inter_digit: time("inter_digit_ms", fields.inter_digit_ms, 100, 600_000)?,
            wanted,
            fields,
            request,
        })
    }

    fn ask(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        run.forget_timer();
        run.stop_listening();
        let plays = run.play(sorry.then(&self.fields.prompt), false);
        if !plays {
            run.wake_after(self.first);
        }
        if !plays || self.fields.barge_in {
            run.listen(self.request.clone());
        }
        waiting(failed)
    }

    fn again(&self, failed: u32, sorry: &Prompt, run: &mut Run<'_>) -> Step {
        if failed >= self.fields.retries {
            return Step::Leave("exhausted");
        }
        self.ask(failed + 1, sorry, run)
    }

    /// Takes a key; who types is not listened to any more.
    fn key(&self, digit: char, failed: u32, mut digits: String, run: &mut Run<'_>) -> Step {
        run.observe(What::Key(digit));
        run.stop_playing();
        run.stop_listening();
        let Wanted::Digits { max, .. } = &self.wanted else {
            return match key_of(digit).filter(|key| run.leads_on(key)) {
                Some(key) => Step::Leave(key),
                None => {
                    run.flush();
                    self.again(failed, &self.fields.no_match_prompt, run)
                }
            };
        };
        if digit == '#' {
            return self.typed(failed, &digits, run);
        }
        digits.push(digit);
        if digits.len() >= usize::from(*max) {
            return self.typed(failed, &digits, run);
        }
        match run.typed() {
            Some(next) => self.key(next, failed, digits, run),
            None => {
                run.wake_after(self.inter_digit);
                Step::Wait(State::Asking { failed, digits, until: None })
            }
        }
    }

    /// Takes digits that were typed to their end.
    fn typed(&self, failed: u32, digits: &str, run: &mut Run<'_>) -> Step {
        let enough =
            matches!(self.wanted, Wanted::Digits { min, .. } if digits.len() >= min.into());
        if !enough || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            run.flush();
            return self.again(failed, &self.fields.no_match_prompt, run);
        }
        self.keep(digits, run)
    }

    fn keep(&self, value: &str, run: &mut Run<'_>) -> Step {
        if let Wanted::Digits { variable, .. } | Wanted::Text { variable, .. } = &self.wanted {
            run.assign(variable, value);
        }
        Step::Leave("next")
    }

    fn understood(&self, failed: u32, said: &Recognised, run: &mut Run<'_>) -> Step {
        let Wanted::Words(words) = &self.wanted else { return self.keep(said.text.reveal(), run) };
        let key = said.keyword.as_ref().and_then(|keyword| {
            words.iter().find(|(_, known)| known.contains(keyword)).map(|(key, _)| *key)
        });
        match key {
            Some(key) => Step::Leave(key),
            None => self.again(failed, &self.fields.no_match_prompt, run),
        }
    }
}

fn waiting(failed: u32) -> Step {
    Step::Wait(State::Asking { failed, digits: String::new(), until: None })
}

/// Reads what is listened for; one thing of three.
fn wanted(fields: &mut Fields) -> Result<Wanted, FieldError> {
    let words = std::mem::take(&mut fields.words);
    if !words.is_empty() {
        let digits = fields.min.is_some() || fields.max.is_some();
        if fields.variable.is_some() || digits || !fields.hints.is_empty() {
            let reason = "words lead by keys: no variable, digits or hints beside them";
            return Err(FieldError::new("words", reason));
        }
        let mut all = Vec::new();
        for (key, said) in words {
            let Some(key) = key_outlet(&key) else {
                return Err(FieldError::new("words", format!("{key:?} is no key: 0-9 * # A-D")));
            };
            if said.is_empty() {
                return Err(FieldError::new("words", format!("the key {key} has none")));
            }
            if let Some(word) = said
                .iter()
                .find(|word| all.iter().any(|(_, known): &(_, Vec<String>)| known.contains(word)))
            {
                return Err(FieldError::new("words", format!("{word:?} means two keys")));
            }
            all.push((key, said));
        }
        return Ok(Wanted::Words(all));
    }
    let Some(variable) = fields.variable.clone().filter(|name| !name.trim().is_empty()) else {
        return Err(FieldError::new("variable", "is missing, and there are no words"));
    };
    let hints = std::mem::take(&mut fields.hints);
    match fields.max {
        Some(_) if !hints.is_empty() => Err(FieldError::new("hints", "are not for digits")),
        Some(max) => Ok(Wanted::Digits { variable, min: fields.min.unwrap_or(1), max }),
        None if fields.min.is_some() => Err(FieldError::new("min", "is for digits, with max")),
        None => Ok(Wanted::Text { variable, hints }),
    }
}

impl Node for Listen {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        if self.fields.flush {
            run.flush();
        }
        match run.typed() {
            Some(digit) => self.key(digit, 0, String::new(), run),
            None => self.ask(0, &Prompt::default(), run),
        }
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let State::Asking { failed, digits, until } = state else { return Step::Wait(state) };
        match what {
            Happening::Digit(digit) if run.is_playing() && !self.fields.barge_in => {
                run.type_ahead(digit);
                Step::Wait(State::Asking { failed, digits, until })
            }
            Happening::Digit(digit) => self.key(digit, failed, digits, run),
            Happening::PlayEnded => match run.typed() {
                Some(digit) => self.key(digit, failed, digits, run),
                None => {
                    run.wake_after(self.first);
                    if !run.is_listening() {
                        run.listen(self.request.clone());
                    }
                    Step::Wait(State::Asking { failed, digits, until })
                }
            },
            Happening::SpeechBegan => {
                run.stop_playing();
                let over = run.now + self.request.limit + GRACE;
                run.wake_at(over);
                Step::Wait(State::Asking { failed, digits, until: Some(over) })
            }
            Happening::Listened(end) => match end {
                RecognitionEnd::Final(said) => self.understood(failed, &said, run),
                RecognitionEnd::NoMatch => self.again(failed, &self.fields.no_match_prompt, run),
                RecognitionEnd::NoInput => self.again(failed, &self.fields.no_input_prompt, run),
                RecognitionEnd::Failed | RecognitionEnd::Stopped | RecognitionEnd::LegEnded => {
                    Step::Leave("unavailable")
                }
            },
            Happening::TimeOut if !digits.is_empty() => self.typed(failed, &digits, run),
            Happening::TimeOut if until.is_some() => Step::Leave("unavailable"),
            Happening::TimeOut => self.again(failed, &self.fields.no_input_prompt, run),
            Happening::LookupDone(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => {
                Step::Wait(State::Asking { failed, digits, until })
            }
        }
    }

    fn must_wire(&self) -> &'static [&'static str] {
        match self.wanted {
            Wanted::Words(_) => &[],
            Wanted::Digits { .. } | Wanted::Text { .. } => &["next"],
        }
    }

    fn must_wire_keys(&self) -> Vec<&'static str> {
        match &self.wanted {
            Wanted::Words(words) => words.iter().map(|(key, _)| *key).collect(),
            Wanted::Digits { .. } | Wanted::Text { .. } => Vec::new(),
        }
    }

    fn takes(&self, outlet: &str) -> bool {
        outlet != "next" || !matches!(self.wanted, Wanted::Words(_))
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let (variable, made) = match &self.wanted {
            Wanted::Words(_) => return,
            Wanted::Digits { variable, .. } => (variable, Some(Type::Digits)),
            Wanted::Text { variable, .. } => (variable, None),
        };
        traffic.writes("variable", variable, Some("next"), Source::Made(made, Vec::new()));
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
