//! Every operation of the document, for everyone.

use hotline_store::{
    password::PasswordHasher,
    users::{Role, UserStore as _, WebUser},
};
use serde_json::{Value, json};

use crate::{World, answered_call};

/// Returns every operation of the document: method, path with sample ids, and whether it wants someone signed in.
fn operations(document: &Value) -> Vec<(String, String, bool)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = match path {
            path if path.contains("/agents/") => "8001",
            path if path.contains("/calls/") => "call-1",
            path if path.contains("/contacts/") => "contact-1",
            path if path.contains("/recordings/") => "recording-1",
            _ => "370100-20261122-01-000123-7",
        };
        let sample = path.replace("{id}", id).replace("{no}", id);
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "delete", "patch"].contains(&method.as_str()) {
                let secured = operation["security"].as_array().is_some_and(|all| !all.is_empty());
                operations.push((method.to_uppercase(), sample.clone(), secured));
            }
        }
    }
    operations
}

async fn document(world: &World) -> Value {
    let request = axum::http::Request::get("/api/openapi.json").body(axum::body::Body::empty());
    world.send(request.unwrap()).await.json()
}

#[tokio::test]
async fn every_operation_but_signing_in_wants_someone_signed_in() {
    let world = World::new().await;
    let operations = operations(&document(&world).await);
    assert!(operations.len() >= 28, "{}", operations.len());
    let open: Vec<_> = operations.iter().filter(|(_, _, secured)| !secured).collect();
    assert_eq!(open, [&("POST".to_owned(), "/api/v1/session".to_owned(), false)]);
    for (method, path, secured) in &operations {
        if !secured {
            continue;
        }
        let path = path.strip_prefix("/api/v1").unwrap();
        for token in ["", "nonsense", &"A".repeat(43)] {
            let body = (method == "POST").then(|| json!({}));
            let answer = world.ask(token, method, path, body).await;
            assert_eq!(answer.problem().0, 401, "{method} {path} with token {token:?}");
        }
    }
}

#[tokio::test]
async fn every_get_operation_answers_a_supervisor_with_something_else_than_a_refusal() {
    let mut world = World::new().await;
    let boss = world.token("8000").await;
    world.happens(answered_call).await;
    for (method, path, _) in operations(&document(&world).await) {
        // What the centre is configured by is the administrator's.
        if method == "GET" && !path.contains("/routing") {
            let answer = world.get(&boss, path.strip_prefix("/api/v1").unwrap()).await;
            let refused = [401, 403, 405, 500].contains(&answer.status.as_u16());
            assert!(!refused, "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn an_agent_acts_for_himself_only() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            log.sign_in("8004", "A04");
        })
        .await;
    let token = world.token("8004").await;
    let forbidden = [
        ("POST", "/agents/8003/sign-in".to_owned(), Some(json!({"seat": "A05"}))),
        ("POST", "/agents/8003/sign-out".to_owned(), None),
        ("POST", "/agents/8003/ready".to_owned(), None),
        ("POST", "/agents/8003/not-ready".to_owned(), Some(json!({"reason": "x"}))),
        ("DELETE", format!("/calls/{call}"), None),
        ("GET", "/call-records?agent=8003".to_owned(), None),
        ("GET", "/recordings?agent=8003".to_owned(), None),
        (
            "POST",
            "/tickets".to_owned(),
            Some(json!({"category": "noise", "text": "x", "call": call})),
        ),
    ];
    for (method, path, body) in forbidden {
        let answer = world.ask(&token, method, &path, body).await;
        assert_eq!(answer.problem().1, "forbidden", "{method} {path}");
    }
    assert_eq!(world.ask(&token, "POST", "/agents/8004/ready", None).await.status, 200);
    let boss = world.token("8000").await;
    assert_eq!(world.ask(&boss, "POST", "/agents/8004/sign-out", None).await.status, 200);
}

#[tokio::test]
async fn an_agent_finds_his_own_records_without_saying_who_he_is() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    let (own, other) = (world.token("8003").await, world.token("8004").await);
    let count = |answer: crate::Answer| answer.json()["items"].as_array().unwrap().len();
    assert_eq!(count(world.get(&own, "/call-records").await), 1);
    assert_eq!(count(world.get(&other, "/call-records").await), 0);
    assert_eq!(count(world.get(&own, "/recordings").await), 1);
    assert_eq!(count(world.get(&other, "/recordings").await), 0);
    let link = world.ask(&other, "POST", "/recordings/recording-1/link", None).await;
    assert_eq!(link.problem().1, "forbidden");
}

#[tokio::test]
async fn a_supervisor_steers_the_queues_that_he_looks_after_and_no_others() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    let hash = PasswordHasher::with_cost(8, 1).unwrap().hash("demonight").unwrap();
    let mut supervisor = WebUser {
        name: "night".to_owned(),
        display_name: "夜班班长".to_owned(),
        role: Role::Supervisor,
        agent: None,
        queues: ["night".parse().unwrap()].into(),
    };
    world.store.put_user(&supervisor, &hash).await.unwrap();
    let token = world.token("night").await;
    let steer = [
        ("POST", "/agents/8003/ready".to_owned(), None),
        ("POST", "/agents/8003/sign-out".to_owned(), None),
        ("DELETE", format!("/calls/{call}"), None),
    ];
    for (method, path, body) in &steer {
        let answer = world.ask(&token, method, path, body.clone()).await;
        assert_eq!(answer.problem().1, "forbidden", "{method} {path}");
    }
    assert_eq!(world.get(&token, "/me").await.json()["queues"], json!(["night"]));
    supervisor.queues.insert("general".parse().unwrap());
    world.store.put_user(&supervisor, &hash).await.unwrap();
    for (method, path, body) in steer {
        let answer = world.ask(&token, method, &path, body).await;
        assert_ne!(answer.status, 403, "{method} {path}: {answer:?}");
    }
}
