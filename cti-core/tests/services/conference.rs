//! Conferences: three parties and more, roles, the floor, muting.

use expect_test::expect;

use super::floor::{after_talk, hears, play, refused, talking};

#[test]
fn three_hear_each_other_and_two_go_on_when_one_leaves() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:08 agent 8001 conferences call 1 with call 2",
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
        00:08 call-2 left by agent 8002: conferenced
        00:08 call-1 talks with agent 8002
        00:08 agent 8002 on_call (call-1)
        00:08 call-2 ended: conferenced
        00:08 agent 8001 on_call (call-1)
        00:08 call-1 retrieved by leg-2
        00:08 call-1 takes in call-2, by agent 8001
    "#]]
    .assert_eq(&trace);
    assert_eq!(hears(&world, 1), [2, 4]);
    assert_eq!(hears(&world, 2), [1, 4]);
    assert_eq!(hears(&world, 4), [1, 2]);
    play(&mut world, "00:05 agent 8001 leaves call 1");
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![4], vec![1]));
    let trace = play(&mut world, "00:05 agent 8002 leaves call 1");
    expect![[r#"
        00:05 call-1 left by agent 8002: normal
        00:05 agent 8002 after_call_work
        00:05 call-1 ended: normal
        00:05 call-1 recording-2 saved, 5 s
    "#]]
    .assert_eq(&trace);
}

#[test]
fn someone_outside_can_be_added_and_a_refusal_disturbs_nobody() {
    expect![[r#"
        00:00 call-1 invites 139****1111 (conference)
        00:00 call-1 leg-4 is alerted
        00:03 call-1 invitation of leg-4 rejected
        00:04 call-1 invites 139****1111 (conference)
        00:04 call-1 leg-6 is alerted
        00:09 call-1 talks with 139****1111
        00:20 call-1 recording-1 saved, 23 s
        00:20 call-1 left by 138****1234: normal
        00:20 call-1 serves leg-6
        00:20 call-1 recording-2 begins
        00:25 call-1 left by agent 8001: normal
        00:25 agent 8001 after_call_work
        00:25 call-1 left by 139****1111: normal
        00:25 call-1 ended: normal
        00:25 call-1 recording-2 saved, 5 s
    "#]]
    .assert_eq(&after_talk(
        "00:00 agent 8001 adds number:913900001111 to call 1
         00:03 outside 13900001111 is busy
         00:04 agent 8001 adds number:913900001111 to call 1
         00:09 outside 13900001111 answers
         00:20 citizen 13812341234 hangs up
         00:25 agent 8001 leaves call 1",
    ));
}

#[test]
fn who_may_ask_to_speak_is_heard_once_he_is_let() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 adds agent:8002 to call 1 as listener
         00:03 phone 8002 answers",
    );
    assert_eq!((hears(&world, 1), hears(&world, 4)), (vec![2], vec![1, 2]));
    let trace = play(
        &mut world,
        "00:01 agent 8002 asks to speak in call 1
         00:04 agent 8001 lets agent:8002 speak in call 1",
    );
    expect![[r#"
        00:01 call-1 leg-4 asks to speak
        00:04 call-1 leg-4 is full
    "#]]
    .assert_eq(&trace);
    assert_eq!(hears(&world, 1), [2, 4]);
    let reason = refused(&mut world, "00:01 agent 8002 asks to speak in call 1");
    assert_eq!(reason, "agent 8002 is in the conversation as full, not to ask");
}

#[test]
fn a_muted_party_hears_and_is_not_heard() {
    let mut world = talking();
    play(&mut world, "00:00 agent 8001 mutes agent:8001 in call 1");
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![], vec![1]));
    play(&mut world, "00:01 agent 8001 unmutes agent:8001 in call 1");
    assert_eq!((hears(&world, 1), hears(&world, 2)), (vec![2], vec![1]));
}

#[test]
fn one_of_three_cannot_send_the_others_to_someone_who_is_still_rung() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 agent 8001 consults agent:8002 in call 1
         00:03 phone 8002 answers
         00:05 agent 8001 conferences call 1 with call 2
         00:06 agent 8001 consults device:8004 in call 1",
    );
    let why = refused(&mut world, "00:07 agent 8001 transfers call 1 to call 3");
    assert_eq!(why, "call-1 has 2 parties besides him and those who are coming, not one");
    play(
        &mut world,
        "00:08 phone 8004 answers
         00:09 agent 8001 transfers call 1 to call 3",
    );
    assert_eq!(world.center.calls().map(|it| it.parties.len()).collect::<Vec<_>>(), [3]);
}
