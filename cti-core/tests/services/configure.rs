//! What an administrator changes of agents and queues while the centre works counts at once.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    address::PhoneNumber,
    command::{Command, CommandError, Reply},
    config::QueueConfig,
    event::Fact,
    id::{AgentId, QueueId},
    needs::{Medium, Needs},
    testkit::World,
};

use super::floor::{config, play, world};

const AT_WORK: &str = "
    00:00 phone 8001 registers
    00:01 agent 8001 signs in at A1
    00:01 agent 8001 is ready
    00:02
";

fn at_work() -> World {
    let mut world = world();
    play(&mut world, AT_WORK);
    world
}

fn agent() -> AgentId {
    "8001".parse().unwrap()
}

fn chat(world: &mut World, queue: &str) {
    let command = Command::OpenContact {
        medium: Medium::Chat,
        caller: PhoneNumber::withheld(),
        queue: queue.parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
        data: Default::default(),
    };
    assert!(matches!(world.request(command), Ok(Reply::Contact(_))));
}

fn duties(
    world: &mut World,
    queues: Option<&[&str]>,
    capacity: Option<&[(Medium, u8)]>,
) -> Result<Reply, CommandError> {
    world.request(Command::SetDuties {
        agent: agent(),
        queues: queues.map(|all| all.iter().map(|it| it.parse().unwrap()).collect()),
        capacity: capacity.map(|all| all.iter().copied().collect::<BTreeMap<_, _>>()),
        by: "admin".to_owned(),
    })
}

fn configure(world: &mut World, queue: QueueConfig) -> Result<Reply, CommandError> {
    world.request(Command::ConfigureQueue { queue, by: "admin".to_owned() })
}

fn queue(id: &str) -> QueueConfig {
    let mut queue = config().queues.remove(0);
    queue.id = id.parse().unwrap();
    queue
}

/// How many contacts are on offer to the agent or his.
fn has(world: &World) -> usize {
    let mut offered = BTreeSet::new();
    for event in &world.events {
        if let Fact::Offered { contact, .. } = &event.fact {
            offered.insert(*contact);
        } else if let Fact::OfferEnded { contact, .. } = &event.fact {
            offered.remove(contact);
        }
    }
    offered.len() + world.center.agent(&agent()).unwrap().work.len()
}

#[test]
fn an_agent_who_may_take_more_chats_is_offered_them_at_once() {
    let mut world = at_work();
    chat(&mut world, "general");
    chat(&mut world, "general");
    assert_eq!(has(&world), 2, "his capacity");
    duties(&mut world, None, Some(&[(Medium::Chat, 3)])).unwrap();
    chat(&mut world, "general");
    assert_eq!(has(&world), 3);
    duties(&mut world, None, Some(&[])).unwrap();
    play(&mut world, "00:01 agent 8001 accepts contact 1\n 00:02 agent 8001 finishes contact 1");
    assert_eq!(has(&world), 2, "what he was offered stays his, nothing new comes");
    let written = world.events.iter().rev().find_map(|event| {
        let Fact::DutiesSet { agent, queues, capacity, by } = &event.fact else { return None };
        Some((agent, queues, capacity, by))
    });
    let (who, queues, capacity, by) = written.unwrap();
    assert_eq!((who, queues.len(), capacity.len(), by.as_str()), (&agent(), 1, 0, "admin"));
}

#[test]
fn a_new_queue_and_an_agent_who_is_moved_to_it_serve_callers_at_once() {
    let mut world = at_work();
    configure(&mut world, queue("gjj")).unwrap();
    chat(&mut world, "gjj");
    assert_eq!(has(&world), 0, "nobody serves it yet");
    duties(&mut world, Some(&["gjj"]), None).unwrap();
    assert_eq!(has(&world), 1);
    chat(&mut world, "general");
    assert_eq!(has(&world), 1, "he has left the other queue");
    // At his next sign-in he serves what he was given.
    play(&mut world, "00:10 agent 8001 signs out\n 00:11 agent 8001 signs in at A2");
    let gjj: QueueId = "gjj".parse().unwrap();
    assert_eq!(world.center.agent(&agent()).unwrap().queues, [gjj]);
}

#[test]
fn another_ring_time_of_a_queue_holds_from_the_next_offer_on() {
    let mut world = at_work();
    let short = QueueConfig { ring_for: std::time::Duration::from_secs(3), ..queue("general") };
    configure(&mut world, short).unwrap();
    let trace = play(
        &mut world,
        "00:00 citizen 13900001111 dials 12345
         00:05",
    );
    assert!(trace.contains("00:03 call-1 offer to agent 8001 not answered"), "{trace}");
}

#[test]
fn what_makes_no_sense_is_refused_by_field_and_changes_nothing() {
    let mut world = at_work();
    let before = world.events.len();
    let field = |answer: Result<Reply, CommandError>| {
        let refused = answer.unwrap_err();
        let CommandError::InvalidValue { field, .. } = refused else { panic!("{refused}") };
        field
    };
    assert_eq!(field(duties(&mut world, Some(&["nowhere"]), None)), "queues");
    assert_eq!(field(duties(&mut world, Some(&["general", "general"]), None)), "queues");
    assert_eq!(field(duties(&mut world, None, Some(&[(Medium::Voice, 2)]))), "capacity");
    assert_eq!(field(duties(&mut world, None, Some(&[(Medium::Chat, 101)]))), "capacity");
    let silent = QueueConfig { ring_for: std::time::Duration::ZERO, ..queue("general") };
    assert_eq!(field(configure(&mut world, silent)), "ring_ms");
    let unknown = Command::SetDuties {
        agent: "9999".parse().unwrap(),
        queues: None,
        capacity: None,
        by: "admin".to_owned(),
    };
    assert!(matches!(world.request(unknown), Err(CommandError::UnknownAgent { .. })));
    assert_eq!(world.events.len(), before);
}
