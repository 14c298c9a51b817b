//! Flows by REST: drawn, checked, tried, published while callers are inside, counted.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_bindings::{fake::FakeCentre, testlog::center_config, testworld::TestWorld};
use cti_core::{calendar::Calendars, center::Center, testkit::SimpleRouter, time::Timestamp};
use cti_ivr::{
    engine::Engine,
    flow::{FlowSet, Recordings},
};
use hotline_api::flows::{FlowDesk, Look, Surroundings};
use serde_json::{Value, json};

use crate::World;

/// Whoever has an engine shows it.
pub(crate) trait Shows: Send + Sync {
    fn show(&self, look: Look);
}

impl Shows for FakeCentre {
    fn show(&self, _look: Look) {}
}

impl Shows for TestWorld {
    fn show(&self, look: Look) {
        self.happens(|world| {
            let engine: &dyn std::any::Any = world.center.flow_engine();
            if let Some(engine) = engine.downcast_ref::<Engine>() {
                look(engine);
            }
        });
    }
}

struct Desk<C> {
    centre: Arc<C>,
    around: Surroundings,
}

#[async_trait]
impl<C: Shows + 'static> FlowDesk for Desk<C> {
    async fn look(&self, look: Look) {
        self.centre.show(look);
    }

    fn surroundings(&self) -> &Surroundings {
        &self.around
    }

    fn recordings(&self) -> Recordings {
        let known = ["old", "new", "more"].map(|id| (id.to_owned(), Duration::from_secs(3)));
        Recordings { languages: [("zh-CN".to_owned(), known.into())].into() }
    }
}

pub(crate) fn desk<C: Shows + 'static>(centre: Arc<C>) -> Arc<dyn FlowDesk> {
    let around = Surroundings {
        prompts: vec!["hold".to_owned()],
        numbers: vec![("12345".to_owned(), "hotline-12345".parse().unwrap())],
        ..Surroundings::default()
    };
    Arc::new(Desk { centre, around })
}

/// A flow that plays a prompt, and another after key 1.
pub(crate) fn greeting(prompt: &str) -> Value {
    json!({
        "schema": "cti.flow/1", "id": "hotline-12345", "kind": "inbound", "name": "12345", "entry": "a",
        "nodes": {
            "a": {"type": "menu", "prompt": [prompt], "retries": 9, "out": {"1": "b", "exhausted": "bye"}},
            "b": {"type": "play", "prompt": ["more"], "out": {"next": "bye"}},
            "bye": {"type": "hangup"},
        },
        "view": {"a": {"x": 1, "y": 2}},
    })
}

pub(crate) async fn world() -> World<TestWorld> {
    let text = greeting("old").to_string();
    let flows = FlowSet::parse([("main.json", text.as_str())]).unwrap();
    let engine = Engine::new(flows, Calendars::default()).unwrap();
    let router = Box::new(SimpleRouter::default());
    let center = Center::new(center_config(), router, Box::new(engine)).unwrap();
    let began = Timestamp::from_secs(1_795_309_200);
    World::of(TestWorld::new(center, began), center_config()).await
}

const FLOW: &str = "/flows/hotline-12345";

async fn put(world: &World<TestWorld>, token: &str, document: &Value, etag: Value) -> Value {
    let body = json!({"document": document, "etag": etag, "note": "try"});
    let answer = world.ask(token, "PUT", &format!("{FLOW}/draft"), Some(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn an_administrator_publishes_while_two_hundred_callers_are_inside() {
    let mut world = world().await;
    let admin = world.token("admin").await;
    let calls: String =
        (0..200).map(|n| format!("00:01 citizen 1381234{n:04} dials 12345\n")).collect();
    world.run(&calls).await;
    let before = world.get(&admin, FLOW).await.json();
    assert_eq!((&before["sessions"], &before["numbers"]), (&json!(200), &json!(["12345"])));
    let old = before["published"]["version"].as_str().unwrap().to_owned();

    let checked = world.post(&admin, "/flows/check", json!({"document": greeting("new")})).await;
    assert_eq!((&checked.json()["errors"], checked.status.as_u16()), (&json!(0), 200));
    let draft = put(&world, &admin, &greeting("new"), Value::Null).await;
    assert_eq!(draft["document"]["view"]["a"]["x"], 1, "the picture is kept");
    let trace = world.run("00:02").await;
    assert!(!trace.contains("hears"), "saving disturbs nobody");
    let published = json!({"note": "a new greeting", "etag": draft["etag"]});
    let answer = world.post(&admin, &format!("{FLOW}/publish"), published).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let new = answer.json()["published"]["version"].as_str().unwrap().to_owned();
    assert_eq!(draft["version"], new.as_str());

    let trace = world.run("00:03 citizen 13900000000 dials 12345").await;
    assert_eq!(trace.matches("hears").count(), 1, "{trace}");
    assert!(trace.contains("hears new"), "{trace}");
    let pressed = world.run("00:04 citizen 13812340007 presses 1").await;
    assert!(pressed.contains("hears more"), "{pressed}");
    let shown = world.get(&admin, FLOW).await.json();
    let stages: Vec<(&str, u64)> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["stage"].as_str().unwrap(), it["sessions"].as_u64().unwrap()))
        .collect();
    assert!(
        stages.contains(&("draining", 200)) && stages.contains(&("published", 1)),
        "{stages:?}"
    );

    let counts =
        world.get(&admin, &format!("{FLOW}/statistics?version={}", &old[..12])).await.json();
    assert_eq!((&counts["started"], &counts["sessions"]), (&json!(200), &json!(200)));
    let menu = counts["nodes"].as_array().unwrap().iter().find(|it| it["node"] == "a").unwrap();
    assert_eq!(menu["left"], json!([{"outlet": "1", "count": 1}]));
    assert_eq!((&menu["here"], &menu["entered"]), (&json!(199), &json!(200)));
    assert_eq!(menu["keys"], json!([{"key": "1", "count": 1}]));

    let diff = world.get(&admin, &format!("{FLOW}/diff?from={old}&to={new}")).await.json();
    assert_eq!(diff["nodes"][0]["fields"][0]["field"], "/prompt");
    let back = world.post(&admin, &format!("{FLOW}/roll-back"), json!({"note": "too loud"})).await;
    assert_eq!(back.json()["serves"], old.as_str(), "{back:?}");
    let trace = world.run("00:05 citizen 13900000001 dials 12345").await;
    assert!(trace.contains("hears old"), "{trace}");
    let stop = format!("{FLOW}/versions/{new}/end-sessions");
    assert_eq!(world.post(&admin, &stop, json!({"note": "out"})).await.json()["ended"], 1);
}

#[tokio::test]
async fn supervisors_look_and_try_administrators_change_agents_see_nothing() {
    let world = world().await;
    let (admin, supervisor) = (world.token("admin").await, world.token("8000").await);
    let agent = world.token("8001").await;
    let body = json!({"document": greeting("new"), "etag": null});
    for (token, looks, changes) in [(&agent, 403, 403), (&supervisor, 200, 403), (&admin, 200, 200)]
    {
        let looked = world.get(token, "/flows").await;
        assert_eq!(looked.status, looks, "{looked:?}");
        let draft = world.ask(token, "PUT", &format!("{FLOW}/draft"), Some(body.clone())).await;
        assert_eq!(draft.status, changes, "{draft:?}");
        for path in ["/flow-catalogue", "/flow-catalogue/schema"] {
            assert_eq!(world.get(token, path).await.status, looks, "{path}");
        }
    }
    assert_eq!(world.get("", "/flows").await.problem().1, "no_token");
    let numbers = json!({"numbers": ["13812345678"]});
    let set = world.ask(&admin, "PUT", "/flow-test-callers", Some(numbers.clone())).await;
    assert_eq!(set.json(), numbers);
    let masked = world.get(&supervisor, "/flow-test-callers").await.json();
    assert_eq!(masked, json!({"numbers": ["138****5678"]}));
}

#[tokio::test]
async fn a_draft_that_cannot_run_is_kept_but_not_published_and_every_finding_has_words() {
    let world = world().await;
    let admin = world.token("admin").await;
    let mut broken = greeting("new");
    broken["nodes"]["b"]["out"]["next"] = json!("nowhere");
    let draft = put(&world, &admin, &broken, Value::Null).await;
    assert_eq!(draft["version"], Value::Null);
    let finding = &draft["findings"][0];
    assert_eq!((&finding["code"], &finding["node"]), (&json!("dangling-target"), &json!("b")));
    assert!(
        !finding["zh"].as_str().unwrap().is_empty() && !finding["en"].as_str().unwrap().is_empty()
    );
    let publish = format!("{FLOW}/publish");
    let answer = world.post(&admin, &publish, json!({"note": "x"})).await;
    assert_eq!(answer.problem().1, "invalid_flow");
    assert_eq!(answer.json()["findings"][0]["code"], "dangling-target");
    // A recording that is missing is an error of the draft too.
    let mut silent = greeting("unrecorded");
    silent["name"] = json!("silent");
    put(&world, &admin, &silent, draft["etag"].clone()).await;
    let answer = world.post(&admin, &publish, json!({"note": "x"})).await;
    assert_eq!(answer.json()["findings"][0]["code"], "missing-prompt", "{answer:?}");
    let blind = json!({"document": greeting("new"), "etag": draft["etag"]});
    let answer = world.ask(&admin, "PUT", &format!("{FLOW}/draft"), Some(blind)).await;
    assert_eq!(answer.problem().1, "draft_changed");
    let other = json!({"document": {"id": "other"}, "etag": null});
    let answer = world.ask(&admin, "PUT", &format!("{FLOW}/draft"), Some(other)).await;
    assert_eq!(answer.problem(), (400, "invalid_value".into(), Some("document.id".into())));
    assert_eq!(world.ask(&admin, "DELETE", &format!("{FLOW}/draft"), None).await.status, 204);
    assert_eq!(world.get(&admin, &format!("{FLOW}/draft")).await.problem().1, "no_draft");
    assert_eq!(world.post(&admin, &publish, json!({})).await.problem().1, "no_draft");
    let retire = world.post(&admin, &format!("{FLOW}/retire"), json!({})).await;
    assert_eq!(retire.problem().1, "in_use", "a number leads to it");
}

#[tokio::test]
async fn a_draft_is_tried_on_a_virtual_clock() {
    let world = world().await;
    let token = world.token("8000").await;
    let begin = json!({
        "flow": "hotline-12345", "document": greeting("new"), "at": "2026-11-23T10:00:00+08:00",
    });
    let answer = world.post(&token, "/flow-trials", begin).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let trial = answer.json();
    assert_eq!(
        (&trial["place"]["node"], &trial["playing"]["prompts"]),
        (&json!("a"), &json!(["new"]))
    );
    assert_eq!(trial["playing"]["ends_at"], "2026-11-23T10:00:03.000+08:00");
    let path = format!("/flow-trials/{}", trial["id"].as_str().unwrap());
    let steps = format!("{path}/steps");
    let pressed = world.post(&token, &steps, json!({"step": "press 1 after 800ms"})).await.json();
    assert_eq!(pressed["at"], "2026-11-23T10:00:00.800+08:00");
    let kinds: Vec<&str> = pressed["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["input", "visited", "play", "entered"]);
    assert_eq!(pressed["events"][1]["outlet"], "1");
    let over = world.post(&token, &steps, json!({"step": "wait 10s"})).await.json();
    assert_eq!(over["over"], true, "{over}");
    let answer = world.post(&token, &steps, json!({"step": "press 1"})).await;
    assert_eq!(answer.problem().1, "trial_over");
    let whole = world.get(&token, &path).await.json();
    assert!(whole["events"].as_array().unwrap().len() > kinds.len());
    let wrong = world.post(&token, &steps, json!({"step": "dance"})).await;
    assert_eq!(wrong.problem().0, 409);
    let stranger = world.token("admin").await;
    assert_eq!(world.get(&stranger, &path).await.problem().1, "unknown_trial");
    assert_eq!(world.ask(&token, "DELETE", &path, None).await.status, 204);
    assert_eq!(world.get(&token, &path).await.status, 404);
    let flow = world.get(&token, FLOW).await.json();
    assert_eq!((&flow["sessions"], &flow["draft"]), (&json!(0), &Value::Null), "nothing is kept");
}

#[tokio::test]
async fn scripted_callers_are_run_and_every_way_is_walked() {
    let world = world().await;
    let token = world.token("8000").await;
    let tests = json!({"schema": "cti.flow-tests/1", "tests": [
        {"name": "greeted", "flow": "hotline-12345", "script": "expect play old; press 1; expect play more"},
        {"name": "wrong", "flow": "hotline-12345", "script": "expect play new"},
    ]});
    let report = world.post(&token, "/flow-tests", json!({"tests": tests})).await.json();
    assert_eq!(report["outcomes"][0]["failure"], Value::Null);
    assert_eq!(report["outcomes"][1]["failure"], "expect play new: did play old");
    assert_eq!(report["not_walked"]["hotline-12345"], json!([["a", "exhausted"], ["b", "next"]]));
    let covered = world.post(&token, &format!("{FLOW}/coverage"), json!({})).await.json();
    assert_eq!((&covered["complete"], &covered["missed"]), (&json!(true), &json!([])), "{covered}");
}

#[tokio::test]
async fn the_catalogue_gives_an_editor_types_words_schema_and_names() {
    let world = world().await;
    let token = world.token("8000").await;
    let catalogue = world.get(&token, "/flow-catalogue").await.json();
    assert!(catalogue["node_types"].as_array().unwrap().len() >= 38);
    assert!(!catalogue["codes"][0]["zh"].as_str().unwrap().is_empty());
    let schema = world.get(&token, "/flow-catalogue/schema").await.json();
    assert_eq!(schema["title"], "cti.flow/1");
    let names = world.get(&token, "/flow-catalogue/references").await.json();
    assert_eq!(names["flows"][0]["id"], "hotline-12345");
    assert!(names["prompts"].as_array().unwrap().contains(&json!("more")));
    let yaml = "schema: cti.flow/1\nid: x\n";
    let read = world.post(&token, "/flows/import", json!({"text": yaml})).await.json();
    assert_eq!(read["document"]["id"], "x");
}
