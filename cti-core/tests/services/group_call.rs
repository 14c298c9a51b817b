//! A flow calls several people for one caller: a pickup group of which the first to answer has the call, a conference in
//! which all take part.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{Destination, NumberConfig},
    flow::FlowEffect,
    switch::Clip,
    target::Target,
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

use super::floor::{config, hears, play};

const RING: Duration = Duration::from_secs(10);

/// The centre of the other scenarios, with a number for the group `desk` and one for a conference of two phones and a
/// number outside.
fn world() -> World {
    let clip = |prompt: &str| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped: false,
    };
    let group = FlowEffect::RingGroup { group: "desk".to_owned(), ring_for: RING };
    let members = ["8001", "8002", "913900001111"]
        .map(|number| Target::Number(PhoneNumber::parse(number).unwrap()))
        .to_vec();
    let conference = FlowEffect::Conference { members, ring_for: RING };
    let flows = ScriptedFlows::default()
        .flow("group", vec![FlowEffect::Answer, group, clip("nobody")])
        .flow("conference", vec![FlowEffect::Answer, conference, clip("nobody")]);
    let mut config = config();
    config.numbers.extend([("12310", "group"), ("12311", "conference")].map(|(number, flow)| {
        NumberConfig {
            number: PhoneNumber::parse(number).unwrap(),
            name: flow.to_owned(),
            to: Destination::Flow(flow.parse().unwrap()),
        }
    }));
    let center = Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows)).unwrap();
    let mut world = World::new(center, Timestamp::from_secs(1_000_000));
    play(&mut world, "00:00 phone 8001 registers\n00:00 phone 8002 registers");
    world
}

#[test]
fn all_phones_of_a_group_ring_and_the_first_to_answer_has_the_call() {
    let mut world = world();
    let trace = play(
        &mut world,
        "00:01 citizen 13812341234 dials 12310
        00:04 phone 8002 answers
        00:09 phone 8002 hangs up",
    );
    assert!(trace.contains("rings device 8001 and device 8002"), "{trace}");
    assert!(trace.contains("00:04 call-1 talks with device 8002"), "{trace}");
    assert!(trace.contains("ringing of leg-2 withdrawn"), "{trace}");
    assert_eq!((world.center.calls().count(), world.switch.leg_count()), (0, 0), "{trace}");
}

#[test]
fn when_nobody_of_a_group_answers_the_flow_goes_on() {
    let trace = play(&mut world(), "00:01 citizen 13812341234 dials 12310\n00:12");
    assert!(trace.contains("hears nobody"), "{trace}");
}

#[test]
fn the_first_member_talks_with_the_caller_and_the_others_are_invited_in() {
    let mut world = world();
    let trace = play(
        &mut world,
        "00:01 citizen 13812341234 dials 12311
        00:04 phone 8001 answers
        00:06 phone 8002 answers
        00:08 outside 13900001111 answers
        00:10",
    );
    assert!(trace.contains("00:04 call-1 talks with device 8001"), "{trace}");
    // The caller is leg 1; the members are legs 2, 4 and 6.
    assert_eq!(hears(&world, 1), [2, 4, 6], "{trace}");
    assert_eq!(hears(&world, 6), [1, 2, 4], "{trace}");
    play(&mut world, "00:20 citizen 13812341234 hangs up\n00:21 phone 8001 hangs up");
    play(&mut world, "00:30 phone 8002 hangs up\n00:31");
    assert_eq!((world.center.calls().count(), world.switch.leg_count()), (0, 0));
}

#[test]
fn a_member_who_does_not_answer_is_passed_over_and_a_conference_of_nobody_goes_back_to_the_flow() {
    let mut first = world();
    let trace = play(
        &mut first,
        "00:01 citizen 13812341234 dials 12311
        00:14 phone 8002 answers
        00:16 outside 13900001111 answers
        00:17",
    );
    assert!(trace.contains("00:14 call-1 talks with device 8002"), "{trace}");
    assert_eq!(hears(&first, 1), [4, 6], "{trace}");
    let trace = play(&mut world(), "00:01 citizen 13812341234 dials 12311\n00:40");
    assert!(trace.contains("00:31   leg-1 hears nobody"), "{trace}");
}
