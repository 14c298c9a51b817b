//! The hotline's mailboxes inside the Center: messages are left, the lamp is lit, they are heard, dealt with, called back.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{fmt::Debug, str::FromStr, time::Duration};

use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, Holidays},
    center::Center,
    command::{Command, CommandError, Reply},
    config::{
        AgentConfig, CenterConfig, Destination, Feature, NumberConfig, OutsideConfig, QueueConfig,
        SeatConfig,
    },
    data::{CallData, MAILBOX, MESSAGE},
    event::Event,
    id::{FlowId, RecordingId},
    mailbox::{Mailbox, MailboxConfig, Message, MessageMark, MessageState},
    needs::{Medium, Needs},
    testkit::{SimpleRouter, World, run},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet, statistics::Statistics};

fn read(path: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/");
    std::fs::read_to_string(format!("{folder}{path}")).unwrap()
}

fn id<T: FromStr<Err: Debug>>(name: &str) -> T {
    name.parse().unwrap()
}

fn config() -> CenterConfig {
    let agent = |name: &str| AgentConfig {
        id: id(name),
        name: name.to_owned(),
        announced_number: name.to_owned(),
        queues: vec![id("general")],
        capacity: Default::default(),
    };
    let number = |number: &str, to: Destination| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let seat = |n: u32| SeatConfig {
        id: id(&format!("A{n}")),
        device: id(&format!("800{n}")),
        pickup_group: None,
    };
    let mailbox = |name: &str, number: &str| MailboxConfig {
        id: id(name),
        name: name.to_owned(),
        number: Some(number.to_owned()),
        agents: Vec::new(),
        queues: Vec::new(),
        pin: None,
        tasks: None,
        most_messages: 2,
    };
    CenterConfig {
        agents: vec![agent("8001"), agent("8002")],
        seats: vec![seat(1), seat(2), seat(3)],
        queues: vec![QueueConfig {
            id: id("general"),
            name: "general".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![
            number("12349", Destination::Flow(id("leader-mailbox"))),
            number("12348", Destination::Flow(id("leave-message"))),
            number("12347", Destination::Flow(id("mailbox"))),
            number("*17", Destination::Feature(Feature::Mailbox(id("mailbox")))),
        ],
        mailboxes: vec![
            MailboxConfig { queues: vec![id("general")], ..mailbox("leader", "900") },
            MailboxConfig {
                agents: vec![id("8001")],
                pin: Some("246810".to_owned()),
                ..mailbox("8001", "801")
            },
        ],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: id("city"),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        ..CenterConfig::default()
    }
}

fn center_of(config: CenterConfig) -> Center {
    let holidays =
        Holidays::parse("holidays-cn.json", &read("config/calendar/holidays-cn.json")).unwrap();
    let schedules = read("config/calendar/schedules.json");
    let calendars = Calendars::parse("schedules.json", &schedules, holidays).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/flows");
    let engine = Engine::new(FlowSet::load(folder.as_ref()).unwrap(), calendars).unwrap();
    Center::new(config, Box::new(SimpleRouter::default()), Box::new(engine)).unwrap()
}

/// The centre on a Monday morning in Shanghai.
fn world() -> World {
    world_of(config())
}

fn world_of(config: CenterConfig) -> World {
    let now = "2026-11-23T10:00[Asia/Shanghai]".parse::<jiff::Zoned>().unwrap();
    let micros = u64::try_from(now.timestamp().as_microsecond()).unwrap();
    World::new(center_of(config), Timestamp::from_micros(micros))
}

/// Runs a scenario and demands that its trace has these pieces in this order.
#[track_caller]
fn check(world: &mut World, script: &str, pieces: &[&str]) -> String {
    let trace = run(world, script).unwrap_or_else(|error| panic!("{error}"));
    let mut rest = trace.as_str();
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            panic!("no {piece:?} in its place in\n{trace}");
        };
        rest = after;
    }
    trace
}

fn contents(world: &World, mailbox: &str) -> Mailbox {
    world.center.state().mailboxes().get(&id(mailbox)).cloned().unwrap_or_default()
}

fn only(world: &World, mailbox: &str) -> (RecordingId, Message) {
    let mut messages = contents(world, mailbox).messages.into_iter();
    let message = messages.next().unwrap();
    assert_eq!(messages.next(), None);
    message
}

fn lamp(world: &World, device: &str) -> u32 {
    world.switch.messages_at(&id(device))
}

/// A citizen leaves a question of 12 s for whoever leads the centre, and wants a reply at another number.
const QUESTION: &str = "
    00:05 citizen 13812341234 dials 12349
    00:08 citizen 13812341234 presses 2
    00:11 citizen 13812341234 presses 053188887777#
    00:26 citizen 13812341234 presses #
    00:30 citizen 13812341234 presses 1
    00:40
";

#[test]
fn a_question_for_the_leader_is_kept_with_number_and_wish_and_lights_the_lamps_of_who_hears_it() {
    let mut world = world();
    let script = format!(
        "00:00 phone 8001 registers
        00:00 agent 8001 signs in at A1
        {QUESTION}"
    );
    check(
        &mut world,
        &script,
        &[
            "hears leader-greeting",
            "hears leader-which-number",
            "hears leader-enter-number",
            "hears leader-question Beep",
            "leaves recording-1 in mailbox leader",
            "recording-1 saved",
            "device 8001 has 1 messages",
            "hears leader-reply",
            "recording-1 in mailbox leader, wants a reply",
            "hears leader-saved thanks-goodbye",
            "call-1 ended",
        ],
    );
    let (_, message) = only(&world, "leader");
    assert_eq!(message.caller.reveal(), "13812341234");
    assert_eq!(message.number().reveal(), "053188887777");
    assert_eq!((message.wants_reply, message.state), (Some(true), MessageState::New));
    assert_eq!((lamp(&world, "8001"), lamp(&world, "8002")), (1, 0));
}

#[test]
fn who_hangs_up_while_he_speaks_has_left_his_message() {
    let mut world = world();
    let script = "
        00:05 citizen 13812341234 dials 12349
        00:08 citizen 13812341234 presses 1
        00:20 citizen 13812341234 hangs up
        00:30";
    check(&mut world, script, &["call-1 ended"]);
    let (_, message) = only(&world, "leader");
    assert_eq!((message.number().reveal(), message.wants_reply), ("13812341234", None));
}

#[test]
fn lamps_follow_who_sits_there_and_go_out_when_he_leaves() {
    let mut world = world();
    let script = format!(
        "{QUESTION}
        00:50 phone 8001 registers
        00:50 phone 8002 registers
        00:51 agent 8001 signs in at A2
        00:52 agent 8002 signs in at A1"
    );
    run(&mut world, &script).unwrap();
    assert_eq!((lamp(&world, "8001"), lamp(&world, "8002")), (1, 1));
    run(&mut world, "00:60 agent 8001 signs out").unwrap();
    assert_eq!((lamp(&world, "8001"), lamp(&world, "8002")), (1, 0));
}

#[test]
fn an_owner_hears_his_messages_at_his_seat_keeps_and_deletes_them() {
    let mut world = world();
    run(&mut world, "00:00 phone 8002 registers\n00:00 agent 8002 signs in at A2").unwrap();
    run(&mut world, QUESTION).unwrap();
    assert_eq!(lamp(&world, "8002"), 1);
    check(
        &mut world,
        "00:50 phone 8002 dials *17
        00:59 phone 8002 presses 1
        02:10",
        &[
            "hears mailbox-you-have n-1 mailbox-new-messages",
            "hears mailbox-menu",
            "hears mailbox-from n-yao n-3 n-8",
            "hears mailbox-date",
            "hears recording-1",
            "recording-1 in mailbox leader heard by 8002",
            "device 8002 has 0 messages",
            "hears mailbox-message-menu",
        ],
    );
    assert_eq!(lamp(&world, "8002"), 0);
    check(
        &mut world,
        "00:01 phone 8002 presses 3
        00:10",
        &[
            "recording-1 in mailbox leader new by 8002",
            "hears mailbox-kept",
            "hears mailbox-no-more",
        ],
    );
    assert_eq!(lamp(&world, "8002"), 1);
    check(
        &mut world,
        "00:01 phone 8002 presses 2
        01:10 phone 8002 presses 4
        01:15 phone 8002 hangs up",
        &["recording-1 in mailbox leader deleted by 8002", "hears mailbox-deleted"],
    );
    assert_eq!((lamp(&world, "8002"), contents(&world, "leader").messages.len()), (0, 0));
}

#[test]
fn a_message_is_called_back_from_the_telephone_and_is_done_when_somebody_answers() {
    let mut world = world();
    run(&mut world, "00:00 phone 8002 registers\n00:00 agent 8002 signs in at A2").unwrap();
    let script = "
        00:05 citizen 13812341234 dials 12349
        00:08 citizen 13812341234 presses 1
        00:20 citizen 13812341234 presses #
        00:25 citizen 13812341234 hangs up
        00:50 phone 8002 dials *17
        00:59 phone 8002 presses 1
        02:10 phone 8002 presses 5
        02:15 outside 13812341234 answers
        02:30";
    check(
        &mut world,
        script,
        &["done by 8002", "rings 138****1234 by city", "talks with 138****1234"],
    );
    assert_eq!(only(&world, "leader").1.state, MessageState::Done);
}

#[test]
fn a_strange_telephone_opens_a_box_by_its_pin_alone_and_its_greeting_is_recorded() {
    let mut world = world();
    check(
        &mut world,
        "00:00 citizen 13900001111 dials 12347
        00:02 citizen 13900001111 presses 801#
        00:04 citizen 13900001111 presses 999999#
        00:10 citizen 13900001111 presses 801#
        00:12 citizen 13900001111 presses 246810#
        00:20 citizen 13900001111 presses 3
        00:30 citizen 13900001111 presses #
        00:40 citizen 13900001111 hangs up",
        &[
            "hears mailbox-number",
            "hears mailbox-pin",
            "hears mailbox-refused",
            "hears mailbox-you-have n-0 mailbox-new-messages",
            "hears mailbox-record-greeting Beep",
            "recording-1 is to greet in mailbox 8001",
            "hears mailbox-greeting-saved",
        ],
    );
    assert_eq!(contents(&world, "8001").greeting, Some(RecordingId(1)));
    check(
        &mut world,
        "01:00 citizen 13812341234 dials 12348
        01:02 citizen 13812341234 presses 801#
        01:15 citizen 13812341234 presses #
        01:30",
        &["hears recording-1", "leaves recording-2 in mailbox 8001", "hears message-saved"],
    );
    // A box without a PIN opens to its owners alone.
    check(
        &mut world,
        "02:00 citizen 13900001111 dials 12347
        02:02 citizen 13900001111 presses 900#
        02:04 citizen 13900001111 presses 1234#
        02:10 citizen 13900001111 hangs up",
        &["hears mailbox-refused"],
    );
}

#[test]
fn a_full_box_says_so_and_who_speaks_all_the_same_is_not_lost() {
    let mut world = world();
    for caller in ["13812341231", "13812341232"] {
        let script = QUESTION.replace("13812341234", caller);
        let script = script.lines().filter(|line| !line.trim().is_empty());
        let minute = |line: &str| match caller {
            "13812341231" => line.to_owned(),
            _ => line.replace("00:", "01:"),
        };
        let script: Vec<String> = script.map(minute).collect();
        run(&mut world, &script.join("\n")).unwrap();
    }
    assert_eq!(contents(&world, "leader").messages.len(), 2);
    let full = "02:05 citizen 13812341233 dials 12349\n02:20";
    check(&mut world, full, &["greeting left by full", "hears mailbox-full", "call-3 ended"]);
}

#[test]
fn programs_mark_delete_and_call_back_and_a_restart_keeps_everything() {
    let mut world = world();
    run(&mut world, "00:00 phone 8001 registers\n00:00 agent 8001 signs in at A1").unwrap();
    run(&mut world, QUESTION).unwrap();
    let (mailbox, recording, by) = (id("leader"), RecordingId(1), "zhao".to_owned());
    let mark = |mark| Command::MarkMessage {
        mailbox: id("leader"),
        recording,
        mark,
        by: "zhao".to_owned(),
    };
    assert_eq!(world.request(mark(MessageMark::Heard)), Ok(Reply::Done));
    assert_eq!(lamp(&world, "8001"), 0);
    assert_eq!(world.request(mark(MessageMark::New)), Ok(Reply::Done));
    assert_eq!(lamp(&world, "8001"), 1);

    let restarted = replayed(&world.events);
    assert_eq!(restarted.state().mailboxes(), world.center.state().mailboxes());

    let from = id("8001");
    let refused = world.request(Command::CallBackMessage {
        mailbox: id("leader"),
        recording,
        from: id("8003"),
        by: by.clone(),
    });
    assert!(matches!(refused, Err(CommandError::NotReachable { .. })), "{refused:?}");
    assert_eq!(only(&world, "leader").1.state, MessageState::New);
    // The number that he gave needs no access code where no way leads to it; the own one is dialled by it.
    let no_way = Command::CallBackMessage { mailbox, recording, from, by };
    assert!(world.request(no_way).is_err());
    assert_eq!(world.request(mark(MessageMark::Deleted)), Ok(Reply::Done));
    assert!(world.request(mark(MessageMark::Deleted)).is_err());
    assert_eq!(lamp(&world, "8001"), 0);
}

/// A Center that has read a log.
fn replayed(events: &[Event]) -> Center {
    let mut restarted = center_of(config());
    events.iter().for_each(|event| restarted.replay(event));
    restarted
}

#[test]
fn what_callers_did_before_a_restart_is_counted_again_from_the_log() {
    let mut world = world();
    run(&mut world, "00:00 phone 8002 registers\n00:00 agent 8002 signs in at A2").unwrap();
    let script = "
        00:05 citizen 13812341234 dials 12349
        00:08 citizen 13812341234 presses 1
        00:20 citizen 13812341234 presses #
        00:24 citizen 13812341234 presses 2
        00:30
        00:31 citizen 13812341235 dials 12349
        00:35 citizen 13812341235 hangs up
        00:50 phone 8002 dials *17
        00:59 phone 8002 presses 1
        02:10 phone 8002 presses 5
        02:15 outside 13812341234 answers
        02:30 phone 8002 hangs up
        02:40";
    run(&mut world, script).unwrap();
    let restarted = replayed(&world.events);
    assert_eq!(counts(&restarted), counts(&world.center));
    let counts = counts(&restarted);
    let flow = |name: &str| {
        let is = |flow: &FlowId| flow.as_str() == name;
        counts.iter().find(|(flow, _, _)| is(flow)).unwrap().2.clone()
    };
    assert_eq!((flow("leader-mailbox").started, flow("mailbox").started), (2, 1));
    assert_eq!(flow("leader-mailbox").nodes["which-number"].abandoned, 1);
    assert_eq!(flow("mailbox").nodes["call-back"].answered, 1);
}

fn counts(center: &Center) -> Statistics {
    let engine: &dyn std::any::Any = center.flow_engine();
    engine.downcast_ref::<Engine>().unwrap().counts().clone()
}

/// The centre whose leader's messages are tasks for the agents of `general`.
fn world_with_tasks() -> World {
    let mut config = config();
    config.mailboxes[0].tasks = Some(id("general"));
    for agent in &mut config.agents {
        agent.capacity = [(Medium::Task, 1)].into();
    }
    let mut world = world_of(config);
    let script = "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A1
        00:01 agent 8001 is ready";
    run(&mut world, script).unwrap();
    world
}

#[test]
fn a_message_is_a_task_for_an_agent_who_finishes_it_as_dealt_with() {
    let mut world = world_with_tasks();
    let offered = check(&mut world, QUESTION, &["recording-1 saved", "contact-2 waits in general"]);
    assert!(offered.contains("contact-2 offered to agent 8001"), "{offered}");
    assert_eq!(only(&world, "leader").1.state, MessageState::New);
    check(
        &mut world,
        "00:41 agent 8001 accepts contact 2
         00:50 agent 8001 finishes contact 2",
        &["contact-2 accepted by agent 8001: task", "contact-2 finished", "contact-2 closed"],
    );
    let (_, message) = only(&world, "leader");
    assert_eq!(message.state, MessageState::Done);
    assert_eq!(message.marked.unwrap().0, "8001");
}

#[test]
fn a_message_that_is_dealt_with_otherwise_is_a_task_for_nobody() {
    for accepted in [false, true] {
        let mut world = world_with_tasks();
        run(&mut world, QUESTION).unwrap();
        if accepted {
            run(&mut world, "00:41 agent 8001 accepts contact 2").unwrap();
        }
        let (recording, message) = only(&world, "leader");
        assert!(message.task.is_some());
        let mark = Command::MarkMessage {
            mailbox: id("leader"),
            recording,
            mark: MessageMark::Done,
            by: "8000".to_owned(),
        };
        world.request(mark).unwrap();
        let trace = run(&mut world, "00:50").unwrap();
        let open = world.center.agent(&id("8001")).unwrap().work.len();
        assert_eq!(open, 0, "{trace}");
        let contact = message.task.unwrap();
        let gone = world.request(Command::WithdrawContact { contact });
        assert_eq!(gone, Err(CommandError::UnknownContact { contact }));
        assert_eq!(only(&world, "leader").1.marked.unwrap().0, "8000");
    }
}

#[test]
fn no_other_contact_passes_for_the_task_of_a_message() {
    let mut world = world_with_tasks();
    run(&mut world, QUESTION).unwrap();
    run(&mut world, "00:41 agent 8001 signs out").unwrap();
    let (recording, message) = only(&world, "leader");
    for medium in [Medium::Chat, Medium::Task] {
        let mut data = CallData::new();
        MAILBOX.set(&mut data, &id("leader"));
        MESSAGE.set(&mut data, &recording);
        let other = Command::OpenContact {
            medium,
            caller: PhoneNumber::withheld(),
            queue: id("general"),
            priority: 0,
            needs: Needs::of(medium),
            data,
        };
        world.request(other).unwrap();
        assert_eq!(only(&world, "leader").1.task, message.task, "{medium}");
    }
}

#[test]
fn a_mailbox_whose_tasks_have_no_queue_is_no_configuration() {
    let mut config = config();
    config.mailboxes[0].tasks = Some(id("nowhere"));
    let engine = Engine::new(FlowSet::default(), Calendars::default()).unwrap();
    let built = Center::new(config, Box::new(SimpleRouter::default()), Box::new(engine));
    assert!(built.unwrap_err().to_string().contains("mailbox leader"));
}
