//! A ticket from a call.

use serde_json::json;

use crate::{World, answered_call};

#[tokio::test]
async fn a_ticket_fills_in_the_caller_the_agent_and_the_seat_from_the_call() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    let token = world.token("8003").await;
    let draft =
        json!({"call": call, "category": "noise", "text": "楼下施工", "caller_name": "王先生"});
    let created = world.post(&token, "/tickets", draft.clone()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let ticket = created.json();
    assert!(ticket["no"].as_str().unwrap().starts_with("370100-20261122-01-000001-"));
    assert_eq!(ticket["caller_number"], "13812341234");
    assert_eq!((&ticket["agent"], &ticket["seat"]), (&json!("8003"), &json!("A03")));
    assert_eq!((&ticket["status"], &ticket["type"]), (&json!("accepted"), &json!("complaint")));

    let again = world.post(&token, "/tickets", draft).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, ticket.clone()));

    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    let no = ticket["no"].as_str().unwrap();
    assert_eq!(world.get(&token, &format!("/tickets/{no}")).await.json(), ticket);
    let history = world.get(&token, "/contacts/history?number=13812341234").await.json();
    assert_eq!(
        history["items"][0]["ticket"],
        json!({"no": no, "title": "楼下施工", "status": "accepted"})
    );
    assert_eq!(history["items"][0]["outcome"], "answered");
    assert_eq!(world.get(&token, "/call-records").await.json()["items"][0]["ticket"], no);

    let other = world.token("8004").await;
    assert_eq!(world.get(&other, &format!("/tickets/{no}")).await.status, 403);
    assert_eq!(world.get(&other, "/tickets").await.json()["items"], json!([]));
    let boss = world.token("8000").await;
    assert_eq!(world.get(&boss, "/tickets?number=13812341234").await.json()["items"][0]["no"], no);
}

#[tokio::test]
async fn a_ticket_can_be_made_after_the_call() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    world
        .happens(|log| {
            log.sign_out("8003", "A03");
        })
        .await;
    let token = world.token("8003").await;
    let draft = json!({"call": call, "category": "noise", "text": "楼下施工", "type": "request"});
    let ticket = world.post(&token, "/tickets", draft).await.json();
    assert_eq!((&ticket["seat"], &ticket["type"]), (&json!("A03"), &json!("request")));
    let unknown = json!({"call": "call-99", "category": "noise", "text": "x"});
    let refused = world.post(&token, "/tickets", unknown).await;
    assert_eq!(refused.problem(), (404, "unknown_call".to_owned(), Some("call".to_owned())));
}

#[tokio::test]
async fn the_same_request_sent_twice_makes_one_ticket() {
    let world = World::new().await;
    let token = world.token("8003").await;
    let send = async |text: &str| {
        let request = axum::http::Request::post("/api/v1/tickets")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", "abc")
            .body(json!({"category": "noise", "text": text}).to_string().into());
        world.send(request.unwrap()).await
    };
    let first = send("停电").await;
    let second = send("停电").await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(send("停水").await.problem().1, "key_reused");
}

#[tokio::test]
async fn the_classification_is_listed() {
    let world = World::new().await;
    let token = world.token("8003").await;
    let categories = world.get(&token, "/categories").await.json();
    assert_eq!(
        categories["items"][1],
        json!({"code": "noise", "parent": "city", "label_zh": "噪声扰民", "label_en": "Noise"})
    );
}
