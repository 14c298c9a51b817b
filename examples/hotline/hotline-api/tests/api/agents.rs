//! Agents work by REST.

use serde_json::json;

use crate::{World, answered_call};

#[tokio::test]
async fn an_agent_signs_in_gets_ready_pauses_and_signs_out() {
    let mut world = World::new().await;
    world
        .happens(|log| {
            log.registers("8003");
        })
        .await;
    let token = world.token("8003").await;
    let agent = world.post(&token, "/agents/8003/sign-in", json!({"seat": "A03"})).await;
    assert_eq!(agent.status, 200, "{agent:?}");
    let agent = agent.json();
    assert_eq!(
        (&agent["state"], &agent["seat"], &agent["device"], &agent["device_in_service"]),
        (&json!("not_ready"), &json!("A03"), &json!("8003"), &json!(true))
    );
    let ready = world.ask(&token, "POST", "/agents/8003/ready", None).await.json();
    assert_eq!(ready["state"], "ready");
    let paused =
        world.post(&token, "/agents/8003/not-ready", json!({"reason": "lunch"})).await.json();
    assert_eq!((&paused["state"], &paused["reason"]), (&json!("not_ready"), &json!("lunch")));
    let gone = world.ask(&token, "POST", "/agents/8003/sign-out", None).await.json();
    assert_eq!((&gone["state"], &gone["seat"]), (&json!("signed_out"), &json!(null)));
}

#[tokio::test]
async fn a_refusal_says_why() {
    let world = World::new().await;
    let boss = world.token("8000").await;
    let sign_in = |agent: &'static str, seat: &'static str| {
        let (world, boss) = (&world, &boss);
        async move { world.post(boss, &format!("/agents/{agent}/sign-in"), json!({"seat": seat})).await }
    };
    assert_eq!(sign_in("8001", "A02").await.status, 200);
    let code = |answer: crate::Answer| answer.problem().1;
    assert_eq!(code(sign_in("8002", "A02").await), "seat_taken");
    assert_eq!(code(sign_in("8001", "A03").await), "already_signed_in");
    assert_eq!(code(sign_in("9999", "A03").await), "unknown_agent");
    let unknown = sign_in("8002", "Z99").await.problem();
    assert_eq!(unknown, (404, "unknown_seat".to_owned(), Some("seat".to_owned())));
    assert_eq!(code(world.ask(&boss, "POST", "/agents/8002/ready", None).await), "not_signed_in");
    assert_eq!(code(world.get(&boss, "/agents/9999").await), "unknown_agent");
}

#[tokio::test]
async fn queues_seats_and_calls_show_what_goes_on() {
    let mut world = World::new().await;
    let boss = world.token("8000").await;
    let call = world.happens(answered_call).await;
    let waiting = world
        .happens(|log| {
            let waiting = log.dials("13900001111");
            log.queued(waiting, "general").seconds(4);
            waiting
        })
        .await;
    let queue = world.get(&boss, "/queues").await.json()["items"][0].clone();
    assert_eq!((&queue["waiting"], &queue["longest_wait_ms"]), (&json!(1), &json!(4000)));
    assert_eq!((&queue["service_level_15s"], &queue["answered_today"]), (&json!(1.0), &json!(1)));
    assert_eq!(queue["callers"][0]["caller"], "13900001111");

    let calls = world.get(&boss, "/calls").await.json();
    assert_eq!(
        (&calls["items"][0]["state"], &calls["items"][1]["position"]),
        (&json!("talking"), &json!(1))
    );
    let seats = world.get(&boss, "/seats").await.json();
    assert_eq!(
        seats["items"][2],
        json!({"id": "A03", "device": "8003", "agent": "8003", "in_service": true})
    );
    assert_eq!(world.get(&boss, "/devices").await.json()["items"][2]["in_service"], true);

    let contact = calls["items"][1]["contact"].as_str().unwrap().to_owned();
    let explained = world.get(&boss, &format!("/contacts/{contact}/explain")).await.json();
    assert_eq!(explained["waiting"]["position"], 1);
    assert_eq!(explained["text"][0]["words_zh"], "没有空闲话务员");
    assert_eq!(
        world.get(&boss, "/contacts/contact-99/explain").await.problem().1,
        "unknown_contact"
    );

    assert_eq!(world.ask(&boss, "DELETE", &format!("/calls/{waiting}"), None).await.status, 204);
    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    assert_eq!(world.get(&boss, &format!("/calls/{call}")).await.problem().1, "unknown_call");
    let records = world.get(&boss, "/call-records?seat=A03").await.json();
    assert_eq!(records["items"][0]["call"], call.to_string());
    assert_eq!(
        (&records["items"][0]["agent"], &records["items"][0]["trunk"]),
        (&json!("8003"), &json!("city"))
    );
    assert_eq!(records["items"][0]["legs"][0]["ring_ms"], 3000);
}
