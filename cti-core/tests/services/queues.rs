//! Waiting contacts: priority, moving, assigning, call-backs, and contacts that are not spoken.

use cti_core::{
    address::PhoneNumber,
    command::Command,
    event::Fact,
    id::{AgentId, CallId, ContactId},
    needs::{Medium, Needs},
    testkit::World,
    time::Timestamp,
};
use expect_test::expect;

use super::floor::{play, refused, talking};

fn chat(world: &mut World) {
    let chat = Command::OpenContact {
        medium: Medium::Chat,
        caller: PhoneNumber::withheld(),
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
        data: Default::default(),
    };
    world.request(chat).unwrap();
}

#[test]
fn a_caller_who_waits_is_called_back_with_the_place_he_had() {
    let mut world = talking();
    play(&mut world, "00:00 agent 8002 is not ready break");
    expect![[r#"
        00:00 call-2 from 139****1111 to 12346
        00:00 call-2 enters flow menu
        00:00 call-2 answered
        00:00   leg-3 hears greeting
        00:02 call-2 waits in general
        00:10 call-2 leaves general: moved
        00:10 contact-3 opened: call_back
        00:10 contact-3 waits in general
        00:10   leg-3 hears good-bye
        00:12 call-2 leaves session-1
        00:12 call-2 ended: flow ended
        00:40 agent 8002 ready
        00:40 contact-3 offered to agent 8002 by longest_idle
        00:40 agent 8002 reserved (call-3)
        00:44 contact-3 offer to agent 8002 answered
        00:44 contact-3 leaves general: answered
        00:44 call-3 from 8002 to 9139****1111
        00:44 call-3 answered
        00:44 agent 8002 on_call (call-3)
        00:44 call-3 rings 139****1111 by city
        00:44 call-3 leg-6 is alerted
        00:44   leg-4 hears RingBack over and over
        00:50 call-3 ringing of leg-6 answered
        00:50 call-3 talks with 139****1111
        00:50 call-3 recording-2 begins
        01:30 call-3 recording-2 saved, 40 s
        01:30 call-3 left by 139****1111: normal
        01:30 call-3 ended: normal
        01:30 agent 8002 after_call_work
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13900001111 dials 12346
         00:10 contact 2 wants to be called back at 913900001111
         00:15 citizen 13900001111 hangs up
         00:40 agent 8002 is ready
         00:44 phone 8002 answers
         00:50 outside 13900001111 answers
         01:30 outside 13900001111 hangs up",
    ));
    let places: Vec<Timestamp> = world
        .events
        .iter()
        .filter_map(|event| {
            let Fact::Queued { contact: ContactId(2 | 3), since, .. } = &event.fact else {
                return None;
            };
            Some(since.unwrap_or(event.at))
        })
        .collect();
    assert!(matches!(places[..], [his, kept] if his == kept), "{places:?}");
}

#[test]
fn a_call_back_that_an_agent_misses_keeps_its_place_and_fires_once() {
    let mut world = talking();
    play(&mut world, "00:00 agent 8002 is not ready break");
    play(
        &mut world,
        "00:00 citizen 13900001111 dials 12346
         00:10 contact 2 wants to be called back at 913900001111
         00:15 citizen 13900001111 hangs up
         00:40 agent 8002 is ready
         00:56
         00:57 agent 8003 is ready
         00:58 phone 8003 answers
         00:59 outside 13900001111 answers
         01:30 outside 13900001111 hangs up
         03:00",
    );
    let calls = world
        .events
        .iter()
        .filter(
            |it| matches!(&it.fact, Fact::CallStarted { contact, .. } if *contact == ContactId(3)),
        )
        .count();
    assert_eq!(calls, 1);
    assert_eq!(world.center.state().contact_count(), 1, "only the first talk goes on");
}

#[test]
fn a_supervisor_raises_moves_and_assigns_who_waits() {
    let mut world = talking();
    play(&mut world, "00:00 agent 8002 is not ready break");
    expect![[r#"
        00:00 call-2 from 139****1111 to 12345
        00:00 call-2 waits in general
        00:02 contact-2 gets priority 9 by supervisor
        00:03 contact-2 is for agent 8002 alone by supervisor
        00:04 call-2 leaves general: moved
        00:04 call-2 waits in general with priority 9
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:02 contact 2 gets priority 9
         00:03 contact 2 is for agent 8002
         00:04 contact 2 moves to general",
    ));
    let reason = refused(&mut world, "00:00 contact 1 gets priority 3");
    assert_eq!(reason, "contact-1 does not wait");
    let reason = refused(&mut world, "00:00 contact 7 gets priority 3");
    assert_eq!(reason, "there is no live contact-7");
}

#[test]
fn who_is_assigned_while_a_phone_rings_for_him_rings_there_no_longer() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:02 contact 2 is for agent 8003",
    );
    // The plain router of the testkit knows no assignments, so where he rings next is not looked at.
    let withdrawn = "00:02 call-2 offer to agent 8002 withdrawn";
    assert!(trace.contains(withdrawn), "{trace}");
}

#[test]
fn an_agent_who_calls_somebody_while_his_phone_rings_is_not_offered_the_caller_any_more() {
    let mut world = talking();
    play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:02 phone 8002 dials 913900002222",
    );
    let agent = world.center.agent(&"8002".parse().unwrap()).unwrap();
    assert_eq!(agent.state.call(), Some(CallId(3)));
    let waiting = world.center.call(CallId(2)).unwrap().waiting().unwrap();
    assert!(waiting.offers.is_empty());
}

#[test]
fn a_chat_waits_is_offered_accepted_and_finished_without_touching_the_telephone() {
    let mut world = talking();
    chat(&mut world);
    expect![[r#"
        00:02 contact-2 offer to agent 8002 answered
        00:02 contact-2 leaves general: answered
        00:02 contact-2 accepted by agent 8002: chat
        00:30 contact-2 finished, agent 8002
        00:30 contact-2 closed
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:02 agent 8002 accepts contact 2
         00:30 agent 8002 finishes contact 2",
    ));
    let agent: AgentId = "8002".parse().unwrap();
    assert_eq!(world.center.agent(&agent).unwrap().state.name(), "ready");
}

#[test]
fn an_agent_takes_as_many_chats_one_after_another_as_come() {
    let mut world = talking();
    for contact in 2..=5 {
        chat(&mut world);
        let script = format!(
            "00:02 agent 8002 accepts contact {contact}
             00:30 agent 8002 finishes contact {contact}"
        );
        play(&mut world, &script);
    }
    let agent: AgentId = "8002".parse().unwrap();
    assert!(world.center.agent(&agent).unwrap().work.is_empty());
}

#[test]
fn a_chat_of_an_agent_who_leaves_waits_for_someone_else_with_the_place_it_had() {
    let mut world = talking();
    chat(&mut world);
    play(
        &mut world,
        "00:02 agent 8002 accepts contact 2
         00:05 agent 8003 is ready
         00:10 agent 8002 signs out
         00:12 agent 8003 accepts contact 2",
    );
    let agent: AgentId = "8003".parse().unwrap();
    assert!(world.center.agent(&agent).unwrap().work.contains_key(&ContactId(2)));
}

#[test]
fn a_contact_that_is_withdrawn_waits_no_longer() {
    let mut world = talking();
    chat(&mut world);
    let trace = play(&mut world, "00:03 contact 2 is withdrawn");
    expect![[r#"
        00:03 contact-2 offer to agent 8002 withdrawn
        00:03 contact-2 leaves general: cleared
        00:03 contact-2 closed
    "#]]
    .assert_eq(&trace);
    let why = refused(&mut world, "00:04 contact 2 is withdrawn");
    assert_eq!(why, "there is no live contact-2");
}
