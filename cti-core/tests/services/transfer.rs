//! Transfer after asking, single-step transfer, requeue, recall, taking back.

use cti_core::{
    agent::AgentState,
    command::{Command, CommandError, Service},
    id::CallId,
    switch::SwitchCommand,
};
use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking};

#[test]
fn the_citizen_talks_with_the_one_who_was_asked_and_the_first_agent_is_free() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:08 agent 8001 transfers call 1 to call 2",
    );
    expect![[r#"
        00:00 call-1 held by leg-2
        00:00 call-2 from 138****1234 to 8002
        00:00 agent 8001 on_call (call-2)
        00:00 call-2 rings device 8002
        00:00   leg-2 hears RingBack over and over
        00:00   leg-1 hears music/hold over and over
        00:03 call-2 ringing of leg-4 answered
        00:03 call-2 talks with agent 8002
        00:03 agent 8002 on_call (call-2)
        00:08 call-2 left by agent 8002: transferred
        00:08 call-1 talks with agent 8002
        00:08 agent 8002 on_call (call-1)
        00:08 call-2 ended: transferred
        00:08 agent 8001 on_call (call-1)
        00:08 call-1 transferred by agent 8001 to agent 8002
        00:08 call-1 left by agent 8001: transferred
        00:08 agent 8001 after_call_work
        00:08 call-1 recording-2 begins
        00:08 call-1 recording-1 saved, 11 s
    "#]]
    .assert_eq(&trace);
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![4], vec![1]));
    let trace = play(&mut world, "00:30 citizen 13812341234 hangs up");
    expect![[r#"
        00:20 agent 8001 ready
        00:30 call-1 recording-2 saved, 30 s
        00:30 call-1 left by agent 8002: normal
        00:30 agent 8002 after_call_work
        00:30 call-1 ended: normal
    "#]]
    .assert_eq(&trace);
}

#[test]
fn a_transfer_while_it_rings_lets_the_citizen_hear_the_ringing() {
    expect![[r#"
        00:00 call-1 held by leg-2
        00:00 call-2 from 138****1234 to 8002
        00:00 agent 8001 on_call (call-2)
        00:00 call-2 rings device 8002
        00:00   leg-2 hears RingBack over and over
        00:00   leg-1 hears music/hold over and over
        00:03 call-2 ringing of leg-4 withdrawn
        00:03 call-2 ended: transferred
        00:03 agent 8001 on_call (call-1)
        00:03 call-1 transferred by agent 8001 to number 8002
        00:03 call-1 left by agent 8001: transferred
        00:03 agent 8001 after_call_work
        00:03 call-1 rings device 8002
        00:03 call-1 recording-1 saved, 6 s
        00:03   leg-1 hears RingBack over and over
        00:06 call-1 ringing of leg-6 answered
        00:06 call-1 talks with agent 8002
        00:06 agent 8002 on_call (call-1)
        00:06 call-1 recording-2 begins
        00:20 call-1 recording-2 saved, 14 s
        00:20 call-1 left by agent 8002: normal
        00:20 agent 8002 after_call_work
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 agent 8001 transfers call 1 to call 2
         00:06 phone 8002 answers
         00:20 phone 8002 hangs up",
    ));
}

#[test]
fn a_blind_transfer_goes_to_an_agent() {
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to agent 8002
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 rings device 8002
        00:00 call-1 recording-1 saved, 3 s
        00:00   leg-1 hears RingBack over and over
        00:04 call-1 ringing of leg-4 answered
        00:04 call-1 talks with agent 8002
        00:04 agent 8002 on_call (call-1)
        00:04 call-1 recording-2 begins
        00:20 agent 8001 ready
        00:20 call-1 recording-2 saved, 16 s
        00:20 call-1 left by agent 8002: normal
        00:20 agent 8002 after_call_work
        00:20 call-1 ended: normal
        00:40 agent 8002 ready
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 sends call 1 to agent:8002
         00:04 phone 8002 answers
         00:20 citizen 13812341234 hangs up
         00:41",
    ));
}

#[test]
fn a_transfer_that_nobody_answers_comes_back_to_the_agent_and_then_to_the_queue() {
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 rings device 8004
        00:00 call-1 recording-1 saved, 3 s
        00:00   leg-1 hears RingBack over and over
        00:20 agent 8001 ready
        00:30 call-1 ringing of leg-4 not answered
        00:30 call-1 rings device 8001
        00:30   leg-1 hears RingBack over and over
        00:50 call-1 ringing of leg-6 not answered
        00:50 call-1 waits in general
        00:50 call-1 offered to agent 8002 by longest_idle
        00:50 agent 8002 reserved (call-1)
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 sends call 1 to device:8004
         00:51",
    ));
}

#[test]
fn a_transfer_outside_shows_the_centres_number_and_goes_on_without_an_agent() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 sends call 1 to number:913900001111
         00:05 outside 13900001111 answers",
    );
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![4], vec![1]));
    let dial = world.commands.iter().rev().find_map(|(_, command)| {
        let SwitchCommand::Dial { caller, .. } = command else { return None };
        Some(caller.reveal().to_owned())
    });
    assert_eq!(dial.as_deref(), Some("12345"));
}

#[test]
fn a_citizen_moves_between_agent_flow_and_queue_and_his_data_with_him() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 call 1 data matter=noise
         00:01 agent 8001 sends call 1 to flow:menu
         00:02",
    );
    assert!(world.center.call(CallId(1)).unwrap().session.is_some());
    play(
        &mut world,
        "00:02 phone 8002 answers
         00:05 agent 8002 sends call 1 to queue:general",
    );
    let call = world.center.call(CallId(1)).unwrap();
    assert_eq!(call.data["matter"], "noise");
    assert!(call.waiting().is_some());
}

#[test]
fn what_a_call_carries_is_bounded_and_versioned() {
    let mut world = talking();
    let mut keep = |range: std::ops::Range<u32>, based_on| {
        let data = range.map(|n| (format!("field {n}"), "noise".to_owned())).collect();
        let call = CallId(1);
        world.request(Command::Call(Service::AssociateData { call, data, based_on }))
    };
    keep(0..100, Some(0)).unwrap();
    let conflict = keep(0..1, Some(0)).unwrap_err();
    assert!(matches!(conflict, CommandError::Conflict { is: 1, based_on: 0, .. }), "{conflict}");
    let full = CommandError::TooMany { field: "data".to_owned(), limit: 128 };
    assert_eq!(keep(100..129, None).unwrap_err(), full);
    keep(50..128, Some(1)).unwrap();
    assert_eq!(keep(128..129, None).unwrap_err(), full);
    assert_eq!(world.center.call(CallId(1)).unwrap().data.len(), 128);
}

#[test]
fn an_agent_who_requeues_a_citizen_keeps_him_the_place_he_had() {
    let mut world = talking();
    play(&mut world, "00:00 agent 8001 requeues call 1 in general");
    let waiting = world.center.call(CallId(1)).unwrap().waiting().unwrap().clone();
    assert_eq!(world.now().since(waiting.since).as_secs(), 5);
}

#[test]
fn a_transferred_call_can_be_taken_back_until_it_is_answered() {
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 rings device 8004
        00:00 call-1 recording-1 saved, 3 s
        00:00   leg-1 hears RingBack over and over
        00:03 call-1 ringing of leg-4 withdrawn
        00:03 call-1 rings device 8001
        00:03 call-1 ringing of leg-6 answered
        00:03 call-1 talks with agent 8001
        00:03 agent 8001 on_call (call-1)
        00:03 call-1 recording-2 begins
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 sends call 1 to device:8004
         00:03 phone 8001 takes back call 1",
    ));
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 sends call 1 to device:8004
         00:03 phone 8004 answers",
    );
    let reason = refused(&mut world, "00:01 phone 8001 takes back call 1");
    assert_eq!(reason, "call-1 is not on its way any more");
}

#[test]
fn each_agent_is_on_call_while_he_is_in_it_and_afterwards_no_longer() {
    let mut world = talking();
    let state = |world: &cti_core::testkit::World, agent: &str| {
        world.center.agent(&agent.parse().unwrap()).unwrap().state.clone()
    };
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers",
    );
    assert_eq!(state(&world, "8002").call(), Some(CallId(2)));
    play(&mut world, "00:01 agent 8001 transfers call 1 to call 2");
    assert_eq!(state(&world, "8001"), AgentState::AfterCallWork);
    assert_eq!(state(&world, "8002").call(), Some(CallId(1)));
    play(&mut world, "00:01 citizen 13812341234 hangs up");
    assert_eq!(state(&world, "8002"), AgentState::AfterCallWork);
}

#[test]
fn the_citizens_call_goes_on_also_when_it_is_the_consultation_that_is_on_hold() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:05 agent 8001 alternates call 1 with call 2
         00:08 agent 8001 transfers call 2 to call 1",
    );
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![4], vec![1]));
    let calls: Vec<CallId> = world.center.calls().map(|it| it.id).collect();
    assert_eq!(calls, [CallId(1)]);
    let agent = world.center.agent(&"8001".parse().unwrap()).unwrap();
    assert_eq!(agent.state, AgentState::AfterCallWork);
}
