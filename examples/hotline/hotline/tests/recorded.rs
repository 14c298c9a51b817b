//! `hotline replay` and `hotline tryout` on what a centre has recorded: a trace, and its journal.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cti_core::{
    config::{AgentConfig, CenterConfig, SeatConfig},
    event::Event,
    id::EventNo,
    journal::{Journal as _, file::FileJournal},
    testkit::{World, run},
    time::Timestamp,
    trace::Header,
};
use hotline::{assets, config::Config, parts::Parts};
use serde_json::{Value, json};

/// Monday 2026-11-23 10:00 in Shanghai: working hours.
const MONDAY_MORNING: Timestamp = Timestamp::from_secs(1_795_399_200);

/// Two agents, and a citizen every ten seconds of the first minute, so that there is a queue; the third gives up.
const MORNING: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:02 agent 8002 is ready
    00:05 citizen 13800000000 dials 12345
    00:12 phone 8001 answers
    00:15 citizen 13800000001 dials 12345
    00:22 phone 8002 answers
    00:25 citizen 13800000002 dials 12345
    00:35 citizen 13800000003 dials 12345
    00:45 citizen 13800000004 dials 12345
    00:50 citizen 13800000000 hangs up
    00:55 citizen 13800000005 dials 12345
    01:00 citizen 13800000001 hangs up
    01:10 citizen 13800000002 hangs up
    01:25 phone 8001 answers
    01:35 phone 8002 answers
    02:00 citizen 13800000003 hangs up
    02:10 citizen 13800000004 hangs up
    02:35 phone 8001 answers
    03:10 citizen 13800000005 hangs up
    05:00
";

fn parts() -> Parts {
    let config = Config::parse("demo.toml", assets::DEMO_TOML).unwrap();
    let queues: Vec<_> = config.queue_plan().into_iter().map(|queue| queue.id).collect();
    let agents = ["8001", "8002"].map(|number| AgentConfig {
        id: number.parse().unwrap(),
        name: number.to_owned(),
        announced_number: number.to_owned(),
        queues: queues.clone(),
        capacity: Default::default(),
    });
    let seats = (1..=16).map(|number| SeatConfig {
        id: format!("A{number:02}").parse().unwrap(),
        device: format!("80{number:02}").parse().unwrap(),
        pickup_group: None,
    });
    Parts {
        center: CenterConfig {
            agents: agents.to_vec(),
            seats: seats.collect(),
            queues: config.queue_plan(),
            numbers: config.number_plan(),
            ..CenterConfig::default()
        },
        routing: config.routing(),
        flows: assets::flows(),
        schedules: assets::calendar("schedules.json").unwrap(),
        holidays: assets::calendar("holidays-cn.json").unwrap(),
    }
}

/// Lets the morning happen and writes it down as `--record-trace` does.
fn recorded(folder: &Path) -> (PathBuf, Vec<Event>) {
    let parts = parts();
    let snapshot = parts.build().unwrap().snapshot();
    let mut world = World::new(parts.build().unwrap(), MONDAY_MORNING);
    run(&mut world, MORNING).unwrap();
    let header = Header {
        version: "test".to_owned(),
        parts: serde_json::to_value(&parts).unwrap(),
        snapshot,
        started: MONDAY_MORNING,
    };
    let mut trace = serde_json::to_string(&header).unwrap();
    for step in &world.steps {
        trace.push('\n');
        trace.push_str(&serde_json::to_string(step).unwrap());
    }
    let path = folder.join("day.trace");
    fs::write(&path, trace).unwrap();
    (path, world.events)
}

fn hotline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hotline")).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Other rules: who would wait for more than half a minute is not let into the queue.
fn other_rules(folder: &Path) -> String {
    let mut rules = serde_json::to_value(parts().routing).unwrap();
    for queue in rules["queues"].as_array_mut().unwrap() {
        queue["max_length"] = json!(1);
    }
    let path = folder.join("other.json");
    fs::write(&path, rules.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_recorded_trace_gives_the_same_log_again() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, events) = recorded(folder.path());
    let replayed = told(&hotline(&["replay", trace.to_str().unwrap()]));
    let written: String =
        events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n").collect();
    assert!(events.len() > 100, "{}", events.len());
    assert_eq!(replayed, written);
}

#[test]
fn a_recorded_trace_is_tried_out_under_other_rules_of_the_queues() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, _) = recorded(folder.path());
    let (trace, rules) = (trace.to_str().unwrap(), other_rules(folder.path()));
    let table = told(&hotline(&["tryout", "--trace", trace, "--routing", &rules]));
    assert!(table.lines().next().unwrap().ends_with("before       after"), "{table}");
    let shown = hotline(&["tryout", "--trace", trace, "--routing", &rules, "--json"]);
    let compared: Value = serde_json::from_str(&told(&shown)).unwrap();
    assert_ne!(compared["before"], compared["after"], "{table}");
    let wrong = folder.path().join("wrong.json");
    fs::write(&wrong, r#"{"queues": [{"queue": "general", "colour": 1}]}"#).unwrap();
    let refused = hotline(&["tryout", "--trace", trace, "--routing", wrong.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("queues[0]"), "{refused:?}");
}

#[test]
fn the_journal_of_a_centre_is_tried_out_as_its_trace_is() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, events) = recorded(folder.path());
    let data = folder.path().join("data");
    let mut journal = FileJournal::open(&data.join("journal")).unwrap();
    assert_eq!(journal.last(), EventNo(0));
    journal.append(&events).unwrap();
    journal.sync().unwrap();
    for file in ["schedules.json", "holidays-cn.json"] {
        fs::create_dir_all(data.join("calendar")).unwrap();
        fs::write(data.join("calendar").join(file), assets::calendar(file).unwrap()).unwrap();
    }
    let config = folder.path().join("centre.toml");
    let text = assets::DEMO_TOML.lines().filter(|line| !line.starts_with("data ="));
    let mut all = format!("data = {:?}\n", data.to_str().unwrap());
    text.for_each(|line| all.push_str(&format!("{line}\n")));
    fs::write(&config, all).unwrap();
    let (config, rules) = (config.to_str().unwrap(), other_rules(folder.path()));
    let by_journal = told(&hotline(&["tryout", "--config", config, "--routing", &rules, "--json"]));
    let trace = trace.to_str().unwrap();
    let by_trace = told(&hotline(&["tryout", "--trace", trace, "--routing", &rules, "--json"]));
    assert_eq!(by_journal, by_trace);
}
