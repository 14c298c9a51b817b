//! Calls that the centre begins: make call, predictive call, programs that route calls.

use cti_core::{
    command::{Collect, Command, CommandError, Reply, Service},
    connection::ConnectionState,
    id::{CallId, LegId, RecordingId},
    switch::{Clip, SwitchCommand, SwitchReport},
    target::{PartyRef, Target},
    testkit::World,
};
use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking, world};

#[test]
fn a_device_that_makes_a_call_rings_first_and_then_the_other_one() {
    expect![[r#"
        00:00 call-2 from 8002 to 9139****1111
        00:00 call-2 dials device 8002 first
        00:00 agent 8002 on_call (call-2)
        00:00 call-2 answered
        00:00 call-2 rings 139****1111 by city
        00:00 call-2 leg-6 is alerted
        00:00   leg-4 hears RingBack over and over
        00:05 call-2 ringing of leg-6 answered
        00:05 call-2 talks with 139****1111
        00:05 call-2 recording-2 begins
        00:30 call-2 recording-2 saved, 25 s
        00:30 call-2 left by 139****1111: normal
        00:30 call-2 ended: normal
        00:30 agent 8002 ready
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8002 calls number:913900001111
         00:05 outside 13900001111 answers
         00:30 outside 13900001111 hangs up",
    ));
}

#[test]
fn the_next_number_of_a_customer_is_dialled_when_one_is_busy() {
    expect![[r#"
        00:00 call-2 from 8002 to 9139****1111
        00:00 call-2 dials device 8002 first
        00:00 agent 8002 on_call (call-2)
        00:00 call-2 answered
        00:00 call-2 rings 139****1111 by city
        00:00 call-2 leg-6 is alerted
        00:00   leg-4 hears RingBack over and over
        00:05 call-2 ringing of leg-6 rejected
        00:05 call-2 rings 139****2222 by city
        00:05 call-2 leg-8 is alerted
        00:09 call-2 ringing of leg-8 answered
        00:09 call-2 talks with 139****2222
        00:09 call-2 recording-2 begins
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8002 calls numbers:913900001111,913900002222
         00:05 outside 13900001111 is busy
         00:09 outside 13900002222 answers",
    ));
}

#[test]
fn a_predictive_call_leads_whoever_answers_to_the_queue() {
    let mut world = talking();
    world
        .request(Command::Call(Service::MakePredictiveCall {
            to: "913900001111".parse().unwrap(),
            then: Target::Queue("general".parse().unwrap()),
            ring_for: std::time::Duration::from_secs(30),
            data: [("campaign".to_owned(), "survey".to_owned())].into(),
        }))
        .unwrap();
    expect![[r#"
        00:05 call-2 answered
        00:05 call-2 waits in general
        00:05 call-2 offered to agent 8002 by longest_idle
        00:05 agent 8002 reserved (call-2)
        00:08 call-2 offer to agent 8002 answered
        00:08 call-2 leaves general: answered
        00:08 call-2 talks with agent 8002
        00:08 agent 8002 on_call (call-2)
        00:08 call-2 recording-2 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:05 outside 13900001111 answers
         00:08 phone 8002 answers",
    ));
}

#[test]
fn a_program_answers_asks_and_routes_a_call() {
    let mut world = world();
    play(
        &mut world,
        "00:00 phone 8001 registers
         00:01 citizen 13812341234 dials 12347",
    );
    let call = CallId(1);
    let mut ask = |service| world.request(Command::Call(service)).unwrap();
    ask(Service::AnswerCall { call, device: None });
    ask(Service::PlayMessage {
        call,
        party: PartyRef::Served,
        clips: vec![Clip::Prompt("welcome".to_owned())],
        looped: false,
    });
    let collect = Collect { max: 4, secret: true, ..Collect::default() };
    let party = PartyRef::Served;
    let Reply::Collection(_) = ask(Service::CollectDigits { call, party, collect }) else {
        panic!("a collection is answered by its name");
    };
    let trace = play(&mut world, "00:02 citizen 13812341234 presses 12#");
    expect![[r#"
        00:02 call-1 leg-1 heard the message to its end
        00:02 call-1 leg-1 gave 2 digits: complete
    "#]]
    .assert_eq(&trace);
    let to = Target::Queue("general".parse().unwrap());
    let select = Service::RouteSelect { call, to, priority: 3, needs: Default::default() };
    world.request(Command::Call(select)).unwrap();
    assert_eq!(world.center.call(call).unwrap().waiting().unwrap().priority, 3);
}

#[test]
fn a_call_that_no_program_takes_goes_on_where_the_plan_says() {
    let mut world = world();
    expect![[r#"
        00:01 call-1 from 138****1234 to 12347
        00:01 call-1 is for program crm
        00:04 call-1 waits in general
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:01 citizen 13812341234 dials 12347
         00:05",
    ));
}

#[test]
fn nobody_reaches_a_trunk_without_a_way_in_the_plan() {
    let mut world = talking();
    let reason = refused(&mut world, "00:00 phone 8002 calls number:90086139000011");
    assert_eq!(reason, "to: no way leads to 900861****0011");
    let reason = refused(&mut world, "00:00 agent 8001 sends call 1 to number:00861390");
    assert_eq!(reason, "to: no way leads to 00****90");
    assert_eq!(hears(&world, 1), [2]);
}

#[test]
fn an_agent_is_reached_by_his_number_wherever_he_sits() {
    let mut world = world();
    expect![[r#"
        00:00 device 8004 in service
        00:00 device 8005 in service
        00:01 agent 8001 signed in at seat A4, device 8004
        00:01 agent 8001 not_ready (signed_in)
        00:02 call-1 from 8005 to 8001
        00:02 call-1 dials device 8005 first
        00:02 call-1 answered
        00:02 call-1 rings device 8004
        00:02   leg-2 hears RingBack over and over
        00:03 call-1 ringing of leg-4 answered
        00:03 call-1 talks with device 8004
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 phone 8004 registers
         00:00 phone 8005 registers
         00:01 agent 8001 signs in at A4
         00:02 phone 8005 calls agent:8001
         00:03 phone 8004 answers",
    ));
}

#[test]
fn a_program_accepts_a_call_before_it_answers_and_the_caller_hears_that_it_rings() {
    let mut world = world();
    expect![[r#"
        00:01 call-1 from 138****1234 to 12347
        00:01 call-1 is for program crm
        00:02 call-1 accepted
        00:20 call-1 is for program crm
        00:20 call-1 answered
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:01 citizen 13812341234 dials 12347
         00:02 call 1 is accepted
         00:20 call 1 is answered",
    ));
    let rings = |command: &SwitchCommand| matches!(command, SwitchCommand::Ring { leg: LegId(1) });
    assert_eq!(world.commands.iter().filter(|(_, it)| rings(it)).count(), 1);
    let reason = refused(&mut world, "00:20 call 1 is accepted");
    assert_eq!(reason, "program crm is connected in call-1, and must be offered");
}

#[test]
fn an_accepted_call_that_nobody_answers_goes_on_where_the_plan_says() {
    let mut world = world();
    expect![[r#"
        00:01 call-1 from 138****1234 to 12347
        00:01 call-1 is for program crm
        00:02 call-1 accepted
        00:32 call-1 waits in general
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:01 citizen 13812341234 dials 12347
         00:02 call 1 is accepted
         00:40",
    ));
    let reason = refused(&mut world, "00:41 call 1 is accepted");
    assert_eq!(reason, "call-1 is not routed by a program");
}

#[test]
fn a_party_hears_an_earlier_recording_and_none_that_is_not_there() {
    let mut world = talking();
    let call = CallId(1);
    let hear = |world: &mut World, recording| {
        let clips = vec![Clip::Recording(RecordingId(recording))];
        let party = PartyRef::Served;
        world.request(Command::Call(Service::PlayMessage { call, party, clips, looped: false }))
    };
    let missing = hear(&mut world, 7).unwrap_err();
    assert_eq!(missing, CommandError::UnknownRecording { recording: RecordingId(7) });
    let open = hear(&mut world, 1).unwrap_err().to_string();
    assert_eq!(open, "recording-1 has not ended yet");
    play(&mut world, "00:05 agent 8001 holds call 1\n00:05 agent 8001 retrieves call 1");
    world.request(Command::Call(Service::Record { call, on: false })).unwrap();
    hear(&mut world, 1).unwrap();
    expect![[r#"
        00:08 call-1 leg-1 heard the message to its end
    "#]]
    .assert_eq(&play(&mut world, "00:30"));
}

#[test]
fn a_call_that_reaches_a_network_which_tells_no_more_is_answered_from_there() {
    let mut world = talking();
    world.switch.network_is_silent(true);
    play(&mut world, "00:00 phone 8002 dials 913900001111");
    let state = |world: &World| {
        let call = world.center.call(CallId(2)).unwrap();
        call.member(LegId(4)).unwrap().state
    };
    assert_eq!(state(&world), ConnectionState::NetworkReached);
    assert_eq!(state(&world).jtapi(), "NETWORK_REACHED");
    world.report(SwitchReport::Ringing { leg: LegId(4) });
    // A network that has told more tells no less afterwards.
    world.report(SwitchReport::NetworkReached { leg: LegId(4) });
    assert_eq!(state(&world), ConnectionState::Alerting);

    play(&mut world, "00:01 outside 13900001111 hangs up");
    play(&mut world, "00:02 phone 8002 dials 913900001111\n00:03 outside 13900001111 answers");
    let call = world.center.call(CallId(3)).unwrap();
    assert!(call.is_talk(), "who answers need not have been alerted");
}
