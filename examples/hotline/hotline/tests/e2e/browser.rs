//! A browser's first call: sign in, see a call arrive, play its recording, file a ticket.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        rtp::Phone,
        wait,
    },
    talk::{direct, quick},
};

/// Chromium starts slowly on a small machine.
const TO_START: Duration = Duration::from_secs(60);

#[test]
fn an_agent_takes_a_call_in_the_browser_plays_its_recording_and_files_a_ticket() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let phone = floor.phone("8001", 1000.0);
    let output = floor.folder.path().join("browser");
    let mut browser = Command::new("node")
        .arg("e2e/hotline.mjs")
        .current_dir(web_with_its_modules())
        .env("HOTLINE_URL", format!("http://127.0.0.1:{}", floor.server.http))
        .env("HOTLINE_SHOTS", floor.folder.path())
        .stdin(Stdio::null())
        .stdout(File::create(&output).unwrap())
        .spawn()
        .expect("Node is installed");
    let said = |what: &str, limit: Duration| {
        wait::until(&format!("{what} from the browser"), limit, || {
            let text = fs::read_to_string(&output).unwrap();
            text.lines().find(|line| line.split(' ').next() == Some(what)).map(str::to_owned)
        })
    };
    said("READY", TO_START);
    let answering = phone.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12345", &caller);
    let calling = calling.pause(Duration::from_secs(16)).start();
    let call = said("CALL", LIMIT);
    assert!(call.ends_with(" 13800000001"), "{call}");
    said("TALK", LIMIT);
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    said("PLAYED", LIMIT);
    let ticket = said("TICKET", LIMIT);
    let code = wait::until("the browser's end", LIMIT, || browser.try_wait().unwrap()).code();
    assert_eq!(code, Some(0));

    let no = ticket.split(' ').nth(1).unwrap();
    let kept = floor.supervisor.get(&format!("/api/v1/tickets/{no}")).json();
    assert_eq!(kept["caller_number"], "13800000001", "{kept:#}");
    assert_eq!(floor.record("13800000001")["ticket"], no);
}

pub(crate) fn web_with_its_modules() -> PathBuf {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hotline-web/web");
    if !web.join("node_modules").exists() {
        let npm = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(&web).status();
        assert!(npm.unwrap().success());
    }
    web
}
