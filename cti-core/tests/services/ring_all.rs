//! One contact is offered to several agents at a time: the first answer wins, everyone else is ready again at once.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    command::Command,
    id::{ContactId, LegId},
    needs::{Medium, Needs},
    switch::{SwitchCommand, SwitchReport},
    testkit::World,
};
use expect_test::expect;

use super::floor::{play, ringing};

const AT_WORK: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:01 agent 8001 signs in at A1
    00:01 agent 8001 is ready
    00:02 agent 8002 signs in at A2
    00:02 agent 8002 is ready
    00:03 agent 8003 signs in at A3
    00:03 agent 8003 is ready
    00:05
";

fn all_at_once() -> World {
    let mut world = ringing(31, Duration::ZERO);
    play(&mut world, AT_WORK);
    world
}

fn states(world: &World) -> [&'static str; 3] {
    ["8001", "8002", "8003"]
        .map(|it| world.center.agent(&it.parse().unwrap()).unwrap().state.name())
}

#[test]
fn all_free_agents_are_rung_and_the_first_answer_wins() {
    let mut world = all_at_once();
    expect![[r#"
        00:00 call-1 from 139****1111 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00 call-1 offered to agent 8002 by longest_idle
        00:00 agent 8002 reserved (call-1)
        00:00 call-1 offered to agent 8003 by longest_idle
        00:00 agent 8003 reserved (call-1)
        00:03 call-1 offer to agent 8002 answered
        00:03 call-1 offer to agent 8001 answered elsewhere
        00:03 agent 8001 ready
        00:03 call-1 offer to agent 8003 answered elsewhere
        00:03 agent 8003 ready
        00:03 call-1 leaves general: answered
        00:03 call-1 answered
        00:03 call-1 talks with agent 8002
        00:03 agent 8002 on_call (call-1)
        00:03 call-1 recording-1 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:03 phone 8002 answers",
    ));
    assert_eq!(states(&world), ["ready", "on_call", "ready"]);
    assert_eq!(world.center.leg_count(), 2, "the citizen and the one who answered");
    assert_eq!(world.switch.leg_count(), 2);
    let cleared: Vec<_> = world
        .commands
        .iter()
        .filter_map(|(_, command)| {
            let SwitchCommand::Hangup { leg, cause } = command else { return None };
            Some((leg.0, *cause))
        })
        .collect();
    assert_eq!(cleared, [(2, Cause::AnsweredElsewhere), (6, Cause::AnsweredElsewhere)]);
}

#[test]
fn of_two_who_answer_at_once_one_has_the_caller_and_the_other_leg_is_cleared() {
    let mut world = all_at_once();
    play(&mut world, "00:00 citizen 13900001111 dials 12345");
    // Both answers were on their way before the Center heard of either.
    world.switch.report(SwitchReport::Answered { leg: LegId(2) });
    world.switch.report(SwitchReport::Answered { leg: LegId(4) });
    world.settle();
    assert_eq!(states(&world), ["on_call", "ready", "ready"]);
    let call = world.center.calls().next().unwrap();
    let talkers: Vec<_> = call.talkers().map(|it| it.leg).collect();
    assert_eq!(talkers, [call.leg, LegId(2)]);
    assert_eq!((world.center.leg_count(), world.switch.leg_count()), (2, 2));
    let answered = world.events.iter().filter(|it| {
        use cti_core::event::{Fact, OfferEnd};
        matches!(it.fact, Fact::OfferEnded { end: OfferEnd::Answered, .. })
    });
    assert_eq!(answered.count(), 1);
}

#[test]
fn when_nobody_answers_the_caller_keeps_his_place_and_each_agent_has_missed_it() {
    let mut world = all_at_once();
    expect![[r#"
        00:00 call-1 from 139****1111 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:00 call-1 offered to agent 8002 by longest_idle
        00:00 agent 8002 reserved (call-1)
        00:00 call-1 offered to agent 8003 by longest_idle
        00:00 agent 8003 reserved (call-1)
        00:05 call-1 offer to agent 8001 rejected
        00:05 agent 8001 not_ready (rejected)
        00:15 call-1 offer to agent 8002 not answered
        00:15 agent 8002 not_ready (no_answer)
        00:15 call-1 offer to agent 8003 not answered
        00:15 agent 8003 not_ready (no_answer)
        00:21 agent 8003 ready
        00:21 call-1 offered to agent 8003 by longest_idle
        00:21 agent 8003 reserved (call-1)
        00:22 call-1 offer to agent 8003 answered
        00:22 call-1 leaves general: answered
        00:22 call-1 answered
        00:22 call-1 talks with agent 8003
        00:22 agent 8003 on_call (call-1)
        00:22 call-1 recording-1 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:05 phone 8001 rejects
         00:20
         00:21 agent 8003 is ready
         00:22 phone 8003 answers",
    ));
}

#[test]
fn a_caller_who_gives_up_frees_everyone_who_was_rung() {
    let mut world = all_at_once();
    play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:05 citizen 13900001111 hangs up",
    );
    assert_eq!(states(&world), ["ready"; 3]);
    assert_eq!((world.center.leg_count(), world.switch.leg_count()), (0, 0));
}

#[test]
fn progressively_one_more_agent_is_rung_each_few_seconds_while_the_others_ring_on() {
    let mut world = ringing(2, Duration::from_secs(4));
    play(&mut world, AT_WORK);
    expect![[r#"
        00:00 call-1 from 139****1111 to 12345
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by longest_idle
        00:00 agent 8001 reserved (call-1)
        00:04 call-1 offered to agent 8002 by longest_idle
        00:04 agent 8002 reserved (call-1)
        00:06 call-1 offer to agent 8001 answered
        00:06 call-1 offer to agent 8002 answered elsewhere
        00:06 agent 8002 ready
        00:06 call-1 leaves general: answered
        00:06 call-1 answered
        00:06 call-1 talks with agent 8001
        00:06 agent 8001 on_call (call-1)
        00:06 call-1 recording-1 begins
    "#]]
    .assert_eq(&play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:06 phone 8001 answers",
    ));
}

#[test]
fn whoever_is_offered_to_nobody_goes_before_who_rings_somewhere_already() {
    let mut world = all_at_once();
    play(
        &mut world,
        "00:00 agent 8002 is not ready break
         00:00 agent 8003 is not ready break
         00:01 citizen 13900001111 dials 12345
         00:02 citizen 13900002222 dials 12345
         00:03 agent 8002 is ready
         00:04 agent 8003 is ready",
    );
    let offers: Vec<usize> =
        world.center.calls().map(|it| it.waiting().unwrap().offers.len()).collect();
    assert_eq!(offers, [2, 1]);
}

#[test]
fn a_supervisor_who_assigns_a_ringing_caller_leaves_him_with_the_chosen_agent_alone() {
    let mut world = all_at_once();
    play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:01 contact 1 is for agent 8002",
    );
    let call = world.center.calls().next().unwrap();
    let offers: Vec<_> =
        call.waiting().unwrap().offers.iter().map(|it| it.agent.as_str()).collect();
    assert_eq!(offers[0], "8002");
}

#[test]
fn a_chat_on_offer_to_several_goes_to_the_first_who_accepts() {
    let mut world = all_at_once();
    let (medium, caller) = (Medium::Chat, PhoneNumber::withheld());
    let (queue, needs) = ("general".parse().unwrap(), Needs::default());
    let data = Default::default();
    let priority = 0;
    let open = Command::OpenContact { medium, caller, queue, priority, needs, data };
    world.request(open).unwrap();
    let accept = |agent: &str| Command::AcceptContact {
        contact: ContactId(1),
        agent: agent.parse().unwrap(),
    };
    world.request(accept("8003")).unwrap();
    let refused = world.request(accept("8001")).unwrap_err();
    assert_eq!(refused.to_string(), "contact-1 is not offered to agent 8001");
    let work = |agent: &str| world.center.agent(&agent.parse().unwrap()).unwrap().work.len();
    assert_eq!(["8001", "8002", "8003"].map(work), [0, 0, 1]);
}

#[test]
fn of_several_who_are_rung_for_a_call_back_one_calls_and_the_others_are_ready() {
    let mut world = all_at_once();
    let command = Command::OpenContact {
        medium: Medium::CallBack,
        caller: PhoneNumber::parse("913900001111").unwrap(),
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
        data: Default::default(),
    };
    world.request(command).unwrap();
    assert_eq!(states(&world), ["reserved"; 3]);
    play(&mut world, "00:02 phone 8002 answers");
    assert_eq!(states(&world), ["ready", "on_call", "ready"]);
    assert_eq!(world.center.calls().count(), 1);
}
