//! Constantly off-hook telephones: connected once, and calls are put through to them with a tone.

use cti_core::{
    cause::Cause,
    center::Center,
    command::Command,
    config::DeviceConfig,
    device::DeviceKind,
    event::DeviceFeature,
    id::LegId,
    switch::{Origin, SwitchCommand},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};
use expect_test::expect;

use super::floor::{hears, play, world};

/// Agent 8001 works at a telephone that stands off hook by leg 2.
fn standing() -> World {
    let mut world = world();
    play(
        &mut world,
        "00:00 phone 8001 registers
         00:00 phone 8002 registers
         00:00 phone 8001 switches constant-off-hook on
         00:01 agent 8001 signs in at A1
         00:02 agent 8001 is ready
         00:05",
    );
    world
}

/// Returns the legs that were dialled, and those that were hung up, in order.
fn dialled(world: &World) -> (Vec<u64>, Vec<u64>) {
    let (mut dialled, mut hung_up) = (Vec::new(), Vec::new());
    for (_, command) in &world.commands {
        if let SwitchCommand::Dial { leg, auto_answer: true, .. } = command {
            dialled.push(leg.0);
        } else if let SwitchCommand::Hangup { leg, .. } = command {
            hung_up.push(leg.0);
        }
    }
    (dialled, hung_up)
}

#[test]
fn the_telephone_is_connected_when_its_agent_signs_in() {
    let mut world = world();
    expect![[r#"
        00:00 device 8001 in service
        00:00 device 8001 constant off-hook on
        00:01 agent 8001 signed in at seat A1, device 8001
        00:01 agent 8001 not_ready (signed_in)
        00:01 device 8001 is connected by leg-2
        00:01 device 8001 stands off hook by leg-2
        00:01   leg-2 hears Beep
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 phone 8001 registers
         00:00 phone 8001 switches constant-off-hook on
         00:01 agent 8001 signs in at A1",
    ));
    let standing = world.center.standing_leg(&"8001".parse().unwrap()).unwrap();
    assert!(standing.connected);
    assert_eq!(dialled(&world), (vec![2], vec![]));
}

#[test]
fn calls_are_put_through_with_a_tone_and_leave_the_leg_standing() {
    let mut world = standing();
    expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00   leg-2 hears Beep
        00:00.350 call-1 offer to agent 8001 answered
        00:00.350 call-1 leaves general: answered
        00:00.350 call-1 answered
        00:00.350 call-1 talks with agent 8001
        00:00.350 agent 8001 on_call (call-1)
        00:00.350 call-1 recording-1 begins
        00:10 call-1 recording-1 saved, 9 s
        00:10 call-1 left by agent 8001: normal
        00:10 agent 8001 after_call_work
        00:10 call-1 ended: normal
        00:10   leg-2 hears silence 60000 ms over and over
        00:30 agent 8001 ready
        00:31 call-2 from 139****1111 to 12345
        00:31 call-2 waits in general
        00:31 call-2 offered to agent 8001 by longest_idle
        00:31 agent 8001 reserved (call-2)
        00:31   leg-2 hears Beep
        00:31.350 call-2 offer to agent 8001 answered
        00:31.350 call-2 leaves general: answered
        00:31.350 call-2 answered
        00:31.350 call-2 talks with agent 8001
        00:31.350 agent 8001 on_call (call-2)
        00:31.350 call-2 recording-2 begins
        00:40 call-2 left by agent 8001: normal
        00:40 agent 8001 after_call_work
        00:40 call-2 ended: normal
        00:40 call-2 recording-2 saved, 8 s
        00:40   leg-2 hears silence 60000 ms over and over
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13812341234 dials 12345
         00:03
         00:10 citizen 13812341234 hangs up
         00:31 citizen 13900001111 dials 12345
         00:40 agent 8001 leaves call 2
         00:41",
    ));
    assert_eq!(dialled(&world).0, [2]);
    assert!(!dialled(&world).1.contains(&2), "the telephone is never hung up");
    assert_eq!(world.switch.leg_count(), 1);
}

#[test]
fn who_is_transferred_no_longer_hears_the_telephone_that_stands() {
    let mut world = standing();
    play(
        &mut world,
        "00:00 citizen 13812341234 dials 12345
         00:03",
    );
    assert_eq!(hears(&world, 1), [2]);
    play(&mut world, "00:05 agent 8001 sends call 1 to queue:general");
    assert_eq!(hears(&world, 1).len(), 0);
    assert_eq!(hears(&world, 2).len(), 0);
}

#[test]
fn a_caller_who_gives_up_during_the_tone_leaves_the_agent_ready() {
    let mut world = standing();
    expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00   leg-2 hears Beep
        00:00.200 call-1 offer to agent 8001 withdrawn
        00:00.200 agent 8001 ready
        00:00.200 call-1 leaves general: abandoned
        00:00.200 call-1 ended: normal
        00:00.200   leg-2 hears silence 60000 ms over and over
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13812341234 dials 12345
         00:00.200 citizen 13812341234 hangs up
         00:02",
    ));
    assert_eq!(world.switch.leg_count(), 1);
}

#[test]
fn the_agent_calls_out_and_consults_by_the_leg_that_stands() {
    let mut world = standing();
    expect![[r#"
        00:00 call-1 from 8001 to 9139****1111
        00:00 call-1 dials device 8001 first
        00:00 agent 8001 on_call (call-1)
        00:00   leg-2 hears Beep
        00:00.350 call-1 answered
        00:00.350 call-1 rings 139****1111 by city
        00:00.350 call-1 leg-4 is alerted
        00:00.350   leg-2 hears RingBack over and over
        00:05 call-1 ringing of leg-4 answered
        00:05 call-1 talks with 139****1111
        00:05 call-1 recording-1 begins
        00:10 call-1 held by leg-2
        00:10 call-2 from 8001 to 8002
        00:10 agent 8001 on_call (call-2)
        00:10 call-2 rings device 8002
        00:10   leg-2 hears RingBack over and over
        00:10   leg-4 hears music/hold over and over
        00:12 call-2 ringing of leg-6 answered
        00:12 call-2 talks with device 8002
        00:15 call-2 left by device 8002: transferred
        00:15 call-1 talks with device 8002
        00:15 call-2 ended: transferred
        00:15 agent 8001 on_call (call-1)
        00:15 call-1 transferred by agent 8001 to device 8002
        00:15 call-1 serves leg-4
        00:15 call-1 left by agent 8001: transferred
        00:15 agent 8001 ready
        00:15 call-1 recording-2 begins
        00:15 call-1 recording-1 saved, 10 s
        00:15   leg-2 hears silence 60000 ms over and over
        00:20 call-1 recording-2 saved, 5 s
        00:20 call-1 left by device 8002: normal
        00:20 call-1 left by 139****1111: normal
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 phone 8001 calls number:913900001111
         00:05 outside 13900001111 answers
         00:10 agent 8001 consults device:8002 in call 1
         00:12 phone 8002 answers
         00:15 agent 8001 transfers call 1 to call 2
         00:20 outside 13900001111 hangs up",
    ));
    assert_eq!(world.switch.leg_count(), 1);
}

#[test]
fn a_telephone_that_is_lost_in_a_talk_is_connected_again() {
    let mut world = standing();
    expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00   leg-2 hears Beep
        00:00.350 call-1 offer to agent 8001 answered
        00:00.350 call-1 leaves general: answered
        00:00.350 call-1 answered
        00:00.350 call-1 talks with agent 8001
        00:00.350 agent 8001 on_call (call-1)
        00:00.350 call-1 recording-1 begins
        00:15 call-1 recording-1 saved, 14 s
        00:15 device 8001 stands no longer by leg-2: lost
        00:15 call-1 left by agent 8001: lost
        00:15 agent 8001 after_call_work
        00:15 call-1 ended: lost
        00:15 device 8001 is connected by leg-4
        00:15 device 8001 stands off hook by leg-4
        00:15   leg-4 hears Beep
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13812341234 dials 12345
         00:15 phone 8001 is lost",
    ));
    assert_eq!(dialled(&world).0, [2, 4]);
}

#[test]
fn who_hangs_up_between_two_calls_is_not_ready_until_he_wants_calls_again() {
    let mut world = standing();
    expect![[r#"
        00:20 device 8001 stands no longer by leg-2: normal
        00:20 agent 8001 not_ready (hung_up)
        00:21 call-1 from 138****1234 to 12345
        00:21 call-1 waits in general
        00:30 agent 8001 ready
        00:30 device 8001 is connected by leg-4
        00:30 call-1 offered to agent 8001 by longest_idle
        00:30 agent 8001 reserved (call-1)
        00:30 device 8001 stands off hook by leg-4
        00:30 call-1 offer to agent 8001 answered
        00:30 call-1 leaves general: answered
        00:30 call-1 answered
        00:30 call-1 talks with agent 8001
        00:30 agent 8001 on_call (call-1)
        00:30 call-1 recording-1 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:20 phone 8001 hangs up
         00:21 citizen 13812341234 dials 12345
         00:30 agent 8001 is ready
         00:31",
    ));
}

#[test]
fn a_telephone_that_cannot_be_connected_makes_its_agent_not_ready() {
    let mut world = standing();
    expect![[r#"
        00:01 device 8001 stands no longer by leg-2: lost
        00:01 agent 8001 not_ready (unreachable)
        00:02 device 8001 out of service
        00:05 device 8001 in service
        00:05 device 8001 is connected by leg-4
        00:05 device 8001 stands off hook by leg-4
        00:05   leg-4 hears Beep
        00:05.350   leg-4 hears silence 60000 ms over and over
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:01 phone 8001 is lost
         00:02 phone 8001 unregisters
         00:05 phone 8001 registers
         00:06",
    ));
}

#[test]
fn a_telephone_that_dials_the_code_stands_until_its_agent_signs_out() {
    let mut world = world();
    expect![[r#"
        00:00 device 8002 in service
        00:01 agent 8002 signed in at seat A2, device 8002
        00:01 agent 8002 not_ready (signed_in)
        00:02 call-1 from 8002 to *70
        00:02 call-1 answered
        00:02 device 8002 constant off-hook on
        00:02 device 8002 stands off hook by leg-1
        00:02 call-1 ended: normal
        00:02   leg-1 hears silence 60000 ms over and over
        00:02   leg-1 hears Beep
        00:02.350   leg-1 hears silence 60000 ms over and over
        00:03 agent 8002 ready
        00:05 call-2 from 138****1234 to 12345
        00:05 call-2 waits in general
        00:05 call-2 offered to agent 8002 by longest_idle
        00:05 agent 8002 reserved (call-2)
        00:05   leg-1 hears Beep
        00:05.350 call-2 offer to agent 8002 answered
        00:05.350 call-2 leaves general: answered
        00:05.350 call-2 answered
        00:05.350 call-2 talks with agent 8002
        00:05.350 agent 8002 on_call (call-2)
        00:05.350 call-2 recording-1 begins
        00:10 call-2 recording-1 saved, 4 s
        00:10 call-2 left by agent 8002: normal
        00:10 agent 8002 after_call_work
        00:10 call-2 ended: normal
        00:10   leg-1 hears silence 60000 ms over and over
        00:30 agent 8002 ready
        00:40 agent 8002 signed_out
        00:40 agent 8002 signed out of seat A2
        00:40 device 8002 stands no longer by leg-1: normal
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 phone 8002 registers
         00:01 agent 8002 signs in at A2
         00:02 phone 8002 dials *70
         00:03 agent 8002 is ready
         00:05 citizen 13812341234 dials 12345
         00:10 citizen 13812341234 hangs up
         00:40 agent 8002 signs out",
    ));
    assert_eq!(world.switch.leg_count(), 0);
}

#[test]
fn a_feature_that_is_switched_off_in_a_talk_ends_the_leg_with_the_talk() {
    let mut world = standing();
    expect![[r#"
        00:00 call-1 from 138****1234 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00   leg-2 hears Beep
        00:00.350 call-1 offer to agent 8001 answered
        00:00.350 call-1 leaves general: answered
        00:00.350 call-1 answered
        00:00.350 call-1 talks with agent 8001
        00:00.350 agent 8001 on_call (call-1)
        00:00.350 call-1 recording-1 begins
        00:05 device 8001 constant off-hook off
        00:05 device 8001 stands no longer by leg-2: normal
        00:10 call-1 recording-1 saved, 9 s
        00:10 call-1 left by agent 8001: normal
        00:10 agent 8001 after_call_work
        00:10 call-1 ended: normal
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13812341234 dials 12345
         00:05 phone 8001 switches constant-off-hook off
         00:10 citizen 13812341234 hangs up",
    ));
    assert_eq!(world.switch.leg_count(), 0);
}

#[test]
fn after_a_crash_the_telephone_is_connected_again_when_it_can_be_reached() {
    let world = standing();
    let mut next = super::floor::center();
    world.events.iter().for_each(|event| next.replay(event));
    assert_eq!(next.state(), world.center.state());
    let mut world = World::new(next, world.now());
    let device = "8001".parse().unwrap();
    assert_eq!(world.center.standing_leg(&device), None);
    play(&mut world, "00:01 phone 8001 registers");
    assert!(world.center.standing_leg(&device).is_some_and(|it| it.connected));
}

#[test]
fn the_configuration_decides_at_every_start_what_it_lists() {
    let device = || "8001".parse().unwrap();
    let open = |features| {
        let mut config = super::floor::config();
        config.devices = vec![DeviceConfig { id: device(), kind: DeviceKind::default(), features }];
        Center::new(config, Box::new(SimpleRouter::default()), Box::new(ScriptedFlows::default()))
    };
    let center = open(vec![DeviceFeature::ConstantOffHook(true)]).unwrap();
    let mut world = World::new(center, Timestamp::from_secs(1_000_000));
    assert!(world.center.device(&device()).unwrap().constant_off_hook);
    let off = DeviceFeature::ConstantOffHook(false);
    world.request(Command::SetFeature { device: device(), feature: off.clone() }).unwrap();
    assert!(!world.center.device(&device()).unwrap().constant_off_hook);

    let mut next = open(vec![DeviceFeature::ConstantOffHook(true)]).unwrap();
    world.events.iter().for_each(|event| next.replay(event));
    let world = World::new(next, world.now());
    assert!(world.center.device(&device()).unwrap().constant_off_hook);

    let wrong = DeviceFeature::SpeedDial { key: "x".to_owned(), number: None };
    let error = open(vec![wrong]).unwrap_err().to_string();
    assert_eq!(error, "device 8001: key: must be 1 to 4 digits");
}

#[test]
fn a_telephone_stands_only_for_its_own_calls() {
    let mut world = standing();
    // The second line of the telephone rings nobody, and does not take the leg.
    let leg = world.switch.incoming(Some("8001".parse().unwrap()));
    world.report(cti_core::switch::SwitchReport::Incoming {
        leg,
        origin: Origin::Device("8001".parse().unwrap()),
        caller: "8001".parse().unwrap(),
        called: "8002".parse().unwrap(),
        network_id: "second line".to_owned(),
    });
    play(&mut world, "00:01 phone 8002 answers");
    assert_eq!(hears(&world, 1), [4]);
    assert_eq!(hears(&world, 2).len(), 0);
    world.switch.end(world.now(), leg, Cause::Normal);
    world.settle();
    assert_eq!(world.center.standing_leg(&"8001".parse().unwrap()).unwrap().leg, LegId(2));
    assert_eq!(world.switch.leg_count(), 1);
}
