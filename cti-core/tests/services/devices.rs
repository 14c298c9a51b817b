//! Devices: pickup, park, deflect, camp on, call back, forwarding, do not disturb, one number for many devices.

use cti_core::{
    command::Command,
    event::{DeviceFeature, ForwardWhen, ForwardWhose},
    id::{CallId, LegId},
    switch::SwitchCommand,
    testkit::World,
};
use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking};

#[test]
fn a_colleague_takes_what_rings_in_his_group() {
    expect![[r#"
        00:00 call-2 from 139****1111 to 12345
        00:00 call-2 waits in general
        00:00 call-2 offered to agent 8002 by longest_idle
        00:00 agent 8002 reserved (call-2)
        00:03 call-2 offer to agent 8002 withdrawn
        00:03 agent 8002 ready
        00:03 call-2 leaves general: answered
        00:03 call-2 rings device 8003
        00:03 call-2 ringing of leg-6 answered
        00:03 call-2 answered
        00:03 call-2 talks with agent 8003
        00:03 agent 8003 on_call (call-2)
        00:03 call-2 recording-2 begins
    "#]]
    .assert_eq(&after_talk(
        "00:00 citizen 13900001111 dials 12345
         00:03 phone 8003 picks up
         00:05 phone 8003 answers",
    ));
}

#[test]
fn a_parked_call_is_taken_at_another_phone() {
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 parked at device 8004
        00:00 call-1 recording-1 saved, 3 s
        00:00   leg-1 hears music/hold over and over
        00:09 call-1 leaves device 8004
        00:09 call-1 rings device 8003
        00:09 call-1 ringing of leg-4 answered
        00:09 call-1 talks with agent 8003
        00:09 agent 8003 on_call (call-1)
        00:09 call-1 recording-2 begins
        00:09   leg-1 hears RingBack over and over
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 parks call 1 at 8004
         00:09 phone 8003 unparks 8004
         00:11 phone 8003 answers",
    ));
}

#[test]
fn a_parked_call_that_nobody_takes_rings_whoever_parked_it() {
    let mut world = talking();
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 parked at device 8004
        00:00 call-1 recording-1 saved, 3 s
        00:00   leg-1 hears music/hold over and over
        00:20 agent 8001 ready
        01:00 call-1 leaves device 8004
        01:00 call-1 rings device 8001
        01:00   leg-1 hears RingBack over and over
        01:05 call-1 ringing of leg-4 answered
        01:05 call-1 talks with agent 8001
        01:05 agent 8001 on_call (call-1)
        01:05 call-1 recording-2 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 agent 8001 parks call 1 at 8004
         01:01
         01:05 phone 8001 answers",
    ));
    assert_eq!(hears(&world, 1).len(), 1);
}

#[test]
fn what_rings_here_is_deflected_elsewhere() {
    expect![[r#"
        00:00 call-2 from 8004 to 8003
        00:00 call-2 rings device 8003
        00:02 call-2 ringing of leg-4 withdrawn
        00:02 call-2 rings device 8002
        00:04 call-2 ringing of leg-6 answered
        00:04 call-2 answered
        00:04 call-2 talks with device 8002
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 dials 8003
         00:02 phone 8003 deflects call 2 to device:8002
         00:04 phone 8002 answers",
    ));
}

#[test]
fn a_citizen_camps_on_a_busy_phone_and_gets_through_when_it_is_free() {
    expect![[r#"
        00:00 call-2 from 8004 to 8003
        00:00 call-2 rings device 8003
        00:01 call-2 ringing of leg-4 answered
        00:01 call-2 answered
        00:01 call-2 talks with device 8003
        00:05 call-1 transferred by agent 8001 to device 8003
        00:05 call-1 left by agent 8001: transferred
        00:05 agent 8001 after_call_work
        00:05 call-1 camps on device 8003
        00:05 call-1 recording-1 saved, 8 s
        00:05   leg-1 hears music/hold over and over
        00:20 call-2 left by device 8003: normal
        00:20 call-2 ended: normal
        00:20 call-1 leaves device 8003
        00:20 call-1 rings device 8003
        00:20   leg-1 hears RingBack over and over
        00:24 call-1 ringing of leg-6 answered
        00:24 call-1 talks with agent 8003
        00:24 agent 8003 on_call (call-1)
        00:24 call-1 recording-2 begins
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 dials 8003
         00:01 phone 8003 answers
         00:05 agent 8001 camps call 1 on 8003
         00:20 phone 8004 hangs up
         00:24 phone 8003 answers",
    ));
}

#[test]
fn a_citizen_who_camps_on_a_phone_that_stays_busy_goes_back_to_the_queue() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 phone 8004 dials 8003
         00:01 phone 8003 answers
         00:05 agent 8001 camps call 1 on 8003
         05:00",
    );
    let call = world.center.call(CallId(1)).unwrap();
    assert!(call.waiting().is_some(), "{:?}", call.place);
}

#[test]
fn a_call_back_rings_both_when_both_are_free() {
    expect![[r#"
        00:00 device 8004 waits for device 8001 to be free
        00:10 call-1 recording-1 saved, 13 s
        00:10 call-1 left by agent 8001: normal
        00:10 agent 8001 after_call_work
        00:10 call-1 ended: normal
        00:10 device 8004 waits no longer for device 8001
        00:10 call-2 from 8004 to 8001
        00:10 call-2 dials device 8004 first
        00:10 call-2 answered
        00:10 call-2 rings device 8001
        00:10   leg-4 hears RingBack over and over
        00:14 call-2 ringing of leg-6 answered
        00:14 call-2 talks with device 8001
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 wants 8001
         00:10 citizen 13812341234 hangs up
         00:12 phone 8004 answers
         00:14 phone 8001 answers",
    ));
}

#[test]
fn a_call_back_waits_until_also_who_wants_it_is_free() {
    expect![[r#"
        00:00 device 8004 waits for device 8001 to be free
        00:01 call-2 from 8004 to 8003
        00:01 call-2 rings device 8003
        00:10 call-1 recording-1 saved, 13 s
        00:10 call-1 left by agent 8001: normal
        00:10 agent 8001 after_call_work
        00:10 call-1 ended: normal
        00:20 call-2 ringing of leg-4 withdrawn
        00:20 call-2 ended: normal
        00:20 device 8004 waits no longer for device 8001
        00:20 call-3 from 8004 to 8001
        00:20 call-3 dials device 8004 first
        00:20 call-3 answered
        00:20 call-3 rings device 8001
        00:20   leg-6 hears RingBack over and over
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 wants 8001
         00:01 phone 8004 dials 8003
         00:10 citizen 13812341234 hangs up
         00:20 phone 8004 hangs up",
    ));
}

#[test]
fn one_number_rings_two_phones_at_once_and_then_a_third() {
    expect![[r#"
        00:00 call-1 recording-1 saved, 3 s
        00:00 call-1 left by agent 8001: normal
        00:00 agent 8001 after_call_work
        00:00 call-1 ended: normal
        00:01 call-2 from 8001 to 8100
        00:01 call-2 is on the line of 8002, 8003, 8004
        00:01 call-2 rings device 8002 and device 8003
        00:11 call-2 ringing of leg-4 not answered
        00:11 call-2 ringing of leg-6 not answered
        00:11 call-2 rings device 8004
        00:12 call-2 ringing of leg-8 answered
        00:12 call-2 answered
        00:12 call-2 talks with device 8004
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8001 hangs up
         00:01 phone 8001 dials 8100
         00:12 phone 8004 answers",
    ));
    expect![[r#"
        00:00 call-1 recording-1 saved, 3 s
        00:00 call-1 left by agent 8001: normal
        00:00 agent 8001 after_call_work
        00:00 call-1 ended: normal
        00:01 call-2 from 8001 to 8100
        00:01 call-2 is on the line of 8002, 8003, 8004
        00:01 call-2 rings device 8002 and device 8003
        00:05 call-2 ringing of leg-4 withdrawn
        00:05 call-2 ringing of leg-6 answered
        00:05 call-2 answered
        00:05 call-2 talks with device 8003
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8001 hangs up
         00:01 phone 8001 dials 8100
         00:05 phone 8003 answers",
    ));
}

#[test]
fn while_one_of_two_phones_rings_the_next_step_waits() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 phone 8001 hangs up
         00:01 phone 8001 dials 8100
         00:03 phone 8002 rejects",
    );
    expect![[r#"
        00:02 call-2 ringing of leg-6 answered
        00:02 call-2 answered
        00:02 call-2 talks with device 8003
    "#]]
    .assert_eq(&play(&mut world, "00:02 phone 8003 answers"));
    assert_eq!(world.switch.leg_count(), 2);
}

#[test]
fn a_phone_forwards_to_the_mobile_of_someone_out_of_office_and_the_talk_is_recorded() {
    let mut world = talking();
    world
        .request(Command::SetFeature {
            device: "8004".parse().unwrap(),
            feature: DeviceFeature::Forwarding {
                when: ForwardWhen::Immediate,
                whose: ForwardWhose::All,
                to: Some("913900001111".parse().unwrap()),
            },
        })
        .unwrap();
    expect![[r#"
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 rings 139****1111 by city
        00:00 call-1 recording-1 saved, 3 s
        00:00 call-1 leg-4 is alerted
        00:00   leg-1 hears RingBack over and over
        00:05 call-1 ringing of leg-4 answered
        00:05 call-1 talks with 139****1111
        00:05 call-1 recording-2 begins
        00:20 agent 8001 ready
        00:30 call-1 recording-2 saved, 25 s
        00:30 call-1 left by 139****1111: normal
        00:30 call-1 ended: normal
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 agent 8001 sends call 1 to device:8004
         00:05 outside 13900001111 answers
         00:30 citizen 13812341234 hangs up",
    ));
}

#[test]
fn a_phone_that_does_not_want_to_be_disturbed_is_not_rung() {
    let mut world = talking();
    let device = "8004".parse().unwrap();
    let feature = DeviceFeature::DoNotDisturb(true);
    world.request(Command::SetFeature { device, feature }).unwrap();
    expect![[r#"
        00:00 call-2 from 8003 to 8004
        00:00 call-2 ended: busy
    "#]]
    .assert_eq(&play(&mut world, "00:00 phone 8003 dials 8004"));
}

#[test]
fn a_phone_cannot_forward_to_itself_or_to_nowhere() {
    let mut world = talking();
    let mut forward = |to: &str| {
        let feature = DeviceFeature::Forwarding {
            when: ForwardWhen::Busy,
            whose: ForwardWhose::All,
            to: Some(to.parse().unwrap()),
        };
        let device = "8004".parse().unwrap();
        world.request(Command::SetFeature { device, feature }).unwrap_err().to_string()
    };
    assert_eq!(forward("8004"), "to: a device cannot forward to itself");
    assert_eq!(forward("7777"), "to: no way leads to 7777");
    let mut world = talking();
    assert_eq!(
        refused(&mut world, "00:00 phone 8003 picks up"),
        "nothing rings in pickup group desk"
    );
}

#[test]
fn a_short_name_is_dialled_at_the_phone_and_by_a_program() {
    let short = "00:00 phone 8003 keeps 913900001111 as 11\n";
    let mut world = talking();
    play(&mut world, short);
    expect![[r#"
        00:01 call-2 from 8003 to 11
        00:01 agent 8003 on_call (call-2)
        00:01 call-2 rings 139****1111 by city
        00:01 call-2 leg-4 is alerted
    "#]]
    .assert_eq(&play(&mut world, "00:01 phone 8003 dials 11"));

    let mut world = talking();
    play(&mut world, short);
    let trace = play(&mut world, "00:01 phone 8003 calls number:11");
    assert!(trace.contains("call-2 from 8003 to 9139****1111"), "{trace}");
    assert!(trace.contains("call-2 rings 139****1111 by city"), "{trace}");

    let mut world = talking();
    play(&mut world, "00:00 phone 8001 keeps 913900001111 as 11");
    let trace = play(&mut world, "00:01 agent 8001 consults number:11 in call 1");
    assert!(trace.contains("call-2 rings 139****1111 by city"), "{trace}");
    let reason = refused(&mut talking(), "00:01 agent 8001 sends call 1 to number:11");
    assert_eq!(reason, "to: no way leads to 11");
}

#[test]
fn a_phone_keeps_a_hundred_short_names_of_at_most_four_digits() {
    let mut world = talking();
    for key in 0..100 {
        play(&mut world, &format!("00:00 phone 8003 keeps 913900001111 as {key}"));
    }
    let refuse = |world: &mut World, text: &str| refused(world, text);
    assert_eq!(
        refuse(&mut world, "00:00 phone 8003 keeps 913900001111 as 100"),
        "speed_dial: at most 100"
    );
    play(&mut world, "00:00 phone 8003 keeps 913900002222 as 99");
    assert_eq!(
        refuse(&mut world, "00:00 phone 8003 keeps 913900001111 as 1a"),
        "key: must be 1 to 4 digits"
    );
}

#[test]
fn who_withholds_his_number_is_seen_by_nobody_whom_he_calls() {
    let shown = |script: &str| {
        let mut world = talking();
        play(&mut world, "00:00 phone 8003 switches caller-id-restriction on");
        play(&mut world, script);
        let caller = world.commands.iter().find_map(|(_, command)| {
            if let SwitchCommand::Dial { leg: LegId(4), caller, .. } = command {
                Some(caller.clone())
            } else {
                None
            }
        });
        caller.unwrap()
    };
    assert!(shown("00:01 phone 8003 dials 8004").is_withheld());
    assert!(shown("00:01 phone 8003 dials 913900001111").is_withheld());
    assert_eq!(shown("00:01 phone 8002 dials 8004").reveal(), "8002");
    assert_eq!(shown("00:01 phone 8002 dials 913900001111").reveal(), "12345");
}

#[test]
fn a_lamp_shows_how_many_messages_wait_also_when_its_phone_comes_back() {
    let mut world = talking();
    let device = "8003".parse().unwrap();
    let trace = play(&mut world, "00:01 phone 8003 has 2 messages");
    assert_eq!(trace, "00:01 device 8003 has 2 messages\n");
    assert_eq!(world.switch.messages_at(&device), 2);
    let told = |world: &World| {
        let is = |it: &SwitchCommand| matches!(it, SwitchCommand::IndicateMessages { .. });
        world.commands.iter().filter(|(_, it)| is(it)).count()
    };
    play(&mut world, "00:02 phone 8003 unregisters\n00:03 phone 8003 has 3 messages");
    assert_eq!((world.switch.messages_at(&device), told(&world)), (2, 1));
    play(&mut world, "00:04 phone 8003 registers");
    assert_eq!((world.switch.messages_at(&device), told(&world)), (3, 2));
    play(&mut world, "00:05 phone 8003 has 0 messages\n00:05 phone 8003 has 0 messages");
    assert_eq!((world.switch.messages_at(&device), told(&world)), (0, 3));
}

#[test]
fn who_shares_the_line_is_bridged_and_joins_the_talk() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 sends call 1 to number:8100
         00:03 phone 8002 answers",
    );
    let bridged = |world: &World| -> Vec<String> {
        let call = world.center.call(CallId(1)).unwrap();
        call.bridged().map(ToString::to_string).collect()
    };
    assert_eq!(bridged(&world), ["8003", "8004"]);
    let trace = play(&mut world, "00:05 phone 8004 joins call 1");
    expect![[r#"
        00:05 call-1 invites device 8004 (line)
        00:05 call-1 talks with device 8004
    "#]]
    .assert_eq(&trace);
    assert_eq!(bridged(&world), ["8003"]);
    play(&mut world, "00:06 phone 8004 hangs up");
    assert_eq!(bridged(&world), ["8003", "8004"], "he can join again");
    let why = refused(&mut world, "00:07 phone 8001 joins call 1");
    assert_eq!(why, "device 8001 does not share a line on which call-1 talks");
    // Once nobody of the line talks, nobody of it is bridged.
    play(&mut world, "00:08 agent 8002 sends call 1 to device:8001\n00:09 phone 8001 answers");
    assert!(bridged(&world).is_empty());
}

#[test]
fn a_number_that_nobody_shares_bridges_nobody() {
    let mut world = talking();
    let why = refused(&mut world, "00:00 phone 8004 joins call 1");
    assert_eq!(why, "device 8004 does not share a line on which call-1 talks");
}

#[test]
fn one_phone_has_several_users_and_tells_whose_number_was_called() {
    let trace = after_talk(
        "00:01 phone 8001 hangs up
         00:02 phone 8002 dials 8201
         00:03 phone 8002 hangs up
         00:04 phone 8002 dials 8202",
    );
    let told: Vec<&str> =
        trace.lines().filter(|it| it.contains("to 82") || it.contains("rings")).collect();
    expect![[r#"
        00:02 call-2 from 8002 to 8201
        00:02 call-2 rings device 8004
        00:04 call-3 from 8002 to 8202
        00:04 call-3 rings device 8004
    "#]]
    .assert_eq(&format!("{}\n", told.join("\n")));
}

#[test]
fn a_certain_call_that_rings_elsewhere_is_taken_at_another_phone() {
    let trace = after_talk(
        "00:00 phone 8003 dials 8004
         00:02 phone 8002 picks up call 2
         00:03 phone 8002 answers",
    );
    expect![[r#"
        00:00 call-2 from 8003 to 8004
        00:00 call-2 rings device 8004
        00:02 call-2 ringing of leg-4 withdrawn
        00:02 call-2 rings device 8002
        00:02 call-2 ringing of leg-6 answered
        00:02 call-2 answered
        00:02 call-2 talks with device 8002
    "#]]
    .assert_eq(&trace);
    let why = refused(&mut talking(), "00:00 phone 8002 picks up call 1");
    assert_eq!(why, "call-1 does not ring");
}
