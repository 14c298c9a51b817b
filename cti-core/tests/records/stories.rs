//! Rows of calls with several parties, of call-backs and of contacts that are not spoken.

use std::fmt::Write as _;

use cti_core::{
    address::PhoneNumber,
    command::Command,
    event::Party,
    needs::{Medium, Needs},
    records::{CallRow, Course},
    testkit::{World, busy, run},
    time::Timestamp,
};
use expect_test::expect;

use super::{Folds, through_text};

const START: Timestamp = Timestamp::from_secs(1_000);

/// Three agents at their phones; 8002 is ready.
const MORNING: &str = "00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:00 agent 8001 signs in at A1
    00:00 agent 8002 signs in at A2
    00:00 agent 8003 signs in at A3
    00:00 agent 8002 is ready";

fn world(script: &str) -> World {
    let mut world = World::new(busy::center(), START);
    run(&mut world, &format!("{MORNING}\n{script}")).unwrap();
    world
}

fn story(script: &str) -> String {
    told(&world(script))
}

/// What a world's rows say, a line for each part; times in seconds from the start.
fn told(world: &World) -> String {
    let mut text = String::new();
    let mut folds = Folds::new();
    for event in &world.events {
        for row in folds.calls.apply(event) {
            match through_text(&row) {
                CallRow::Call(it) => {
                    writeln!(
                        text,
                        "{} {:?} {}: {}",
                        it.call,
                        it.kind,
                        it.outcome,
                        sums(&it.course)
                    )
                    .unwrap();
                    parts(&mut text, &it.course);
                }
                CallRow::Contact(it) => {
                    let instead = it.instead_of.map_or(String::new(), |of| format!(" for {of}"));
                    writeln!(
                        text,
                        "{} {}{instead}: {} calls, {}",
                        it.contact,
                        it.medium,
                        it.calls.len(),
                        sums(&it.course)
                    )
                    .unwrap();
                    if it.calls.is_empty() {
                        parts(&mut text, &it.course);
                    }
                }
                CallRow::Recording(_) | CallRow::Voice(_) => {}
            }
        }
        let _ = folds.queues.apply(event);
    }
    let general = folds.queues.current(&"general".parse().unwrap()).cloned().unwrap_or_default();
    assert!(general.is_balanced());
    writeln!(
        text,
        "general: {} offered, {} answered, {} moved, {} passed on",
        general.offered, general.answered, general.moved, general.transferred
    )
    .unwrap();
    text
}

fn sums(it: &Course) -> String {
    let sums = [
        ("waited", it.waited),
        ("talked", it.talked),
        ("held", it.held),
        ("consulted", it.consulted),
        ("supervised", it.supervised),
        ("worked", it.worked),
    ];
    let mut words: Vec<_> = sums
        .into_iter()
        .filter(|(_, time)| !time.is_zero())
        .map(|(name, time)| format!("{name} {}", time.as_secs()))
        .collect();
    let counts = [("transfers", it.transfers), ("conferences", it.conferences)];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    words.extend(counts.map(|(name, count)| format!("{name} {count}")));
    words.join(", ")
}

fn parts(text: &mut String, it: &Course) {
    let at = |at: Timestamp| at.since(START).as_secs();
    for wait in &it.waits {
        let (since, until) = (at(wait.since), at(wait.until));
        writeln!(text, "  {since}-{until} waits in {}: {:?}", wait.queue, wait.reason).unwrap();
    }
    for ring in &it.rings {
        let (since, until) = (at(ring.since), at(ring.until));
        writeln!(text, "  {since}-{until} rings {}: {:?}", who(&ring.party), ring.end).unwrap();
    }
    for talk in &it.talks {
        let (since, until) = (at(talk.since), at(talk.until));
        let cause = talk.cause.map_or("another role".to_owned(), |cause| cause.to_string());
        writeln!(text, "  {since}-{until} {:?} {}: {cause}", talk.part, who(&talk.party)).unwrap();
    }
    for work in &it.works {
        let (since, until) = (at(work.since), at(work.until));
        writeln!(text, "  {since}-{until} work by {}: {:?}", work.agent, work.end).unwrap();
    }
}

fn who(party: &Party) -> String {
    match (&party.agent, &party.device, &party.number) {
        (Some(agent), _, _) => format!("agent {agent}"),
        (None, Some(device), _) => format!("phone {device}"),
        (None, None, number) => number.as_ref().map_or(String::new(), ToString::to_string),
    }
}

#[test]
fn who_asked_and_who_was_asked_consult_and_the_talk_goes_on_with_the_other_after_a_transfer() {
    expect![[r#"
        call-2 Consult answered: consulted 60
          45-50 rings phone 8001: Answered
          50-80 Consult agent 8001: transferred
          50-80 Consult agent 8002: transferred
        contact-2 voice: 1 calls, consulted 60
        call-1 Service answered: waited 3, talked 70, held 35, transfers 1
          12-15 waits in general: Answered
          12-15 rings agent 8002: Answered
          15-80 Talk agent 8002: transferred
          80-120 Talk agent 8001: normal
        contact-1 voice: 1 calls, waited 3, talked 70, held 35, transfers 1
        general: 1 offered, 1 answered, 0 moved, 1 passed on
    "#]]
    .assert_eq(&story(
        "00:10 citizen 13812341234 dials 12345
         00:15 phone 8002 answers
         00:45 agent 8002 consults agent:8001 in call 1
         00:50 phone 8001 answers
         01:20 agent 8002 transfers call 1 to call 2
         02:00 citizen 13812341234 hangs up",
    ));
}

#[test]
fn in_a_conference_each_one_talks_for_himself() {
    expect![[r#"
        call-2 Consult answered: consulted 20
          45-50 rings phone 8001: Answered
          50-60 Consult agent 8001: conferenced
          50-60 Consult agent 8002: conferenced
        contact-2 voice: 1 calls, consulted 20
        call-1 Service answered: waited 3, talked 120, held 15, conferences 1
          12-15 waits in general: Answered
          12-15 rings agent 8002: Answered
          60-90 Talk agent 8001: normal
          15-120 Talk agent 8002: normal
        contact-1 voice: 1 calls, waited 3, talked 120, held 15, conferences 1
        general: 1 offered, 1 answered, 0 moved, 0 passed on
    "#]]
    .assert_eq(&story(
        "00:10 citizen 13812341234 dials 12345
         00:15 phone 8002 answers
         00:45 agent 8002 consults agent:8001 in call 1
         00:50 phone 8001 answers
         01:00 agent 8002 conferences call 1 with call 2
         01:30 agent 8001 leaves call 1
         02:00 citizen 13812341234 hangs up",
    ));
}

#[test]
fn who_listens_and_coaches_does_not_talk_until_he_joins() {
    expect![[r#"
        call-1 Service answered: waited 3, talked 115, supervised 30
          12-15 waits in general: Answered
          12-15 rings agent 8002: Answered
          20-20 rings agent 8003: Answered
          20-40 Listen agent 8003: another role
          40-50 Coach agent 8003: another role
          50-60 Talk agent 8003: normal
          15-120 Talk agent 8002: normal
        contact-1 voice: 1 calls, waited 3, talked 115, supervised 30
        general: 1 offered, 1 answered, 0 moved, 0 passed on
    "#]]
    .assert_eq(&story(
        "00:10 citizen 13812341234 dials 12345
         00:15 phone 8002 answers
         00:20 phone 8003 monitors call 1
         00:22 phone 8003 answers
         00:40 phone 8003 whispers to agent 8002 in call 1
         00:50 phone 8003 barges into call 1
         01:00 phone 8003 leaves call 1
         02:00 citizen 13812341234 hangs up",
    ));
}

#[test]
fn who_calls_a_citizen_talks_from_his_answer_on() {
    expect![[r#"
        call-1 Outgoing answered: talked 45, held 15
          10-10 rings phone 8002: Answered
          10-30 rings 139****1234: Answered
          30-90 Outside 139****1234: normal
          30-90 Talk agent 8002: normal
        contact-1 voice: 1 calls, talked 45, held 15
        general: 0 offered, 0 answered, 0 moved, 0 passed on
    "#]]
    .assert_eq(&story(
        "00:10 phone 8002 calls number:913912341234
         00:12 phone 8002 answers
         00:30 outside 13912341234 answers
         00:40 agent 8002 holds call 1
         00:55 agent 8002 retrieves call 1
         01:30 outside 13912341234 hangs up",
    ));
}

#[test]
fn a_caller_who_is_called_back_waits_on_in_a_contact_of_its_own() {
    expect![[r#"
        call-1 Service message: waited 8
          12-20 waits in general: Moved
        contact-1 voice: 1 calls, waited 8
        call-2 Outgoing answered: talked 40
          44-50 rings 139****1234: Answered
          50-90 Outside 139****1234: normal
          50-90 Talk agent 8002: normal
        contact-2 call_back for contact-1: 1 calls, waited 24, talked 40
        general: 2 offered, 1 answered, 1 moved, 0 passed on
    "#]]
    .assert_eq(&story(
        "00:01 agent 8002 is not ready break
         00:10 citizen 13912341234 dials 12345
         00:20 contact 1 wants to be called back at 913912341234
         00:25 citizen 13912341234 hangs up
         00:40 agent 8002 is ready
         00:44 phone 8002 answers
         00:50 outside 13912341234 answers
         01:30 outside 13912341234 hangs up",
    ));
}

#[test]
fn a_chat_is_waited_for_and_worked_at() {
    let mut world = world("");
    let number = PhoneNumber::parse("13812341234").unwrap();
    world
        .request(Command::OpenContact {
            medium: Medium::Chat,
            caller: number,
            queue: "general".parse().unwrap(),
            priority: 0,
            needs: Needs::default(),
            data: Default::default(),
        })
        .unwrap();
    world.advance_to(START + std::time::Duration::from_secs(5));
    let agent = || "8002".parse().unwrap();
    let contact = cti_core::id::ContactId(1);
    world.request(Command::AcceptContact { contact, agent: agent() }).unwrap();
    world.advance_to(START + std::time::Duration::from_secs(65));
    world.request(Command::FinishContact { contact, agent: agent() }).unwrap();
    expect![[r#"
        contact-1 chat: 0 calls, waited 5, worked 60
          0-5 waits in general: Answered
          0-5 rings agent 8002: Answered
          5-65 work by 8002: Finished
        general: 1 offered, 1 answered, 0 moved, 0 passed on
    "#]]
    .assert_eq(&told(&world));
}
