//! A trace in which the rules change decides the same when it is replayed.

use cti_acd::{Parts, config::AcdConfig, tryout::Staged};
use cti_core::{
    address::PhoneNumber,
    center::{Center, Input},
    command::{Command, Request},
    event::{Event, Fact},
    id::{LegId, RequestId},
    router::RulesChange,
    switch::{Origin, SwitchReport},
    time::Timestamp,
    trace::{Header, Step, replay},
};
use serde_json::json;

use crate::{
    centre::{agent, queue},
    in_the_centre::center_with,
};

fn center() -> Center {
    center_with(Box::new(Staged::new(AcdConfig::default(), Parts::default()).unwrap()))
}

fn asked(id: u64, at: u64, command: Command) -> Step {
    let request = Request { id: RequestId(id), command };
    Step::Input { at: Timestamp::from_secs(at), input: Input::Request(request) }
}

fn reported(at: u64, report: SwitchReport) -> Step {
    Step::Input { at: Timestamp::from_secs(at), input: Input::Report(report) }
}

/// Three agents, two callers, and in between other rules: by skill of their own order, then back.
fn day() -> Vec<Step> {
    let mut steps = Vec::new();
    let names = ["8001", "8002", "8003"];
    for (name, at) in names.iter().zip(1..) {
        let (agent, seat) = (agent(name), name.parse().unwrap());
        steps.push(reported(at, SwitchReport::DeviceInService { device: name.parse().unwrap() }));
        steps.push(asked(at, at, Command::SignIn { agent, seat, queues: None }));
    }
    let call = |leg: u64, at| {
        reported(
            at,
            SwitchReport::Incoming {
                leg: LegId(leg),
                origin: Origin::Trunk("city".parse().unwrap()),
                caller: PhoneNumber::parse(&format!("1380000000{leg}")).unwrap(),
                called: PhoneNumber::parse("12345").unwrap(),
                network_id: leg.to_string(),
            },
        )
    };
    let change =
        |id, at, change| asked(id, at, Command::ChangeRules { change, by: "admin".to_owned() });
    let sequential = json!({"queues": [{"queue": queue("general"), "strategy": "sequential"}]});
    let ready = |id, at, name: &str| asked(id, at, Command::SetReady { agent: agent(name) });
    steps.extend([
        call(1, 10),
        change(10, 11, RulesChange::Shadow(sequential)),
        change(11, 12, RulesChange::Switch),
        ready(12, 13, "8003"),
        ready(13, 14, "8002"),
        ready(14, 15, "8001"),
        call(3, 16),
        change(15, 17, RulesChange::RollBack),
        call(5, 18),
        Step::Timeout { at: Timestamp::from_secs(40) },
    ]);
    steps
}

fn drained(center: &mut Center, into: &mut Vec<Event>) {
    while let Some(event) = center.poll_event() {
        into.push(event);
    }
    while center.poll_output().is_some() {}
}

#[test]
fn a_replay_of_a_trace_with_a_change_of_the_rules_decides_the_same() {
    let mut live = center();
    let (version, started) = ("test".to_owned(), Timestamp::ZERO);
    let parts = serde_json::Value::Null;
    let header = Header { version, parts, snapshot: live.snapshot(), started };
    let mut log = Vec::new();
    live.start(started, "test");
    drained(&mut live, &mut log);
    let mut lines = Vec::new();
    for step in day() {
        lines.push(serde_json::to_string(&step).unwrap());
        match step {
            Step::Input { at, input } => live.handle(at, input).unwrap(),
            Step::Timeout { at } => live.handle_timeout(at),
        }
        drained(&mut live, &mut log);
    }
    let rules: Vec<&str> = log
        .iter()
        .filter_map(|event| {
            let Fact::Offered { why, .. } = &event.fact else { return None };
            Some(why.rule.as_str())
        })
        .collect();
    assert_eq!(rules, ["sequential", "sequential", "longest_idle"]);
    let changes = log.iter().filter(|it| matches!(it.fact, Fact::RulesChanged { .. })).count();
    assert_eq!(changes, 3);

    let mut again = Vec::new();
    let lines = lines.iter().map(String::as_str);
    replay(&mut center(), header, lines, |event| again.push(event)).unwrap();
    assert_eq!(again, log);
}
