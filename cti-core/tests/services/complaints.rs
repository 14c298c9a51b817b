//! What users of other platforms complain about in public, as rules that hold here.

use std::time::Duration;

use cti_core::{
    agent::AgentState,
    command::Command,
    event::{DequeueReason, Fact},
    id::{AgentId, CallId},
    records::{CallRecords, CallRow},
    switch::SwitchReport,
    testkit::World,
};

use super::floor::{center, hears, play, talking, world};

fn state(world: &World, agent: &str) -> AgentState {
    world.center.agent(&agent.parse().unwrap()).unwrap().state.clone()
}

fn count(world: &World, wanted: impl Fn(&Fact) -> bool) -> usize {
    world.events.iter().filter(|event| wanted(&event.fact)).count()
}

#[test]
fn an_agent_whose_phone_vanishes_while_it_rings_is_not_stuck_and_the_caller_keeps_his_place() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:03 phone 8002 unregisters
         00:04 phone 8002 rejects
         00:05 phone 8002 registers
         00:06 agent 8002 is ready
         00:09 phone 8002 answers",
    );
    assert_eq!(state(&world, "8002").call(), Some(CallId(2)));
    let dequeued =
        count(&world, |fact| matches!(fact, Fact::Dequeued { call: Some(CallId(2)), .. }));
    assert_eq!(dequeued, 1, "he left the queue once, by being answered");
}

#[test]
fn an_agent_whose_phone_and_program_die_during_a_talk_is_free_for_work_when_they_are_back() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 is alive
         00:10 phone 8001 hangs up
         00:10 phone 8001 unregisters
         01:00
         01:10 phone 8001 registers
         01:11 agent 8001 is alive
         01:12 agent 8001 is ready",
    );
    assert_eq!(state(&world, "8001"), AgentState::Ready);
    assert_eq!(world.center.calls().count(), 0);
}

#[test]
fn two_phones_that_are_picked_up_at_once_get_one_caller_and_the_other_is_released() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 phone 8001 hangs up
         00:30 phone 8001 dials 8100",
    );
    let legs: Vec<_> = ["8002", "8003"]
        .map(|device| world.switch.leg_at(&device.parse().unwrap()).unwrap())
        .to_vec();
    // Both answers are on their way before the Center can release either.
    for leg in &legs {
        world.switch.report(SwitchReport::Answered { leg: *leg });
    }
    world.settle();
    let call = world.center.calls().next().unwrap();
    assert_eq!(call.talkers().count(), 2, "the caller and one of them");
    assert_eq!(world.switch.leg_count(), 2);
}

#[test]
fn an_answer_that_is_reported_twice_begins_one_talk() {
    let mut world = talking();
    play(&mut world, "00:00 citizen 13900001111 dials 12345");
    let leg = world.switch.leg_at(&"8002".parse().unwrap()).unwrap();
    for _ in 0..3 {
        world.report(SwitchReport::Answered { leg });
    }
    let talks = count(&world, |fact| matches!(fact, Fact::Connected { leg: it, .. } if *it == leg));
    assert_eq!(talks, 1);
}

#[test]
fn a_transferred_call_counts_one_wait_and_each_agents_own_talk() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:05 phone 8002 answers
         00:15 agent 8001 transfers call 1 to call 2
         00:45 citizen 13812341234 hangs up
         01:30",
    );
    let mut records = CallRecords::default();
    let rows: Vec<CallRow> = world.events.iter().flat_map(|event| records.apply(event)).collect();
    let call = rows
        .iter()
        .find_map(|row| match row {
            CallRow::Call(record) if record.call == CallId(1) => Some(record),
            CallRow::Call(_) | CallRow::Contact(_) | CallRow::Recording(_) | CallRow::Voice(_) => {
                None
            }
        })
        .unwrap();
    let talked = |agent: &str| call.talked_by(&agent.parse::<AgentId>().unwrap());
    // Three seconds before he asked; while he asked the citizen was on hold, which is nobody's talk.
    assert_eq!(talked("8001"), Duration::from_secs(3));
    assert_eq!(talked("8002"), Duration::from_secs(30));
    let answered = count(&world, |fact| {
        matches!(fact, Fact::Dequeued { reason: DequeueReason::Answered, .. })
    });
    assert_eq!(answered, 1, "the wait is counted once");
}

#[test]
fn after_call_work_ends_for_each_agent_by_his_own_clock() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:05 phone 8002 answers
         00:10 agent 8001 transfers call 1 to call 2
         00:20 citizen 13812341234 hangs up
         00:29.900",
    );
    assert_eq!(state(&world, "8001"), AgentState::AfterCallWork);
    play(&mut world, "00:00.200");
    assert_eq!(state(&world, "8001"), AgentState::Ready);
    assert_eq!(state(&world, "8002"), AgentState::AfterCallWork);
    play(&mut world, "00:10");
    assert_eq!(state(&world, "8002"), AgentState::Ready);
}

#[test]
fn after_call_work_that_a_snapshot_holds_ends_when_it_would_have() {
    let mut world = talking();
    play(&mut world, "00:05 citizen 13812341234 hangs up\n 00:06");
    assert_eq!(state(&world, "8001"), AgentState::AfterCallWork);
    let mut restored = center();
    restored.restore(world.center.snapshot()).unwrap();
    let mut again = World::new(restored, world.now());
    play(&mut again, "00:18.900");
    assert_eq!(state(&again, "8001"), AgentState::AfterCallWork);
    play(&mut again, "00:00.200");
    assert_eq!(state(&again, "8001"), AgentState::Ready);
}

#[test]
fn a_rejected_call_is_offered_to_the_next_agent_at_once() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8003 is ready
         00:01 citizen 13900001111 dials 12345
         00:03 phone 8002 rejects",
    );
    assert_eq!(state(&world, "8003").call(), Some(CallId(2)));
}

#[test]
fn callers_who_wait_are_served_in_their_order_after_an_offer_was_missed() {
    let mut world = world();
    play(
        &mut world,
        "00:00 phone 8001 registers
         00:01 agent 8001 signs in at A1
         00:02 citizen 13900001111 dials 12345
         00:03 citizen 13900002222 dials 12345
         00:04 agent 8001 is ready
         00:20
         00:21 agent 8001 is ready
         00:22 phone 8001 answers",
    );
    assert_eq!(state(&world, "8001").call(), Some(CallId(1)), "who came first");
    assert_eq!(hears(&world, 1).len(), 1);
    assert_eq!(world.switch.leg_count(), 3, "no phone rings on for nobody");
}

#[test]
fn nothing_is_left_of_a_caller_who_hangs_up_in_the_moment_of_the_answer() {
    let mut world = talking();
    play(&mut world, "00:00 citizen 13900001111 dials 12345");
    let leg = world.switch.leg_at(&"8002".parse().unwrap()).unwrap();
    play(&mut world, "00:01 citizen 13900001111 hangs up");
    world.report(SwitchReport::Answered { leg });
    assert_eq!(state(&world, "8002"), AgentState::Ready);
    assert_eq!(world.switch.leg_count(), 2, "only the first talk is left");
    world.request(Command::ClearAll).unwrap();
    assert_eq!(world.switch.leg_count(), 0);
}
