//! The view follows a day of a small centre.

use cti_core::{
    event::{DequeueReason, OfferEnd},
    id::{DeviceId, SeatId},
    needs::{Medium, Needs},
};

use super::*;
use crate::testlog::{Log, center_config};

fn view() -> View {
    View::new(center_config(), TimeZone::UTC)
}

fn position(view: &View, call: CallId) -> Option<usize> {
    view.position(view.call(call)?.contact)
}

fn follow(view: &mut View, log: &Log) {
    for event in log.events() {
        view.apply(event);
    }
}

#[test]
fn an_answered_call_is_seen_at_every_step() {
    let mut log = Log::new();
    let mut view = view();
    log.sign_in("8003", "A03").ready("8003");
    follow(&mut view, &log);
    assert_eq!(view.agent(&"8003".parse().unwrap(), log.now()).unwrap().state.name(), "ready");

    let call = log.dials("13812341234");
    log.queued(call, "general");
    follow(&mut view, &log);
    let queue = view.queue(&"general".parse().unwrap(), log.now()).unwrap();
    assert_eq!((queue.waiting.len(), queue.agents_ready, queue.agents_signed_in), (1, 1, 1));
    assert_eq!(position(&view, call), Some(1));

    log.offered(call, "8003", "A03");
    follow(&mut view, &log);
    assert_eq!(view.call(call).unwrap().state(), "offering");

    log.seconds(4).answered(call, "8003", "A03");
    follow(&mut view, &log);
    let live = view.call(call).unwrap();
    assert_eq!(
        (live.state(), live.agent().map(ToString::to_string)),
        ("talking", Some("8003".to_owned()))
    );
    let queue = view.queue(&"general".parse().unwrap(), log.now()).unwrap();
    assert_eq!(queue.today.service_level(), Some(1.0));
    assert_eq!(view.agent(&"8003".parse().unwrap(), log.now()).unwrap().calls_today, 1);

    log.hangs_up(call, "8003", "A03");
    follow(&mut view, &log);
    assert_eq!(view.calls().count(), 0);
    assert_eq!(
        view.agent(&"8003".parse().unwrap(), log.now()).unwrap().state.name(),
        "after_call_work"
    );
}

#[test]
fn a_caller_keeps_his_place_when_an_agent_does_not_answer() {
    let mut log = Log::new();
    let mut view = view();
    log.sign_in("8003", "A03").ready("8003");
    let first = log.dials("13812341234");
    log.queued(first, "general");
    let second = log.dials("13900000000");
    log.queued(second, "general").offered(first, "8003", "A03");
    log.offer_ends(first, "8003", OfferEnd::NoAnswer);
    follow(&mut view, &log);
    assert_eq!((position(&view, first), position(&view, second)), (Some(1), Some(2)));
    assert_eq!(view.call(first).unwrap().state(), "queued");
}

#[test]
fn a_caller_for_whom_several_agents_ring_is_offered_until_the_last_of_them_gave_up() {
    let mut log = Log::new();
    let mut view = view();
    for (agent, seat) in [("8003", "A03"), ("8004", "A04")] {
        log.sign_in(agent, seat).ready(agent);
    }
    let call = log.dials("13812341234");
    log.queued(call, "general").offered(call, "8003", "A03").offered(call, "8004", "A04");
    log.offer_ends(call, "8004", OfferEnd::Rejected);
    follow(&mut view, &log);
    let live = view.call(call).unwrap();
    assert_eq!((live.state(), live.agent().map(|it| it.as_str())), ("offering", Some("8003")));
}

#[test]
fn counters_begin_anew_at_midnight_even_when_nothing_happens() {
    let mut log = Log::new();
    let mut view = view();
    let call = log.dials("13812341234");
    log.queued(call, "general").dequeued(call, "general", DequeueReason::Abandoned);
    follow(&mut view, &log);
    let general = "general".parse().unwrap();
    assert_eq!(view.queue(&general, log.now()).unwrap().today.abandoned, 1);
    log.seconds(24 * 3600);
    assert_eq!(view.queue(&general, log.now()).unwrap().today.abandoned, 0);
}

#[test]
fn an_event_that_was_seen_already_changes_nothing() {
    let mut log = Log::new();
    let mut view = view();
    let call = log.dials("13812341234");
    log.queued(call, "general");
    follow(&mut view, &log);
    let changes = view.apply(&log.events()[0]);
    assert!(changes.is_empty());
    assert_eq!(view.queue(&"general".parse().unwrap(), log.now()).unwrap().today.offered, 1);
}

#[test]
fn an_event_names_the_queue_and_the_callers_whose_place_it_moves() {
    let mut log = Log::new();
    let mut view = view();
    let first = log.dials("1");
    log.queued(first, "general");
    let second = log.dials("2");
    log.queued(second, "general");
    follow(&mut view, &log);
    log.dequeued(first, "general", DequeueReason::Abandoned);
    let changes = view.apply(log.events().last().unwrap());
    assert!(changes.calls.contains(&second));
    assert!(changes.queues.contains(&"general".parse::<QueueId>().unwrap()));
}

#[test]
fn a_seat_that_changes_hands_belongs_to_the_agent_who_sits_there() {
    let mut log = Log::new();
    let mut view = view();
    log.sign_in("8002", "A02").sign_out("8002", "A02").sign_in("8001", "A02");
    follow(&mut view, &log);
    let device: DeviceId = "8002".parse().unwrap();
    assert_eq!(view.agent_at(&device).map(AgentId::as_str), Some("8001"));
    let gone = view.agent(&"8002".parse().unwrap(), log.now()).unwrap();
    assert_eq!((gone.state.name(), gone.seat.map(SeatId::as_str)), ("signed_out", None));
}

#[test]
fn a_raised_contact_passes_those_of_lower_priority_and_its_queue_is_told() {
    let mut log = Log::new();
    let mut view = view();
    let first = log.dials("1");
    log.queued(first, "general").seconds(1);
    let second = log.dials("2");
    log.queued(second, "general").seconds(1);
    follow(&mut view, &log);
    let contact = view.call(second).unwrap().contact;
    log.fact(Fact::PrioritySet { contact, priority: 5, by: "supervisor".to_owned() });
    log.fact(Fact::Assigned {
        contact,
        agent: Some("8003".parse().unwrap()),
        by: "supervisor".to_owned(),
    });
    let raised = view.apply(&log.events()[log.events().len() - 2]);
    assert!(raised.queues.contains(&"general".parse::<QueueId>().unwrap()));
    follow(&mut view, &log);
    assert_eq!((position(&view, second), position(&view, first)), (Some(1), Some(2)));
    let queue = view.queue(&"general".parse().unwrap(), log.now()).unwrap();
    assert_eq!(queue.waiting[0].assigned.as_ref().map(AgentId::as_str), Some("8003"));
}

#[test]
fn a_contact_without_a_call_waits_at_the_place_that_it_had() {
    let mut log = Log::new();
    let mut view = view();
    let since = log.now();
    log.seconds(60);
    let waits = log.dials("1");
    log.queued(waits, "general");
    log.fact(Fact::Queued {
        contact: ContactId(99),
        call: None,
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::of(Medium::CallBack),
        since: Some(since),
    });
    follow(&mut view, &log);
    let queue = view.queue(&"general".parse().unwrap(), log.now()).unwrap();
    let waiting: Vec<_> = queue.waiting.iter().map(|it| (it.call, it.medium)).collect();
    assert_eq!(waiting, [(None, Medium::CallBack), (Some(waits), Medium::Voice)]);
}

#[test]
fn a_contact_that_is_moved_counts_where_it_goes_on_waiting() {
    let mut log = Log::new();
    let mut view = view();
    let call = log.dials("1");
    log.queued(call, "general").dequeued(call, "general", DequeueReason::Moved);
    log.queued(call, "general").dequeued(call, "general", DequeueReason::Answered);
    follow(&mut view, &log);
    let today = view.queue(&"general".parse().unwrap(), log.now()).unwrap().today;
    assert_eq!((today.offered, today.moved, today.answered, today.left), (2, 1, 1, 0));
    assert_eq!(today.service_level(), Some(1.0));
}
