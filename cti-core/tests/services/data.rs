//! Data, digits and texts that go with a call, through any number of hands.

use cti_core::{
    command::{Command, CommandError, Reply, Service},
    event::Fact,
    id::{CallId, LegId},
    switch::SwitchCommand,
    target::PartyRef,
    testkit::World,
};
use expect_test::expect;

use super::floor::{after_talk, play, refused, talking};

const CALL: CallId = CallId(1);

fn ask(world: &mut World, service: Service) -> Result<Reply, CommandError> {
    world.request(Command::Call(service))
}

#[test]
fn a_citizen_goes_through_twenty_levels_of_agents_flows_and_queues_with_all_his_data() {
    let mut world = talking();
    let mut agents = ["8001", "8002"];
    for level in 0..20 {
        let [from, to] = agents;
        let target = if level % 2 == 0 { "flow:menu" } else { "queue:general" };
        play(&mut world, &format!("00:00 call 1 data level-{level}={from}"));
        play(&mut world, &format!("00:01 agent {from} sends call 1 to {target}"));
        play(&mut world, &format!("00:05 phone {to} answers\n00:06 agent {from} is ready"));
        let call = world.center.call(CALL).unwrap();
        assert!(call.is_talk(), "level {level}: {:?}", call.place);
        assert_eq!(call.data.len(), level + 1);
        agents.reverse();
    }
    play(&mut world, "00:01 citizen 13812341234 hangs up");
    let count = |is: fn(&Fact) -> bool| world.events.iter().filter(|it| is(&it.fact)).count();
    assert_eq!(count(|it| matches!(it, Fact::Connected { .. })), 21);
    assert_eq!(count(|it| matches!(it, Fact::TalkEnded { .. })), 21);
    assert_eq!(count(|it| matches!(it, Fact::CallEnded { call: CALL, .. })), 1);
    assert_eq!(world.switch.leg_count(), 0);
}

#[test]
fn digits_are_sent_to_a_party_as_if_the_other_side_had_pressed_keys() {
    let mut world = talking();
    let digits = |digits: &str| Service::GenerateDigits {
        call: CALL,
        to: PartyRef::Served,
        digits: digits.to_owned(),
    };
    ask(&mut world, digits("12#")).unwrap();
    let sent = SwitchCommand::SendDigits { leg: LegId(1), digits: "12#".to_owned() };
    assert!(world.commands.iter().any(|(_, command)| *command == sent));
    for wrong in ["", "1x", &"1".repeat(65)] {
        let error = ask(&mut world, digits(wrong)).unwrap_err().to_string();
        assert_eq!(error, "digits: must be 1 to 64 of 0-9 * # A-D");
    }
}

#[test]
fn a_text_is_sent_to_all_who_watch_the_call() {
    let mut world = talking();
    let send = |text: String| Service::SendUserInformation {
        call: CALL,
        from: Some(PartyRef::Agent("8001".parse().unwrap())),
        text,
    };
    ask(&mut world, send("请求支援".to_owned())).unwrap();
    let last = world.events.last().unwrap().fact.clone();
    let (leg, text) = (Some(LegId(2)), "请求支援".to_owned());
    assert_eq!(last, Fact::UserInformation { call: CALL, leg, text });
    let long = ask(&mut world, send("字".repeat(257))).unwrap_err().to_string();
    assert_eq!(long, "text: has 1 to 256 characters, this one has 257");
}

#[test]
fn a_phone_that_went_off_hook_is_told_the_number_afterwards() {
    let mut world = talking();
    play(&mut world, "00:00 phone 8002 goes off hook");
    let dial =
        |digits: &str| Service::DialDigits { call: CallId(2), digits: digits.parse().unwrap() };
    let nowhere = ask(&mut world, dial("7777")).unwrap_err().to_string();
    assert_eq!(nowhere, "to: no way leads to 7777");
    ask(&mut world, dial("8004")).unwrap();
    expect![[r#"
        00:03 call-2 ringing of leg-6 answered
        00:03 call-2 talks with device 8004
    "#]]
    .assert_eq(&play(&mut world, "00:03 phone 8004 answers"));
    let twice = ask(&mut world, dial("8004")).unwrap_err().to_string();
    assert_eq!(twice, "call-2 does not wait for a number to be dialled");
}

#[test]
fn a_phone_that_rings_answers_by_itself_when_it_is_asked() {
    expect![[r#"
        00:00 call-2 from 8003 to 8004
        00:00 call-2 rings device 8004
        00:02 call-2 ringing of leg-4 answered
        00:02 call-2 answered
        00:02 call-2 talks with device 8004
    "#]]
    .assert_eq(&after_talk(
        "00:00 phone 8003 dials 8004
         00:02 phone 8004 is asked to answer call 2",
    ));
    let reason = refused(&mut talking(), "00:00 phone 8004 is asked to answer call 1");
    assert_eq!(reason, "call-1 does not ring at device 8004");
}

#[test]
fn a_talk_is_recorded_on_demand_and_no_longer_when_it_is_not_to_be() {
    let mut world = talking();
    let record = |world: &mut World, on| {
        ask(world, Service::Record { call: CALL, on }).unwrap();
        world.center.call(CALL).unwrap().recording.is_some()
    };
    assert!(world.center.call(CALL).unwrap().recording.is_some(), "a talk of a queue is recorded");
    play(&mut world, "00:02");
    assert!(!record(&mut world, false));
    play(&mut world, "00:02 phone 8001 holds\n00:04 phone 8001 retrieves");
    assert!(world.center.call(CALL).unwrap().recording.is_none(), "whatever follows");
    assert!(record(&mut world, true));
    assert!(record(&mut world, true), "once");
    let started = world.events.iter().filter(|it| matches!(it.fact, Fact::RecordingStarted { .. }));
    assert_eq!(started.count(), 2);
}
