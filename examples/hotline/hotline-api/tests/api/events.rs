//! Events come by WebSocket, numbered, and go on after a break.

use std::{net::SocketAddr, time::Duration};

use cti_bindings::centre::Centre;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

use crate::{World, answered_call};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn serve<C: Centre + 'static>(world: &World<C>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = world.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::task::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

pub(crate) async fn ticket<C: Centre + super::flows::Shows + 'static>(
    world: &World<C>,
    user: &str,
) -> String {
    let token = world.token(user).await;
    let ticket = world.post(&token, "/session/ticket", json!({"purpose": "events"})).await.json();
    ticket["ticket"].as_str().unwrap().to_owned()
}

pub(crate) async fn listen(address: SocketAddr, ticket: &str, more: &str) -> Socket {
    let url = format!("ws://{address}/api/v1/events?ticket={ticket}{more}");
    connect_async(url).await.unwrap().0
}

pub(crate) async fn frame(socket: &mut Socket) -> Value {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(10), socket.next()).await;
        if let Message::Text(text) = message.unwrap().unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

/// Returns the next frame of a type, and the frames before it.
pub(crate) async fn until(socket: &mut Socket, kind: &str) -> (Vec<Value>, Value) {
    let mut before = Vec::new();
    loop {
        let frame = frame(socket).await;
        if frame["type"] == kind {
            return (before, frame);
        }
        before.push(frame);
    }
}

#[tokio::test]
async fn a_listener_gets_a_snapshot_then_events_then_the_state_that_changed() {
    let mut world = World::new().await;
    let address = serve(&world).await;
    let mut socket = listen(address, &ticket(&world, "8003").await, "").await;
    let snapshot = frame(&mut socket).await;
    assert_eq!((&snapshot["type"], &snapshot["no"]), (&json!("snapshot"), &json!(0)));
    assert_eq!(snapshot["agents"].as_array().unwrap().len(), 16);

    world.happens(answered_call).await;
    let (events, state) = until(&mut socket, "state").await;
    let numbers: Vec<_> = events.iter().map(|event| event["no"].as_u64().unwrap()).collect();
    let expected: Vec<_> = (1..=world.centre.last().0).collect();
    assert_eq!(numbers, expected);
    let offered = events.iter().find(|event| event["name"] == "offered").unwrap();
    assert_eq!(
        (&offered["data"]["agent"], &offered["data"]["caller"], &offered["data"]["called"]),
        (&json!("8003"), &json!("13812341234"), &json!("12345"))
    );
    let agent = state["agents"].as_array().unwrap().iter().find(|agent| agent["id"] == "8003");
    assert_eq!(agent.unwrap()["state"], "on_call");
    assert_eq!(state["calls"][0]["state"], "talking");

    socket.send(Message::Text("{\"type\":\"ping\"}".into())).await.unwrap();
    assert_eq!(until(&mut socket, "pong").await.1, json!({"type": "pong"}));
}

#[tokio::test]
async fn another_agents_frames_mask_the_caller() {
    let mut world = World::new().await;
    let address = serve(&world).await;
    let mut socket = listen(address, &ticket(&world, "8004").await, "").await;
    frame(&mut socket).await;
    world.happens(answered_call).await;
    let (mut frames, state) = until(&mut socket, "state").await;
    frames.push(state);
    for frame in frames {
        assert!(!frame.to_string().contains("13812341234"), "{frame}");
    }
}

#[tokio::test]
async fn a_listener_who_comes_back_gets_what_he_missed() {
    let mut world = World::new().await;
    let address = serve(&world).await;
    let call = world.happens(answered_call).await;
    let seen = world.centre.last().0 - 2;
    let more = format!("&after={seen}");
    let mut socket = listen(address, &ticket(&world, "8000").await, &more).await;
    let (missed, state) = until(&mut socket, "state").await;
    let numbers: Vec<_> = missed.iter().map(|event| event["no"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [seen + 1, seen + 2]);
    assert_eq!(state["no"], seen + 2);

    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    let (events, state) = until(&mut socket, "state").await;
    assert_eq!(events[0]["no"], seen + 3);
    assert_eq!(state["calls_ended"], json!([call]));
    let finished = events.iter().find(|event| event["name"] == "recording_finished").unwrap();
    assert_eq!(finished["data"]["length_ms"], 5000);

    let beyond = listen(address, &ticket(&world, "8000").await, "&after=1000000").await;
    let mut beyond = beyond;
    assert_eq!(frame(&mut beyond).await["type"], "snapshot");
}

#[tokio::test]
async fn a_new_ticket_is_told_to_all_without_an_event_number() {
    let mut world = World::new().await;
    let address = serve(&world).await;
    let call = world.happens(answered_call).await;
    let mut socket = listen(address, &ticket(&world, "8000").await, "").await;
    frame(&mut socket).await;
    let token = world.token("8003").await;
    let draft = json!({"call": call, "category": "noise", "text": "王先生的楼下施工"});
    let created = world.post(&token, "/tickets", draft).await.json();
    let told = frame(&mut socket).await;
    assert_eq!((&told["type"], &told["name"]), (&json!("ticket"), &json!("ticket_created")));
    assert_eq!(told["data"]["no"], created["no"]);
    assert!(told.get("no").is_none() && !told.to_string().contains("王先生"));
}

#[tokio::test]
async fn a_used_ticket_and_a_page_of_another_origin_are_refused() {
    let world = World::new().await;
    let address = serve(&world).await;
    let once = ticket(&world, "8003").await;
    drop(listen(address, &once, "").await);
    let status = async |ticket: &str, origin: Option<&str>| {
        let url = format!("ws://{address}/api/v1/events?ticket={ticket}");
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok(_) => 101,
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(status(&once, None).await, 401);
    assert_eq!(status(&ticket(&world, "8003").await, Some("http://evil.example")).await, 403);
    let own = format!("http://{address}");
    assert_eq!(status(&ticket(&world, "8003").await, Some(&own)).await, 101);
}

#[tokio::test]
async fn a_listener_who_does_not_read_is_told_what_he_lost_and_gets_a_snapshot() {
    let mut world = World::new().await;
    let address = serve(&world).await;
    let mut socket = listen(address, &ticket(&world, "8000").await, "").await;
    frame(&mut socket).await;
    // More at once than the server keeps for a listener.
    world
        .happens(|log| {
            for _ in 0..10_000 {
                log.registers("8003");
            }
        })
        .await;
    let (events, lost) = until(&mut socket, "lost").await;
    let told = events.iter().filter(|frame| frame["type"] == "event");
    let last_told = told.filter_map(|frame| frame["no"].as_u64()).max().unwrap_or(0);
    assert_eq!(lost["from"], last_told + 1);
    let snapshot = frame(&mut socket).await;
    assert_eq!(snapshot["type"], "snapshot");
    assert!(snapshot["no"].as_u64().unwrap() > last_told + 1);
}
