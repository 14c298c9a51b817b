//! Several agents ring for one contact: the strategies `ring_all` and `ring_progressively` in the real Center.

use std::time::Duration;

use cti_acd::config::{AcdConfig, MissRules, QueueRules};
use cti_core::{id::ContactId, testkit::World};
use expect_test::expect;

use crate::{
    centre::queue,
    in_the_centre::{routed, world_with},
};

fn world(rules: impl FnOnce(&mut QueueRules)) -> World {
    let mut general = QueueRules::new(queue("general"));
    rules(&mut general);
    let misses =
        MissRules { max_misses: 1, pause: Duration::from_secs(60), ..MissRules::default() };
    let mut world = world_with(AcdConfig { queues: vec![general], misses, ..AcdConfig::default() });
    routed(
        &mut world,
        "00:00 phone 8001 registers
         00:00 phone 8002 registers
         00:00 phone 8003 registers
         00:00 agent 8001 signs in at 8001
         00:00 agent 8002 signs in at 8002
         00:00 agent 8003 signs in at 8003
         00:01 agent 8003 is ready
         00:02 agent 8001 is ready
         00:03 agent 8002 is ready
         00:10",
    );
    world
}

fn ring_all(it: &mut QueueRules) {
    it.strategy = "ring_all".to_owned();
}

fn progressively(it: &mut QueueRules) {
    it.strategy = "ring_progressively".to_owned();
    it.ring_step = Duration::from_secs(4);
}

fn why(world: &World, contact: u64) -> Vec<String> {
    world.center.explain(ContactId(contact)).into_iter().map(|it| it.why.en).collect()
}

#[test]
fn ring_all_rings_every_free_agent_and_the_first_answer_wins() {
    let mut world = world(ring_all);
    expect![[r#"
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8003 by ring_all
        00:00 call-1 offered to agent 8001 by ring_all
        00:00 call-1 offered to agent 8002 by ring_all
        00:02 call-1 offer to agent 8001 answered
        00:02 call-1 offer to agent 8003 answered elsewhere
        00:02 agent 8003 ready
        00:02 call-1 offer to agent 8002 answered elsewhere
        00:02 agent 8002 ready
        00:02 call-1 leaves general: answered
        00:02 call-1 talks with agent 8001
    "#]]
    .assert_eq(&routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:02 phone 8001 answers",
    ));
    expect![[r#"
        entered queue general with priority 0
        offered to 8003: ring all: ready for 9 s
        offered to 8001: ring all: ready for 8 s; rung beside 1 more, the first answer wins
        offered to 8002: ring all: ready for 7 s; rung beside 2 more, the first answer wins
        8001 answered
        8003 is ready again: another agent answered first
        8002 is ready again: another agent answered first
        left queue general: answered by an agent"#]]
    .assert_eq(&why(&world, 1).join("\n"));
}

#[test]
fn no_more_ring_at_a_time_than_the_queue_allows() {
    let mut world = world(|it| {
        ring_all(it);
        it.ring_at_most = 2;
    });
    let trace = routed(&mut world, "00:00 citizen 13800000001 dials 12345\n 00:01");
    assert_eq!(trace.matches("offered to agent").count(), 2, "{trace}");
    let trace = routed(&mut world, "00:05 phone 8003 rejects\n 00:06");
    assert_eq!(trace.matches("offered to agent 8002").count(), 1, "one refused, one more rings");
}

#[test]
fn nobody_answers_and_the_caller_waits_on_while_each_agent_is_out_for_the_pause() {
    let mut world = world(ring_all);
    expect![[r#"
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8003 by ring_all
        00:00 call-1 offered to agent 8001 by ring_all
        00:00 call-1 offered to agent 8002 by ring_all
        00:15 call-1 offer to agent 8001 not answered
        00:15 agent 8001 not_ready (no_answer)
        00:15 call-1 offer to agent 8002 not answered
        00:15 agent 8002 not_ready (no_answer)
        00:15 call-1 offer to agent 8003 not answered
        00:15 agent 8003 not_ready (no_answer)
        00:16 agent 8001 ready
        00:17 agent 8002 ready
        01:15 call-1 offered to agent 8001 by ring_all
        01:15 call-1 offered to agent 8002 by ring_all
        01:17 call-1 offer to agent 8002 answered
        01:17 call-1 offer to agent 8001 answered elsewhere
        01:17 agent 8001 ready
        01:17 call-1 leaves general: answered
        01:17 call-1 talks with agent 8002
    "#]]
    .assert_eq(&routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:16 agent 8001 is ready
         00:17 agent 8002 is ready
         00:30
         01:16
         01:17 phone 8002 answers",
    ));
}

#[test]
fn progressively_one_more_agent_rings_after_each_step() {
    let mut world = world(progressively);
    expect![[r#"
        00:00 call-1 waits in general
        00:00 call-1 offered to agent 8001 by ring_progressively
        00:04 call-1 offered to agent 8002 by ring_progressively
        00:05 call-1 offer to agent 8002 answered
        00:05 call-1 offer to agent 8001 answered elsewhere
        00:05 agent 8001 ready
        00:05 call-1 leaves general: answered
        00:05 call-1 talks with agent 8002
    "#]]
    .assert_eq(&routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:05 phone 8002 answers
         00:09",
    ));
}

#[test]
fn a_second_caller_goes_before_one_more_agent_for_the_first() {
    let mut world = world(progressively);
    let trace = routed(
        &mut world,
        "00:00 citizen 13800000001 dials 12345
         00:01 citizen 13800000002 dials 12345
         00:09",
    );
    let offers: Vec<&str> =
        trace.lines().filter(|it| it.contains("offered")).map(|it| &it[..36]).collect();
    expect![[r#"
        00:00 call-1 offered to agent 8001 b
        00:01 call-2 offered to agent 8002 b
        00:04 call-1 offered to agent 8003 b"#]]
    .assert_eq(&offers.join("\n"));
}

#[test]
fn rules_that_change_while_agents_ring_take_effect_and_the_place_is_kept() {
    let mut world = world(ring_all);
    routed(&mut world, "00:00 citizen 13800000001 dials 12345\n 00:01");
    assert_eq!(world.center.calls().next().unwrap().waiting().unwrap().offers.len(), 3);
    let snapshot = world.center.snapshot();
    world.center.restore(snapshot).unwrap();
    routed(&mut world, "00:02 phone 8003 rejects\n 00:03 phone 8001 answers");
    assert!(world.center.calls().next().unwrap().is_talk());
}
