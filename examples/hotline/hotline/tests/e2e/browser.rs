//! A person at the page: an agent's first call, an administrator who draws a flow that the next caller hears, a supervisor
//! who orders those who wait, an administrator who writes a strategy.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::{
    flows::{Caller, until_recorded},
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        journal,
        rtp::Phone,
        sound, wait,
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
    let mut browser = Browser::at(&floor, "e2e/hotline.mjs", &[]);
    browser.said("READY", TO_START);
    let answering = phone.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12345", &caller);
    let calling = calling.pause(Duration::from_secs(16)).start();
    let call = browser.said("CALL", LIMIT);
    assert!(call.ends_with(" 13800000001"), "{call}");
    browser.said("TALK", LIMIT);
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    browser.said("PLAYED", LIMIT);
    let ticket = browser.said("TICKET", LIMIT);
    browser.ends_well();

    let no = ticket.split(' ').nth(1).unwrap();
    let kept = floor.supervisor.get(&format!("/api/v1/tickets/{no}")).json();
    assert_eq!(kept["caller_number"], "13800000001", "{kept:#}");
    assert_eq!(floor.record("13800000001")["ticket"], no);
}

#[test]
fn an_agent_plays_a_prompt_records_and_sends_the_citizen_to_the_leader_on_duty_by_button() {
    if !asked_for() {
        return;
    }
    const PROMPT: &str = "greeting-12345";
    let floor = Floor::open_with(quick, direct);
    let agent = floor.phone("8001", 1000.0);
    let leader = floor.phone("8016", 2000.0);
    let choices = [("HOTLINE_PROMPT", PROMPT), ("HOTLINE_LEADER", "8016")];
    let mut browser = Browser::at(&floor, "e2e/aids.mjs", &choices);
    browser.said("READY", TO_START);
    let answering = agent.answers();
    let leader_answers = leader.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller-waits", "13800000001", "12300", &caller).start();

    browser.said("PLAYED", TO_START);
    wait::until("the prompt at the citizen's", LIMIT, || {
        sound::holds(&caller.heard().samples, &floor.prompt(PROMPT)).then_some(())
    });
    browser.said("RECORDING", LIMIT);
    let offered = browser.said("BOOK", LIMIT);
    assert!(offered.contains("应急管理局"), "the urgent ones come first: {offered}");
    browser.said("SENT", LIMIT);
    browser.ends_well();
    answering.succeeds(LIMIT);
    wait::until("the leader's voice at the citizen's", LIMIT, || {
        (sound::pieces_with(&caller.heard().samples, 2000.0) >= 20).then_some(())
    });
    let recordings = wait::until("two recordings of the talk", LIMIT, || {
        let all = floor.items("/api/v1/recordings?caller=13800000001&agent=8001");
        Some(all).filter(|all| all.len() == 2)
    });
    assert!(recordings.iter().all(|it| it["agent"] == "8001"), "{recordings:#?}");
    drop((calling, leader_answers));
}

#[test]
fn a_message_for_the_leader_is_a_task_that_an_agent_accepts_hears_and_finishes() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let _phone = floor.phone("8001", 1000.0);
    let mut browser = Browser::at(&floor, "e2e/tasks.mjs", &[]);
    browser.said("READY", TO_START);
    let citizen = Caller::of(&floor, "13800000002", "12349");
    citizen.hears(&floor, "leader-which-number");
    citizen.phone.press("1");
    citizen.hears(&floor, "leader-question");
    until_recorded(&floor, "13800000002");
    thread::sleep(Duration::from_secs(3));
    citizen.phone.press("#");
    citizen.hears(&floor, "leader-reply");
    citizen.phone.press("1");

    browser.said("OFFERED", TO_START);
    browser.said("ACCEPTED", LIMIT);
    browser.said("HEARD", LIMIT);
    browser.said("FINISHED", LIMIT);
    browser.ends_well();
    citizen.calling.succeeds(LIMIT);
    let messages = floor.items("/api/v1/mailboxes/leader/messages");
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(messages[0]["state"], "done", "{messages:#?}");
}

#[test]
fn a_flow_that_was_drawn_in_the_browser_is_heard_by_the_next_caller() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let choices = [("HOTLINE_FLOW", "direct"), ("HOTLINE_REDRAW", "1")];
    let mut browser = Browser::at(&floor, "e2e/draw.mjs", &choices);
    browser.said("DRAWN", TO_START);
    browser.said("STOPPED", TO_START);
    browser.said("TRIED", TO_START);
    let version = browser.said("PUBLISHED", TO_START).split(' ').nth(1).unwrap().to_owned();
    browser.ends_well();
    let flow = floor.supervisor.get("/api/v1/flows/direct").json();
    assert!(flow["serves"].as_str().unwrap().starts_with(&version), "{flow:#}");

    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    let calling = calling.pause(Duration::from_secs(14)).start();
    for clip in ["greeting-12345", "menu1"] {
        wait::until(clip, LIMIT, || {
            sound::holds(&caller.heard().samples, &floor.prompt(clip)).then_some(())
        });
    }
    calling.succeeds(LIMIT);
}

#[test]
fn a_supervisor_orders_those_who_wait_and_reads_why_they_do() {
    if !asked_for() {
        return;
    }
    let patient = |demo: &str| {
        quick(demo).replace("nobody_staffed_after_ms = 5_000", "nobody_staffed_after_ms = 10_000")
    };
    let floor = Floor::open_with(patient, direct);
    let agent = floor.agent("8001");
    let answering = agent.answers();
    let phones = [Phone::playing(440.0), Phone::playing(440.0), Phone::playing(440.0)];
    let talk = floor.call("caller", "13800000000", "12300", &phones[0]);
    let talking = talk.pause(Duration::from_secs(100)).start();
    floor.until_call("13800000000", "talking");
    let waiting: Vec<_> = (1..=3)
        .map(|n| {
            let number = format!("1380000000{n}");
            let call = floor.call("caller-waits", &number, "12300", &phones[n % 3]).start();
            let queued = floor.until_call(&number, "queued");
            (call, queued["contact"].as_str().unwrap().to_owned())
        })
        .collect();
    let contact = |n: usize| waiting[n].1.clone();

    let mut browser = Browser::at(&floor, "e2e/waiting.mjs", &[]);
    let order = format!("WAITING {} {} {}", contact(0), contact(1), contact(2));
    assert_eq!(browser.said("WAITING", TO_START), order);
    browser.said("WHY", LIMIT);
    let why_not = browser.said("WHYNOT", LIMIT);
    assert!(why_not.contains("8001"), "{why_not}");
    browser.said("FIRST", LIMIT);
    browser.said("ASSIGNED", LIMIT);
    let explained = floor.items("/api/v1/queues");
    let general = explained.iter().find(|it| it["id"] == "general").unwrap();
    assert_eq!(general["callers"][0]["assigned"], "8001", "{general:#}");
    browser.said("MOVED", LIMIT);
    browser.said("REMOVED", LIMIT);
    browser.ends_well();
    assert_ne!(floor.record("13800000003")["outcome"], "answered");
    drop((talking, answering));
}

#[test]
fn a_strategy_that_was_written_in_the_browser_decides_the_next_call() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let answering = agent.answers();
    let caller = Phone::playing(440.0);
    let second = Duration::from_secs(1);
    floor.call("caller", "13800000001", "12300", &caller).pause(second).run(LIMIT);
    answering.succeeds(LIMIT);
    floor.record("13800000001");

    let mut browser = Browser::at(&floor, "e2e/routing.mjs", &[("HOTLINE_STAYS", "1")]);
    assert_eq!(browser.said("STOPPED", TO_START), "STOPPED 3");
    browser.said("MENDED", LIMIT);
    assert_eq!(browser.said("TRIED", LIMIT), "TRIED 1");
    let shadow = browser.said("SHADOW", LIMIT).replace("SHADOW", "SWITCHED");
    assert_eq!(browser.said("SWITCHED", LIMIT), shadow);
    browser.ends_well();

    floor.until_state("8001", "ready");
    let answering = agent.answers();
    floor.call("caller", "13800000002", "12300", &caller).pause(second).run(LIMIT);
    answering.succeeds(LIMIT);
    let offered = journal::facts(&floor.folder.path().join("data"), "offered");
    let rules: Vec<String> = offered.iter().map(|fact| fact["why"]["rule"].to_string()).collect();
    assert!(rules.last().is_some_and(|rule| rule.contains("few_calls")), "{rules:?}");
}

/// A browser that does what a person does, and says how far it has come.
struct Browser {
    running: Child,
    output: PathBuf,
}

impl Browser {
    fn at(floor: &Floor, script: &str, choices: &[(&str, &str)]) -> Self {
        let output = floor.folder.path().join("browser");
        // Who wants to look at the pictures names a folder that stays.
        let shots = env::var_os("HOTLINE_SHOTS").map_or(floor.folder.path().into(), PathBuf::from);
        let running = Command::new("node")
            .arg(script)
            .current_dir(web_with_its_modules())
            .env("HOTLINE_URL", format!("http://127.0.0.1:{}", floor.server.http))
            .env("HOTLINE_SHOTS", shots)
            .envs(choices.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(&output).unwrap())
            .spawn()
            .expect("Node is installed");
        Self { running, output }
    }

    /// Waits until the browser says a line that begins with this word, and returns it.
    fn said(&self, word: &str, limit: Duration) -> String {
        wait::until(&format!("{word} from the browser"), limit, || {
            let text = fs::read_to_string(&self.output).unwrap();
            text.lines().find(|line| line.split(' ').next() == Some(word)).map(str::to_owned)
        })
    }

    fn ends_well(&mut self) {
        let end = wait::until("the browser's end", LIMIT, || self.running.try_wait().unwrap());
        assert_eq!(end.code(), Some(0));
    }
}

pub(crate) fn web_with_its_modules() -> PathBuf {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hotline-web/web");
    if !web.join("node_modules").exists() {
        let npm = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(&web).status();
        assert!(npm.unwrap().success());
    }
    web
}
