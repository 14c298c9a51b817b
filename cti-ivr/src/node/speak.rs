//! `speak`: has a synthesizer say a text with the values of variables in it.

use cti_core::{speech::Spoken, switch::Clip};
use serde::Deserialize;

use super::{
    Exposure, Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape,
    State, Step, Traffic, Uses, fields, play::until_over, template::Template,
};
use crate::{language::Language, prompt::Prompt, speak::normalise_in};

pub(super) static TYPE: NodeType = NodeType {
    name: "speak",
    group: Group::Media,
    fields: &[
        Field::must("text", Shape::Text(1000), "文字", "what is said, with {variables}"),
        Field::must(
            "or",
            Shape::Prompt,
            "备用语音",
            "what is played when no synthesizer says it in time",
        ),
        Field::may(
            "language",
            Shape::Choice(Language::TAGS),
            "语言",
            "in which language; the caller's when absent",
        ),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: HEARD,
    outlets: &[Outlet::waited(
        "next",
        "播报结束或被按键打断",
        "the speech is over or was cut short",
    )],
    keys: Some(0),
    ends: false,
    zh: "合成播报文字，数字、日期、金额按读法播报；合成不可用时播放备用语音；接了出口的键立即离开",
    en: "Has a text synthesized, its numbers, dates and amounts as they are read; without a synthesizer recorded prompts speak for it; keys with an outlet leave at once",
    parse: |value| Ok(Box::new(Speak::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    text: String,
    or: Prompt,
    #[serde(default)]
    language: Option<Language>,
    #[serde(default)]
    barge_in: bool,
}

#[derive(Debug)]
struct Speak {
    text: Template,
    or: Prompt,
    language: Option<Language>,
    barge_in: bool,
}

impl Speak {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.text.trim().is_empty() {
            return Err(FieldError::new("text", "is empty"));
        }
        if fields.or.recorded().count() != fields.or.clips().len() || fields.or.is_empty() {
            return Err(FieldError::new("or", "is one or more recordings"));
        }
        let text = Template::parse("text", &fields.text)?;
        let Fields { or, language, barge_in, .. } = fields;
        Ok(Self { text, or, language, barge_in })
    }
}

impl Node for Speak {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let language = self.language.unwrap_or_else(|| run.language()).tag();
        let text = normalise_in(&self.text.fill(run), language);
        let clip = Clip::Text {
            text: Spoken::new(text),
            language: language.to_owned(),
            or: self.or.recorded().map(str::to_owned).collect(),
        };
        run.play(vec![clip], false);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        let from = traffic.reads.len();
        self.text.traffic("text", traffic);
        traffic.reads[from..].iter_mut().for_each(|read| read.exposure = Exposure::Spoken);
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.or);
    }
}
