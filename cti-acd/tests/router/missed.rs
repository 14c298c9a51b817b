//! Callers who gave up are called back by rule (漏接回拨), in the real Center.

use std::time::Duration;

use cti_acd::config::{AcdConfig, MissedCalls, QueueRules};
use cti_core::{event::Fact, needs::Medium, testkit::World};
use expect_test::expect;

use crate::{
    centre::queue,
    in_the_centre::{routed, world_with},
};

/// One agent at work who is not ready, and callers who waited ten seconds are called back a minute after.
fn world(missed: MissedCalls) -> World {
    let mut general = QueueRules::new(queue("general"));
    general.missed = Some(missed);
    let mut world = world_with(AcdConfig { queues: vec![general], ..AcdConfig::default() });
    routed(
        &mut world,
        "00:00 phone 8001 registers
         00:00 agent 8001 signs in at 8001
         00:00 agent 8001 is ready
         00:00 citizen 13800000009 dials 12345
         00:01 phone 8001 answers
         00:10",
    );
    world
}

/// How many call-backs were opened, and how many of them ended without a call.
fn call_backs(world: &World) -> (usize, usize) {
    let count = |is: fn(&Fact) -> bool| world.events.iter().filter(|it| is(&it.fact)).count();
    (
        count(|it| matches!(it, Fact::ContactOpened { medium: Medium::CallBack, .. })),
        count(|it| matches!(it, Fact::ContactClosed { .. })),
    )
}

#[test]
fn who_gave_up_is_called_back_once_with_the_place_he_had() {
    let mut world = world(MissedCalls::default());
    let trace = routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:20 citizen 13800000001 hangs up
         00:30 citizen 13800000002 dials 12345
         01:21
         01:30 citizen 13800000009 hangs up
         02:05
         02:10 phone 8001 answers
         02:15",
    );
    expect![[r#"
        00:00 call-2 waits in general
        00:20 call-2 leaves general: abandoned
        00:30 call-3 waits in general
        01:20 contact-4 waits in general
        02:00 agent 8001 ready
        02:00 contact-4 offered to agent 8001 by longest_idle
        02:10 contact-4 offer to agent 8001 answered
        02:10 contact-4 leaves general: answered
    "#]]
    .assert_eq(&trace);
    assert_eq!(call_backs(&world), (1, 0));
    let explained = world.center.explain(cti_core::id::ContactId(2));
    assert!(explained.is_empty(), "the call is over: {explained:?}");
}

#[test]
fn who_hangs_up_at_once_is_not_called_back() {
    let mut world = world(MissedCalls::default());
    routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:09 citizen 13800000001 hangs up
         05:00",
    );
    assert_eq!(call_backs(&world), (0, 0));
}

#[test]
fn who_calls_again_and_is_answered_is_not_called_back() {
    let mut world = world(MissedCalls::default());
    routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:20 citizen 13800000001 hangs up
         00:40 citizen 13800000001 dials 12345
         02:00
         02:01 citizen 13800000009 hangs up
         02:35 phone 8001 answers
         05:00",
    );
    assert_eq!(call_backs(&world), (0, 0), "while he is in a call nothing is opened");
    routed(
        &mut world,
        "00:00 citizen 13800000001 hangs up
         10:00",
    );
    assert_eq!(call_backs(&world), (0, 0), "nor afterwards");
}

#[test]
fn a_call_back_that_waits_is_withdrawn_when_he_calls_again_and_is_answered() {
    let mut world = world(MissedCalls { keeps_place: false, ..MissedCalls::default() });
    routed(
        &mut world,
        "00:00 citizen 13800000002 dials 12345
         00:01 citizen 13800000001 dials 12345
         00:20 citizen 13800000001 hangs up
         01:21
         01:22 citizen 13800000001 dials 12345
         01:23 contact 5 gets priority 9
         01:30 citizen 13800000009 hangs up
         02:05 phone 8001 answers
         02:10",
    );
    assert_eq!(call_backs(&world), (1, 1));
}

#[test]
fn a_number_is_called_back_once_in_the_time_of_the_rule() {
    let once_in = Duration::from_secs(600);
    let mut world = world(MissedCalls { once_in, ..MissedCalls::default() });
    let gives_up = "00:00 citizen 13800000001 dials 12345
         00:20 citizen 13800000001 hangs up
         01:30";
    routed(&mut world, gives_up);
    assert_eq!(call_backs(&world).0, 1);
    let waiting = world.center.state().last_contact();
    world.request(cti_core::command::Command::WithdrawContact { contact: waiting }).unwrap();
    routed(&mut world, gives_up);
    assert_eq!(call_backs(&world).0, 1, "he was called back three minutes ago");
    routed(&mut world, "10:00");
    routed(&mut world, gives_up);
    assert_eq!(call_backs(&world).0, 2);
}

#[test]
fn callers_without_a_number_are_not_called_back_and_a_restored_router_calls_back_the_same() {
    let mut world = world(MissedCalls::default());
    routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:20 citizen 13800000001 hangs up
         00:30",
    );
    let snapshot = world.center.snapshot();
    world.center.restore(snapshot).unwrap();
    routed(&mut world, "01:30");
    assert_eq!(call_backs(&world), (1, 0));
}

#[test]
fn a_caller_whose_line_dropped_has_his_place_when_he_calls_again_in_time() {
    let mut general = QueueRules::new(queue("general"));
    general.reentry = Duration::from_secs(120);
    let mut world = world_with(AcdConfig { queues: vec![general], ..AcdConfig::default() });
    let position = |world: &World, contact| {
        let told = world.center.explain(cti_core::id::ContactId(contact)).pop().unwrap();
        told.why.en.split(' ').nth(1).map(str::to_owned)
    };
    routed(
        &mut world,
        "00:00 phone 8001 registers
         00:00 agent 8001 signs in at 8001
         00:00 agent 8001 is ready
         00:01 citizen 13800000009 dials 12345
         00:02 phone 8001 answers
         00:10 citizen 13800000001 dials 12345
         00:20 citizen 13800000002 dials 12345
         00:30 citizen 13800000001 is lost
         01:30 citizen 13800000001 dials 12345
         01:31",
    );
    assert_eq!(position(&world, 4).as_deref(), Some("1"), "before who came after him");
    routed(
        &mut world,
        "00:00 citizen 13800000001 hangs up
         02:10 citizen 13800000001 dials 12345
         02:11",
    );
    assert_eq!(position(&world, 5).as_deref(), Some("2"), "too late");
}
