//! Who calls is known by one normal form, and the blacklist and the whitelist have their say when he calls and when he
//! is to wait.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    center::Center,
    command::{Command, CommandError, Reply},
    config::{CenterConfig, Destination, NumberConfig, OutsideConfig, QueueConfig, Refusal},
    event::{Event, Fact},
    flow::FlowEffect,
    id::{CallId, EntryId},
    needs::Needs,
    numbers::{
        AreaCodes, BlackLevel, ExtensionRange, ListEntry, ListLevel, ListScope, NumberKind,
        NumberRules, NumberingConfig,
    },
    records::{CallRecord, CallRecords, CallRow},
    switch::{Origin, SwitchCommand, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

fn center(refuse_listed: Refusal) -> Center {
    let number = |number: &str, to: Destination| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let queue = |name: &str| QueueConfig {
        id: name.parse().unwrap(),
        name: name.to_owned(),
        waiting_flow: None,
        whisper_flow: None,
        after_call_flow: None,
        ring_for: Duration::from_secs(15),
        after_call_work: Duration::ZERO,
    };
    let config = CenterConfig {
        queues: vec![queue("general"), queue("business")],
        numbers: vec![
            number("12345", Destination::Flow("menu".parse().unwrap())),
            number("82340000", Destination::Queue("business".parse().unwrap())),
        ],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: "city".parse().unwrap(),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        numbering: Some(numbering()),
        refuse_listed,
        ..CenterConfig::default()
    };
    let wait = |queue: &str, priority| FlowEffect::Enqueue {
        queue: queue.parse().unwrap(),
        priority,
        needs: Needs::default(),
    };
    let flows = ScriptedFlows::default()
        .flow("menu", vec![FlowEffect::Answer, wait("general", 10)])
        .flow("nuisance", vec![FlowEffect::Answer, wait("general", 0)]);
    Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows)).unwrap()
}

fn world() -> World {
    World::new(center(Refusal::default()), Timestamp::from_secs(1_000_000))
}

fn numbering() -> NumberingConfig {
    let extensions = vec![ExtensionRange { from: "8001".to_owned(), to: "8099".to_owned() }];
    NumberingConfig { area: "0531".to_owned(), extensions, ..NumberingConfig::default() }
}

fn rules() -> NumberRules {
    NumberRules::new(numbering(), AreaCodes::china()).unwrap()
}

fn entry(number: &str, level: ListLevel) -> ListEntry {
    ListEntry {
        number: rules().pattern(number).unwrap(),
        scope: ListScope::Centre,
        level,
        expires: None,
        reason: "40 calls in an hour".to_owned(),
        entered_by: "8000".to_owned(),
        entered_at: Timestamp::ZERO,
    }
}

fn refuse(number: &str) -> ListEntry {
    entry(number, ListLevel::Black(BlackLevel::Refuse))
}

fn divert(number: &str, flow: &str) -> ListEntry {
    entry(number, ListLevel::Black(BlackLevel::Divert(flow.parse().unwrap())))
}

fn prefer(number: &str, priority: i32) -> ListEntry {
    entry(number, ListLevel::White { free: false, priority })
}

fn list(world: &mut World, entries: impl Into<Vec<ListEntry>>) -> Vec<EntryId> {
    let reply = world.request(Command::AddListEntries { entries: entries.into() }).unwrap();
    let Reply::ListEntries(ids) = reply else { panic!("{reply:?}") };
    ids
}

/// Lets somebody call by the trunk and returns what happened.
fn call(world: &mut World, caller: &str, called: &str) -> Vec<Event> {
    let first = world.events.len();
    let leg = world.switch.incoming(None);
    world.report(SwitchReport::Incoming {
        leg,
        origin: Origin::Trunk("city".parse().unwrap()),
        caller: PhoneNumber::parse(caller).unwrap(),
        called: PhoneNumber::parse(called).unwrap(),
        network_id: format!("{leg}@test"),
    });
    world.events[first..].to_vec()
}

fn ended(events: &[Event]) -> Option<Cause> {
    events.iter().find_map(|event| {
        if let Fact::CallEnded { cause, .. } = event.fact { Some(cause) } else { None }
    })
}

fn flow(events: &[Event]) -> Option<&str> {
    events.iter().find_map(|event| {
        if let Fact::FlowStarted { flow, .. } = &event.fact { Some(flow.as_str()) } else { None }
    })
}

fn priority(events: &[Event]) -> Option<u8> {
    events.iter().find_map(|event| {
        if let Fact::Queued { priority, .. } = &event.fact { Some(*priority) } else { None }
    })
}

fn decided_by(events: &[Event]) -> Vec<EntryId> {
    events
        .iter()
        .filter_map(|event| {
            if let Fact::CallerListed { entry, .. } = &event.fact { Some(*entry) } else { None }
        })
        .collect()
}

fn records(world: &World) -> Vec<CallRecord> {
    let mut fold = CallRecords::default();
    let rows = world.events.iter().flat_map(|event| fold.apply(event));
    rows.filter_map(|row| match row {
        CallRow::Call(record) => Some(*record),
        CallRow::Contact(_) | CallRow::Recording(_) | CallRow::Voice(_) => None,
    })
    .collect()
}

#[test]
fn a_call_keeps_its_normal_numbers_and_the_callers_region_beside_what_was_received() {
    let mut world = world();
    let events = call(&mut world, "053282345678", "053112345");
    let Fact::CallStarted { caller, called, .. } = &events[0].fact else { panic!("{events:?}") };
    assert_eq!((caller.reveal(), called.reveal()), ("053282345678", "053112345"));
    let Fact::NumbersRead { numbers, .. } = &events[1].fact else { panic!("{events:?}") };
    assert_eq!(numbers.caller.reveal(), "+8653282345678");
    assert_eq!(numbers.called.reveal(), "12345");
    assert_eq!(numbers.area.as_deref(), Some("0532"));
    assert_eq!(numbers.region.as_ref().unwrap().city, "青岛");
    assert_eq!(flow(&events), Some("menu"), "the plan knows the number however it is spelt");
    world.request(Command::ClearAll).unwrap();
    let record = &records(&world)[0];
    assert_eq!(record.caller.reveal(), "053282345678");
    assert_eq!(record.numbers.as_ref().unwrap().caller.reveal(), "+8653282345678");
}

#[test]
fn every_spelling_that_a_trunk_delivers_is_one_caller() {
    let spellings = [
        "13812341234",
        "013812341234",
        "+8613812341234",
        "8613812341234",
        "008613812341234",
        "138-1234-1234",
        "138.1234.1234",
        "0138-12341234",
        "+86-138-1234-1234",
        "+86.138.1234.1234",
        "+86013812341234",
        "86-13812341234",
        "0086-138-1234-1234",
        "1795113812341234",
        "1790913812341234",
        "17951013812341234",
    ];
    let mut world = world();
    list(&mut world, [refuse("tel:+86-138-1234-1234")]);
    for spelling in spellings {
        let events = call(&mut world, spelling, "12345");
        assert_eq!(ended(&events), Some(Cause::Forbidden), "{spelling}");
    }
    for other in ["13812341235", "053113812341", "", "anonymous"] {
        assert_eq!(ended(&call(&mut world, other, "12345")), None, "{other}");
    }
}

#[test]
fn a_listed_caller_is_refused_with_the_cause_that_the_centre_chose_and_the_log_says_why() {
    for (refusal, cause) in
        [(Refusal::Busy, Cause::Busy), (Refusal::UnknownNumber, Cause::UnknownNumber)]
    {
        let mut world = World::new(center(refusal), Timestamp::from_secs(1_000_000));
        let ids = list(&mut world, [refuse("13812341234")]);
        let events = call(&mut world, "13812341234", "12345");
        assert_eq!(ended(&events), Some(cause));
        let reason = events.iter().find_map(|event| {
            if let Fact::CallerListed { reason, .. } = &event.fact {
                Some(reason.as_str())
            } else {
                None
            }
        });
        assert_eq!(decided_by(&events), ids);
        assert_eq!(reason, Some("40 calls in an hour"));
        assert_eq!(flow(&events), None, "he does not even hear the greeting");
        let hung_up = world.commands.iter().any(|(_, command)| {
            matches!(command, SwitchCommand::Hangup { cause: it, .. } if *it == cause)
        });
        assert!(hung_up);
        let record = records(&world).remove(0);
        assert_eq!(record.listed.unwrap().entry, ids[0]);
    }
}

#[test]
fn a_listed_caller_goes_to_the_flow_of_his_entry_and_may_wait_from_there() {
    let mut world = world();
    let ids = list(&mut world, [divert("13812341234", "nuisance")]);
    let events = call(&mut world, "13812341234", "12345");
    assert_eq!(flow(&events), Some("nuisance"));
    assert_eq!(priority(&events), Some(0), "the entry that sent him there does not stop him again");
    assert_eq!(decided_by(&events), ids);
}

#[test]
fn an_entry_of_a_queue_speaks_when_the_caller_is_to_wait_there() {
    let mut world = world();
    let scope = ListScope::Queue("general".parse().unwrap());
    list(&mut world, [ListEntry { scope, ..refuse("13812341234") }]);
    let events = call(&mut world, "13812341234", "12345");
    assert_eq!(flow(&events), Some("menu"), "he hears the menu");
    assert_eq!(ended(&events), Some(Cause::Forbidden), "and cannot wait");
    assert_eq!(priority(&events), None);
    let other = call(&mut world, "13812341234", "82340000");
    assert_eq!(ended(&other), None, "another queue is open to him");
}

#[test]
fn an_entry_of_a_called_number_speaks_of_calls_to_that_number() {
    let mut world = world();
    let scope = ListScope::Called(rules().normalize("0531-12345"));
    list(&mut world, [ListEntry { scope, ..refuse("13812341234") }]);
    assert!(ended(&call(&mut world, "13812341234", "12345")).is_some());
    assert_eq!(ended(&call(&mut world, "13812341234", "82340000")), None);
}

#[test]
fn who_is_preferred_waits_with_a_higher_priority_and_passes_the_blacklist() {
    let mut world = world();
    list(&mut world, [refuse("138*"), prefer("13812341234", 50), prefer("13812340000", 1_000)]);
    assert_eq!(priority(&call(&mut world, "13812341234", "12345")), Some(60));
    assert_eq!(priority(&call(&mut world, "13812340000", "12345")), Some(255), "at most");
    assert_eq!(ended(&call(&mut world, "13812349999", "12345")), Some(Cause::Forbidden));
}

#[test]
fn a_preferred_caller_who_is_moved_to_another_queue_keeps_his_priority() {
    let mut world = world();
    list(&mut world, [prefer("13812341234", 50)]);
    let events = call(&mut world, "13812341234", "12345");
    let contact = events.iter().find_map(|event| {
        if let Fact::Queued { contact, .. } = &event.fact { Some(*contact) } else { None }
    });
    let first = world.events.len();
    let (queue, by) = ("business".parse().unwrap(), "8000".to_owned());
    world.request(Command::MoveContact { contact: contact.unwrap(), queue, by }).unwrap();
    assert_eq!(priority(&world.events[first..]), Some(60));
}

#[test]
fn an_entry_ends_with_the_time_of_the_center_and_leaves_with_the_next_change() {
    let mut world = world();
    let expires = Some(world.now() + Duration::from_secs(60));
    let ids = list(&mut world, [ListEntry { expires, ..refuse("13812341234") }]);
    assert!(ended(&call(&mut world, "13812341234", "12345")).is_some());
    world.advance_to(world.now() + Duration::from_secs(60));
    assert_eq!(ended(&call(&mut world, "13812341234", "12345")), None);
    let first = world.events.len();
    list(&mut world, [refuse("13812341234")]);
    let removed = Fact::ListEntryRemoved { entry: ids[0], by: "expired".to_owned() };
    assert_eq!(world.events[first].fact, removed);
}

#[test]
fn who_calls_from_inside_is_not_judged() {
    let mut world = world();
    list(&mut world, [refuse("8001"), refuse("12345")]);
    let first = world.events.len();
    let leg = world.switch.incoming(Some("8001".parse().unwrap()));
    world.report(SwitchReport::Incoming {
        leg,
        origin: Origin::Device("8001".parse().unwrap()),
        caller: PhoneNumber::parse("8001").unwrap(),
        called: PhoneNumber::parse("12345").unwrap(),
        network_id: "inside".to_owned(),
    });
    assert_eq!(flow(&world.events[first..]), Some("menu"));
}

#[test]
fn entries_are_added_all_or_none_and_a_refusal_names_which() {
    let mut world = world();
    let before = world.center.last_event();
    let entries = vec![refuse("13812341234"), ListEntry { reason: String::new(), ..refuse("110") }];
    let refused = world.request(Command::AddListEntries { entries }).unwrap_err();
    assert_eq!(refused.to_string(), "entries[1].reason: is empty");
    let entries = vec![refuse("13812341234"), refuse("013812341234")];
    let refused = world.request(Command::AddListEntries { entries }).unwrap_err().to_string();
    assert!(refused.starts_with("entries[1].number: +86138****1234 is listed"), "{refused}");
    assert_eq!(world.center.last_event(), before);

    let ids = list(&mut world, [refuse("13812341234")]);
    let remove = |entry| Command::RemoveListEntry { entry, by: "8000".to_owned() };
    world.request(remove(ids[0])).unwrap();
    assert_eq!(ended(&call(&mut world, "13812341234", "12345")), None);
    let refused = world.request(remove(ids[0])).unwrap_err();
    assert!(matches!(refused, CommandError::InvalidValue { field, .. } if field == "entry"));
}

#[test]
fn the_lists_survive_a_restart_by_the_log_and_by_a_snapshot() {
    let mut world = world();
    let ids = list(&mut world, [refuse("13812341234"), prefer("13900001111", 5)]);
    let remove = Command::RemoveListEntry { entry: ids[1], by: "8000".to_owned() };
    world.request(remove).unwrap();

    let mut replayed = center(Refusal::default());
    let text: Vec<String> =
        world.events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    for line in &text {
        replayed.replay(&serde_json::from_str(line).unwrap());
    }
    assert_eq!(replayed.state().lists(), world.center.state().lists());

    let mut restored = center(Refusal::default());
    let snapshot = serde_json::to_string(&world.center.snapshot()).unwrap();
    restored.restore(serde_json::from_str(&snapshot).unwrap()).unwrap();
    let mut again = World::new(restored, world.now());
    assert!(ended(&call(&mut again, "013812341234", "12345")).is_some());
    let added = list(&mut again, [prefer("13900001111", 5)]);
    assert_eq!(added, [EntryId(3)], "an id is not used twice");
}

#[test]
fn whom_the_centre_calls_is_known_by_the_same_form() {
    let mut world = world();
    let to = PhoneNumber::parse("913812341234").unwrap();
    let then = cti_core::target::Target::Queue("general".parse().unwrap());
    let service = cti_core::command::Service::MakePredictiveCall {
        to,
        then,
        ring_for: Duration::from_secs(30),
        data: Default::default(),
    };
    let Reply::Call(call) = world.request(Command::Call(service)).unwrap() else { panic!() };
    let numbers = world.center.call(call).unwrap().numbers.clone().unwrap();
    assert_eq!(numbers.called.reveal(), "+8613812341234");
    assert_eq!(numbers.caller.kind(), NumberKind::Service);
}

#[test]
fn without_rules_of_numbers_nothing_is_read_and_nobody_can_be_listed() {
    let flows = ScriptedFlows::default();
    let center =
        Center::new(CenterConfig::default(), Box::new(SimpleRouter::default()), Box::new(flows));
    let mut world = World::new(center.unwrap(), Timestamp::from_secs(1_000_000));
    call(&mut world, "13812341234", "12345");
    assert!(world.events.iter().all(|event| !matches!(event.fact, Fact::NumbersRead { .. })));
    let entries = vec![refuse("13812341234")];
    let refused = world.request(Command::AddListEntries { entries }).unwrap_err();
    assert!(matches!(refused, CommandError::InvalidState { .. }), "{refused}");
    assert_eq!(world.center.call(CallId(1)).map(|it| it.numbers.clone()), None);
}
