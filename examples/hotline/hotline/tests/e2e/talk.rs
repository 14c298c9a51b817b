//! A citizen's call, answered: what both hear, what is recorded, who hangs up, who waits.

use std::{fs, path::Path, time::Duration};

use super::support::{
    asked_for,
    floor::{Floor, LIMIT},
    rtp::Phone,
    sound, wait,
};

const SECOND: usize = sound::RATE as usize;

#[test]
fn caller_and_agent_hear_each_other_and_are_recorded_on_their_own_channels() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open();
    let agent = floor.agent("8003");
    let talk = Duration::from_secs(7);
    let answering = agent.does("agent-hangs-up").pause(talk).start();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller-waits", "13800000001", "12345", &caller).start();
    floor.until_call("13800000001", "talking");
    let waited = caller.heard().samples;
    caller.forget();
    answering.succeeds(LIMIT);
    calling.succeeds(LIMIT);

    for clip in ["greeting-12345", "recording-notice", "waiting", "queue-next"] {
        assert!(sound::holds(&waited, &floor.prompt(clip)), "{clip} is not heard before the talk");
    }
    assert_eq!(sound::pieces_with(&waited, 1000.0), 0, "the agent is heard before he answers");
    let heard = caller.heard().samples;
    let before_talk = heard.chunks_exact(800).take_while(|piece| sound::share(piece, 1000.0) < 0.1);
    let before_talk: Vec<i16> = before_talk.flatten().copied().collect();
    // "8003号话务员为您服务" takes 3.3 s; a little of it is over when the API has told of the talk.
    assert!((2 * SECOND..5 * SECOND).contains(&before_talk.len()), "{}", before_talk.len());
    assert!(sound::pieces_of_other_sound(&before_talk, &[440.0]) >= 12, "the number is not read");
    assert!(sound::holds(&before_talk, &floor.prompt("agent-id")), "号话务员为您服务 is not heard");
    let talked = &heard[before_talk.len()..];
    assert!(sound::pieces_with(talked, 1000.0) >= 25, "the caller does not hear the agent");
    let heard = agent.phone.heard();
    assert!(sound::pieces_with(&heard.samples, 440.0) >= 25, "the agent does not hear the caller");
    assert_eq!(heard.lost, 0);

    let record = floor.record("13800000001");
    assert_eq!(
        (&record["agent"], &record["outcome"], &record["queue"]),
        (&"8003".into(), &"answered".into(), &"general".into()),
        "{record:#}"
    );
    let channels = floor.recording("13800000001");
    assert_eq!(channels.len(), 2);
    for (samples, own, other) in [(&channels[0], 440.0, 1000.0), (&channels[1], 1000.0, 440.0)] {
        let seconds = samples.len() as f64 / SECOND as f64;
        assert!((seconds - talk.as_secs_f64()).abs() < 0.3, "recorded {seconds} s of {talk:?}");
        assert!(sound::pieces_with(samples, own) >= 60, "{own} Hz is not on its channel");
        assert_eq!(sound::pieces_with(samples, other), 0, "{other} Hz is on the wrong channel");
    }
    let recording = &floor.items("/api/v1/recordings?caller=13800000001")[0];
    assert_eq!((&recording["agent"], &recording["seat"]), (&"8003".into(), &"A03".into()));
    assert_eq!(
        (&recording["caller"], &recording["called"]),
        (&"13800000001".into(), &"12345".into())
    );
    let told = recording["length_ms"].as_f64().unwrap() / 1000.0;
    assert!((told - talk.as_secs_f64()).abs() < 0.3, "{recording:#}");
    let talked = record["talk_ms"].as_f64().unwrap() / 1000.0;
    assert!((talked - talk.as_secs_f64()).abs() < 0.3, "{record:#}");

    let voice = wait::until("how well both were heard", LIMIT, || {
        let records = floor.items("/api/v1/call-records?caller=13800000001");
        records[0]["voice"].as_array().filter(|legs| legs.len() == 2).cloned()
    });
    assert!(voice.iter().all(|leg| leg["mos"].as_f64().unwrap() > 3.5), "{voice:#?}");
    assert!(voice.iter().any(|leg| leg["agent"] == "8003"), "{voice:#?}");
}

#[test]
fn a_talk_that_is_over_is_moved_to_its_folder_and_played_from_there() {
    if !asked_for() {
        return;
    }
    let archive = tempfile::tempdir().unwrap();
    let folder = archive.path();
    let target = format!("[recording]\nkeep_free_mb = 1\ntarget = {{ folder = {folder:?} }}");
    let floor = Floor::open_with(|demo| demo.replacen("# [recording]", &target, 1), |_| ());
    let agent = floor.agent("8003");
    let answering = agent.does("agent-hangs-up").pause(Duration::from_secs(3)).start();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller-waits", "13800000001", "12345", &caller).start();
    answering.succeeds(LIMIT);
    calling.succeeds(LIMIT);

    let files = |folder: &Path| {
        let days = fs::read_dir(folder).into_iter().flatten().map(|day| day.unwrap().path());
        let files = days.flat_map(|day| fs::read_dir(day).into_iter().flatten());
        files
            .filter(|file| file.as_ref().unwrap().path().extension() == Some("wav".as_ref()))
            .count()
    };
    let here = floor.folder.path().join("data/recordings");
    wait::until("the recording in its folder", LIMIT, || {
        (files(folder) == 1 && files(&here) == 0).then_some(())
    });
    assert_eq!(floor.recording("13800000001").len(), 2);
}

#[test]
fn a_caller_who_gives_up_leaves_the_queue_and_frees_the_agent() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let ringing = agent.does("agent-silent").start();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    calling.pause(Duration::from_secs(1)).run(LIMIT);
    ringing.succeeds(LIMIT);
    floor.until_state("8001", "ready");
    let record = floor.record("13800000001");
    assert_eq!(record["outcome"], "abandoned", "{record:#}");
    assert_eq!(floor.items("/api/v1/queues")[0]["waiting"], 0);

    let answering = agent.answers();
    let calling = floor.call("caller", "13800000002", "12300", &caller);
    calling.pause(Duration::from_secs(1)).run(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.record("13800000002")["outcome"], "answered");
}

#[test]
fn an_unanswered_caller_keeps_his_place_and_is_offered_to_the_next_agent() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let (first, second) = (floor.agent("8001"), floor.agent("8002"));
    let ringing = first.does("agent-silent").start();
    let callers = [Phone::playing(440.0), Phone::playing(440.0)];
    let stay = Duration::from_secs(5);
    let calling = floor.call("caller", "13800000001", "12300", &callers[0]).pause(stay).start();
    floor.until_state("8001", "reserved");
    let answering = second.answers();
    ringing.succeeds(LIMIT);
    floor.until_call("13800000001", "talking");
    answering.succeeds(LIMIT);
    calling.succeeds(LIMIT);

    let agent = floor.supervisor.get("/api/v1/agents/8001").json();
    assert_eq!((&agent["state"], &agent["reason"]), (&"not_ready".into(), &"no_answer".into()));
    let record = floor.record("13800000001");
    assert_eq!((&record["agent"], &record["outcome"]), (&"8002".into(), &"answered".into()));
    let legs: Vec<_> = record["legs"].as_array().unwrap().iter().map(|leg| &leg["agent"]).collect();
    assert_eq!(legs, ["8001", "8002"], "{record:#}");
}

#[test]
fn two_callers_and_one_agent_are_served_in_the_order_they_came() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    // Nobody is ready while they come.
    let agent = floor.phone("8001", 1000.0);
    floor.sign_in("8001", "8001");
    floor.supervisor.post("/api/v1/agents/8001/ready", &serde_json::json!({}));
    let busy = Phone::playing(440.0);
    let answering = agent.answers();
    let first_talk = floor.call("caller", "13800000000", "12300", &busy);
    let first_talk = first_talk.pause(Duration::from_secs(3)).start();
    floor.until_call("13800000000", "talking");
    let phones = [Phone::playing(440.0), Phone::playing(440.0)];
    let mut calls = Vec::new();
    for (n, phone) in phones.iter().enumerate() {
        let number = format!("1380000000{}", n + 1);
        let call = floor.call("caller-waits", &number, "12300", phone).start();
        let waiting = floor.until_call(&number, "queued");
        assert_eq!(waiting["position"], n + 1, "{waiting:#}");
        calls.push(call);
    }
    first_talk.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    for call in calls {
        agent.does("agent-hangs-up").pause(Duration::from_secs(1)).run(LIMIT);
        call.succeeds(LIMIT);
    }
    let answered = |number: &str| floor.record(number)["answered"].as_str().unwrap().to_owned();
    let talks = ["13800000000", "13800000001", "13800000002"].map(|number| {
        let record = floor.record(number);
        assert_eq!(record["agent"], "8001", "{record:#}");
        record["legs"][0]["answered"].as_str().unwrap().to_owned()
    });
    assert!(talks.is_sorted(), "{talks:?}");
    assert!(
        answered("13800000001") < talks[1],
        "he was waiting, not answered by the agent at once"
    );
}

#[test]
fn a_caller_on_hold_hears_music_and_then_the_agent_again() {
    if !asked_for() {
        return;
    }
    // The phone's pauses are one length: it rings as long as it talks and holds.
    let patient = |demo: &str| quick(demo).replace("ring_ms = 2_000", "ring_ms = 20_000");
    let floor = Floor::open_with(patient, direct);
    let agent = floor.agent("8001");
    // Holding begins 5 s after the answer, behind the announcement.
    let answering = agent.does("agent-holds").pause(Duration::from_secs(5)).start();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    let calling = calling.pause(Duration::from_secs(18)).start();
    floor.until_call("13800000001", "talking");
    wait::until("the agent's voice", LIMIT, || {
        (sound::pieces_with(&caller.heard().samples, 1000.0) > 5).then_some(())
    });
    floor.until_call("13800000001", "held");
    caller.forget();
    floor.until_call("13800000001", "talking");
    let held = caller.heard().samples;
    assert!(held.len() > 3 * SECOND, "{}", held.len());
    assert!(sound::pieces_of_other_sound(&held, &[440.0, 1000.0]) > 20, "no music on hold");
    assert!(sound::pieces_with(&held, 1000.0) <= 3, "the agent is heard while holding");
    caller.forget();
    wait::until("the agent's voice after hold", LIMIT, || {
        (sound::pieces_with(&caller.heard().samples, 1000.0) > 5).then_some(())
    });
    // The caller hangs up in this talk, the agent in the first of this file.
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.record("13800000001")["outcome"], "answered");
}

/// Short ringing and after-call work, and a number without greetings.
pub(crate) fn quick(demo: &str) -> String {
    let number = "[[numbers]]\nnumber = \"12300\"\nname = \"test\"\nflow = \"direct\"\n";
    demo.replace("ring_ms = 20_000", "ring_ms = 2_000")
        .replace("after_call_work_ms = 30_000", "after_call_work_ms = 500")
        .replace("after_call_work_ms = 15_000", "after_call_work_ms = 500")
        + number
}

/// The flow of that number: answer and wait.
pub(crate) fn direct(data: &Path) {
    let flow = serde_json::json!({
        "schema": "cti.flow/1", "id": "direct", "kind": "inbound", "name": "test",
        "entry": "answer", "on_error": "bye",
        "nodes": {
            "answer": { "type": "answer", "out": { "next": "agents" } },
            "agents": { "type": "enqueue", "queue": "general", "out": {
                "overflow": "bye", "full": "bye", "failed": "bye", "no_staff": "bye", "left": "bye"
            } },
            "bye": { "type": "hangup" }
        }
    });
    fs::create_dir(data.join("flows")).unwrap();
    fs::write(data.join("flows/direct.json"), flow.to_string()).unwrap();
}
