//! Flows around a talk: what the agent hears before he is put through, what the citizen is asked when he has hung up.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{fmt::Debug, str::FromStr, time::Duration};

use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    calendar::Calendars,
    center::Center,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::Fact,
    testkit::{SimpleRouter, World, run},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

fn id<T: FromStr<Err: Debug>>(name: &str) -> T {
    name.parse().unwrap()
}

fn flow(id: &str, kind: &str, nodes: &str) -> String {
    format!(
        r#"{{"schema":"cti.flow/1","id":"{id}","kind":"{kind}","name":"{id}","entry":"a","nodes":{{{nodes}}}}}"#
    )
}

const QUEUES: &str = r#""a":{"type":"enqueue","queue":"gjj","out":{"overflow":"b","full":"b","failed":"b","no_staff":"b","left":"b"}},
            "b":{"type":"hangup"}"#;

/// A centre with one agent, whose queue whispers and asks.
fn world() -> World {
    world_with(QUEUES)
}

/// The same, whose callers come to these nodes.
fn world_with(main: &str) -> World {
    let texts = [
        flow("main", "inbound", main),
        flow(
            "own-whisper",
            "whisper",
            r#""a":{"type":"play","prompt":["vip-call"],"out":{"next":"b"}},"b":{"type":"hangup"}"#,
        ),
        flow(
            "then",
            "after_call",
            r#""a":{"type":"play","prompt":["still-there"],"out":{"next":"b"}},"b":{"type":"hangup"}"#,
        ),
        flow(
            "whisper",
            "whisper",
            r#""a":{"type":"play","prompt":["fund-call"],"out":{"next":"b"}},"b":{"type":"hangup"}"#,
        ),
        flow(
            "asked",
            "after_call",
            r#""a":{"type":"rating","prompt":["rate-us"],"keys":{"1":"good","2":"bad"},"once_within_ms":3600000,"out":{"rated":"b","skipped":"c","recent":"c"}},
            "b":{"type":"play","prompt":["thanks"],"out":{"next":"c"}},"c":{"type":"hangup"}"#,
        ),
    ];
    let engine = Engine::new(
        FlowSet::parse(texts.iter().map(|text| ("flow.json", text.as_str()))).unwrap(),
        Calendars::default(),
    );
    let config = CenterConfig {
        agents: vec![AgentConfig {
            id: id("8001"),
            name: "Li Na".to_owned(),
            announced_number: "8001".to_owned(),
            queues: vec![id("gjj")],
            capacity: Default::default(),
        }],
        seats: vec![SeatConfig { id: id("A1"), device: id("8001"), pickup_group: None }],
        queues: vec![QueueConfig {
            id: id("gjj"),
            name: "gjj".to_owned(),
            waiting_flow: None,
            whisper_flow: Some(id("whisper")),
            after_call_flow: Some(id("asked")),
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12329").unwrap(),
            name: "12329".to_owned(),
            to: Destination::Flow(id("main")),
        }],
        ..CenterConfig::default()
    };
    let router = Box::new(SimpleRouter::default());
    let center = Center::new(config, router, Box::new(engine.unwrap())).unwrap();
    World::new(center, Timestamp::from_secs(1_795_309_200))
}

const RUNG: &str = "
    00:00 phone 8001 registers
    00:00 agent 8001 signs in at A1
    00:00 agent 8001 is ready
    00:05 citizen 13812341234 dials 12329
    00:08 phone 8001 answers
";

/// Runs a scenario and demands that its trace has these pieces in this order.
#[track_caller]
fn check(script: &str, pieces: &[&str]) -> (World, String) {
    check_in(world(), script, pieces)
}

#[track_caller]
fn check_in(mut world: World, script: &str, pieces: &[&str]) -> (World, String) {
    let trace = run(&mut world, script).unwrap_or_else(|error| panic!("{error}"));
    let mut rest = trace.as_str();
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            panic!("no {piece:?} in its place in\n{trace}");
        };
        rest = after;
    }
    (world, trace)
}

#[test]
fn the_agent_hears_what_kind_of_call_it_is_before_the_citizen_hears_him() {
    let (world, trace) = check(&format!("{RUNG}00:20"), &["enters flow whisper"]);
    let when = |is: fn(&Fact) -> bool| world.events.iter().find(|it| is(&it.fact)).unwrap().at;
    let connected = when(|fact| matches!(fact, Fact::Connected { .. }));
    let whispered = when(|fact| matches!(fact, Fact::FlowStarted { whisper: Some(_), .. }));
    assert!(connected > whispered, "he is put through when the whisper is over\n{trace}");
    assert_eq!(world.center.calls().count(), 1);
}

#[test]
fn a_citizen_who_hangs_up_while_the_agent_listens_is_gone_and_the_agent_is_free() {
    let (world, trace) = check(
        &format!("{RUNG}00:08.100 citizen 13812341234 hangs up\n00:20"),
        &["enters flow whisper", "leaves session", "ended"],
    );
    assert_eq!((world.center.calls().count(), world.switch.leg_count()), (0, 0), "{trace}");
    assert!(world.center.agent(&id("8001")).unwrap().state == AgentState::Ready, "{trace}");
}

#[test]
fn an_agent_who_hangs_up_while_he_listens_is_passed_over_and_the_citizen_keeps_his_place() {
    let (world, trace) = check(
        &format!("{RUNG}00:08.100 phone 8001 hangs up\n00:12"),
        &["enters flow whisper", "leaves session"],
    );
    assert_eq!(world.center.calls().filter(|it| it.waiting().is_some()).count(), 1, "{trace}");
    assert!(!trace.contains("enters flow asked"), "{trace}");
}

#[test]
fn when_the_agent_hangs_up_the_citizen_is_asked_and_his_answer_is_kept() {
    let (world, trace) = check(
        &format!("{RUNG}00:30 phone 8001 hangs up\n00:33 citizen 13812341234 presses 1\n01:00"),
        &["enters flow asked", "hears rate-us", "data", "hears thanks", "ended"],
    );
    assert_eq!(world.center.calls().count(), 0, "{trace}");
    let engine: &dyn std::any::Any = world.center.flow_engine();
    let counts = engine.downcast_ref::<Engine>().unwrap().counts();
    let answers: u64 =
        counts.iter().flat_map(|(_, _, it)| it.answers.values()).flat_map(|it| it.values()).sum();
    assert_eq!(answers, 1);
}

#[test]
fn a_citizen_who_hangs_up_first_is_not_asked() {
    let (world, trace) =
        check(&format!("{RUNG}00:30 citizen 13812341234 hangs up\n01:00"), &["ended"]);
    assert!(!trace.contains("enters flow asked"), "{trace}");
    assert_eq!(world.center.calls().count(), 0);
}

#[test]
fn who_has_rated_within_the_hour_is_not_asked_again_in_another_call() {
    let again = |at: &str| {
        format!(
            "{RUNG}00:30 phone 8001 hangs up\n00:33 citizen 13812341234 presses 1\n01:00 agent 8001 is ready
            {at}:00 citizen 13812341234 dials 12329\n{at}:05 phone 8001 answers\n{at}:30 phone 8001 hangs up\n{at}:45"
        )
    };
    let (_, soon) = check(&again("05"), &["hears rate-us", "ended", "enters flow asked", "ended"]);
    assert_eq!(soon.matches("hears rate-us").count(), 1, "{soon}");
    check(&again("70"), &["hears rate-us", "ended", "hears rate-us"]);
}

#[test]
fn a_flow_chooses_what_the_agent_of_this_call_hears() {
    let main = QUEUES.replacen("\"a\"", "\"q\"", 1)
        + r#","a":{"type":"agent_whisper","flow":"own-whisper","out":{"next":"q"}}"#;
    let (_, trace) = check_in(
        world_with(&main),
        &format!("{RUNG}00:20"),
        &["enters flow own-whisper", "hears vip-call"],
    );
    assert!(!trace.contains("enters flow whisper"), "{trace}");
}

#[test]
fn a_caller_who_is_bridged_goes_on_in_a_flow_when_the_other_has_hung_up() {
    let main = r#""a":{"type":"bridge","number":"8001","then":"then","out":{"failed":"b"}},"b":{"type":"hangup"}"#;
    let begin = "00:00 phone 8001 registers\n00:05 citizen 13812341234 dials 12329\n";
    let (world, trace) = check_in(
        world_with(main),
        &format!("{begin}00:08 phone 8001 answers\n00:20 phone 8001 hangs up\n00:30"),
        &["enters flow then", "hears still-there", "ended"],
    );
    assert_eq!(world.center.calls().count(), 0, "{trace}");
    let (_, trace) =
        check_in(world_with(main), &format!("{begin}00:08 phone 8001 rejects\n00:30"), &["ended"]);
    assert!(!trace.contains("enters flow then"), "{trace}");
}

#[test]
fn a_flow_that_is_named_for_later_must_be_there_and_be_of_its_kind() {
    let set = |node: &str| {
        let main = flow("main", "inbound", &format!(r#""a":{node},"b":{{"type":"hangup"}}"#));
        let other = flow("other", "inbound", r#""a":{"type":"hangup"}"#);
        let texts = [main, other];
        let error =
            FlowSet::parse(texts.iter().map(|text| ("flow.json", text.as_str()))).unwrap_err();
        error.to_string()
    };
    let whisper = |name: &str| {
        set(&format!(r#"{{"type":"agent_whisper","flow":"{name}","out":{{"next":"b"}}}}"#))
    };
    assert!(whisper("gone").contains("flow: there is no flow gone [unknown-flow]"));
    assert!(
        whisper("other").contains("flow: other is of kind inbound, not whisper [kind-mismatch]")
    );
    let bridge = set(r#"{"type":"bridge","number":"8001","then":"gone","out":{"failed":"b"}}"#);
    assert!(bridge.contains("then: there is no flow gone [unknown-flow]"), "{bridge}");
}
