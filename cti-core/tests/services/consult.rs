//! Hold, retrieve, consultation, alternate, reconnect.

use std::collections::BTreeMap;

use cti_core::{id::CallId, switch::SwitchCommand};
use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking};

#[test]
fn a_citizen_on_hold_hears_music_and_nobody() {
    let mut world = talking();
    let trace = play(&mut world, "00:00 agent 8001 holds call 1");
    expect![[r#"
        00:00 call-1 held by leg-2
        00:00   leg-1 hears music/hold over and over
    "#]]
    .assert_eq(&trace);
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![], vec![]));
    let trace = play(&mut world, "00:05 agent 8001 retrieves call 1");
    expect![[r#"
        00:05 call-1 retrieved by leg-2
    "#]]
    .assert_eq(&trace);
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
}

#[test]
fn who_is_asked_hears_the_agent_and_not_the_citizen() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers",
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
    "#]]
    .assert_eq(&trace);
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![], vec![4]));
}

#[test]
fn who_is_asked_sees_what_is_known_of_the_citizen() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 call 1 data matter=noise
         00:01 agent 8001 consults agent:8002 in call 1",
    );
    assert_eq!(world.center.call(CallId(2)).unwrap().data["matter"], "noise");
}

#[test]
fn hanging_up_in_a_consultation_brings_the_citizen_back() {
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
        00:09 call-2 left by agent 8001: normal
        00:09 agent 8001 on_call (call-1)
        00:09 call-2 left by agent 8002: normal
        00:09 agent 8002 ready
        00:09 call-2 ended: normal
        00:09 call-1 retrieved by leg-2
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:09 agent 8001 leaves call 2",
    ));
}

#[test]
fn the_citizen_comes_back_when_the_one_who_was_asked_hangs_up() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:09 phone 8002 hangs up",
    );
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
}

#[test]
fn an_agent_who_puts_his_phone_down_in_a_consultation_is_rung_for_the_citizen() {
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
        00:09 call-1 recording-1 saved, 12 s
        00:09 call-2 left by agent 8002: normal
        00:09 agent 8002 ready
        00:09 call-2 ended: normal
        00:09 agent 8001 on_call (call-1)
        00:09 call-1 left by agent 8001: normal
        00:09 agent 8001 after_call_work
        00:09 call-1 rings device 8001
        00:09   leg-1 hears RingBack over and over
        00:12 call-1 ringing of leg-6 answered
        00:12 call-1 talks with agent 8001
        00:12 agent 8001 on_call (call-1)
        00:12 call-1 recording-2 begins
        00:20 call-1 recording-2 saved, 8 s
        00:20 call-1 left by agent 8001: normal
        00:20 agent 8001 after_call_work
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:09 phone 8001 hangs up
         00:12 phone 8001 answers
         00:20 citizen 13812341234 hangs up",
    ));
}

#[test]
fn a_citizen_whom_nobody_takes_back_waits_again_with_the_place_he_had() {
    expect![[r#"
        00:00 call-1 held by leg-2
        00:00 call-2 from 138****1234 to 8003
        00:00 agent 8001 on_call (call-2)
        00:00 call-2 rings device 8003
        00:00   leg-2 hears RingBack over and over
        00:00   leg-1 hears music/hold over and over
        00:09 call-1 recording-1 saved, 12 s
        00:09 call-2 ringing of leg-4 withdrawn
        00:09 call-2 ended: normal
        00:09 agent 8001 on_call (call-1)
        00:09 call-1 left by agent 8001: normal
        00:09 agent 8001 after_call_work
        00:09 call-1 rings device 8001
        00:09   leg-1 hears RingBack over and over
        00:29 agent 8001 ready
        00:29 call-1 ringing of leg-6 not answered
        00:29 call-1 waits in general
        00:29 call-1 offered to agent 8002 by longest_idle
        00:29 agent 8002 reserved (call-1)
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 consults agent:8003 in call 1
         00:09 phone 8001 hangs up
         00:40",
    ));
}

#[test]
fn a_phone_that_holds_in_a_consultation_holds_the_one_who_is_asked() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers",
    );
    expect![[r#"
        00:01 call-2 held by leg-2
        00:01   leg-4 hears music/hold over and over
    "#]]
    .assert_eq(&play(&mut world, "00:01 phone 8001 holds"));
}

#[test]
fn alternating_lets_the_agent_talk_with_one_and_then_the_other() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:05 agent 8001 alternates call 1 with call 2",
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
        00:05 call-2 held by leg-2
        00:05 call-1 retrieved by leg-2
        00:05 agent 8001 on_call (call-1)
        00:05   leg-4 hears music/hold over and over
    "#]]
    .assert_eq(&trace);
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![2], vec![]));
    play(&mut world, "00:01 agent 8001 alternates call 2 with call 1");
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![], vec![2]));
}

#[test]
fn who_talks_in_one_call_cannot_take_another_from_hold() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers",
    );
    let reason = refused(&mut world, "00:01 agent 8001 retrieves call 1");
    assert_eq!(reason, "agent 8001 talks in call-2; hold or clear it first, or alternate");
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![], vec![4]));
}

#[test]
fn a_leg_leaves_one_conversation_before_it_joins_another() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:05 agent 8001 alternates call 1 with call 2
         00:06 agent 8001 alternates call 2 with call 1",
    );
    let mut joined = BTreeMap::new();
    for (_, command) in &world.commands {
        if let SwitchCommand::Bridge { a, b } = command {
            assert_eq!((joined.insert(*a, *b), joined.insert(*b, *a)), (None, None), "{a} and {b}");
        }
        if let SwitchCommand::Unbridge { a, b } = command {
            joined.retain(|leg, _| leg != a && leg != b);
        }
    }
    assert_eq!(joined.len(), 2);
}

#[test]
fn reconnecting_ends_the_consultation_and_the_talk_goes_on() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults number:913900001111 in call 1
         00:03 outside 13900001111 answers
         00:05 agent 8001 reconnects call 1 from call 2",
    );
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
    assert_eq!(world.center.calls().count(), 1);
}

#[test]
fn a_service_that_does_not_fit_the_connection_is_refused_with_both_states() {
    let mut world = talking();
    let reason = refused(&mut world, "00:00 agent 8001 retrieves call 1");
    assert_eq!(reason, "agent 8001 is connected in call-1, and must be hold");
    let reason = refused(&mut world, "00:00 agent 8002 holds call 1");
    assert_eq!(reason, "agent 8002 does not belong to call-1");
    let reason = refused(&mut world, "00:00 agent 8001 holds call 7");
    assert_eq!(reason, "there is no live call-7");
    let reason = refused(&mut world, "00:00 agent 8001 consults agent:9999 in call 1");
    assert_eq!(reason, "there is no agent 9999");
    assert_eq!(hears(&world, 1), vec![2], "nothing has changed");
}

#[test]
fn a_consultation_that_finds_a_busy_phone_gives_the_tone_and_the_citizen_comes_back() {
    expect![[r#"
        00:00 call-2 from 8002 to 8004
        00:00 call-2 rings device 8004
        00:01 call-1 held by leg-2
        00:01 call-3 from 138****1234 to 8002
        00:01 agent 8001 on_call (call-3)
        00:01 call-3 failed: busy
        00:01   leg-2 hears Busy over and over
        00:01   leg-1 hears music/hold over and over
        00:11 call-3 ended: busy
        00:11 call-1 retrieved by leg-2
        00:11 agent 8001 on_call (call-1)
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8002 dials 8004
         00:01 agent 8001 consults device:8002 in call 1
         00:12",
    ));
}
