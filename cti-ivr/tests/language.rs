//! Flows in several languages: what is heard, what is understood, what the check demands.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for the effects that concern it")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use common::World;
use cti_core::{
    calendar::Calendars,
    flow::{FlowEffect, FlowEngine as _, FlowInput},
    id::SessionId,
    switch::Clip,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Code, Flow, FlowSet, Recordings},
    testkit::Caller,
};

fn flow(id: &str, languages: &str, nodes: &str) -> String {
    format!(
        r#"{{"schema":"cti.flow/1","id":"{id}","kind":"inbound","name":"{id}","entry":"a","languages":{languages},
            "nodes":{{{nodes},"bye":{{"type":"hangup"}}}}}}"#
    )
}

const BOTH: &str = r#"["zh-CN","en-US"]"#;
const NODES: &str = r#""a":{"type":"menu","prompt":["choose"],"out":{"1":"say","9":"en","exhausted":"bye"}},
    "en":{"type":"language","language":"en-US","out":{"next":"say"}},
    "say":{"type":"set","variable":"n","value":"12.5","out":{"next":"read"}},
    "read":{"type":"say","variable":"n","as":"money","before":["balance"],"out":{"next":"text","unreadable":"bye"}},
    "text":{"type":"speak","text":"{n}","or":["fallback"],"out":{"next":"hear"}},
    "hear":{"type":"listen","prompt":["music/hold","ask"],"variable":"x","out":{"next":"other","exhausted":"bye","unavailable":"bye"}},
    "other":{"type":"goto_flow","flow":"mandarin"}"#;

fn engine() -> Engine {
    let texts = [flow("main", BOTH, NODES), flow("mandarin", r#"["zh-CN"]"#, PLAIN)];
    let set = FlowSet::parse(texts.iter().map(|text| ("flow.json", text.as_str()))).unwrap();
    Engine::new(set, Calendars::default()).unwrap()
}

const PLAIN: &str = r#""a":{"type":"play","prompt":["plain"],"out":{"next":"bye"}}"#;

#[test]
fn prompts_values_and_texts_are_in_the_language_that_was_chosen_where_the_flow_speaks_it() {
    let mut english = Caller::new(engine(), "main").unwrap();
    let script = "expect play choose; press 9; expect set language=en-US; \
        expect play en-US/balance twelve yuan and fifty fen; expect play twelve point five; \
        expect play music/hold en-US/ask; expect listen; say anything; expect play plain; expect end";
    english.run(script).unwrap();
    let mut mandarin = Caller::new(engine(), "main").unwrap();
    let script = "expect play choose; press 1; expect play balance 十二元五角; expect play 十二点五; \
        expect play music/hold ask; expect listen";
    mandarin.run(script).unwrap();
}

#[test]
fn a_caller_whose_call_came_with_a_language_is_listened_to_in_it_and_hears_recordings_for_a_text() {
    let (mut engine, mut world) = (engine(), World::default());
    world.data.insert("language".to_owned(), "en-US".to_owned());
    let id = SessionId(1);
    engine.start(Timestamp::ZERO, id, &common::flow_id("main"), world.view()).unwrap();
    let mut texts = Vec::new();
    let mut heard = Vec::new();
    engine.handle(Timestamp::ZERO, id, FlowInput::Digit('1'), world.view());
    while let Some((_, effect)) = engine.poll_effect() {
        match effect {
            FlowEffect::Play { play, clips, .. } => {
                texts.extend(clips.iter().filter_map(|clip| match clip {
                    Clip::Text { language, or, .. } => Some((language.clone(), or.clone())),
                    _ => None,
                }));
                let end = cti_core::switch::PlayEnd::Finished;
                engine.handle(
                    Timestamp::ZERO,
                    id,
                    FlowInput::PlayEnded { play, end },
                    world.view(),
                );
            }
            FlowEffect::Listen { request, .. } => heard.push(request.language),
            _ => {}
        }
    }
    assert_eq!(texts, [("en-US".to_owned(), vec!["en-US/fallback".to_owned()])]);
    assert!(heard.iter().all(|language| language == "en-US") && !heard.is_empty(), "{heard:?}");
}

#[test]
fn a_flow_needs_its_recordings_and_its_words_in_each_of_its_languages() {
    let both = Flow::parse(
        &flow("main", BOTH, NODES.split(",\n    \"text\"").next().unwrap())
            .replace(r#""next":"text""#, r#""next":"bye""#),
    )
    .unwrap();
    let known = |ids: &[&str]| -> BTreeMap<String, Duration> {
        ids.iter().map(|id| ((*id).to_owned(), Duration::from_secs(1))).collect()
    };
    let mut recordings = Recordings::default();
    let mandarin: Vec<String> =
        both.prompts_in(cti_ivr::language::Language::Mandarin).into_iter().collect();
    let mandarin: Vec<&str> = mandarin.iter().map(String::as_str).collect();
    recordings.languages.insert("zh-CN".to_owned(), known(&mandarin));
    recordings.languages.insert("fr-FR".to_owned(), known(&[]));
    let missing = |recordings: &Recordings| -> Vec<String> {
        let findings = both.review(recordings).into_iter();
        findings.filter(|it| it.code == Code::MissingPrompt).map(|it| it.reason).collect()
    };
    let all = missing(&recordings);
    assert!(all.contains(&"there is no recording choose in en-US".to_owned()), "{all:?}");
    assert!(all.contains(&"there is no recording w-twelve in en-US".to_owned()), "{all:?}");
    assert!(all.iter().all(|reason| reason.ends_with("in en-US")), "{all:?}");
    let english = both.prompts_in(cti_ivr::language::Language::English);
    assert!(english.contains("w-twelve") && !english.contains("n-1"));
    let english: Vec<&str> = english.iter().map(String::as_str).collect();
    recordings.languages.insert("en-US".to_owned(), known(&english));
    assert_eq!(missing(&recordings), [""; 0]);
}

#[test]
fn a_node_cannot_choose_what_the_flow_does_not_speak() {
    let nodes = r#""a":{"type":"language","language":"en-US","out":{"next":"bye"}}"#;
    for (languages, words) in [
        (
            r#"["zh-CN"]"#,
            "node a: language: en-US is none of the languages of the flow [invalid-field]",
        ),
        ("[]", "languages: must be one or more languages, each once [invalid-field]"),
        (r#"["zh-CN","zh-CN"]"#, "each once"),
        (r#"["fr-FR"]"#, "syntax"),
    ] {
        let error = Flow::parse(&flow("main", languages, nodes)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    Flow::parse(&flow("main", BOTH, nodes)).unwrap();
}
