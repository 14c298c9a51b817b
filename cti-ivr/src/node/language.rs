//! `language`: the language that the caller hears from here on.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{EVERY_KIND, Field, Group, Node, NodeType, Outlet, Run, Shape, Step, fields};
use crate::{language::Language, run::LANGUAGE};

pub(super) static TYPE: NodeType = NodeType {
    name: "language",
    group: Group::Logic,
    fields: &[Field::must(
        "language",
        Shape::Choice(Language::TAGS),
        "语言",
        "one of the languages of the flow",
    )],
    kinds: EVERY_KIND,
    outlets: &[Outlet::at_once("next", "已切换", "the language is chosen")],
    keys: None,
    ends: false,
    zh: "此后的语音、数字播报和语音识别使用所选语言；写入随路数据 language，排队、转接后的流程沿用",
    en: "Prompts, values and recognition are in this language from here on; it goes with the call's data as language, so that the flows of queues and after transfers keep it",
    parse: |value| fields::<Choose>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    language: Language,
}

impl Node for Choose {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.memory.language = Some(self.language);
        let value = self.language.tag().to_owned();
        run.emit(FlowEffect::SetData { key: LANGUAGE.name().to_owned(), value });
        Step::Leave("next")
    }

    fn speaks(&self) -> Option<Language> {
        Some(self.language)
    }
}
