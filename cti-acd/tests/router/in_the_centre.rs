//! The router inside the real Center, by scenario text.

use std::time::Duration;

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    command::Command,
    config::{
        AgentConfig, CenterConfig, Destination, Feature, NumberConfig, OutsideConfig,
        PromptsConfig, QueueConfig, SeatConfig,
    },
    flow::FlowEffect,
    id::{DeviceId, FlowId, SeatId},
    router::Router,
    switch::Clip,
    testkit::{ScriptedFlows, World, run},
    time::Timestamp,
};

use crate::centre::{agent, queue};

fn world() -> World {
    let mut general = QueueRules::new(queue("general"));
    general.max_wait = Some(Duration::from_secs(120));
    world_with(AcdConfig { queues: vec![general], ..AcdConfig::default() })
}

/// A centre of three agents and one queue under these rules; 12345 leads to it.
pub(crate) fn world_with(rules: AcdConfig) -> World {
    World::new(center_with(Box::new(Acd::new(rules).unwrap())), Timestamp::ZERO)
}

/// The Center of that centre, with a router.
pub(crate) fn center_with(router: Box<dyn Router>) -> Center {
    let flows = ScriptedFlows::default().flow(
        "main",
        vec![
            FlowEffect::Answer,
            FlowEffect::Enqueue {
                queue: queue("general"),
                priority: 0,
                needs: cti_core::needs::Needs::default(),
            },
            FlowEffect::Play {
                play: 0,
                clips: vec![Clip::Prompt("sorry".to_owned())],
                looped: false,
            },
        ],
    );
    let number = |number: &str, to| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let names = ["8001", "8002", "8003"];
    let config = CenterConfig {
        agents: names
            .map(|name| AgentConfig {
                id: agent(name),
                name: name.to_owned(),
                announced_number: name.to_owned(),
                queues: vec![queue("general")],
                capacity: Default::default(),
            })
            .to_vec(),
        seats: names
            .map(|name| SeatConfig {
                id: SeatId::new(name).unwrap(),
                device: DeviceId::new(name).unwrap(),
                pickup_group: None,
            })
            .to_vec(),
        queues: vec![QueueConfig {
            id: queue("general"),
            name: "综合受理".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(30),
        }],
        numbers: vec![
            number("12345", Destination::Flow(FlowId::new("main").unwrap())),
            number("*61", Destination::Feature(Feature::Ready)),
        ],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: "city".parse().unwrap(),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        prompts: PromptsConfig { agent_number_suffix: None, ..PromptsConfig::default() },
        ..CenterConfig::default()
    };
    Center::new(config, router, Box::new(flows)).unwrap()
}

/// Plays a scenario and returns the lines of the trace that routing has a part in.
pub(crate) fn routed(world: &mut World, script: &str) -> String {
    let routing = ["waits", "offer", "talks", "leaves general", "not_ready", "ready", "alarm"];
    let trace = run(world, script).unwrap_or_else(|error| panic!("{error}"));
    trace
        .lines()
        .filter(|line| routing.iter().any(|word| line.contains(word)))
        .map(|line| format!("{line}\n"))
        .collect()
}

const TWO_SIGN_IN: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at 8001
    00:00 agent 8002 signs in at 8002
";

#[test]
fn who_is_not_answered_in_time_goes_to_the_next_agent_before_those_who_came_later() {
    let mut world = world();
    let script = format!(
        "{TWO_SIGN_IN}
        00:01 agent 8001 is ready
        00:10 citizen 13800000001 dials 12345
        00:12 citizen 13800000002 dials 12345
        00:26 agent 8002 is ready
        00:28 phone 8002 answers
        00:30 agent 8001 is ready
        00:31
        "
    );
    expect_test::expect![[r#"
        00:00 agent 8001 not_ready (signed_in)
        00:00 agent 8002 not_ready (signed_in)
        00:01 agent 8001 ready
        00:10 call-1 waits in general
        00:10 call-1 offered to agent 8001 by longest_idle
        00:12 call-2 waits in general
        00:25 call-1 offer to agent 8001 not answered
        00:25 agent 8001 not_ready (no_answer)
        00:26 agent 8002 ready
        00:26 call-1 offered to agent 8002 by longest_idle
        00:28 call-1 offer to agent 8002 answered
        00:28 call-1 leaves general: answered
        00:28 call-1 talks with agent 8002
        00:30 agent 8001 ready
        00:30 call-2 offered to agent 8001 by longest_idle
    "#]]
    .assert_eq(&routed(&mut world, &script));
}

#[test]
fn when_everybody_goes_not_ready_an_alarm_is_raised_and_the_caller_goes_on_within_ten_seconds() {
    let mut world = world();
    let script = format!(
        "{TWO_SIGN_IN}
        00:01 agent 8001 is ready
        00:02 agent 8001 is not ready lunch
        00:10 citizen 13800000001 dials 12345
        00:20 citizen 13800000002 dials 12345
        00:30 agent 8002 is ready
        00:31
        "
    );
    expect_test::expect![[r#"
        00:00 agent 8001 not_ready (signed_in)
        00:00 agent 8002 not_ready (signed_in)
        00:01 agent 8001 ready
        00:02 agent 8001 not_ready (lunch)
        00:10 call-1 waits in general
        00:15 alarm-1 raised: nobody staffs general
        00:15 call-1 leaves general: nobody staffed
        00:20 call-2 waits in general
        00:20 call-2 leaves general: nobody staffed
        00:30 agent 8002 ready
        00:30 alarm-1 cleared
    "#]]
    .assert_eq(&routed(&mut world, &script));
}

#[test]
fn an_agent_who_gets_ready_by_a_feature_code_is_rung_when_his_phone_is_free() {
    let mut world = world();
    let script = format!(
        "{TWO_SIGN_IN}
        00:01 agent 8002 is ready
        00:02 citizen 13800000001 dials 12345
        00:04 phone 8002 answers
        00:05 citizen 13800000002 dials 12345
        00:10 phone 8001 dials *61
        00:13
        "
    );
    let trace = routed(&mut world, &script);
    assert!(trace.contains("00:10 agent 8001 ready\n"), "{trace}");
    // The confirmation takes two seconds; only then does the phone's own call end.
    assert!(trace.contains("00:12 call-2 offered to agent 8001 by longest_idle\n"), "{trace}");
}

#[test]
fn a_second_centre_that_follows_the_log_stands_where_the_first_one_stands() {
    let mut world = world();
    let script = format!(
        "{TWO_SIGN_IN}
        00:01 agent 8001 is ready
        00:10 citizen 13800000001 dials 12345
        00:12 citizen 13800000002 dials 12345
        00:25
        "
    );
    run(&mut world, &script).unwrap();
    let mut follower = self::world().center;
    // The follower begins without the events of its own start.
    let first = world.center.snapshot();
    let mut log = std::mem::take(&mut world.events);
    log.retain(|event| event.no > follower.last_event());
    log.iter().for_each(|event| follower.replay(event));
    let both = [first, follower.snapshot()].map(|it| serde_json::to_value(it).unwrap());
    assert_eq!(both[0], both[1]);
    let contact = cti_core::id::ContactId(1);
    let said = world.request(Command::Explain { contact });
    assert!(format!("{said:?}").contains("前面还有 0 位"), "{said:?}");
}
