//! Behaviour of the Center, as scenario text through the virtual switch.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    center::{Center, Input},
    config::{
        AgentConfig, CenterConfig, Destination, Feature, NumberConfig, OutsideConfig,
        PromptsConfig, QueueConfig, SeatConfig, TimesConfig,
    },
    flow::FlowEffect,
    id::{AgentId, DeviceId, FlowId, QueueId, SeatId},
    switch::{Clip, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter, World, run},
    time::Timestamp,
};
use expect_test::{Expect, expect};

fn id<T: std::str::FromStr>(name: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    name.parse().unwrap()
}

fn config() -> CenterConfig {
    let number = |number: &str, to: Destination| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let agents = ["8001", "8002"].map(|name| AgentConfig {
        id: id::<AgentId>(name),
        name: name.to_owned(),
        announced_number: name.to_owned(),
        queues: vec![id("general")],
        capacity: Default::default(),
    });
    let seats = ["1", "2", "3"].map(|n| SeatConfig {
        id: id::<SeatId>(&format!("A0{n}")),
        device: id::<DeviceId>(&format!("800{n}")),
        pickup_group: Some("desk".to_owned()),
    });
    CenterConfig {
        devices: Vec::new(),
        agents: agents.to_vec(),
        seats: seats.to_vec(),
        queues: vec![QueueConfig {
            id: id::<QueueId>("general"),
            name: "综合".to_owned(),
            waiting_flow: Some(id::<FlowId>("waiting")),
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![
            number("12345", Destination::Flow(id("day"))),
            number("12346", Destination::Flow(id("night"))),
            number("12399", Destination::Flow(id("missing"))),
            number("*11", Destination::Feature(Feature::SignIn)),
            number("*12", Destination::Feature(Feature::SignOut)),
            number("*13", Destination::Feature(Feature::Ready)),
            number("*14", Destination::Feature(Feature::NotReady("break".to_owned()))),
        ],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: id("city"),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        times: TimesConfig::default(),
        prompts: PromptsConfig::default(),
        ..CenterConfig::default()
    }
}

fn play(prompt: &str) -> FlowEffect {
    FlowEffect::Play { play: 0, clips: vec![Clip::Prompt(prompt.to_owned())], looped: false }
}

fn flows() -> ScriptedFlows {
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(60),
        silence: Duration::from_secs(5),
        into: None,
    };
    let music =
        FlowEffect::Play { play: 0, clips: vec![Clip::Prompt("music".to_owned())], looped: true };
    ScriptedFlows::default()
        .flow(
            "day",
            vec![
                FlowEffect::Answer,
                play("greeting"),
                FlowEffect::Enqueue {
                    queue: id("general"),
                    priority: 0,
                    needs: cti_core::needs::Needs::default(),
                },
                play("leave-message"),
                message.clone(),
                play("goodbye"),
            ],
        )
        .flow("waiting", vec![music])
        .on_key("waiting", '*', vec![FlowEffect::LeaveQueue])
        .flow(
            "night",
            vec![
                FlowEffect::RingDevices {
                    devices: vec![id("8002"), id("8003")],
                    ring_for: Duration::from_secs(20),
                },
                play("leave-message"),
                message,
            ],
        )
}

fn world() -> World {
    let router = SimpleRouter::with_max_wait(Duration::from_secs(120));
    let center = Center::new(config(), Box::new(router), Box::new(flows())).unwrap();
    World::new(center, Timestamp::from_secs(1_000))
}

const ONE_AGENT: &str = "
    00:00 phone 8001 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8001 is ready
";

const TWO_AGENTS: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:02 agent 8002 is ready
";

#[track_caller]
fn check(before: &str, script: &str, expected: Expect) {
    let mut world = world();
    run(&mut world, before).unwrap();
    let trace = run(&mut world, script).unwrap();
    expected.assert_eq(&trace);
    nothing_is_left_behind(&world);
}

/// What must hold once every caller has gone.
#[track_caller]
fn nothing_is_left_behind(world: &World) {
    assert_eq!(world.center.calls().count(), 0, "a call is left");
    assert_eq!(world.center.leg_count(), 0, "a leg is left in the Center");
    assert_eq!(world.switch.leg_count(), 0, "a leg is left in the switch");
    assert_eq!(world.center.play_count(), 0, "a playing is left");
    assert_eq!(world.center.open_recordings().count(), 0, "a recording is left");
    assert!(
        world.center.agents().all(|(_, it)| it.state.call().is_none()),
        "an agent is left in a call"
    );
}

#[test]
fn a_caller_is_greeted_waits_and_talks_with_the_agent_who_has_been_idle_longest() {
    check(
        TWO_AGENTS,
        "
        00:10 citizen 13812341234 dials 12345
        00:20 phone 8001 answers
        01:20 citizen 13812341234 hangs up
        02:00
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves session-2
            00:20 call-1 leaves general: answered
            00:20 call-1 leaves session-1
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            01:20 call-1 recording-1 saved, 60 s
            01:20 call-1 left by agent 8001: normal
            01:20 agent 8001 after_call_work
            01:20 call-1 ended: normal
            01:40 agent 8001 ready
        "#]],
    );
}

#[test]
fn the_agent_may_hang_up_first() {
    check(
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:20 phone 8001 answers
        00:30 phone 8001 hangs up
        01:00
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves session-2
            00:20 call-1 leaves general: answered
            00:20 call-1 leaves session-1
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:30 call-1 recording-1 saved, 10 s
            00:30 call-1 left by agent 8001: normal
            00:30 agent 8001 after_call_work
            00:30 call-1 ended: normal
            00:50 agent 8001 ready
        "#]],
    );
}

#[test]
fn a_caller_who_hangs_up_while_waiting_has_abandoned() {
    check(
        "",
        "
        00:00 citizen 13812341234 dials 12345
        00:10 citizen 13812341234 hangs up
    ",
        expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 enters flow day
        00:00 call-1 answered
        00:00   leg-1 hears greeting
        00:02 call-1 waits in general
        00:02 call-1 enters flow waiting
        00:02   leg-1 hears music over and over
        00:10 call-1 leaves session-2
        00:10 call-1 leaves general: abandoned
        00:10 call-1 leaves session-1
        00:10 call-1 ended: normal
    "#]],
    );
}

#[test]
fn a_caller_who_hangs_up_while_the_agents_phone_rings_frees_the_agent() {
    check(
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:15 citizen 13812341234 hangs up
        00:20
    ",
        expect![[r#"
        00:10 call-1 from 138****1234 to 12345
        00:10 call-1 enters flow day
        00:10 call-1 answered
        00:10   leg-1 hears greeting
        00:12 call-1 waits in general
        00:12 call-1 enters flow waiting
        00:12 call-1 offered to agent 8001 by longest_idle
        00:12 agent 8001 reserved (call-1)
        00:12   leg-1 hears music over and over
        00:15 call-1 leaves session-2
        00:15 call-1 offer to agent 8001 withdrawn
        00:15 agent 8001 ready
        00:15 call-1 leaves general: abandoned
        00:15 call-1 leaves session-1
        00:15 call-1 ended: normal
    "#]],
    );
}

#[test]
fn an_agent_who_lets_it_ring_is_not_ready_and_the_caller_keeps_his_place() {
    check(
        TWO_AGENTS,
        "
        00:10 citizen 13812341234 dials 12345
        00:11 citizen 13900000000 dials 12345
        00:13 phone 8002 rejects
        00:28 agent 8001 is ready
        00:30 phone 8001 answers
        00:40 citizen 13900000000 hangs up
        00:41 citizen 13812341234 hangs up
        01:10
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:11 call-2 from 139****0000 to 12345
            00:11 call-2 enters flow day
            00:11 call-2 answered
            00:11   leg-3 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:13 call-2 waits in general
            00:13 call-2 enters flow waiting
            00:13 call-2 offered to agent 8002 by longest_idle
            00:13 agent 8002 reserved (call-2)
            00:13 call-2 offer to agent 8002 rejected
            00:13 agent 8002 not_ready (rejected)
            00:13   leg-3 hears music over and over
            00:27 call-1 offer to agent 8001 not answered
            00:27 agent 8001 not_ready (no_answer)
            00:28 agent 8001 ready
            00:28 call-1 offered to agent 8001 by longest_idle
            00:28 agent 8001 reserved (call-1)
            00:30 call-1 offer to agent 8001 answered
            00:30 call-1 leaves session-3
            00:30 call-1 leaves general: answered
            00:30 call-1 leaves session-1
            00:30 call-1 talks with agent 8001
            00:30 agent 8001 on_call (call-1)
            00:30 call-1 recording-1 begins
            00:30   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:30   leg-6 hears n-8 n-0 n-0 n-yao agent-id
            00:40 call-2 leaves session-4
            00:40 call-2 leaves general: abandoned
            00:40 call-2 leaves session-2
            00:40 call-2 ended: normal
            00:41 call-1 recording-1 saved, 11 s
            00:41 call-1 left by agent 8001: normal
            00:41 agent 8001 after_call_work
            00:41 call-1 ended: normal
            01:01 agent 8001 ready
        "#]],
    );
}

#[test]
fn a_second_caller_waits_until_after_call_work_is_over() {
    check(
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:11 citizen 13900000000 dials 12345
        00:15 phone 8001 answers
        00:30 citizen 13812341234 hangs up
        00:51 phone 8001 answers
        01:00 citizen 13900000000 hangs up
        01:30
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:11 call-2 from 139****0000 to 12345
            00:11 call-2 enters flow day
            00:11 call-2 answered
            00:11   leg-3 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:13 call-2 waits in general
            00:13 call-2 enters flow waiting
            00:13   leg-3 hears music over and over
            00:15 call-1 offer to agent 8001 answered
            00:15 call-1 leaves session-3
            00:15 call-1 leaves general: answered
            00:15 call-1 leaves session-1
            00:15 call-1 talks with agent 8001
            00:15 agent 8001 on_call (call-1)
            00:15 call-1 recording-1 begins
            00:15   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:15   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:30 call-1 recording-1 saved, 15 s
            00:30 call-1 left by agent 8001: normal
            00:30 agent 8001 after_call_work
            00:30 call-1 ended: normal
            00:50 agent 8001 ready
            00:50 call-2 offered to agent 8001 by longest_idle
            00:50 agent 8001 reserved (call-2)
            00:51 call-2 offer to agent 8001 answered
            00:51 call-2 leaves session-4
            00:51 call-2 leaves general: answered
            00:51 call-2 leaves session-2
            00:51 call-2 talks with agent 8001
            00:51 agent 8001 on_call (call-2)
            00:51 call-2 recording-2 begins
            00:51   leg-3 hears n-8 n-0 n-0 n-yao agent-id
            00:51   leg-4 hears n-8 n-0 n-0 n-yao agent-id
            01:00 call-2 recording-2 saved, 9 s
            01:00 call-2 left by agent 8001: normal
            01:00 agent 8001 after_call_work
            01:00 call-2 ended: normal
            01:20 agent 8001 ready
        "#]],
    );
}

#[test]
fn a_caller_who_waited_too_long_leaves_a_message() {
    check(
        "",
        "
        00:00 citizen 13812341234 dials 12345
        02:30 citizen 13812341234 hangs up
    ",
        expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 enters flow day
        00:00 call-1 answered
        00:00   leg-1 hears greeting
        00:02 call-1 waits in general
        00:02 call-1 enters flow waiting
        00:02   leg-1 hears music over and over
        02:02 call-1 leaves session-2
        02:02 call-1 leaves general: waited too long
        02:02   leg-1 hears leave-message
        02:04 call-1 recording-1 begins
        02:30 call-1 recording-1 saved, 26 s
        02:30 call-1 leaves session-1
        02:30 call-1 ended: normal
        02:30   leg-1 hears goodbye
    "#]],
    );
}

#[test]
fn a_caller_leaves_the_queue_by_a_key() {
    check(
        "",
        "
        00:00 citizen 13812341234 dials 12345
        00:10 citizen 13812341234 presses *
        03:00
    ",
        expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 enters flow day
        00:00 call-1 answered
        00:00   leg-1 hears greeting
        00:02 call-1 waits in general
        00:02 call-1 enters flow waiting
        00:02   leg-1 hears music over and over
        00:10 call-1 key
        00:10 call-1 leaves session-2
        00:10 call-1 leaves general: left by key
        00:10   leg-1 hears leave-message
        00:12 call-1 recording-1 begins
        01:12 call-1 recording-1 saved, 60 s
        01:12   leg-1 hears goodbye
        01:14 call-1 leaves session-1
        01:14 call-1 ended: flow ended
    "#]],
    );
}

#[test]
fn duty_phones_are_rung_in_order_and_the_talk_is_recorded() {
    check(
        "
        00:00 phone 8002 registers
        00:00 phone 8003 registers
    ",
        "
        00:00 citizen 13812341234 dials 12346
        00:25 phone 8003 answers
        00:35 phone 8003 hangs up
    ",
        expect![[r#"
            00:00 call-1 from 138****1234 to 12346
            00:00 call-1 enters flow night
            00:00 call-1 rings device 8002
            00:20 call-1 ringing of leg-2 not answered
            00:20 call-1 rings device 8003
            00:25 call-1 ringing of leg-4 answered
            00:25 call-1 leaves session-1
            00:25 call-1 answered
            00:25 call-1 talks with device 8003
            00:25 call-1 recording-1 begins
            00:35 call-1 recording-1 saved, 10 s
            00:35 call-1 left by device 8003: normal
            00:35 call-1 ended: normal
        "#]],
    );
}

#[test]
fn a_duty_phone_that_is_not_registered_is_passed_over_and_a_message_is_the_last_resort() {
    check(
        "",
        "
        00:00 citizen 13812341234 dials 12346
        00:12 citizen 13812341234 hangs up
    ",
        expect![[r#"
        00:00 call-1 from 138****1234 to 12346
        00:00 call-1 enters flow night
        00:00 call-1 answered
        00:00   leg-1 hears leave-message
        00:02 call-1 recording-1 begins
        00:12 call-1 recording-1 saved, 10 s
        00:12 call-1 leaves session-1
        00:12 call-1 ended: flow ended
    "#]],
    );
}

#[test]
fn a_held_caller_hears_music_until_he_is_retrieved() {
    check(
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:20 phone 8001 answers
        00:30 phone 8001 holds
        00:40 phone 8001 retrieves
        00:50 citizen 13812341234 hangs up
        01:20
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves session-2
            00:20 call-1 leaves general: answered
            00:20 call-1 leaves session-1
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:30 call-1 held by leg-2
            00:30   leg-1 hears music/hold over and over
            00:40 call-1 retrieved by leg-2
            00:50 call-1 recording-1 saved, 30 s
            00:50 call-1 left by agent 8001: normal
            00:50 agent 8001 after_call_work
            00:50 call-1 ended: normal
            01:10 agent 8001 ready
        "#]],
    );
}

#[test]
fn an_agent_signs_in_and_changes_state_by_dialling_codes() {
    check(
        "00:00 phone 8001 registers",
        "
        00:01 phone 8001 dials *118001
        00:05 phone 8001 dials *13
        00:10 phone 8001 dials *14
        00:15 phone 8001 dials *12
        00:20 phone 8001 dials *13
        00:30
    ",
        expect![[r#"
            00:01 call-1 from 8001 to *1****01
            00:01 agent 8001 signed in at seat A01, device 8001
            00:01 agent 8001 not_ready (signed_in)
            00:01 call-1 answered
            00:01   leg-1 hears login-done
            00:03 call-1 ended: normal
            00:05 call-2 from 8001 to *13
            00:05 agent 8001 ready
            00:05 call-2 answered
            00:05   leg-3 hears ready-done
            00:07 call-2 ended: normal
            00:10 call-3 from 8001 to *14
            00:10 agent 8001 not_ready (break)
            00:10 call-3 answered
            00:10   leg-5 hears not-ready-done
            00:12 call-3 ended: normal
            00:15 call-4 from 8001 to *12
            00:15 agent 8001 signed_out
            00:15 agent 8001 signed out of seat A01
            00:15 call-4 answered
            00:15   leg-7 hears logout-done
            00:17 call-4 ended: normal
            00:20 call-5 from 8001 to *13
            00:20 call-5 answered
            00:20   leg-9 hears feature-failed
            00:22 call-5 ended: normal
        "#]],
    );
}

#[test]
fn numbers_that_lead_nowhere_and_flows_that_are_missing_end_the_call_and_say_why() {
    check(
        "",
        "
        00:00 citizen 13812341234 dials 99999
        00:01 citizen 13812341234 dials *13
        00:02 citizen 13812341234 dials 12399
    ",
        expect![[r#"
        00:00 call-1 from 138****1234 to 99999
        00:00 call-1 ended: unknown number
        00:01 call-2 from 138****1234 to *13
        00:01 call-2 ended: forbidden
        00:02 call-3 from 138****1234 to 12399
        00:02 alarm-1 raised: there is no flow missing
        00:02 call-3 ended: service unavailable
    "#]],
    );
}

#[test]
fn a_draining_centre_takes_no_new_call_and_lets_the_old_ones_run() {
    check(
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:20 phone 8001 answers
        00:21 centre drains
        00:22 citizen 13900000000 dials 12345
        00:30 citizen 13812341234 hangs up
        01:00
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 enters flow day
            00:10 call-1 answered
            00:10   leg-1 hears greeting
            00:12 call-1 waits in general
            00:12 call-1 enters flow waiting
            00:12 call-1 offered to agent 8001 by longest_idle
            00:12 agent 8001 reserved (call-1)
            00:12   leg-1 hears music over and over
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves session-2
            00:20 call-1 leaves general: answered
            00:20 call-1 leaves session-1
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:30 call-1 recording-1 saved, 10 s
            00:30 call-1 left by agent 8001: normal
            00:30 agent 8001 after_call_work
            00:30 call-1 ended: normal
            00:50 agent 8001 ready
        "#]],
    );
}

#[test]
fn another_agent_can_take_a_seat_right_after_it_was_left() {
    check(
        "00:00 phone 8002 registers",
        "
        00:01 agent 8002 signs in at A02
        00:02 agent 8002 is ready
        00:03 citizen 13812341234 dials 12345
        00:06 phone 8002 answers
        00:10 citizen 13812341234 hangs up
        00:11 agent 8002 signs out
        00:11 agent 8001 signs in at A02
        00:12 agent 8001 is ready
        00:13 citizen 13900000000 dials 12345
        00:16 phone 8002 answers
        00:20 citizen 13900000000 hangs up
        01:00
    ",
        expect![[r#"
            00:01 agent 8002 signed in at seat A02, device 8002
            00:01 agent 8002 not_ready (signed_in)
            00:02 agent 8002 ready
            00:03 call-1 from 138****1234 to 12345
            00:03 call-1 enters flow day
            00:03 call-1 answered
            00:03   leg-1 hears greeting
            00:05 call-1 waits in general
            00:05 call-1 enters flow waiting
            00:05 call-1 offered to agent 8002 by longest_idle
            00:05 agent 8002 reserved (call-1)
            00:05   leg-1 hears music over and over
            00:06 call-1 offer to agent 8002 answered
            00:06 call-1 leaves session-2
            00:06 call-1 leaves general: answered
            00:06 call-1 leaves session-1
            00:06 call-1 talks with agent 8002
            00:06 agent 8002 on_call (call-1)
            00:06 call-1 recording-1 begins
            00:06   leg-1 hears n-8 n-0 n-0 n-2 agent-id
            00:06   leg-2 hears n-8 n-0 n-0 n-2 agent-id
            00:10 call-1 recording-1 saved, 4 s
            00:10 call-1 left by agent 8002: normal
            00:10 agent 8002 after_call_work
            00:10 call-1 ended: normal
            00:11 agent 8002 signed_out
            00:11 agent 8002 signed out of seat A02
            00:11 agent 8001 signed in at seat A02, device 8002
            00:11 agent 8001 not_ready (signed_in)
            00:12 agent 8001 ready
            00:13 call-2 from 139****0000 to 12345
            00:13 call-2 enters flow day
            00:13 call-2 answered
            00:13   leg-3 hears greeting
            00:15 call-2 waits in general
            00:15 call-2 enters flow waiting
            00:15 call-2 offered to agent 8001 by longest_idle
            00:15 agent 8001 reserved (call-2)
            00:15   leg-3 hears music over and over
            00:16 call-2 offer to agent 8001 answered
            00:16 call-2 leaves session-4
            00:16 call-2 leaves general: answered
            00:16 call-2 leaves session-3
            00:16 call-2 talks with agent 8001
            00:16 agent 8001 on_call (call-2)
            00:16 call-2 recording-2 begins
            00:16   leg-3 hears n-8 n-0 n-0 n-yao agent-id
            00:16   leg-4 hears n-8 n-0 n-0 n-yao agent-id
            00:20 call-2 recording-2 saved, 4 s
            00:20 call-2 left by agent 8001: normal
            00:20 agent 8001 after_call_work
            00:20 call-2 ended: normal
            00:40 agent 8001 ready
        "#]],
    );
}

#[test]
fn one_phone_calls_another_and_learns_whether_it_is_busy_silent_or_away() {
    check(
        "
        00:00 phone 8001 registers
        00:00 phone 8002 registers
        ",
        "
        00:01 phone 8001 dials 8002
        00:05 phone 8002 answers
        00:06 phone 8003 registers
        00:07 phone 8003 dials 8002
        00:10 phone 8002 hangs up
        00:11 phone 8001 dials 8002
        00:50 phone 8003 unregisters
        00:51 phone 8001 dials 8003
        00:52 phone 8001 dials 8009
    ",
        expect![[r#"
            00:01 call-1 from 8001 to 8002
            00:01 call-1 rings device 8002
            00:05 call-1 ringing of leg-2 answered
            00:05 call-1 answered
            00:05 call-1 talks with device 8002
            00:06 device 8003 in service
            00:07 call-2 from 8003 to 8002
            00:07 call-2 ended: busy
            00:10 call-1 left by device 8002: normal
            00:10 call-1 ended: normal
            00:11 call-3 from 8001 to 8002
            00:11 call-3 rings device 8002
            00:41 call-3 ringing of leg-4 not answered
            00:41 call-3 ended: no answer
            00:50 device 8003 out of service
            00:51 call-4 from 8001 to 8003
            00:51 call-4 ended: unreachable
            00:52 call-5 from 8001 to 8009
            00:52 call-5 ended: unknown number
        "#]],
    );
}

#[test]
fn a_gateway_that_is_down_is_an_alarm_until_it_takes_calls_or_the_process_starts_again() {
    let router = SimpleRouter::with_max_wait(Duration::from_secs(120));
    let mut center = Center::new(config(), Box::new(router), Box::new(flows())).unwrap();
    let at = Timestamp::from_secs(1_000);
    let report = |center: &mut Center, up: bool| {
        let (trunk, gateway) = (id("city"), "city-1".to_owned());
        let report = match up {
            true => SwitchReport::GatewayInService { trunk, gateway },
            false => SwitchReport::GatewayOutOfService { trunk, gateway },
        };
        center.handle(at, Input::Report(report)).unwrap();
        center.alarms().count()
    };
    center.start(at, "1");
    assert_eq!(
        [false, false, true, true, false].map(|up| report(&mut center, up)),
        [1, 1, 0, 0, 1]
    );
    center.start(at, "2");
    assert_eq!(center.alarms().count(), 0);
}
