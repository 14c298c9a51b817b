//! What is counted of flows, and that nothing secret is.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::time::Duration;

use common::{World, document, engine, flow_id};
use cti_core::{
    flow::{FlowEffect, FlowEngine as _, FlowInput, SessionEnd},
    id::SessionId,
    switch::PlayEnd,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    statistics::{Failure, NodeStatistics, Statistics, VersionStatistics},
};

const FLOW: &str = r##"
    "a":{"type":"menu","prompt":["m"],"retries":3,"out":{"1":"pin","2":"bad","3":"rate","exhausted":"bye"}},
    "pin":{"type":"collect","prompt":["enter"],"variable":"pin","max":6,"terminator":"#","out":{"next":"ask","exhausted":"bye"}},
    "ask":{"type":"lookup","source":"t","key":"pin","out":{"found":"bye","not_found":"bye","error":"bye"}},
    "bad":{"type":"if","when":"number(called + \"x\") > 1","out":{"true":"bye","false":"bye","error":"bye"}},
    "rate":{"type":"rating","prompt":["rate"],"out":{"rated":"a","skipped":"bye"}}"##;

fn counted() -> Engine {
    let head = r#""vars":{"pin":{"type":"digits","secret":true}},"entry""#;
    engine(&document(FLOW).replace(r#""entry""#, head))
}

fn start(engine: &mut Engine, session: u64, at: u64) {
    let world = World::default();
    let now = Timestamp::from_secs(at);
    engine.start(now, SessionId(session), &flow_id("main"), world.view()).unwrap();
    while engine.poll_effect().is_some() {}
}

fn press(engine: &mut Engine, session: u64, at: u64, keys: &str) -> Vec<FlowEffect> {
    let world = World::default();
    for key in keys.chars() {
        let now = Timestamp::from_secs(at);
        engine.handle(now, SessionId(session), FlowInput::Digit(key), world.view());
    }
    std::iter::from_fn(|| engine.poll_effect()).map(|(_, effect)| effect).collect()
}

fn version(statistics: &Statistics) -> &VersionStatistics {
    statistics.iter().next().unwrap().2
}

#[test]
fn a_node_counts_who_came_who_left_which_way_and_how_long_it_took() {
    let mut engine = counted();
    for session in 1..=3 {
        start(&mut engine, session, 0);
    }
    press(&mut engine, 1, 4, "91");
    press(&mut engine, 2, 2, "2");
    engine.end(SessionId(3), SessionEnd::HungUp);
    let counts = version(engine.counts());
    assert_eq!(counts.started, 3);
    let expected = NodeStatistics {
        entered: 3,
        left: [("1".to_owned(), 1), ("2".to_owned(), 1)].into(),
        keys: [('9', 1), ('1', 1), ('2', 1)].into(),
        abandoned: 1,
        dwell_ms: 4000 + 2000 + 4000,
        longest_ms: 4000,
        ..NodeStatistics::default()
    };
    assert_eq!(counts.nodes["a"], expected);
    assert_eq!(counts.nodes["bad"].failed, [(Failure::Expression, 1)].into());
    assert_eq!(counts.nodes["bad"].left, [("error".to_owned(), 1)].into());
}

#[test]
fn ratings_are_counted_by_answer() {
    let mut engine = counted();
    start(&mut engine, 1, 0);
    press(&mut engine, 1, 1, "3132");
    let answers = &version(engine.counts()).answers["satisfaction"];
    let expected = [("satisfied".to_owned(), 1), ("very_satisfied".to_owned(), 1)];
    assert_eq!(*answers, expected.into());
}

#[test]
fn counts_of_two_hours_add_up_and_survive_being_written() {
    let mut engine = counted();
    start(&mut engine, 1, 0);
    press(&mut engine, 1, 1, "7");
    let mut day = engine.counts_mut().take();
    assert_eq!(*engine.counts(), Statistics::default());
    start(&mut engine, 2, 3600);
    press(&mut engine, 2, 3601, "7");
    day.merge(&engine.counts_mut().take());
    assert_eq!(version(&day).nodes["a"].keys, [('7', 2)].into());
    let written = serde_json::to_string(&day).unwrap();
    assert_eq!(serde_json::from_str::<Statistics>(&written).unwrap(), day);
    let (flow, hash, _) = day.iter().next().unwrap();
    assert_eq!(day.version(flow, hash), Some(version(&day)));
}

#[test]
fn a_secret_is_neither_counted_nor_printed_nor_told_to_anybody_but_the_service_that_is_asked() {
    const SECRET: &str = "739152";
    let mut engine = counted();
    start(&mut engine, 1, 0);
    let mut effects = press(&mut engine, 1, 1, "1");
    effects.extend(press(&mut engine, 1, 2, SECRET));
    assert!(!format!("{engine:?}").contains("7391"));
    effects.extend(press(&mut engine, 1, 3, "#"));
    let asked = effects.iter().filter(|it| matches!(it, FlowEffect::Lookup { .. })).count();
    assert_eq!(asked, 1);
    effects.retain(|it| !matches!(it, FlowEffect::Lookup { .. }));
    assert!(!format!("{effects:?}").contains("7391"), "{effects:?}");
    let ended = FlowInput::PlayEnded { play: 1, end: PlayEnd::Finished };
    engine.handle(Timestamp::from_secs(4), SessionId(1), ended, World::default().view());
    let written = serde_json::to_string(engine.counts()).unwrap();
    assert!(!written.contains("7391") && !format!("{engine:?}").contains("7391"));
    let keys = &version(engine.counts()).nodes["pin"].keys;
    assert!(keys.is_empty(), "digits that are collected are not counted: {keys:?}");
}

#[test]
fn a_slow_caller_is_counted_where_he_is_slow() {
    let mut engine = counted();
    start(&mut engine, 1, 0);
    press(&mut engine, 1, 1, "1");
    let world = World::default();
    let due = engine.poll_timeout().unwrap();
    assert!(due > Timestamp::from_secs(1) + Duration::from_secs(60), "the prompt is still played");
    let ended = FlowInput::PlayEnded { play: 1, end: PlayEnd::Finished };
    engine.handle(Timestamp::from_secs(3), SessionId(1), ended, world.view());
    for _ in 0..9 {
        let Some(due) = engine.poll_timeout() else { break };
        engine.handle_timeout(due, SessionId(1), world.view());
        let mut plays = Vec::new();
        while let Some((_, effect)) = engine.poll_effect() {
            if let FlowEffect::Play { play, .. } = effect {
                plays.push(play);
            }
        }
        for play in plays {
            let ended = FlowInput::PlayEnded { play, end: PlayEnd::Finished };
            engine.handle(due, SessionId(1), ended, world.view());
        }
    }
    let pin = &version(engine.counts()).nodes["pin"];
    assert_eq!(pin.left, [("exhausted".to_owned(), 1)].into());
    assert_eq!(pin.dwell_ms, 2000 + 3 * 5000);
}
