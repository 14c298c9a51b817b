//! Browsers as telephones: a newcomer on the page `/call`, an agent in another tab.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    browser::web_with_its_modules,
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        journal, sound, wait,
    },
    talk::{direct, quick},
};

/// Chromium starts slowly on a small machine.
const TO_START: Duration = Duration::from_secs(90);

#[test]
fn a_newcomer_calls_from_the_browser_and_an_agent_answers_in_another_tab() {
    if !asked_for() {
        return;
    }
    let patient = |demo: &str| quick(demo).replace("ring_ms = 2_000", "ring_ms = 20_000");
    let floor = Floor::open_with(patient, direct);
    let output = floor.folder.path().join("browser");
    let mut browser = Command::new("node")
        .arg("e2e/phone.mjs")
        .current_dir(web_with_its_modules())
        .env("HOTLINE_URL", format!("http://127.0.0.1:{}", floor.server.http))
        .env("HOTLINE_SHOTS", floor.folder.path())
        .env("HOTLINE_NUMBER", "12329")
        .env("HOTLINE_KEYS", "0")
        .stdin(Stdio::null())
        .stdout(File::create(&output).unwrap())
        .spawn()
        .expect("Node is installed");
    for (what, limit) in [("READY", TO_START), ("RINGING", TO_START), ("TALK", LIMIT)] {
        said(&output, what, limit);
    }
    // Each page measured the other's tone in what it plays.
    said(&output, "CALLER", LIMIT);
    said(&output, "AGENT", LIMIT);
    said(&output, "MICROPHONE", LIMIT);
    let code = wait::until("the browser's end", LIMIT, || browser.try_wait().unwrap()).code();
    assert_eq!(code, Some(0), "{}", fs::read_to_string(&output).unwrap());

    let pressed = journal::facts(&floor.folder.path().join("data"), "digit_pressed");
    assert_eq!(pressed.len(), 1, "the key of the page is lost or doubled: {pressed:?}");
    let recording = wait::until("the recording", LIMIT, || {
        floor.items("/api/v1/recordings?agent=8001").into_iter().next()
    });
    let id = recording["id"].as_str().unwrap();
    let audio = floor.supervisor.get(&format!("/api/v1/recordings/{id}/audio"));
    let channels = sound::channels(&audio.body);
    // Half of each second is a rest, and the agent heard whose queue it was before the talk began.
    for (samples, own, other) in [(&channels[0], 440.0, 1000.0), (&channels[1], 1000.0, 440.0)] {
        let (heard, all) = (sound::pieces_with(samples, own), samples.len() / 800);
        assert!(heard >= 4 && heard * 10 >= all * 3, "{own} Hz in {heard} of {all} pieces");
        assert_eq!(sound::pieces_with(samples, other), 0, "{other} Hz is on the wrong channel");
    }
}

fn said(output: &std::path::Path, what: &str, limit: Duration) -> String {
    wait::until(&format!("{what} from the browser"), limit, || {
        let text = fs::read_to_string(output).unwrap();
        text.lines().find(|line| line.split(' ').next() == Some(what)).map(str::to_owned)
    })
}
