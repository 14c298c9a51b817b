//! The transfer key of a telephone.

use cti_core::{
    agent::AgentState,
    id::{CallId, LegId},
    switch::SwitchCommand,
    testkit::World,
};

use super::floor::{hears, play, talking};

fn told(world: &World) -> Vec<bool> {
    let answers = world.commands.iter().filter_map(|(_, command)| {
        let SwitchCommand::AnswerReference { done, .. } = command else { return None };
        Some(*done)
    });
    answers.collect()
}

fn calls(world: &World) -> Vec<CallId> {
    world.center.calls().map(|it| it.id).collect()
}

fn state(world: &World, agent: &str) -> AgentState {
    world.center.agent(&agent.parse().unwrap()).unwrap().state.clone()
}

#[test]
fn a_blind_transfer_at_the_telephone_is_a_single_step_transfer() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 phone 8001 refers leg-2 to 8002
         00:03 phone 8002 answers",
    );
    assert!(trace.contains("call-1 transferred by agent 8001"), "{trace}");
    assert_eq!(calls(&world), [CallId(1)]);
    assert_eq!(hears(&world, 1).len(), 1);
    assert_eq!(state(&world, "8001"), AgentState::AfterCallWork);
    assert_eq!(state(&world, "8002").call(), Some(CallId(1)));
    assert!(told(&world).is_empty(), "the release of his leg says it");
}

#[test]
fn an_attended_transfer_at_the_telephone_brings_its_two_calls_together() {
    let mut world = talking();
    let trace = play(
        &mut world,
        "00:00 phone 8001 holds
         00:01 phone 8001 dials 8002
         00:03 phone 8002 answers
         00:08 phone 8001 refers leg-2 to leg-3",
    );
    assert!(trace.contains("call-1 transferred by agent 8001"), "{trace}");
    assert_eq!(calls(&world), [CallId(1)]);
    let agent = hears(&world, 1);
    assert_eq!(agent.len(), 1, "{trace}");
    assert_eq!(hears(&world, agent[0]), [1]);
    let released = world.commands.iter().filter_map(|(_, command)| {
        let SwitchCommand::Hangup { leg, .. } = command else { return None };
        Some(*leg)
    });
    let released: Vec<LegId> = released.collect();
    assert!(released.contains(&LegId(2)) && released.contains(&LegId(3)), "{released:?}");
    play(&mut world, "00:01 citizen 13812341234 hangs up");
    assert!(calls(&world).is_empty());
}

#[test]
fn a_transfer_that_cannot_be_done_leaves_the_call_as_it_is_and_is_told() {
    for (from, to) in [
        ("leg-2", "404040"),
        ("leg-2", "leg-1"),
        ("leg-2", "leg-2"),
        ("leg-1", "8002"),
        ("leg-99", "8002"),
    ] {
        let mut world = talking();
        play(&mut world, &format!("00:00 phone 8001 refers {from} to {to}"));
        assert_eq!(told(&world), [false], "{from} to {to}");
        assert_eq!(calls(&world), [CallId(1)]);
        assert_eq!(hears(&world, 1), [2]);
    }
}
