//! Wrong input gets a problem document that names the field.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use crate::World;

#[tokio::test]
async fn a_wrong_body_names_the_field() {
    let world = World::new().await;
    let boss = world.token("8000").await;
    let cases: [(&str, Value, &str); 14] = [
        ("/session", json!({"user": "8000"}), "password"),
        ("/session", json!({"user": "8000", "password": 1}), "password"),
        ("/session", json!({"user": "8000", "password": "x", "otp": "1"}), "otp"),
        ("/session", json!({"user": "", "password": "x"}), "user"),
        ("/session/ticket", json!({"purpose": "fun"}), "purpose"),
        ("/agents/8001/sign-in", json!({}), "seat"),
        ("/agents/8001/sign-in", json!({"seat": "A 1"}), "seat"),
        ("/agents/8001/sign-in", json!({"seat": "A01", "queues": [1]}), "queues[0]"),
        ("/agents/8001/not-ready", json!({"why": "x"}), "why"),
        ("/tickets", json!({"category": "noise"}), "text"),
        ("/tickets", json!({"category": "nowhere", "text": "x"}), "category"),
        ("/tickets", json!({"category": "noise", "text": "x", "call": "42"}), "call"),
        ("/tickets", json!({"category": "noise", "text": "x", "type": "wish"}), "type"),
        ("/tickets", json!({"category": "noise", "text": "x", "number": "1 2"}), "number"),
    ];
    for (path, body, field) in cases {
        let answer = world.post(&boss, path, body.clone()).await;
        let (status, code, named) = answer.problem();
        assert_eq!((status, code.as_str()), (400, "invalid_value"), "{path} {body}");
        assert_eq!(named.as_deref(), Some(field), "{path} {body}: {:?}", answer.json());
    }
}

#[tokio::test]
async fn a_wrong_parameter_names_itself() {
    let world = World::new().await;
    let boss = world.token("8000").await;
    let cases = [
        ("/call-records?limit=0", "limit"),
        ("/call-records?limit=201", "limit"),
        ("/call-records?limit=many", "limit"),
        ("/call-records?from=yesterday", "from"),
        ("/call-records?after=x", "after"),
        ("/call-records?colour=red", "colour"),
        ("/call-records?caller=1%202", "caller"),
        ("/recordings?agent=8%200", "agent"),
        ("/recordings?after=x", "after"),
        ("/messages?limit=x", "limit"),
        ("/alarms?after=x", "after"),
        ("/tickets?status=lost", "status"),
        ("/tickets?after=x", "after"),
        ("/contacts/history", "number"),
        ("/contacts/history?number=1&limit=21", "limit"),
        ("/calls/42", "id"),
        ("/agents/8%200", "id"),
        ("/contacts/x/explain", "id"),
        ("/recordings/7/audio", "id"),
        ("/tickets/370100-20261122-01-000123-0", "id"),
    ];
    for (path, field) in cases {
        let answer = world.get(&boss, path).await;
        let (status, _, named) = answer.problem();
        assert_eq!((status, named.as_deref()), (400, Some(field)), "{path}: {:?}", answer.json());
    }
}

#[tokio::test]
async fn what_the_framework_refuses_is_a_problem_document_too() {
    let world = World::new().await;
    let boss = world.token("8000").await;
    assert_eq!(world.get(&boss, "/nowhere").await.problem().1, "no_such_path");
    let wrong_method = world.ask(&boss, "PUT", "/agents", None).await;
    assert_eq!(wrong_method.problem().1, "method_not_allowed");
    assert!(wrong_method.headers.contains_key(header::ALLOW));

    let post = |kind: &str, body: Body| {
        Request::post("/api/v1/session").header(header::CONTENT_TYPE, kind).body(body).unwrap()
    };
    let not_json = world.send(post("text/plain", Body::from("{}"))).await;
    assert_eq!(not_json.problem(), (415, "not_json".to_owned(), Some("Content-Type".to_owned())));
    let broken = world.send(post("application/json", Body::from("{\"user\":"))).await;
    assert_eq!(broken.problem().1, "malformed_json");
    let trailing = world
        .send(post("application/json", Body::from("{\"user\":\"a\",\"password\":\"b\"} x")))
        .await;
    assert_eq!(trailing.problem().1, "malformed_json");
    let long = world.send(post("application/json", Body::from(vec![b' '; 70_000]))).await;
    assert_eq!(long.problem().1, "too_large");
}
