//! Mailboxes by REST: who may open which, and what is done with the messages.

use std::time::Duration;

use cti_bindings::{testlog::center_config, testworld::TestWorld};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{CenterConfig, OutsideConfig},
    flow::{FlowEffect, RecordInto},
    mailbox::MailboxConfig,
    testkit::{ScriptedFlows, SimpleRouter},
    time::Timestamp,
};
use serde_json::json;

use crate::World;

fn config() -> CenterConfig {
    let mut config = center_config();
    let mailbox = |id: &str| MailboxConfig {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        number: None,
        agents: Vec::new(),
        queues: Vec::new(),
        pin: Some("246810".to_owned()),
        tasks: None,
        most_messages: 100,
    };
    config.mailboxes = vec![
        MailboxConfig { agents: vec!["8001".parse().unwrap()], ..mailbox("own") },
        MailboxConfig { agents: vec!["8002".parse().unwrap()], ..mailbox("other") },
    ];
    config.outside.push(OutsideConfig {
        access: "9".to_owned(),
        prefix: "1".to_owned(),
        trunk: "city".parse().unwrap(),
        show: PhoneNumber::parse("12345").unwrap(),
    });
    config
}

/// A centre where a citizen has left a message of 20 s for 8001, who sits at his seat.
async fn left() -> World<TestWorld> {
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(60),
        silence: Duration::from_secs(5),
        into: Some(RecordInto::Message {
            mailbox: "own".parse().unwrap(),
            call_back: None,
            shortest: Duration::from_secs(1),
        }),
    };
    let flows = ScriptedFlows::default().flow("hotline-12345", vec![FlowEffect::Answer, message]);
    let router = Box::new(SimpleRouter::default());
    let center = Center::new(config(), router, Box::new(flows)).unwrap();
    let mut world =
        World::of(TestWorld::new(center, Timestamp::from_secs(1_795_309_200)), config()).await;
    world
        .run(
            "00:00 phone 8001 registers
            00:00 agent 8001 signs in at A01
            00:05 citizen 13812341234 dials 12345
            00:25 citizen 13812341234 hangs up
            00:30",
        )
        .await;
    world
}

#[tokio::test]
async fn an_agent_opens_his_own_mailboxes_and_no_others() {
    let world = left().await;
    let own = world.token("8001").await;
    let listed = world.get(&own, "/mailboxes").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["new"]), (&json!("own"), &json!(1)));
    assert!(!listed.to_string().contains("246810"), "the PIN is told to nobody");
    let problem = world.get(&own, "/mailboxes/other/messages").await.problem();
    assert_eq!((problem.0, problem.1.as_str()), (403, "forbidden"));
    let problem = world.get(&own, "/mailboxes/nobody/messages").await.problem();
    assert_eq!((problem.0, problem.1.as_str()), (404, "unknown_mailbox"));
    let other = world.token("8002").await;
    assert_eq!(world.get(&other, "/mailboxes/own/messages").await.status, 403);
}

#[tokio::test]
async fn a_message_is_shown_marked_called_back_and_deleted() {
    let mut world = left().await;
    let own = world.token("8001").await;
    let messages = "/mailboxes/own/messages";
    let shown = world.get(&own, messages).await.json()["items"][0].clone();
    assert_eq!(shown["caller"], "13812341234");
    assert_eq!((&shown["call_back"], &shown["call_back_given"]), (&shown["caller"], &json!(false)));
    assert_eq!((&shown["length_ms"], &shown["state"]), (&json!(20_000), &json!("new")));
    let message = format!("{messages}/recording-1");

    let answer = world.ask(&own, "PUT", &message, Some(json!({"state": "heard"}))).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let wrong = world.ask(&own, "PUT", &message, Some(json!({"state": "lost"}))).await.problem();
    assert_eq!((wrong.0, wrong.2.as_deref()), (400, Some("state")));
    let shown = world.get(&own, messages).await.json()["items"][0].clone();
    assert_eq!((&shown["state"], &shown["marked_by"]), (&json!("heard"), &json!("8001")));

    let answer = world.post(&own, &format!("{message}/call-back"), json!({})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["call"], "call-2");
    world.settle().await;
    assert_eq!(world.get(&own, messages).await.json()["items"][0]["state"], "done");

    assert_eq!(world.ask(&own, "DELETE", &message, None).await.status, 204);
    assert_eq!(world.get(&own, messages).await.json()["items"], json!([]));
    let gone = world.ask(&own, "DELETE", &message, None).await.problem();
    assert_eq!((gone.0, gone.1.as_str()), (404, "unknown_message"));
}
