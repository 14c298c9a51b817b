//! A listener subscribes to devices, calls, agents and queues over the WebSocket.

use cti_bindings::testworld::TestWorld;
use futures::SinkExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    World,
    events::{Socket, frame, listen, serve, ticket, until},
    services::talk,
};

async fn open(world: &World<TestWorld>, user: &str) -> Socket {
    let address = serve(world).await;
    listen(address, &ticket(world, user).await, "&events=subscribed").await
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::Text(message.to_string().into())).await.unwrap();
}

/// Says something and returns the answer.
async fn ask(socket: &mut Socket, message: Value) -> Value {
    say(socket, message).await;
    frame(socket).await
}

fn subscribe(id: &str, subject: Value) -> Value {
    json!({"type": "subscribe", "id": id, "subject": subject})
}

#[tokio::test]
async fn a_desk_hears_of_its_telephone_and_of_nothing_else() {
    let mut world = talk().await;
    let mut socket = open(&world, "8001").await;
    let began = ask(&mut socket, subscribe("desk", json!({"device": "8001"}))).await;
    assert_eq!((&began["type"], &began["id"]), (&json!("subscribed"), &json!("desk")));
    assert_eq!(began["no"], world.centre.last().0);
    assert_eq!(began["agents"][0]["id"], "8001");
    assert_eq!(began["calls"][0]["id"], "call-1");
    assert_eq!(began["calls"][0]["caller"], "13812341234", "it is his call");

    world.run("01:00 agent 8002 is ready\n01:01 phone 8001 holds").await;
    let event = frame(&mut socket).await;
    assert_eq!((&event["type"], &event["name"]), (&json!("event"), &json!("held")));
    assert_eq!((&event["id"], event["no"].as_u64().unwrap() > 0), (&json!("desk"), true));

    let gone = ask(&mut socket, json!({"type": "unsubscribe", "id": "desk"})).await;
    assert_eq!(gone, json!({"type": "unsubscribed", "id": "desk"}));
    world.run("01:02 phone 8001 retrieves").await;
    assert_eq!(ask(&mut socket, json!({"type": "ping"})).await, json!({"type": "pong"}));
}

#[tokio::test]
async fn a_filter_lets_pass_what_is_asked_for_and_can_be_changed() {
    let mut world = talk().await;
    let mut socket = open(&world, "8000").await;
    let mut wish = subscribe("calls", json!({"agent": "8001"}));
    wish["filter"] = json!(["agent"]);
    assert_eq!(ask(&mut socket, wish).await["type"], "subscribed");
    world.run("01:00 phone 8001 holds").await;
    let changed = json!({"type": "filter", "id": "calls", "filter": ["call_control"]});
    assert_eq!(ask(&mut socket, changed).await["type"], "filtered");
    world.run("01:01 phone 8001 retrieves").await;
    assert_eq!(frame(&mut socket).await["name"], "retrieved");
}

#[tokio::test]
async fn a_call_is_followed_to_its_end_and_the_subscription_ends_with_it() {
    let mut world = talk().await;
    let mut socket = open(&world, "8000").await;
    assert_eq!(
        ask(&mut socket, subscribe("c", json!({"call": "call-1"}))).await["type"],
        "subscribed"
    );
    world.run("01:00 citizen 13812341234 hangs up").await;
    let (events, stopped) = until(&mut socket, "stopped").await;
    assert!(events.iter().any(|event| event["name"] == "call_ended"), "{events:?}");
    assert_eq!(stopped, json!({"type": "stopped", "id": "c", "reason": "call_ended"}));
    let unknown = ask(&mut socket, json!({"type": "unsubscribe", "id": "c"})).await;
    assert_eq!(unknown["code"], "unknown_id");
}

#[tokio::test]
async fn who_was_cut_off_resumes_where_he_was() {
    let mut world = talk().await;
    let mut socket = open(&world, "8000").await;
    let began = ask(&mut socket, subscribe("q", json!({"queue": "general"}))).await;
    let since = began["no"].as_u64().unwrap();
    drop(socket);
    world.run("01:00 citizen 13900001111 dials 12345").await;
    let mut socket = open(&world, "8000").await;
    let mut wish = subscribe("q", json!({"queue": "general"}));
    wish["resume"] = json!({"since": since, "after": since});
    assert_eq!(ask(&mut socket, wish.clone()).await["type"], "subscribed");
    assert_eq!(frame(&mut socket).await["name"], "queued");
    wish["id"] = json!("ahead");
    wish["resume"] = json!({"since": since, "after": 1_000_000});
    say(&mut socket, wish).await;
    assert_eq!(until(&mut socket, "error").await.1["code"], "not_of_this_log");
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_answered_with_a_code() {
    let world = talk().await;
    let mut socket = open(&world, "8000").await;
    let cases = [
        (json!({"type": "dance"}), "malformed"),
        (json!({"type": "subscribe", "id": "x"}), "malformed"),
        (subscribe("x", json!({"planet": "mars"})), "malformed"),
        (subscribe("", json!("everything")), "invalid_id"),
        (subscribe("x", json!({"device": "999"})), "no_such_subject"),
        (subscribe("x", json!({"call": "call-99"})), "no_such_subject"),
        (subscribe("x", json!({"agent": "7777"})), "no_such_subject"),
        (json!({"type": "filter", "id": "x", "filter": []}), "unknown_id"),
    ];
    for (wish, code) in cases {
        let answer = ask(&mut socket, wish.clone()).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{wish}");
    }
    assert_eq!(ask(&mut socket, subscribe("x", json!("everything"))).await["type"], "subscribed");
    assert_eq!(ask(&mut socket, subscribe("x", json!("everything"))).await["code"], "id_in_use");
}

#[tokio::test]
async fn an_agent_follows_what_is_his_and_his_queues_and_nothing_else() {
    let world = talk().await;
    let mut socket = open(&world, "8002").await;
    let cases = [
        (json!({"agent": "8002"}), "subscribed"),
        (json!({"device": "8002"}), "subscribed"),
        (json!({"queue": "general"}), "subscribed"),
        (json!({"agent": "8001"}), "error"),
        (json!({"device": "8001"}), "error"),
        (json!({"calls_via": "8001"}), "error"),
        (json!({"call": "call-1"}), "error"),
        (json!({"contact": "contact-1"}), "error"),
        (json!("everything"), "error"),
    ];
    for (n, (subject, expected)) in cases.into_iter().enumerate() {
        let answer = ask(&mut socket, subscribe(&n.to_string(), subject.clone())).await;
        assert_eq!(answer["type"], expected, "{subject}: {answer}");
        if expected == "error" {
            assert_eq!(answer["code"], "forbidden", "{subject}");
        }
    }
}

#[tokio::test]
async fn several_links_at_a_time_carry_thousands_of_messages_without_a_gap() {
    let mut world = talk().await;
    let mut links = Vec::new();
    for user in ["8000", "8001", "8000"] {
        let mut link = open(&world, user).await;
        let began = ask(&mut link, subscribe("call", json!({"call": "call-1"}))).await;
        assert_eq!(began["type"], "subscribed", "{began}");
        links.push((link, began["no"].as_u64().unwrap()));
    }
    for minute in 1..=26 {
        let keys: String = (0..29)
            .map(|it| (it * 2, it * 2 + 1))
            .map(|(holds, takes)| {
                format!(
                    "{minute:02}:{holds:02} phone 8001 holds\n{minute:02}:{takes:02} phone 8001 retrieves\n"
                )
            })
            .collect();
        world.run(&keys).await;
        for (link, last) in &mut links {
            for turn in 0..58 {
                let event = frame(link).await;
                let name = if turn % 2 == 0 { "held" } else { "retrieved" };
                assert_eq!((&event["type"], &event["name"]), (&json!("event"), &json!(name)));
                let no = event["no"].as_u64().unwrap();
                assert!(no > *last, "{no} after {last}");
                *last = no;
            }
        }
    }
    let of_each: Vec<u64> = links.iter().map(|(_, last)| *last).collect();
    assert_eq!(of_each, [world.centre.last().0; 3], "all have heard the last event");
}
