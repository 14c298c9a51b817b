//! Agents' duties, queues' settings and schedules by REST, with a real Center behind them.

use serde_json::json;

use crate::{World, routing::world};

async fn admin<C: cti_bindings::centre::Centre + crate::flows::Shows + 'static>(
    world: &World<C>,
) -> String {
    world.token("admin").await
}

#[tokio::test]
async fn an_agents_capacity_and_queues_are_changed_at_once_and_kept() {
    let mut world = world().await;
    world
        .run(
            "00:00 phone 8001 registers
             00:00 agent 8001 signs in at A01
             00:01 agent 8001 is ready
             00:02",
        )
        .await;
    let admin = admin(&world).await;
    let chat = json!({"medium": "chat", "queue": "general"});
    let opened = world.post(&admin, "/contacts", chat).await.json();
    let accept = format!("/contacts/{}/accept", opened["contact"].as_str().unwrap());
    let taken = world.post(&admin, &accept, json!({"agent": "8001"})).await;
    assert_eq!(taken.problem().0, 409, "he takes no chats");
    let duties = json!({"capacity": {"chat": 2}});
    let path = "/agents/8001/duties";
    let set = world.ask(&admin, "PUT", path, Some(duties)).await;
    assert_eq!(set.status, 204, "{set:?}");
    world.settle().await;
    let taken = world.post(&admin, &accept, json!({"agent": "8001"})).await;
    assert!(taken.status.is_success(), "{taken:?}");
    let shown = world.get(&admin, path).await.json();
    assert_eq!(shown["capacity"], json!({"chat": 2}));
    use hotline_store::directory::DirectoryStore as _;
    let kept = world.store.agents().await.unwrap();
    let kept = kept.into_iter().find(|it| it.id.as_str() == "8001").unwrap();
    assert_eq!(kept.capacity.values().copied().collect::<Vec<_>>(), [2]);
    assert_eq!(kept.queues.len(), 1, "as before");

    let wrong = json!({"queues": ["nowhere"]});
    let refused = world.ask(&admin, "PUT", path, Some(wrong)).await.problem();
    assert_eq!((refused.0, refused.2.as_deref()), (400, Some("queues")));
    let missing = world.ask(&admin, "PUT", "/agents/9999/duties", Some(json!({}))).await;
    assert_eq!(missing.problem().0, 404);
    let boss = world.token("8000").await;
    assert_eq!(world.ask(&boss, "PUT", path, Some(json!({}))).await.problem().0, 403);
}

#[tokio::test]
async fn a_queue_is_opened_and_its_settings_are_changed_at_once_and_kept() {
    let mut world = world().await;
    let admin = admin(&world).await;
    let path = "/queues/gjj/settings";
    assert_eq!(world.get(&admin, path).await.problem().0, 404);
    let settings = json!({"name": "公积金", "ring_ms": 15000, "after_call_work_ms": 10000});
    let set = world.ask(&admin, "PUT", path, Some(settings)).await;
    assert_eq!(set.status, 204, "{set:?}");
    world.settle().await;
    let shown = world.get(&admin, path).await.json();
    assert_eq!((&shown["name"], &shown["ring_ms"]), (&json!("公积金"), &json!(15000)));
    let listed = world.get(&admin, "/queues").await.json();
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert!(names.contains(&&json!("gjj")), "{names:?}");
    assert_eq!(world.kept.1.lock().unwrap()[0].id.as_str(), "gjj");
    // Its rules can be set from here on.
    let rules = json!({"queues": [{"queue": "gjj", "strategy": "ring_all"}]});
    let ruled = world.ask(&admin, "PUT", "/routing", Some(rules)).await;
    assert_eq!(ruled.status, 204, "{ruled:?}");

    let silent = json!({"name": "公积金", "ring_ms": 0});
    let refused = world.ask(&admin, "PUT", path, Some(silent)).await.problem();
    assert_eq!((refused.0, refused.2.as_deref()), (400, Some("ring_ms")));
    let agent = world.token("8003").await;
    let settings = json!({"name": "x", "ring_ms": 15000});
    assert_eq!(world.ask(&agent, "PUT", path, Some(settings)).await.problem().0, 403);
}

#[tokio::test]
async fn schedules_are_shown_and_replaced_and_a_wrong_hour_is_named() {
    let world = world().await;
    let admin = admin(&world).await;
    let path = "/calendar/schedules";
    let day = |until: &str| {
        json!({"schema": "cti.schedules/1", "schedules": {"hotline": {"name": "热线",
            "days": {"mon": [["08:30", until, "work"]]}}}})
    };
    let set = world.ask(&admin, "PUT", path, Some(day("17:30"))).await;
    assert_eq!(set.status, 204, "{set:?}");
    let shown = world.get(&admin, path).await.json();
    assert_eq!(shown["schedules"]["hotline"]["days"]["mon"][0][1], "17:30");
    let refused = world.ask(&admin, "PUT", path, Some(day("25:00"))).await.problem();
    let field = "schedules.hotline.days.mon[0]";
    assert_eq!((refused.0, refused.2.as_deref()), (400, Some(field)));
    let unknown = json!({"schema": "cti.schedules/1", "schedules": {}, "colour": 1});
    assert_eq!(world.ask(&admin, "PUT", path, Some(unknown)).await.problem().0, 400);
    let agent = world.token("8003").await;
    assert_eq!(world.ask(&agent, "PUT", path, Some(day("18:00"))).await.problem().0, 403);
    let shown = world.get(&agent, path).await.json();
    assert_eq!(shown["schedules"]["hotline"]["days"]["mon"][0][1], "17:30");
}
