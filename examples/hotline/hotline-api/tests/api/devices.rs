//! Features of devices by REST, with a real Center behind them; and what a program plays to a caller.

use cti_bindings::testworld::TestWorld;
use serde_json::{Value, json};

use crate::{
    Answer, World, routing,
    services::{done, talk},
};

const FEATURES: &str = "/devices/8001/features";

async fn put(world: &mut World<TestWorld>, token: &str, body: Value) -> Answer {
    let answer = world.ask(token, "PUT", FEATURES, Some(body)).await;
    world.settle().await;
    answer
}

async fn patch(world: &mut World<TestWorld>, token: &str, body: Value) -> Answer {
    let answer = world.ask(token, "PATCH", FEATURES, Some(body)).await;
    world.settle().await;
    answer
}

fn all() -> Value {
    json!({
        "auto_answer": true,
        "do_not_disturb": true,
        "constant_off_hook": true,
        "caller_id_restriction": true,
        "messages_waiting": 3,
        "forwarding": [
            {"when": "immediate", "whose": "external", "to": "913900001111"},
            {"when": "busy", "whose": "internal", "to": "8002"},
            {"when": "no_answer", "whose": "all", "to": "8003"}
        ],
        "speed_dial": {"1": "913900002222", "11": "8002"}
    })
}

#[tokio::test]
async fn the_features_of_a_device_are_shown_replaced_and_changed() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    let nothing = json!({
        "auto_answer": false,
        "do_not_disturb": false,
        "constant_off_hook": false,
        "caller_id_restriction": false,
        "messages_waiting": 0,
        "forwarding": [],
        "speed_dial": {}
    });
    assert_eq!(world.get(&own, FEATURES).await.json(), nothing);

    let answer = put(&mut world, &own, all()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, all()));
    assert_eq!(world.get(&own, FEATURES).await.json(), all());

    let change = json!({"do_not_disturb": false, "speed_dial": {"1": "8003"}, "forwarding": []});
    let answer = patch(&mut world, &own, change).await.json();
    let mut expected = all();
    expected["do_not_disturb"] = json!(false);
    expected["speed_dial"] = json!({"1": "8003"});
    expected["forwarding"] = json!([]);
    assert_eq!(answer, expected);

    assert_eq!(put(&mut world, &own, json!({})).await.json(), nothing);
}

#[tokio::test]
async fn a_feature_that_cannot_stand_is_named_and_nothing_is_changed() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    let before = world.get(&own, FEATURES).await.json();
    let rule = |when: &str, to: &str| json!({"when": when, "to": to});
    let cases = [
        (
            json!({"auto_answer": true, "forwarding": [rule("busy", "8002"), rule("immediate", "8001")]}),
            (400, "invalid_value", "forwarding[1].to"),
        ),
        (
            json!({"auto_answer": true, "forwarding": [rule("busy", "7777")]}),
            (400, "invalid_destination", "forwarding[0].to"),
        ),
        (
            json!({"forwarding": [rule("busy", "8002"), rule("busy", "8003")]}),
            (400, "invalid_value", "forwarding[1]"),
        ),
        (json!({"forwarding": [rule("busy", "x y")]}), (400, "invalid_value", "forwarding[0].to")),
        (
            json!({"forwarding": [rule("never", "8002")]}),
            (400, "invalid_value", "forwarding[0].when"),
        ),
        (
            json!({"auto_answer": true, "speed_dial": {"12345": "8002"}}),
            (400, "invalid_value", "speed_dial.12345"),
        ),
        (json!({"speed_dial": {"1": ""}}), (400, "invalid_value", "speed_dial.1")),
        (json!({"colour": "red"}), (400, "invalid_value", "colour")),
    ];
    for (body, (status, code, field)) in cases {
        let problem = patch(&mut world, &own, body.clone()).await.problem();
        assert_eq!((problem.0, problem.1.as_str()), (status, code), "{body}");
        assert_eq!(problem.2.as_deref(), Some(field), "{body}");
    }
    assert_eq!(world.get(&own, FEATURES).await.json(), before);
    let many: serde_json::Map<_, _> = (0..=100).map(|n| (n.to_string(), json!("8002"))).collect();
    let problem = patch(&mut world, &own, json!({"speed_dial": many})).await.problem();
    assert_eq!((problem.0, problem.1.as_str()), (409, "too_many"));
}

#[tokio::test]
async fn an_agent_switches_the_features_of_his_own_telephone_only() {
    let mut world = talk().await;
    let (own, boss) = (world.token("8001").await, world.token("8000").await);
    let foreign = "/devices/8002/features";
    assert_eq!(world.get(&own, foreign).await.problem().0, 403);
    let change = Some(json!({"do_not_disturb": true}));
    assert_eq!(world.ask(&own, "PATCH", foreign, change.clone()).await.problem().0, 403);
    assert_eq!(world.ask(&boss, "PATCH", foreign, change).await.status, 200);
    world.settle().await;
    let nobody = world.get(&boss, "/devices/9999/features").await.problem();
    assert_eq!((nobody.0, nobody.1.as_str()), (404, "unknown_device"));
}

#[tokio::test]
async fn forwarding_and_do_not_disturb_work_as_soon_as_they_are_answered() {
    let mut world = talk().await;
    let (own, boss) = (world.token("8001").await, world.token("8000").await);
    let forward = json!({"forwarding": [{"when": "immediate", "to": "913900001111"}]});
    let answer = world.ask(&boss, "PATCH", "/devices/8003/features", Some(forward)).await;
    assert_eq!(answer.status, 200);
    world.settle().await;
    let to = json!({"to": {"device": "8003"}});
    done(&mut world, &own, "/calls/call-1/single-step-transfer", to).await;
    world.run("00:05 outside 13900001111 answers").await;
    let call = world.get(&boss, "/calls/call-1").await.json();
    assert_eq!(call["parties"][1]["number"], "13900001111");
}

#[tokio::test]
async fn a_telephone_that_stands_off_hook_is_shown_and_talks_without_ringing() {
    let mut world = talk().await;
    let boss = world.token("8000").await;
    let on = json!({"constant_off_hook": true});
    let answer = world.ask(&boss, "PATCH", "/devices/8002/features", Some(on)).await;
    assert_eq!(answer.status, 200);
    world.settle().await;
    let state = |devices: &Value, id: &str| {
        let items = devices["items"].as_array().unwrap();
        items.iter().find(|device| device["id"] == id).unwrap()["off_hook"].clone()
    };
    let devices = world.get(&boss, "/devices").await.json();
    assert_eq!(state(&devices, "8002"), "connected");
    assert_eq!(state(&devices, "8001"), Value::Null);
    let ready = world.post(&boss, "/agents/8002/force", json!({"to": "ready"})).await;
    assert_eq!(ready.status, 200);
    world.settle().await;
    world.run("00:01 citizen 13900000001 dials 12345\n00:02").await;
    assert_eq!(world.get(&boss, "/calls/call-2").await.json()["state"], "talking");
    world.run("00:09 citizen 13900000001 hangs up").await;
    assert_eq!(state(&world.get(&boss, "/devices").await.json(), "8002"), "connected");
}

#[tokio::test]
async fn an_earlier_recording_is_played_to_a_caller_by_who_may_hear_it() {
    let mut world = talk().await;
    let (own, other) = (world.token("8001").await, world.token("8002").await);
    let hear = |recording: &str| json!({"party": "served", "clips": [{"recording": recording}]});
    let path = "/calls/call-1/play";
    let missing = world.post(&own, path, hear("recording-9")).await.problem();
    assert_eq!((missing.0, missing.1.as_str()), (404, "unknown_recording"));
    assert_eq!(missing.2.as_deref(), Some("clips"));

    done(&mut world, &own, "/calls/call-1/record", json!({"on": false})).await;
    done(&mut world, &own, path, hear("recording-1")).await;
    let trace = world.run("00:30").await;
    assert!(trace.contains("call-1 leg-1 heard the message to its end"), "{trace}");
    assert_eq!(world.post(&other, path, hear("recording-1")).await.problem().0, 403);
}

#[tokio::test]
async fn devices_are_listed_with_their_kinds() {
    let world = talk().await;
    let boss = world.token("8000").await;
    let devices = world.get(&boss, "/devices").await.json();
    let kinds: Vec<_> = devices["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", it["id"].as_str().unwrap(), it["kind"].as_str().unwrap()))
        .collect();
    for known in ["8001 station", "city trunk_group", "general acd_group", "hotline-12345 ivr_port"]
    {
        assert!(kinds.iter().any(|kind| kind == known), "{known} in {kinds:?}");
    }
}

#[tokio::test]
async fn a_telephone_that_answers_by_itself_beeps_before_the_citizen_is_heard() {
    let (mut world, _, admin) = routing::busy().await;
    for contact in 2..=4 {
        world.ask(&admin, "DELETE", &format!("/contacts/contact-{contact}"), None).await;
    }
    let features = "/devices/8002/features";
    let on = world.ask(&admin, "PATCH", features, Some(json!({"auto_answer": true}))).await;
    assert_eq!(on.status, 200, "{on:?}");
    world.settle().await;
    world.run("00:00 agent 8002 is ready").await;
    let trace = world.run("00:00 citizen 13812340005 dials 12345\n 00:01").await;
    assert!(trace.contains("offer to agent 8002 answered"), "nobody lifts it: {trace}");
    let beep = trace.find("hears Beep").unwrap_or_else(|| panic!("{trace}"));
    assert!(trace.find("talks with agent 8002").unwrap() < beep, "{trace}");
    world.run("00:00 citizen 13812340005 hangs up\n 00:01 agent 8002 is ready").await;

    let off = world.ask(&admin, "PATCH", features, Some(json!({"auto_answer": false}))).await;
    assert_eq!(off.status, 200, "{off:?}");
    world.settle().await;
    let rings = "00:00 citizen 13812340006 dials 12345\n 00:05 phone 8002 answers\n 00:06";
    let trace = world.run(rings).await;
    assert!(trace.contains("talks with agent 8002") && !trace.contains("Beep"), "{trace}");
}
