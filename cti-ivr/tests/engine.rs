//! The rules of the interpreter.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::{fmt::Write as _, time::Duration};

use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{
        CallData, FlowEffect, FlowEngine as _, FlowInput, LookupFailure, QueueExit, SessionEnd,
        SessionView,
    },
    id::{FlowId, SessionId},
    router::OverflowReason,
    switch::PlayEnd,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet},
    testkit::Caller,
};
use proptest::prelude::*;

fn document(nodes: &str) -> String {
    format!(
        r#"{{"schema":"cti.flow/1","id":"main","kind":"inbound","name":"Main","entry":"a","nodes":{{{nodes},"bye":{{"type":"hangup"}}}}}}"#
    )
}

fn engine(text: &str) -> Engine {
    let flow = Flow::parse(text).unwrap_or_else(|error| panic!("{error}"));
    Engine::new(FlowSet::new([flow]).unwrap(), Calendars::default()).unwrap()
}

fn caller(nodes: &str) -> Caller {
    Caller::new(engine(&document(nodes)), "main").unwrap()
}

fn check(nodes: &str, script: &str) {
    caller(nodes).run(script).unwrap_or_else(|error| panic!("{error}"));
}

const MENU: &str = r##""a":{"type":"menu","prompt":["welcome"],"no_input_prompt":["hm"],"no_match_prompt":["wrong"],
    "first_digit_ms":3000,"retries":1,"out":{"1":"one","*":"star","exhausted":"bye"}},
    "one":{"type":"play","prompt":["one"],"out":{"next":"bye"}},
    "star":{"type":"play","prompt":["star"],"out":{"next":"bye"}}"##;

#[test]
fn a_key_cuts_the_menu_short() {
    check(MENU, "expect play welcome; press 1 after 100ms; expect play one; expect end");
}

#[test]
fn a_script_may_expect_that_a_node_asks_and_that_the_caller_waits() {
    let nodes = r##""a":{"type":"menu","prompt":["welcome"],"out":{"1":"b","exhausted":"bye"}},
        "b":{"type":"collect","prompt":["enter"],"variable":"x","max":8,"terminator":"#","out":{"next":"q","exhausted":"bye"}},
        "q":{"type":"enqueue","queue":"gjj",
            "out":{"overflow":"bye","no_staff":"bye","full":"bye","left":"bye","failed":"bye"}}"##;
    check(
        nodes,
        "expect play welcome; press 1 after 800ms; expect collect; press 123456#; expect queue gjj",
    );
    check(nodes, "expect menu; press 1; expect collect");
    let error = caller(nodes).run("expect collect").unwrap_err();
    assert_eq!(error.reason, "did play welcome");
    let error = caller(nodes).run("expect menu; expect collect").unwrap_err();
    assert_eq!(error.reason, "did play welcome", "it is said again to who presses nothing");
}

#[test]
fn silence_and_wrong_keys_have_their_own_prompts_and_exhaust_the_attempts() {
    check(
        MENU,
        "expect play welcome; wait 4s; expect nothing for 900ms; expect play hm welcome; expect end",
    );
    check(MENU, "expect play welcome; press 7; expect play wrong welcome; press 8; expect end");
    check(
        MENU,
        "expect play welcome; press 7; expect play wrong welcome; press *; expect play star",
    );
}

#[test]
fn a_menu_that_cannot_be_interrupted_acts_on_the_key_at_its_end() {
    let nodes = MENU.replace(r#""retries":1"#, r#""retries":1,"barge_in":false"#);
    check(
        &nodes,
        "expect play welcome; press 1 after 100ms; expect nothing for 1800ms; expect play one",
    );
}

#[test]
fn keys_pressed_ahead_are_kept_and_a_node_may_forget_them() {
    let ahead = format!(
        r#""a":{{"type":"play","prompt":["hello"],"out":{{"next":"b"}}}},{}"#,
        MENU.replacen("\"a\"", "\"b\"", 1)
    );
    check(&ahead, "expect play hello; press 1; expect play one");
    let flushed = ahead.replace(r#""retries":1"#, r#""retries":1,"flush":true"#);
    check(&flushed, "expect play hello; press 1; expect play welcome; press 1; expect play one");
}

const COLLECT: &str = r##""a":{"type":"collect","prompt":["enter"],"variable":"x","min":2,"max":4,"terminator":"#",
    "first_digit_ms":3000,"inter_digit_ms":1000,"retries":1,"no_input_prompt":["hm"],"no_match_prompt":["wrong"],
    "out":{"next":"b","exhausted":"bye"}},
    "b":{"type":"say","variable":"x","as":"digits","out":{"next":"bye","unreadable":"bye"}}"##;

#[test]
fn digits_are_collected_until_the_terminator_or_the_time_between_digits_is_over() {
    check(COLLECT, "expect play enter; press 12#; expect play 一二; expect end");
    check(
        COLLECT,
        "expect play enter; press 1; press 2 after 900ms; expect nothing for 900ms; expect play 一二",
    );
    check(COLLECT, "expect play enter; press 12345; expect play wrong enter; press 1#; expect end");
    check(COLLECT, "expect play enter; wait 4s; expect play hm enter; press 99#; expect play 九九");
    check(
        &COLLECT.replace(r##""terminator":"#","##, ""),
        "expect play enter; press 1234; expect play 一二三四",
    );
}

#[test]
fn a_message_ends_by_key_and_a_short_one_is_empty() {
    let nodes = r#""a":{"type":"record_message","prompt":["speak"],"limit_ms":60000,"silence_ms":3000,
        "out":{"saved":"ok","empty":"none"}},
        "ok":{"type":"play","prompt":["ok"],"out":{"next":"bye"}},
        "none":{"type":"play","prompt":["none"],"out":{"next":"bye"}}"#;
    check(
        nodes,
        "expect play speak; press #; expect record; press 1; expect nothing for 1s; press #; expect stop_recording; recorded 5s; expect play ok",
    );
    check(nodes, "expect play speak; expect record; recorded 500ms; expect play none");
    check(nodes, "expect play speak; expect record; not recorded; expect play none");
}

#[test]
fn conditions_compare_texts_numbers_and_presence() {
    let nodes = |first: &str, condition: &str| {
        format!(
            r#""a":{{"type":"set","variable":"x",{first},"share":true,"out":{{"next":"b"}}}},
            "b":{{"type":"if","variable":"x",{condition},"out":{{"true":"yes","false":"no"}}}},
            "yes":{{"type":"play","prompt":["yes"],"out":{{"next":"bye"}}}},
            "no":{{"type":"play","prompt":["no"],"out":{{"next":"bye"}}}}"#
        )
    };
    for (first, condition, set, answer) in [
        (r#""value":"9""#, r#""is":"less","value":"10""#, "9", "yes"),
        (r#""value":"abc""#, r#""is":"less","value":"10""#, "abc", "no"),
        (r#""value":"9""#, r#""is":"equals","value":"9""#, "9", "yes"),
        (r#""value":"9""#, r#""is":"equals","value":"9.0""#, "9", "no"),
        (r#""from":"called""#, r#""is":"exists""#, "12345", "yes"),
        (r#""from":"nothing""#, r#""is":"exists""#, "", "no"),
    ] {
        check(&nodes(first, condition), &format!("expect set x={set}; expect play {answer}"));
    }
}

#[test]
fn a_slow_table_is_an_error() {
    let nodes = r#""a":{"type":"lookup","source":"t","key":"caller","timeout_ms":2000,
        "out":{"found":"bye","not_found":"bye","error":"sorry"}},
        "sorry":{"type":"play","prompt":["sorry"],"out":{"next":"bye"}}"#;
    let mut engine = engine(&document(nodes));
    let world = World::default();
    engine
        .start(Timestamp::ZERO, SessionId(1), &FlowId::new("main").unwrap(), world.view())
        .unwrap();
    assert!(matches!(engine.poll_effect(), Some((_, FlowEffect::Lookup { lookup: 0, .. }))));
    assert_eq!(engine.poll_timeout(), Some(Timestamp::from_secs(2)));
    engine.handle_timeout(Timestamp::from_secs(1), SessionId(1), world.view());
    assert_eq!(engine.poll_effect(), None, "calling early is harmless");
    engine.handle_timeout(Timestamp::from_secs(2), SessionId(1), world.view());
    let effects: Vec<_> = std::iter::from_fn(|| engine.poll_effect()).collect();
    assert!(matches!(effects.last(), Some((_, FlowEffect::Play { .. }))));
    let late = FlowInput::LookupDone { lookup: 0, result: Ok(CallData::new()) };
    engine.handle(Timestamp::from_secs(3), SessionId(1), late, world.view());
    assert_eq!(engine.poll_effect(), None, "an answer that comes too late changes nothing");
}

#[test]
fn the_end_of_a_replaced_playing_changes_nothing() {
    let nodes = r#""a":{"type":"play","prompt":["first"],"barge_in":true,"out":{"next":"b"}},
        "b":{"type":"play","prompt":["second"],"out":{"next":"bye"}}"#;
    let mut engine = engine(&document(nodes));
    let world = World::default();
    engine
        .start(Timestamp::ZERO, SessionId(7), &FlowId::new("main").unwrap(), world.view())
        .unwrap();
    let mut tell = |input| {
        engine.handle(Timestamp::ZERO, SessionId(7), input, world.view());
        std::iter::from_fn(|| engine.poll_effect()).map(|(_, effect)| effect).collect::<Vec<_>>()
    };
    let effects = tell(FlowInput::Digit('1'));
    assert!(effects.contains(&FlowEffect::StopPlay { play: 0 }));
    assert_eq!(tell(FlowInput::PlayEnded { play: 0, end: PlayEnd::Stopped }), []);
    assert_eq!(tell(FlowInput::PlayEnded { play: 1, end: PlayEnd::LegEnded }), []);
    assert!(
        tell(FlowInput::PlayEnded { play: 1, end: PlayEnd::Finished }).contains(&FlowEffect::End)
    );
    assert_eq!(tell(FlowInput::PlayEnded { play: 1, end: PlayEnd::Finished }), []);
}

#[test]
fn after_the_end_nothing_comes_from_a_session() {
    let mut engine = engine(&document(MENU));
    let world = World::default();
    let main = FlowId::new("main").unwrap();
    engine.start(Timestamp::ZERO, SessionId(1), &main, world.view()).unwrap();
    engine.start(Timestamp::ZERO, SessionId(2), &main, world.view()).unwrap();
    assert_eq!(engine.sessions(), 2);
    engine.end(SessionId(1), SessionEnd::HungUp);
    engine.end(SessionId(1), SessionEnd::HungUp);
    assert_eq!(engine.sessions(), 1);
    assert!(
        std::iter::from_fn(|| engine.poll_effect()).all(|(session, _)| session == SessionId(2))
    );
    engine.handle(Timestamp::ZERO, SessionId(1), FlowInput::Digit('1'), world.view());
    engine.handle_timeout(Timestamp::from_secs(99), SessionId(1), world.view());
    assert_eq!(engine.poll_effect(), None);
    engine.end(SessionId(2), SessionEnd::HungUp);
    assert_eq!(engine.poll_timeout(), None);
    assert!(
        engine
            .start(Timestamp::ZERO, SessionId(3), &FlowId::new("none").unwrap(), world.view())
            .is_err()
    );
}

#[test]
fn a_session_goes_on_in_another_flow_with_its_variables() {
    let first = document(r#""a":{"type":"set","variable":"x","value":"7","out":{"next":"b"}},"b":{"type":"goto_flow","flow":"other"}"#)
        .replace(r#","bye":{"type":"hangup"}"#, "");
    let other = document(r#""a":{"type":"say","variable":"x","as":"number","out":{"next":"bye","unreadable":"bye"}}"#)
        .replace(r#""id":"main""#, r#""id":"other""#);
    let flows =
        FlowSet::parse([("main.json", first.as_str()), ("other.json", other.as_str())]).unwrap();
    let engine = Engine::new(flows, Calendars::default()).unwrap();
    Caller::new(engine, "main").unwrap().run("expect play 七; expect end").unwrap();
}

#[test]
fn what_a_caller_types_does_not_show_when_the_engine_is_printed() {
    let nodes = format!(
        "{},{}",
        COLLECT.replace(r#""next":"bye""#, r#""next":"c""#),
        r#""c":{"type":"menu","prompt":["x"],"out":{"1":"bye","exhausted":"bye"}}"#
    );
    let mut engine = engine(&document(&nodes));
    let world = World::default();
    engine
        .start(Timestamp::ZERO, SessionId(1), &FlowId::new("main").unwrap(), world.view())
        .unwrap();
    for digit in "7391".chars() {
        engine.handle(Timestamp::ZERO, SessionId(1), FlowInput::Digit(digit), world.view());
        while engine.poll_effect().is_some() {}
        assert!(!format!("{engine:?}").contains("739"));
    }
    engine.handle(Timestamp::ZERO, SessionId(1), FlowInput::Digit('#'), world.view());
    while engine.poll_effect().is_some() {}
    let printed = format!("{engine:?}");
    assert!(!printed.contains("7391"), "{printed}");
    assert_eq!(engine.place(SessionId(1)).map(|place| place.node), Some("b"));
}

#[test]
fn a_prompt_that_cannot_be_played_does_not_hold_the_caller_up() {
    let mut engine =
        engine(&document(r#""a":{"type":"play","prompt":["gone"],"out":{"next":"bye"}}"#));
    let world = World::default();
    engine
        .start(Timestamp::ZERO, SessionId(1), &FlowId::new("main").unwrap(), world.view())
        .unwrap();
    let failed = FlowInput::PlayEnded { play: 0, end: PlayEnd::Failed };
    engine.handle(Timestamp::ZERO, SessionId(1), failed, world.view());
    assert_eq!(engine.sessions(), 0, "the flow went on to its end");
}

fn chain(length: usize, limits: &str) -> String {
    let mut nodes = String::new();
    for at in 0..length {
        let name = if at == 0 { "a".to_owned() } else { format!("n{at}") };
        let next = if at + 1 == length { "bye".to_owned() } else { format!("n{}", at + 1) };
        write!(
            nodes,
            r#""{name}":{{"type":"set","variable":"x","value":"1","out":{{"next":"{next}"}}}},"#
        )
        .unwrap();
    }
    let sorry = r#""sorry":{"type":"play","prompt":["sorry"],"out":{"next":"bye"}}"#;
    document(&format!("{nodes}{sorry}"))
        .replace(r#""entry""#, &format!(r#""limits":{limits},"on_error":"sorry","entry""#))
}

#[test]
fn a_chain_of_a_hundred_thousand_nodes_runs_without_recursion() {
    // With the handler of errors and the end they are a hundred thousand.
    let text = chain(99_998, r#"{"steps_per_input":200000,"steps":200000}"#);
    let run = move || Caller::new(engine(&text), "main").unwrap().run("expect end").unwrap();
    // A stack that recursion over the nodes would exhaust.
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_tree_of_menus_ten_thousand_deep_is_walked_to_its_leaf() {
    let mut nodes = String::new();
    for at in 0..10_000 {
        let name = if at == 0 { "a".to_owned() } else { format!("m{at}") };
        let next = if at == 9_999 { "bye".to_owned() } else { format!("m{}", at + 1) };
        let out = format!(r#""1":"{next}","2":"bye","exhausted":"bye""#);
        write!(nodes, r#""{name}":{{"type":"menu","prompt":["m"],"out":{{{out}}}}},"#).unwrap();
    }
    let text = document(nodes.trim_end_matches(','));
    let run = move || {
        let mut engine = engine(&text);
        let world = World::default();
        let main = FlowId::new("main").unwrap();
        engine.start(Timestamp::ZERO, SessionId(1), &main, world.view()).unwrap();
        for depth in 0..10_000 {
            assert_eq!(engine.sessions(), 1, "{depth}");
            engine.handle(Timestamp::ZERO, SessionId(1), FlowInput::Digit('1'), world.view());
            while engine.poll_effect().is_some() {}
        }
        assert_eq!(engine.sessions(), 0);
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_session_beyond_its_limits_goes_to_the_flows_handling_of_errors() {
    let mut caller =
        Caller::new(engine(&chain(2000, r#"{"steps_per_input":100}"#)), "main").unwrap();
    caller.run("expect play sorry; expect end").unwrap();
    assert!(caller.visited().iter().any(|(_, outlet)| outlet == "error"));
    let text = document(MENU).replace(r#""entry""#, r#""limits":{"session_ms":1000},"entry""#);
    Caller::new(engine(&text), "main").unwrap().run("expect play welcome; expect end").unwrap();
}

struct World {
    caller: PhoneNumber,
    called: PhoneNumber,
    data: CallData,
}

impl Default for World {
    fn default() -> Self {
        Self {
            caller: PhoneNumber::parse("13800001234").unwrap(),
            called: PhoneNumber::parse("12345").unwrap(),
            data: CallData::new(),
        }
    }
}

impl World {
    fn view(&self) -> SessionView<'_> {
        SessionView {
            caller: &self.caller,
            called: &self.called,
            data: &self.data,
            position: Some(2),
            expected_wait: None,
        }
    }
}

#[derive(Clone, Debug)]
enum Happens {
    Input(FlowInput),
    /// The current playing, or one near it.
    PlayEnds(u32),
    Pass(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let input = prop_oneof![
        8 => prop::sample::select("0123456789*#ABx ".chars().collect::<Vec<_>>()).prop_map(FlowInput::Digit),
        1 => (0_u32..4, any::<bool>()).prop_map(|(lookup, found)| FlowInput::LookupDone {
            lookup,
            result: if found { Ok([("balance".to_owned(), "12.34".to_owned())].into()) } else { Err(LookupFailure::NotFound) },
        }),
        1 => prop::sample::select(vec![
            QueueExit::Left, QueueExit::UnknownQueue, QueueExit::Overflow(OverflowReason::QueueFull),
            QueueExit::Overflow(OverflowReason::NobodyStaffed), QueueExit::Overflow(OverflowReason::WaitedTooLong),
        ]).prop_map(FlowInput::LeftQueue),
        1 => Just(FlowInput::RingFailed),
        1 => (any::<bool>(), 0_u64..9).prop_map(|(saved, length)| FlowInput::RecordingEnded {
            saved, length: Duration::from_secs(length) }),
    ];
    prop_oneof![3 => input.prop_map(Happens::Input), 3 => (0_u32..3).prop_map(Happens::PlayEnds), 2 => (0_u64..30_000).prop_map(Happens::Pass)]
}

/// Feeds inputs to a shipped flow and returns its effects and the engine.
fn feed(flow: &str, inputs: &[Happens]) -> (Vec<FlowEffect>, Engine) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/");
    let holidays = cti_core::calendar::Holidays::default();
    let schedules =
        std::fs::read_to_string(format!("{folder}config/calendar/schedules.json")).unwrap();
    let calendars = Calendars::parse("schedules.json", &schedules, holidays).unwrap();
    let flows = FlowSet::load(format!("{folder}flows").as_ref()).unwrap();
    let mut engine = Engine::new(flows, calendars).unwrap();
    let (world, session) = (World::default(), SessionId(1));
    let mut now = Timestamp::from_secs(1_795_399_200);
    engine.start(now, session, &FlowId::new(flow).unwrap(), world.view()).unwrap();
    let (mut effects, mut plays) = (Vec::new(), 0_u32);
    for happens in inputs {
        match happens {
            Happens::Input(input) => engine.handle(now, session, input.clone(), world.view()),
            Happens::PlayEnds(before) => {
                let input = FlowInput::PlayEnded {
                    play: plays.saturating_sub(1 + before),
                    end: PlayEnd::Finished,
                };
                engine.handle(now, session, input, world.view());
            }
            Happens::Pass(ms) => {
                let until = now + Duration::from_millis(*ms);
                while let Some(next) = engine.poll_timeout().filter(|next| *next <= until) {
                    now = now.max(next);
                    let due = engine.due(now).unwrap();
                    engine.handle_timeout(now, due, world.view());
                }
                now = until;
            }
        }
        while let Some((_, effect)) = engine.poll_effect() {
            plays += u32::from(matches!(effect, FlowEffect::Play { .. }));
            effects.push(effect);
        }
        assert!(effects.len() < 100 * (inputs.len() + 1), "too much for so few inputs");
    }
    if effects.contains(&FlowEffect::End) {
        assert_eq!(engine.sessions(), 0);
    }
    (effects, engine)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn equal_inputs_give_equal_effects_and_a_session_ends_at_most_once_and_last(
        flow in prop::sample::select(vec!["hotline-12345", "gjj-12329", "transport-12328", "queue-general", "queue-night"]),
        inputs in prop::collection::vec(happens(), 0..120),
    ) {
        let (effects, mut engine) = feed(flow, &inputs);
        prop_assert_eq!(&effects, &feed(flow, &inputs).0);
        let ends = effects.iter().filter(|effect| **effect == FlowEffect::End).count();
        prop_assert!(ends <= 1);
        prop_assert!(ends == 0 || effects.last() == Some(&FlowEffect::End));
        // The caller may hang up after any of them.
        engine.end(SessionId(1), SessionEnd::HungUp);
        prop_assert_eq!((engine.sessions(), engine.poll_timeout(), engine.poll_effect()), (0, None, None));
        let mut plays = Vec::new();
        for effect in &effects {
            if let FlowEffect::Play { play, clips, .. } = effect {
                prop_assert!(!clips.is_empty());
                plays.push(*play);
            }
        }
        prop_assert!(plays.iter().zip(0..).all(|(play, number)| *play == number), "playings are counted up");
    }
}
