//! Several agents ring for one contact: the strategies `ring_all` and `ring_progressively` in the real Center.

use std::{collections::BTreeMap, time::Duration};

use cti_acd::config::{AcdConfig, MissRules, QueueRules};
use cti_core::{
    address::PhoneNumber,
    command::Command,
    event::{Fact, OfferEnd},
    id::{AgentId, ContactId},
    needs::{Medium, Needs},
    testkit::World,
    words::in_words,
};
use expect_test::expect;

use crate::{
    centre::{agent, queue},
    in_the_centre::{routed, world_with},
    reference::streams::Dice,
};

fn world(rules: impl FnOnce(&mut QueueRules)) -> World {
    let pause = Duration::from_secs(60);
    world_where(rules, MissRules { max_misses: 1, pause, ..MissRules::default() })
}

fn world_where(rules: impl FnOnce(&mut QueueRules), misses: MissRules) -> World {
    let mut general = QueueRules::new(queue("general"));
    rules(&mut general);
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

/// Brings in a contact that is not spoken, and returns what came of it.
fn bring(world: &mut World, medium: Medium) -> String {
    let before = world.events.len();
    let (caller, data) = (PhoneNumber::withheld(), Default::default());
    let (queue, priority, needs) = (queue("general"), 0, Needs::default());
    let open = Command::OpenContact { medium, caller, queue, priority, needs, data };
    world.request(open).unwrap();
    told(world, before)
}

/// What was told since, in words.
fn told(world: &World, since: usize) -> String {
    let facts = world.events[since..].iter().map(|event| in_words(&event.fact));
    facts.map(|words| format!("{words}\n")).collect()
}

fn give_room(world: &mut World, rooms: [(Medium, u8); 2]) {
    for name in ["8001", "8002", "8003"] {
        let (agent, queues, by) = (agent(name), None, "admin".to_owned());
        let capacity = Some(rooms.into());
        world.request(Command::SetDuties { agent, queues, capacity, by }).unwrap();
    }
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

#[test]
fn a_chat_is_on_offer_to_every_free_agent_and_the_first_who_accepts_has_it() {
    let mut world = world(ring_all);
    give_room(&mut world, [(Medium::Chat, 1), (Medium::Task, 1)]);
    expect![[r#"
        contact-1 opened: chat
        contact-1 waits in general
        contact-1 offered to agent 8003 by ring_all
        contact-1 offered to agent 8001 by ring_all
        contact-1 offered to agent 8002 by ring_all
    "#]]
    .assert_eq(&bring(&mut world, Medium::Chat));
    let before = world.events.len();
    let accept = |agent_name: &str| Command::AcceptContact {
        contact: ContactId(1),
        agent: agent(agent_name),
    };
    world.request(accept("8001")).unwrap();
    let late = world.request(accept("8003")).unwrap_err();
    assert_eq!(late.to_string(), "contact-1 is not offered to agent 8003");
    expect![[r#"
        contact-1 offer to agent 8001 answered
        contact-1 offer to agent 8003 answered elsewhere
        contact-1 offer to agent 8002 answered elsewhere
        contact-1 leaves general: answered
        contact-1 accepted by agent 8001: chat
    "#]]
    .assert_eq(&told(&world, before));
    // The next chat is for who has room left, and a task is no chat.
    expect![[r#"
        contact-2 opened: chat
        contact-2 waits in general
        contact-2 offered to agent 8003 by ring_all
        contact-2 offered to agent 8002 by ring_all
    "#]]
    .assert_eq(&bring(&mut world, Medium::Chat));
    expect![[r#"
        contact-3 opened: task
        contact-3 waits in general
        contact-3 offered to agent 8003 by ring_all
        contact-3 offered to agent 8001 by ring_all
        contact-3 offered to agent 8002 by ring_all
    "#]]
    .assert_eq(&bring(&mut world, Medium::Task));
}

#[test]
fn a_task_is_on_offer_to_one_more_agent_after_each_step_while_the_others_may_still_accept() {
    let mut world = world(progressively);
    give_room(&mut world, [(Medium::Chat, 1), (Medium::Task, 1)]);
    let before = world.events.len();
    bring(&mut world, Medium::Task);
    routed(&mut world, "00:05");
    world.request(Command::AcceptContact { contact: ContactId(1), agent: agent("8002") }).unwrap();
    expect![[r#"
        contact-1 opened: task
        contact-1 waits in general
        contact-1 offered to agent 8001 by ring_progressively
        contact-1 offered to agent 8002 by ring_progressively
        contact-1 offer to agent 8002 answered
        contact-1 offer to agent 8001 answered elsewhere
        contact-1 leaves general: answered
        contact-1 accepted by agent 8002: task
    "#]]
    .assert_eq(&told(&world, before));
    routed(&mut world, "00:30");
    let work = |name: &str| world.center.agent(&agent(name)).unwrap().work.len();
    assert_eq!(["8001", "8002", "8003"].map(work), [0, 1, 0]);
}

#[test]
fn who_declines_a_chat_gets_it_again_only_when_nobody_else_has_it_on_offer() {
    let mut world = world_where(ring_all, MissRules::default());
    give_room(&mut world, [(Medium::Chat, 3), (Medium::Task, 1)]);
    bring(&mut world, Medium::Chat);
    let reject = |name: &str| Command::RejectContact { contact: ContactId(1), agent: agent(name) };
    let before = world.events.len();
    for name in ["8001", "8002"] {
        world.request(reject(name)).unwrap();
    }
    let why = world.request(Command::WhyNot { contact: ContactId(1), agent: agent("8001") });
    assert!(format!("{why:?}").contains("8001 did not take it, and others still have it on offer"));
    expect![[r#"
        contact-1 offer to agent 8001 rejected
        contact-1 offer to agent 8002 rejected
    "#]]
    .assert_eq(&told(&world, before));
    let before = world.events.len();
    world.request(reject("8003")).unwrap();
    expect![[r#"
        contact-1 offer to agent 8003 rejected
        contact-1 offered to agent 8003 by ring_all
        contact-1 offered to agent 8001 by ring_all
        contact-1 offered to agent 8002 by ring_all
    "#]]
    .assert_eq(&told(&world, before));
}

/// Chats of a random hour, as the facts tell of them.
#[derive(Default)]
struct Chats {
    /// Who has each waiting one on offer, and who declined it meanwhile.
    waiting: BTreeMap<ContactId, (Vec<AgentId>, Vec<AgentId>)>,
    /// How many each agent works at.
    working: BTreeMap<AgentId, Vec<ContactId>>,
    known: usize,
}

impl Chats {
    fn follow(&mut self, world: &World) {
        for event in &world.events[self.known..] {
            #[expect(clippy::wildcard_enum_match_arm, reason = "a follower looks at what it needs")]
            match event.fact.clone() {
                Fact::Queued { contact, .. } => {
                    self.waiting.insert(contact, Default::default());
                }
                Fact::Offered { contact, agent, .. } => {
                    let (has, declined) = self.waiting.get_mut(&contact).unwrap();
                    assert!(!has.contains(&agent), "{contact} is on offer to {agent} twice");
                    assert!(!declined.contains(&agent), "{agent} has just declined {contact}");
                    has.push(agent);
                }
                Fact::OfferEnded { contact, agent, end, .. } => {
                    let (has, declined) = self.waiting.get_mut(&contact).unwrap();
                    has.retain(|it| *it != agent);
                    match (end, has.is_empty()) {
                        (OfferEnd::Answered, _) => {}
                        (_, true) => declined.clear(),
                        (_, false) => declined.push(agent),
                    }
                }
                Fact::Dequeued { contact, .. } => {
                    self.waiting.remove(&contact);
                }
                Fact::WorkBegun { contact, agent, .. } => {
                    self.working.entry(agent).or_default().push(contact);
                }
                Fact::WorkEnded { contact, agent, .. } => {
                    self.working.get_mut(&agent).unwrap().retain(|it| *it != contact);
                }
                _ => {}
            }
        }
        self.known = world.events.len();
    }

    fn load(&self, agent: &AgentId) -> usize {
        let offers = self.waiting.values().filter(|(has, _)| has.contains(agent)).count();
        self.working.get(agent).map_or(0, Vec::len) + offers
    }
}

#[test]
fn over_random_hours_a_chat_is_on_offer_to_all_who_have_room_and_to_nobody_beyond_it() {
    let (mut beside, mut at_rest) = (0, 0);
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let at_most = 1 + dice.roll(4) as usize;
        let rules = |it: &mut QueueRules| {
            ring_all(it);
            it.ring_at_most = at_most as u8;
        };
        let mut world = world_where(rules, MissRules::default());
        let room = 1 + dice.roll(3) as usize;
        give_room(&mut world, [(Medium::Chat, room as u8), (Medium::Task, 1)]);
        let mut chats = Chats::default();
        for _ in 0..400 {
            let offers: Vec<(ContactId, AgentId)> = chats
                .waiting
                .iter()
                .flat_map(|(id, (has, _))| has.iter().map(|it| (*id, it.clone())))
                .collect();
            match dice.roll(10) {
                0..=2 => {
                    bring(&mut world, Medium::Chat);
                }
                3 | 4 => {
                    if let Some((contact, agent)) = dice.pick(&offers) {
                        world.request(Command::RejectContact { contact, agent }).unwrap();
                    }
                }
                5 | 6 => {
                    if let Some((contact, agent)) = dice.pick(&offers) {
                        world.request(Command::AcceptContact { contact, agent }).unwrap();
                    }
                }
                7 | 8 => {
                    let name = agent(["8001", "8002", "8003"][dice.roll(3) as usize]);
                    let first = chats.working.get(&name).and_then(|it| it.first()).copied();
                    if let Some(contact) = first {
                        world.request(Command::FinishContact { contact, agent: name }).unwrap();
                    }
                }
                _ => {
                    let to = world.now() + Duration::from_secs(1 + dice.roll(10));
                    world.advance_to(to);
                }
            }
            chats.follow(&world);
            for name in ["8001", "8002", "8003"].map(agent) {
                let load = chats.load(&name);
                assert!(load <= room, "seed {seed}: {name} has {load} of {room}");
                if load == room {
                    continue;
                }
                for (contact, (has, declined)) in &chats.waiting {
                    assert!(has.len() <= at_most, "seed {seed}: {contact} is offered too widely");
                    let passed_over = has.contains(&name) || declined.contains(&name);
                    let could = !passed_over && has.len() < at_most;
                    assert!(!could, "seed {seed}: {name} has room for {contact}");
                    at_rest += 1;
                    beside += usize::from(has.len() > 1);
                }
            }
        }
    }
    assert!(at_rest > 500 && beside > 200, "{at_rest} {beside}");
}
