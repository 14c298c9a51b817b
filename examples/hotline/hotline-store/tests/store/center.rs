//! What the Center itself writes becomes the records that people expect.

use std::time::Duration;

use cti_bindings::{
    records::{
        Records as _,
        filter::{Filter, PageRequest},
    },
    testlog::center_config,
    view::View,
};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{CenterConfig, Destination, Feature, NumberConfig},
    event::Fact,
    flow::FlowEffect,
    switch::Clip,
    testkit::{ScriptedFlows, SimpleRouter, World, run},
    time::Timestamp,
};
use hotline_store::projection::ProjectionStore as _;
use jiff::tz::TimeZone;

use crate::open;

const MORNING: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:02 agent 8002 is ready
    00:10 citizen 13812341234 dials 12345
    00:20 phone 8001 answers
    01:20 citizen 13812341234 hangs up
    02:00 citizen 13900000001 dials 12345
    02:03 citizen 13900000001 hangs up
    02:30 citizen 13900000002 dials 12345
    02:33 phone 8001 rejects
    02:34 citizen 13900000002 hangs up
    03:00 agent 8001 signs out
    03:00 agent 8002 signs out
    03:10 citizen 13900000003 dials 12345
    06:00 citizen 13900000003 hangs up
    06:10
";

fn config() -> CenterConfig {
    let mut config = center_config();
    config.numbers.push(NumberConfig {
        number: PhoneNumber::parse("*13").unwrap(),
        name: "ready".to_owned(),
        to: Destination::Feature(Feature::Ready),
    });
    config
}

fn world() -> World {
    let play = |prompt: &str| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped: false,
    };
    let flows = ScriptedFlows::default().flow(
        "hotline-12345",
        vec![
            FlowEffect::Answer,
            play("greeting"),
            FlowEffect::Enqueue {
                queue: "general".parse().unwrap(),
                priority: 0,
                needs: cti_core::needs::Needs::default(),
            },
            play("leave-message"),
            FlowEffect::RecordMessage {
                limit: Duration::from_secs(60),
                silence: Duration::from_secs(5),
                into: None,
            },
        ],
    );
    let router = SimpleRouter::with_max_wait(Duration::from_secs(60));
    let center = Center::new(config(), Box::new(router), Box::new(flows)).unwrap();
    World::new(center, Timestamp::from_secs(1_795_309_200))
}

#[tokio::test]
async fn a_morning_of_the_center_gives_one_record_for_each_call() {
    let mut world = world();
    run(&mut world, MORNING).unwrap();
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    store.apply(&world.events).await.unwrap();

    let request = PageRequest { limit: 200, after: None };
    let mut records = store.calls(&Filter::default(), request).await.unwrap().items;
    records.reverse();
    let ended = world.events.iter().filter(|event| matches!(event.fact, Fact::CallEnded { .. }));
    assert_eq!(records.len(), ended.count());
    let lines: Vec<String> = records
        .iter()
        .map(|record| {
            let legs: Vec<_> = record
                .legs
                .iter()
                .map(|leg| {
                    let agent = leg.agent.as_ref().unwrap();
                    format!(
                        "{agent} {:?} {}+{} s",
                        leg.outcome,
                        leg.ring().as_secs(),
                        leg.talk.as_secs()
                    )
                })
                .collect();
            let recorded = if record.recording.is_some() { "recorded" } else { "not recorded" };
            format!(
                "{} {} waited {} s, {recorded}, [{}]",
                record.caller,
                record.outcome,
                record.wait.as_secs(),
                legs.join(", ")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "138****1234 answered waited 8 s, recorded, [8001 Answered 8+60 s]",
            "139****0001 abandoned waited 1 s, not recorded, [8002 Withdrawn 1+0 s]",
            "139****0002 abandoned waited 2 s, not recorded, [8001 Rejected 1+0 s, 8002 Withdrawn 1+0 s]",
            "139****0003 message waited 60 s, recorded, []",
        ]
    );
}

#[test]
fn the_view_agrees_with_the_center_after_every_scenario_line() {
    let lines: Vec<_> = MORNING.lines().collect();
    for end in 1..=lines.len() {
        let mut world = world();
        run(&mut world, &lines[..end].join("\n")).unwrap();
        let mut view = View::new(config(), TimeZone::UTC);
        for event in &world.events {
            view.apply(event);
        }
        let line = lines[end - 1];
        assert_eq!(view.calls().count(), world.center.calls().count(), "{line}");
        for (agent, at_work) in world.center.agents() {
            let shown = view.agent(agent, world.now()).unwrap();
            assert_eq!(shown.state, &at_work.state, "{line}: agent {agent}");
            assert_eq!(shown.seat, Some(&at_work.seat), "{line}: agent {agent}");
        }
    }
}
