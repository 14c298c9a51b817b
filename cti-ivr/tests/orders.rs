//! Flows are changed inside a running Center: what is ordered is written down, disturbs nobody, and is there again
//! after a restart.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::time::Duration;

use common::{document, flow_id};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    center::Center,
    command::{Command, CommandError, Reply},
    config::{CenterConfig, Destination, NumberConfig},
    event::{AlarmKind, Fact},
    flow::{FlowAnswer, FlowOrder, FlowRefused},
    id::LegId,
    switch::{Clip, Origin, SwitchReport},
    testkit::{SimpleRouter, World},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet, publish};

/// Plays a prompt and waits for a key that leads to another prompt.
fn greeting(prompt: &str) -> String {
    document(&format!(
        r#""a":{{"type":"menu","prompt":["{prompt}"],"retries":9,"out":{{"1":"b","exhausted":"bye"}}}},
        "b":{{"type":"play","prompt":["{prompt}-more"],"out":{{"next":"bye"}}}}"#
    ))
}

fn center(document: &str) -> Center {
    let config = CenterConfig {
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345").unwrap(),
            name: "hotline".to_owned(),
            to: Destination::Flow(flow_id("main")),
        }],
        ..CenterConfig::default()
    };
    let flows = FlowSet::parse([("main.json", document)]).unwrap();
    let engine = Engine::new(flows, Calendars::default()).unwrap();
    Center::new(config, Box::new(SimpleRouter::default()), Box::new(engine)).unwrap()
}

fn world(document: &str) -> World {
    World::new(center(document), Timestamp::from_secs(1_795_309_200))
}

fn order(world: &mut World, order: FlowOrder) -> Result<FlowAnswer, FlowRefused> {
    match world.request(Command::Flows { order, by: "li".to_owned() }) {
        Ok(Reply::Flows(answer)) => Ok(answer),
        Err(CommandError::Flow(refused)) => Err(refused),
        other => panic!("{other:?}"),
    }
}

fn save(world: &mut World, document: &str) -> String {
    let (document, note) = (document.to_owned(), "louder".to_owned());
    order(world, FlowOrder::SaveDraft { document, etag: None, note }).unwrap().etag.unwrap()
}

fn publish(world: &mut World) -> Result<FlowAnswer, FlowRefused> {
    let (flows, note) = (vec![flow_id("main")], "it is louder".to_owned());
    order(world, FlowOrder::Publish { flows, etag: None, note })
}

/// A citizen calls; returns his leg.
fn dials(world: &mut World, number: u64) -> LegId {
    let leg = world.switch.incoming(None);
    world.report(SwitchReport::Incoming {
        leg,
        origin: Origin::Trunk("city".parse().unwrap()),
        caller: PhoneNumber::parse(&format!("138{number:08}")).unwrap(),
        called: PhoneNumber::parse("12345").unwrap(),
        network_id: format!("call {number}"),
    });
    leg
}

fn hears(world: &World, leg: LegId) -> String {
    match world.switch.heard_by(leg) {
        Some([Clip::Prompt(prompt), ..]) => prompt.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn of_two_hundred_callers_inside_none_is_disturbed_and_the_next_one_hears_the_new_version() {
    let mut world = world(&greeting("old"));
    let inside: Vec<LegId> = (0..200).map(|number| dials(&mut world, number)).collect();
    save(&mut world, &greeting("new"));
    let commands = world.commands.len();
    let version = publish(&mut world).unwrap().version.unwrap();
    assert_eq!(world.commands.len(), commands, "the switch is told nothing");
    assert!(inside.iter().all(|leg| hears(&world, *leg) == "old"));
    let next = dials(&mut world, 999);
    assert_eq!(hears(&world, next), "new");
    for leg in &inside {
        world.report(SwitchReport::Digit { leg: *leg, digit: '1' });
        assert_eq!(hears(&world, *leg), "old-more");
    }
    world.report(SwitchReport::Digit { leg: next, digit: '1' });
    assert_eq!(hears(&world, next), "new-more");
    let visited = world.events.iter().rev().find_map(|event| {
        let Fact::FlowVisited { flow, version, .. } = &event.fact else { return None };
        Some((flow.clone(), version.clone()))
    });
    assert_eq!(visited, Some((Some(flow_id("main")), Some(version))));
}

#[test]
fn after_a_restart_the_same_versions_are_published_and_the_same_draft_is_there() {
    let mut world = world(&greeting("one"));
    let documents = vec![greeting("one")];
    order(&mut world, FlowOrder::Load { documents: documents.clone() }).unwrap();
    save(&mut world, &greeting("two"));
    publish(&mut world).unwrap();
    save(&mut world, &greeting("three"));
    let numbers = vec![PhoneNumber::parse("13800001234").unwrap()];
    order(&mut world, FlowOrder::SetTestCallers { numbers }).unwrap();
    let before = world.center.flow_engine().snapshot();
    // The file was edited while the process was down.
    let mut after = center(&greeting("four"));
    for event in &world.events {
        let written = serde_json::to_string(event).unwrap();
        after.replay(&serde_json::from_str(&written).unwrap());
    }
    assert_eq!(after.flow_engine().snapshot(), before);
    let mut world = World::new(after, world.now());
    let again = order(&mut world, FlowOrder::Load { documents }).unwrap();
    assert!(!again.changed, "what lay in the folder before is passed over");
    let leg = dials(&mut world, 1);
    assert_eq!(hears(&world, leg), "two");
    order(&mut world, FlowOrder::Load { documents: vec![greeting("four")] }).unwrap();
    let leg = dials(&mut world, 2);
    assert_eq!(hears(&world, leg), "four", "a file that was edited is published");
    let leg = dials(&mut world, 1234);
    assert_eq!(hears(&world, leg), "three", "a test caller gets the draft");
}

#[test]
fn a_snapshot_brings_the_flows_with_it() {
    let mut world = world(&greeting("one"));
    save(&mut world, &greeting("two"));
    publish(&mut world).unwrap();
    let mut other = center(&greeting("one"));
    other.restore(world.center.snapshot()).unwrap();
    let other = other.flow_engine().snapshot();
    assert_eq!(other, world.center.flow_engine().snapshot());
}

#[test]
fn a_draft_that_somebody_changed_meanwhile_is_neither_overwritten_nor_published() {
    let mut world = world(&greeting("one"));
    let etag = save(&mut world, &greeting("two"));
    assert_eq!(etag, publish::etag(&greeting("two")));
    let (document, note) = (greeting("three"), String::new());
    let blind = FlowOrder::SaveDraft { document: document.clone(), etag: None, note: note.clone() };
    assert!(
        matches!(order(&mut world, blind), Err(FlowRefused::DraftChanged { by, .. }) if by.contains("li"))
    );
    let events = world.events.len();
    let seen = FlowOrder::SaveDraft { document, etag: Some(etag.clone()), note: note.clone() };
    order(&mut world, seen).unwrap();
    assert_eq!(world.events.len(), events + 1, "one fact is written");
    let flows = vec![flow_id("main")];
    let stale = FlowOrder::Publish { flows, etag: Some(etag), note };
    assert!(matches!(order(&mut world, stale), Err(FlowRefused::DraftChanged { .. })));
    assert_eq!(world.events.len(), events + 1, "a refusal writes nothing");
}

#[test]
fn a_version_that_keeps_failing_is_taken_out_with_a_fact_and_an_alarm_until_it_is_mended() {
    let mut world = world(&greeting("good"));
    let bad = document(
        r#""a":{"type":"if","when":"number(called + \"x\") > 1","out":{"true":"bye","false":"bye","error":"bye"}}"#,
    );
    save(&mut world, &bad);
    let failing = publish(&mut world).unwrap().version.unwrap();
    let mut number = 0;
    while world.center.alarms().next().is_none() {
        dials(&mut world, number);
        number += 1;
        assert!(number < 50, "it is never taken out");
    }
    let kind = AlarmKind::FlowQuarantined { flow: flow_id("main"), version: failing.clone() };
    assert!(world.center.alarms().any(|(_, alarm)| *alarm == kind));
    let leg = dials(&mut world, 60);
    assert_eq!(hears(&world, leg), "good", "new callers get the version before");
    let snapshot = world.center.flow_engine().snapshot();
    let mut after = center(&greeting("good"));
    world.events.iter().for_each(|event| after.replay(event));
    assert_eq!(after.flow_engine().snapshot(), snapshot, "a restart keeps it out");
    let (flow, note) = (flow_id("main"), "it is gone".to_owned());
    order(&mut world, FlowOrder::RollBack { flow, version: None, note }).unwrap();
    assert_eq!(world.center.alarms().count(), 0, "the alarm is over");
}

fn library<T>(world: &World, look: impl FnOnce(&publish::Library) -> T) -> T {
    let engine: &dyn std::any::Any = world.center.flow_engine();
    look(engine.downcast_ref::<Engine>().unwrap().library())
}

#[test]
fn a_flow_that_nobody_needs_is_retired_and_its_callers_are_told_that_there_is_none() {
    let mut world = world(&greeting("one"));
    order(&mut world, FlowOrder::Retire { flow: flow_id("main") }).unwrap();
    let leg = dials(&mut world, 1);
    assert_eq!(world.switch.heard_by(leg), None);
    assert!(world.center.alarms().any(|(_, alarm)| matches!(alarm, AlarmKind::UnknownFlow { .. })));
    let (flow, note) = (flow_id("main"), String::new());
    let version = library(&world, |it| {
        it.versions(&flow_id("main")).next().unwrap().flow().hash().to_owned()
    });
    order(&mut world, FlowOrder::RollBack { flow, version: Some(version), note }).unwrap();
    let leg = dials(&mut world, 2);
    assert_eq!(hears(&world, leg), "one");
}

#[test]
fn sessions_in_a_version_can_be_ended() {
    let mut world = world(&greeting("one"));
    let leg = dials(&mut world, 1);
    let (flow, version) = library(&world, |it| {
        let flow = flow_id("main");
        let version = it.published(&flow).unwrap().flow().hash().to_owned();
        (flow, version)
    });
    let answer = order(&mut world, FlowOrder::EndSessions { flow, version }).unwrap();
    assert_eq!(answer.sessions, 1);
    world.advance_to(world.now() + Duration::from_millis(1));
    assert_eq!(world.switch.heard_by(leg), None);
    assert_eq!(world.center.calls().count(), 0);
}
