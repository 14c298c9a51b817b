//! Supervisors: listen, whisper, barge, take over, force states; intrusion.

use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking};

#[test]
fn a_supervisor_who_listens_hears_both_and_is_heard_by_nobody() {
    let mut world = talking();
    let trace = play(&mut world, "00:00 phone 8004 monitors call 1");
    expect![[r#"
        00:00 call-1 invites device 8004 (monitor)
        00:00 call-1 is joined by device 8004 as listen only
    "#]]
    .assert_eq(&trace);
    assert_eq!(hears(&world, 4), [1, 2]);
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
}

#[test]
fn the_citizen_cannot_hear_what_is_whispered_to_the_agent() {
    let mut world = talking();
    play(&mut world, "00:00 phone 8004 whispers to agent 8001 in call 1");
    assert_eq!(hears(&world, 1), [2]);
    assert_eq!(hears(&world, 2), [1, 4]);
    assert_eq!(hears(&world, 4), [1, 2]);
}

#[test]
fn a_supervisor_goes_from_listening_to_whispering_to_barging_by_the_same_leg() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 phone 8004 monitors call 1
         00:05 phone 8004 whispers to agent 8001 in call 1",
    );
    assert_eq!(hears(&world, 2), [1, 4]);
    let trace = play(&mut world, "00:01 phone 8004 barges into call 1");
    expect![[r#"
        00:01 call-1 leg-4 is full
    "#]]
    .assert_eq(&trace);
    assert_eq!(hears(&world, 1), [2, 4]);
    play(&mut world, "00:01 phone 8004 hangs up");
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
}

#[test]
fn a_supervisor_who_takes_over_keeps_the_citizen_and_releases_the_agent() {
    expect![[r#"
        00:00 call-1 invites device 8004 (take over)
        00:00 call-1 talks with device 8004
        00:00 call-1 transferred by agent 8001 to device 8004
        00:00 call-1 left by agent 8001: transferred
        00:00 agent 8001 after_call_work
        00:00 call-1 recording-2 begins
        00:00 call-1 recording-1 saved, 3 s
        00:20 agent 8001 ready
        00:20 call-1 recording-2 saved, 20 s
        00:20 call-1 left by device 8004: normal
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 takes over call 1 from agent 8001
         00:20 citizen 13812341234 hangs up
         00:40",
    ));
}

#[test]
fn a_call_ends_for_a_supervisor_who_only_listens() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 phone 8004 monitors call 1
         00:05 citizen 13812341234 hangs up",
    );
    assert_eq!((world.center.calls().count(), world.switch.leg_count()), (0, 0));
}

#[test]
fn everyone_hears_a_tone_when_somebody_intrudes() {
    expect![[r#"
        00:00 call-1 invites device 8004 (intrude)
        00:00 call-1 talks with device 8004
        00:00   leg-1 hears Beep
        00:00   leg-2 hears Beep
        00:00   leg-4 hears Beep
    "#]]
    .assert_eq(&after_talk("00:00 phone 8004 intrudes into call 1"));
}

#[test]
fn an_agent_who_is_signed_out_by_force_finishes_his_call_first() {
    expect![[r#"
        00:00 agent 8001 made signed_out by supervisor
        00:00 agent 8001 on_call (call-1)
        00:05 agent 8002 made not_ready by supervisor
        00:05 agent 8002 not_ready (training)
        00:06 agent 8003 made ready by supervisor
        00:06 agent 8003 ready
        00:20 call-1 recording-1 saved, 23 s
        00:20 call-1 left by agent 8001: normal
        00:20 agent 8001 signed_out
        00:20 agent 8001 signed out of seat A1
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 is signed out
         00:05 agent 8002 is made not ready training
         00:06 agent 8003 is made ready
         00:20 citizen 13812341234 hangs up",
    ));
}

#[test]
fn who_wants_a_break_during_a_call_gets_it_after_the_call() {
    expect![[r#"
        00:00 agent 8001 on_call (call-1)
        00:20 call-1 recording-1 saved, 23 s
        00:20 call-1 left by agent 8001: normal
        00:20 agent 8001 not_ready (break)
        00:20 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 is not ready break
         00:20 citizen 13812341234 hangs up",
    ));
}

#[test]
fn a_reset_ends_consultations_and_brings_the_citizen_back() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:02 agent 8001 is reset",
    );
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
    assert_eq!(world.center.calls().count(), 1);
}

#[test]
fn an_agent_whose_program_falls_silent_is_offered_nothing_until_it_is_back() {
    expect![[r#"
        00:55 agent 8002 is not heard of
        00:55 agent 8002 not_ready (not_heard_of)
        01:10 agent 8002 is heard of
        01:11 agent 8002 ready
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8002 is alive
         00:25 agent 8002 is alive
         01:00
         01:10 agent 8002 is alive
         01:11 agent 8002 is ready",
    ));
}

#[test]
fn a_rest_that_lasts_too_long_is_an_alarm_until_it_ends() {
    expect![[r#"
        00:00 agent 8003 not_ready (break)
        10:00 alarm-1 raised: agent 8003 is not_ready for too long
        10:30 agent 8003 ready
        10:30 alarm-1 cleared
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8003 is not ready break
         10:01
         10:30 agent 8003 is ready",
    ));
}

#[test]
fn nobody_whispers_to_a_citizen_or_monitors_from_a_phone_that_is_engaged() {
    let mut world = talking();
    play(&mut world, "00:00 phone 8002 dials 8003");
    let reason = refused(&mut world, "00:00 phone 8002 monitors call 1");
    assert_eq!(reason, "device 8002 cannot be reached: is engaged");
    let reason = refused(&mut world, "00:00 phone 8005 monitors call 1");
    assert_eq!(reason, "device 8005 cannot be reached: is out of service");
    let reason = refused(&mut world, "00:00 phone 9999 monitors call 1");
    assert_eq!(reason, "there is no device 9999");
}

#[test]
fn who_only_listens_has_no_say_in_what_becomes_of_the_call() {
    for asked in [
        "00:00 agent 8003 consults device:8004 in call 1",
        "00:00 agent 8003 sends call 1 to device:8004",
        "00:00 agent 8003 parks call 1 at 8004",
    ] {
        let mut world = talking();
        play(&mut world, "00:00 phone 8003 monitors call 1");
        let why = refused(&mut world, asked);
        assert_eq!(why, "agent 8003 is in the conversation as listen only, and has no say in it");
    }
}

#[test]
fn a_caller_who_waits_again_keeps_waiting_when_a_supervisor_has_listened_enough() {
    expect![[r#"
        00:00 call-1 invites device 8004 (monitor)
        00:00 call-1 is joined by device 8004 as listen only
        00:01 agent 8002 not_ready (break)
        00:02 call-1 transferred by agent 8001 to queue general
        00:02 call-1 left by agent 8001: transferred
        00:02 agent 8001 after_call_work
        00:02 call-1 waits in general
        00:02 call-1 recording-1 saved, 5 s
        00:05 call-1 left by device 8004: normal
        00:22 agent 8001 ready
        00:22 call-1 offered to agent 8001 by longest_idle
        00:22 agent 8001 reserved (call-1)
        00:32 call-1 offer to agent 8001 answered
        00:32 call-1 leaves general: answered
        00:32 call-1 talks with agent 8001
        00:32 agent 8001 on_call (call-1)
        00:32 call-1 recording-2 begins
        00:40 call-1 recording-2 saved, 8 s
        00:40 call-1 left by agent 8001: normal
        00:40 agent 8001 after_call_work
        00:40 call-1 ended: normal
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8004 monitors call 1
         00:01 agent 8002 is not ready break
         00:02 agent 8001 sends call 1 to queue:general
         00:05 phone 8004 hangs up
         00:32 phone 8001 answers
         00:40 citizen 13812341234 hangs up",
    ));
}
