//! Stopping: draining, a second signal, what a start refuses, and a trace that replays.

use std::{net::TcpListener, process::Command, time::Duration};

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        journal,
        raw::Raw,
        rtp::Phone,
        sound, wait,
    },
    talk::{direct, quick},
};

#[test]
fn a_stop_lets_calls_run_refuses_new_ones_and_a_second_one_ends_them() {
    if !asked_for() {
        return;
    }
    let mut floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let caller = Phone::playing(440.0);
    let answering = agent.answers();
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    let calling = calling.pause(Duration::from_secs(6)).start();
    floor.until_call("13800000001", "talking");
    floor.server.terminate();
    let mut raw = Raw::new(floor.server.sip);
    // A number that leads nowhere: should it still be taken, no call is left of it.
    wait::until("the refusal of new calls", LIMIT, || {
        (raw.ask("INVITE", "99999") == Some(503)).then_some(())
    });
    assert_eq!(raw.ask("INVITE", "12300"), Some(503));
    let before = caller.heard().packets;
    wait::until("a second of talk while draining", LIMIT, || {
        (caller.heard().packets > before + 50).then_some(())
    });
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.server.end(LIMIT), Some(0), "the server ends with the last call");

    let mut floor = Floor::open_in(floor.folder, &[]);
    let record = floor.record("13800000001");
    assert_eq!(record["outcome"], "answered", "{record:#}");
    assert!(!floor.recording("13800000001")[0].is_empty());
    assert_ne!(floor.state("8001"), "signed_out", "a second start keeps who is at work");
    wait::until("the phone's registration of the first run", LIMIT, || {
        let devices = floor.items("/api/v1/devices");
        devices.iter().any(|it| it["id"] == "8001" && it["in_service"] == true).then_some(())
    });
    if floor.state("8001") == "not_ready" {
        floor.ready("8001");
    }
    let answering = agent.answers();
    let calling = floor.call("caller-waits", "13800000002", "12300", &caller).start();
    floor.until_call("13800000002", "talking");
    floor.server.terminate();
    let mut raw = Raw::new(floor.server.sip);
    // A number that leads nowhere: should it still be taken, no call is left of it.
    wait::until("the refusal of new calls", LIMIT, || {
        (raw.ask("INVITE", "99999") == Some(503)).then_some(())
    });
    assert_eq!(raw.ask("INVITE", "12300"), Some(503));
    floor.server.terminate();
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.server.end(LIMIT), Some(0));

    let log = floor.server.log();
    assert!(!log.contains("did not close in time"), "{log}");
    assert!(!log.contains("written at the next start"), "{log}");
    let ended = journal::facts(&floor.folder.path().join("data"), "recording_ended");
    assert_eq!(ended.len(), 2, "{ended:#?}");
    for event in &ended {
        let file = event["end"]["saved"]["file"].as_str().unwrap_or_else(|| panic!("{event}"));
        let path = floor.folder.path().join("data/recordings").join(file);
        assert_eq!(sound::channels(&std::fs::read(path).unwrap()).len(), 2);
    }
}

#[test]
fn what_cannot_be_started_is_one_clear_line_and_an_exit_code() {
    if !asked_for() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let start = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hotline"))
            .args(["demo", "--data", folder.path().join("data").to_str().unwrap()])
            .args(arguments)
            .env("RUST_LOG", "off")
            .output()
            .unwrap();
        assert!(!output.status.success());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.trim_end().lines().count(), 1, "{told}");
        assert!(told.starts_with("hotline: "), "{told}");
        told
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flag, other) in [("--http", "--sip"), ("--sip", "--http")] {
        let told = start(&[flag, &address, other, "127.0.0.1:0"]);
        assert!(told.contains(&address), "{told}");
    }
    let config = folder.path().join("centre.toml");
    std::fs::write(&config, "data = \"x\"\n[http]\nlisten = 80\n").unwrap();
    let told = start(&["--config", config.to_str().unwrap()]);
    assert!(told.contains("centre.toml") && told.contains("line 3"), "{told}");
    let told = start(&["--config", "/nowhere/centre.toml"]);
    assert!(told.contains("/nowhere/centre.toml"), "{told}");
}

#[test]
fn a_recorded_trace_replays_to_the_same_events_byte_for_byte() {
    if !asked_for() {
        return;
    }
    let folder = Floor::prepared(quick, direct);
    let trace = folder.path().join("trace");
    let mut floor = Floor::open_in(folder, &["--record-trace", trace.to_str().unwrap()]);
    let agent = floor.agent("8001");
    let caller = Phone::playing(440.0);
    let answering = agent.answers();
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    calling.pause(Duration::from_secs(2)).run(LIMIT);
    answering.succeeds(LIMIT);
    let calling = floor.call("caller", "13800000002", "12329", &caller);
    let calling = calling.pause(Duration::from_secs(2)).start();
    floor.until_call("13800000002", "flow");
    caller.press("11");
    calling.succeeds(LIMIT);
    floor.record("13800000002");
    floor.server.terminate();
    assert_eq!(floor.server.end(LIMIT), Some(0));

    let replayed = Command::new(env!("CARGO_BIN_EXE_hotline")).arg("replay").arg(&trace).output();
    let replayed = replayed.unwrap();
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let replayed = String::from_utf8(replayed.stdout).unwrap();
    let written = journal::texts(&floor.folder.path().join("data"));
    assert!(written.len() > 30, "{}", written.len());
    for (replayed, written) in replayed.lines().zip(&written) {
        assert_eq!(replayed, written);
    }
    assert_eq!(replayed.lines().count(), written.len());
}
