//! The node `listen`: what callers say, and keys beside it.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use common::{caller, check, document};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    center::Center,
    config::{CenterConfig, Destination, NumberConfig},
    testkit::{SimpleRouter, World, run},
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet},
    testkit::{
        Caller,
        paths::{Attempts, walk},
    },
};

/// A menu by voice; keys do the same.
const WORDS: &str = r#""a":{"type":"listen","prompt":["ask"],"words":{"1":["公积金","住房公积金"],"0":["人工"]},"retries":1,
    "no_input_prompt":["silent"],"no_match_prompt":["what"],
    "out":{"1":"fund","0":"agent","exhausted":"bye","unavailable":"keys"}},
    "fund":{"type":"play","prompt":["fund"],"out":{"next":"bye"}},
    "agent":{"type":"play","prompt":["agent"],"out":{"next":"bye"}},
    "keys":{"type":"play","prompt":["keys"],"out":{"next":"bye"}}"#;

#[test]
fn words_and_keys_lead_the_same_way_and_cut_the_prompt_short() {
    check(
        WORDS,
        "expect play ask; expect listen; say 我要查住房公积金; expect play fund; expect end",
    );
    check(WORDS, "expect play ask; expect listen; press 0 after 500ms; expect play agent");
    check(WORDS, "expect play ask; expect listen; wait 4s; say 人工; expect play agent");
}

#[test]
fn silence_and_what_is_not_understood_have_their_own_prompts_and_exhaust_the_attempts() {
    // The prompt lasts two seconds, the wait after it five.
    let silent = "expect play ask; expect listen; expect nothing for 6900ms; expect play silent ask; expect listen; \
                  mumbles; expect end";
    check(WORDS, silent);
    check(
        WORDS,
        "expect play ask; expect listen; say 天气; expect play what ask; expect listen; press 9; expect end",
    );
}

#[test]
fn without_a_recognizer_and_when_it_never_ends_the_flow_goes_another_way() {
    check(WORDS, "expect play ask; expect listen; recognizer fails; expect play keys");
    let mut caller = caller(WORDS);
    caller.run("expect play ask; expect listen").unwrap();
    // Somebody began to speak, and that is the last that is heard of it: the limit of 15 s, and 15 s of grace.
    caller.run("speaks; expect nothing for 29s; expect play keys").unwrap();
}

#[test]
fn who_may_not_interrupt_is_listened_to_after_the_prompt() {
    let polite = WORDS.replace(r#""retries":1"#, r#""retries":1,"barge_in":false"#);
    check(&polite, "expect play ask; expect listen; say 人工; expect play agent");
    check(&polite, "expect play ask; press 1 after 1s; expect play fund");
}

#[test]
fn digits_are_said_or_typed_and_a_text_is_kept() {
    let digits = r#""a":{"type":"listen","prompt":["ask"],"variable":"x","min":4,"max":6,"retries":1,"inter_digit_ms":2000,
        "no_match_prompt":["what"],"out":{"next":"say","exhausted":"bye","unavailable":"bye"}},
        "say":{"type":"say","variable":"x","as":"digits","out":{"next":"bye","unreadable":"bye"}}"#;
    check(digits, "expect play ask; expect listen; say 12345; expect play 一二三四五");
    check(digits, "expect play ask; expect listen; press 123456; expect play 一二三四五六");
    check(digits, "expect play ask; expect listen; press 1234#; expect play 一二三四");
    check(
        digits,
        "expect play ask; expect listen; press 1234; expect nothing for 1900ms; expect play 一二三四",
    );
    check(
        digits,
        "expect play ask; expect listen; press 12#; expect play what ask; expect listen; say 123; expect end",
    );
    let text = r#""a":{"type":"listen","prompt":["ask"],"variable":"x","hints":["公积金"],
        "out":{"next":"keep","exhausted":"bye","unavailable":"bye","0":"bye"}},
        "keep":{"type":"set_caller_attr","attribute":"wish","from":"x","out":{"next":"bye"}}"#;
    check(
        text,
        "expect play ask; expect listen; say 我想问提取公积金; expect set caller.wish=我想问提取公积金",
    );
    check(text, "expect play ask; expect listen; press 0; expect end");
}

#[test]
fn every_outlet_is_found_by_the_walk() {
    let flow = Flow::parse(&document(WORDS)).unwrap();
    let flows = FlowSet::new([flow]).unwrap();
    let id = "main".parse().unwrap();
    let walked = walk(&flows, &Calendars::default(), &id, &Attempts::default()).unwrap();
    assert_eq!(walked.not_walked, []);
}

#[test]
fn whoever_watches_a_caller_is_told_that_he_may_speak() {
    let engine = || {
        let flow = Flow::parse(&document(WORDS)).unwrap();
        Engine::new(FlowSet::new([flow]).unwrap(), Calendars::default()).unwrap()
    };
    let mut caller = Caller::new(engine(), "main").unwrap();
    caller.run("expect play ask; expect listen").unwrap();
    assert_eq!(caller.waits_for(), ["key", "speech", "time"]);
}

#[test]
fn a_node_that_listens_for_two_things_or_nothing_is_refused_by_its_field() {
    let refused = |fields: &str, out: &str| {
        let nodes = format!(
            r#""a":{{"type":"listen","prompt":["ask"],{fields}"out":{{{out}"exhausted":"bye","unavailable":"bye"}}}}"#
        );
        let error = Flow::parse(&document(&nodes)).unwrap_err();
        let finding = &error.findings[0];
        format!("{} {}", finding.field.clone().unwrap_or_default(), finding.code.as_str())
    };
    let words = r#""words":{"1":["人工"]},"#;
    assert_eq!(refused(words, ""), "out missing-outlet");
    assert_eq!(refused(words, r#""1":"bye","next":"bye","#), "out.next unknown-outlet");
    assert_eq!(
        refused(r#""words":{"1":["人工"]},"variable":"x","#, r#""1":"bye","#),
        "words invalid-field"
    );
    assert_eq!(refused(r#""words":{"1":["人工"],"2":["人工"]},"#, ""), "words invalid-field");
    assert_eq!(refused(r#""words":{"k":["人工"]},"#, ""), "words invalid-field");
    assert_eq!(refused("", ""), "variable invalid-field");
    assert_eq!(refused(r#""variable":"x","#, ""), "out missing-outlet");
    assert_eq!(refused(r#""variable":"x","min":5,"max":4,"#, ""), "max invalid-field");
    assert_eq!(
        refused(r#""variable":"x","least_confidence":101,"#, ""),
        "least_confidence invalid-field"
    );
}

/// A centre whose only number asks what the caller wants.
fn world() -> World {
    let flow = Flow::parse(&document(WORDS)).unwrap();
    let engine = Engine::new(FlowSet::new([flow]).unwrap(), Calendars::default()).unwrap();
    let config = CenterConfig {
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345").unwrap(),
            name: "12345".to_owned(),
            to: Destination::Flow("main".parse().unwrap()),
        }],
        ..CenterConfig::default()
    };
    let router = Box::new(SimpleRouter::default());
    World::new(Center::new(config, router, Box::new(engine)).unwrap(), Timestamp::ZERO)
}

#[test]
fn in_a_centre_the_switch_listens_to_the_caller_until_he_spoke_pressed_or_left() {
    for (does, heard) in [
        ("00:01 citizen 13812345678 says 公积金", Some("fund")),
        ("00:01 citizen 13812345678 presses 0", Some("agent")),
        ("00:01 citizen 13812345678 hangs up", None),
    ] {
        let mut world = world();
        let trace = run(&mut world, &format!("00:00 citizen 13812345678 dials 12345\n{does}"));
        let trace = trace.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(trace.contains("hears fund"), heard == Some("fund"), "{trace}");
        assert_eq!(trace.contains("hears agent"), heard == Some("agent"), "{trace}");
        assert_eq!(world.switch.listening(), 0, "{trace}");
    }
}
